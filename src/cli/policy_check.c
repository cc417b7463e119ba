/* `sallyport policy check`: what `sallyport check` says, and how each destination stands today. */
#include "cli/check.h"
#include "cli/policy.h"
#include "cli/table.h"
#include "conf/outlook.h"
#include "control/process.h"
#include "sallyport/record.h"

/* ---- for people ---- */

static const char *tier_of(const spc_destination *d)
{
    return sp_tier_name((sp_tier)d->tier);
}

static bool has_all(const spc_destination *d)
{
    return d->clearance.categories.n == 1 && sp_bytes_eq(d->clearance.categories.v[0].v, SP_LIT("all"));
}

/* What was stated, never more: what it comes to at a time is the requirements' matter. */
static void put_clearance(sp_buf *out, const spc_destination *d, const sp_names *names)
{
    if (d->clearance.level.at.line == 0) {
        sp_buf_append_str(out, "none is stated: facts alone decide\n");
        return;
    }
    sp_buf_append(out, names->level[d->label.level]);
    sp_buf_append_str(out, ", ");
    if (has_all(d)) {
        sp_buf_append_str(out, "all categories");
    } else {
        cli_put_categories(out, d->label.categories & ~SP_CATEGORIES_REQUIRED, names);
    }
    sp_buf_append_byte(out, '\n');
}

static void put_lapse(sp_buf *out, const spc_posture *p, const spc_outlook *o)
{
    if (p->lapse_s == 0) {
        sp_buf_append_str(out, "nothing that is known ends\n");
        return;
    }
    cli_put_moment_from(out, p->lapse_s, o->now_s);
    sp_buf_append_str(out, ": ");
    cli_put_facts(out, p->lapsing, &o->conf->names);
    sp_buf_append_byte(out, '\n');
}

static void put_lacking(sp_buf *out, const spc_posture *p, const sp_names *names)
{
    if (p->lacking != 0) {
        cli_put_field(out, "lacks");
        cli_put_facts(out, p->lacking, names);
        sp_buf_append_byte(out, '\n');
    }
    if (p->never != 0) {
        cli_put_field(out, "never");
        cli_put_facts(out, p->never, names);
        sp_buf_append_str(out, ": some of its users' requests may not go there at all\n");
    }
}

static void put_destination(sp_buf *out, const spc_outlook *o, uint16_t i)
{
    const spc_destination *d = &o->conf->destinations.v[i];
    const sp_names *names = &o->conf->names;
    spc_posture p;
    spc_posture_of(&p, o, i);
    sp_buf_append_byte(out, '\n');
    sp_buf_append(out, d->name.v);
    sp_buf_append_str(out, ": ");
    sp_buf_append_str(out, tier_of(d));
    sp_buf_append_str(out, ", of ");
    sp_buf_append(out, d->vendor.v);
    sp_buf_append_str(out, d->vendor_index < 0 ? ", of whom nothing is stated\n" : "\n");
    cli_put_field(out, "clearance");
    put_clearance(out, d, names);
    cli_put_field(out, "known");
    cli_put_facts(out, p.known, names);
    sp_buf_append_byte(out, '\n');
    cli_put_field(out, "touches");
    cli_put_places(out, d->label.residency);
    sp_buf_append_byte(out, '\n');
    cli_put_field(out, "next lapse");
    put_lapse(out, &p, o);
    put_lacking(out, &p, names);
}

/* ---- for programs ---- */

static void put_json_clearance(sp_buf *out, const spc_destination *d, const sp_names *names)
{
    if (d->clearance.level.at.line == 0) {
        cli_json_null(out, "clearance");
        return;
    }
    cli_json_open(out, "clearance", '{');
    cli_json_text(out, "level", names->level[d->label.level]);
    cli_json_categories(out, "categories", d->label.categories & ~SP_CATEGORIES_REQUIRED, names);
    sp_buf_append_byte(out, '}');
}

static void put_json_destination(sp_buf *out, const spc_outlook *o, uint16_t i)
{
    const spc_destination *d = &o->conf->destinations.v[i];
    const sp_names *names = &o->conf->names;
    spc_posture p;
    spc_posture_of(&p, o, i);
    cli_json_open(out, NULL, '{');
    cli_json_text(out, "name", d->name.v);
    cli_json_text(out, "tier", sp_bytes_of(tier_of(d)));
    cli_json_text(out, "vendor", d->vendor.v);
    put_json_clearance(out, d, names);
    cli_json_facts(out, "known", p.known, names);
    cli_json_places(out, "touches", d->label.residency);
    cli_json_moment(out, "next_lapse", p.lapse_s);
    cli_json_facts(out, "lapsing", p.lapsing, names);
    cli_json_facts(out, "lacks", p.lacking, names);
    cli_json_facts(out, "never", p.never, names);
    sp_buf_append_byte(out, '}');
}

/* ---- the command ---- */

static int put_all(sp_buf *out, const cli_checked *c, bool is_json)
{
    spc_outlook o;
    const sp_status status = spc_outlook_init(&o, c->conf, spd_wall_s(), out->mem);
    if (status != SP_OK) {
        return cli_fail_status(status, c->path);
    }
    for (size_t i = 0; i < c->conf->destinations.n; i++) {
        is_json ? put_json_destination(out, &o, (uint16_t)i) : put_destination(out, &o, (uint16_t)i);
    }
    return CLI_OK;
}

static int check(const cli_args *args, sp_mem *mem)
{
    cli_checked c;
    sp_buf out = SP_BUF_IN(mem);
    const bool is_json = cli_has(args, "json");
    int code = cli_check_read(&c, args, mem);
    if (code != CLI_OK) {
        return code;
    }
    if (is_json) {
        cli_check_append_json(&out, &c);
        cli_json_open(&out, "destinations", '[');
    } else {
        cli_check_append(&out, &c);
    }
    code = c.conf != NULL ? put_all(&out, &c, is_json) : CLI_OK;
    sp_buf_append_str(&out, is_json ? "]}\n" : "");
    return code == CLI_OK ? cli_check_end(&c, &out) : code;
}

int cli__policy_check(const cli_args *args)
{
    return cli_with_memory(args, CLI_MEMORY_MAX, check);
}
