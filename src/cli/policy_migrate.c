/* `sallyport policy migrate`: what a configuration from before clearances rested on facts has to be told. It
 * prints and writes nothing: whether a fact holds is for people to say. */
#include "cli/check.h"
#include "cli/policy.h"
#include "cli/table.h"
#include "conf/checks.h"
#include "conf/outlook.h"
#include "control/process.h"

/* Facts of one machine or one model, which its other destinations need not share. */
#define OF_DESTINATION                                                                \
    (SP_FACT_BIT(SP_FACT_PRIVATE_LINK) | SP_FACT_BIT(SP_FACT_HARDWARE_KNOWN) |        \
     SP_FACT_BIT(SP_FACT_MODEL_SOURCE_KNOWN) | SP_FACT_BIT(SP_FACT_FRAMEWORK_KNOWN) | \
     SP_FACT_BIT(SP_FACT_HOST_HARDENED) | SP_FACT_BIT(SP_FACT_NETWORK_ISOLATED) |     \
     SP_FACT_BIT(SP_FACT_MODEL_VERIFIED) | SP_FACT_BIT(SP_FACT_MODEL_BASELINE) |      \
     SP_FACT_BIT(SP_FACT_MODEL_PROMOTED))

static const char *const meanings[SP_FACTS_OWN] = {
#define X(ID, number, name, meaning) [number] = (meaning),
#include "tbl/facts.h"
};

/* What is to be stated of a destination, in the two places where it can be. */
typedef struct lack {
    sp_facts of_vendor, of_destination;
} lack;

/* ---- what is lacking ---- */

static const spc_fact *own_fact(const spc_conf *conf, unsigned fact)
{
    for (size_t i = 0; i < conf->facts.n; i++) {
        if (conf->facts.v[i].number == fact) {
            return &conf->facts.v[i];
        }
    }
    return NULL;
}

/* A fact that follows from others is stated by these: all of `all_of`, the first of `any_of`. Rounds, since
 * those may follow from others too; a circle ends by the number of facts. */
static sp_facts stated_for(const spc_conf *conf, sp_facts facts)
{
    for (unsigned round = 0; round < 64; round++) {
        sp_facts next = 0;
        for (sp_facts left = facts; left != 0; left &= left - 1) {
            const spc_fact *own = own_fact(conf, (unsigned)__builtin_ctzll(left));
            const sp_facts members = own != NULL ? own->all | (own->any & -own->any) : 0;
            next |= members != 0 ? members : left & -left;
        }
        if (next == facts) {
            break;
        }
        facts = next;
    }
    return facts;
}

/* A vendor whose name cannot stand in `vendors` keeps its facts with the destination. */
static bool has_vendor_entry(const spc_destination *d)
{
    return d->vendor.v.p != NULL && spc_check_name(d->vendor.v) == NULL;
}

static lack lack_of(const spc_outlook *o, uint16_t destination)
{
    spc_posture p;
    spc_posture_of(&p, o, destination);
    const sp_facts facts = stated_for(o->conf, p.lacking) & ~p.known & ~SP_FACT_BIT(SP_FACT_TLS);
    const bool has_entry = has_vendor_entry(&o->conf->destinations.v[destination]);
    const sp_facts here = has_entry ? facts & OF_DESTINATION : facts & ~SP_FACT_BIT(SP_FACT_ASSESSED);
    return (lack){facts & ~here, here};
}

/* ---- until then ---- */

/* One line for each way on which somebody meets the lack. */
static void put_way(sp_buf *out, const spc_outlook *o, const spc_application *a, const spc_model *m)
{
    const int to = spc_reached(o, a, m);
    sp_buf_append_str(out, "#   ");
    sp_buf_append(out, a->name.v);
    sp_buf_append_str(out, " (");
    sp_buf_append(out, a->use_case.v);
    sp_buf_append_str(out, ") asking for ");
    sp_buf_append(out, m->name.v);
    sp_buf_append_str(out, to < 0 ? ": refused" : ": goes to ");
    sp_buf_append(out, to < 0 ? SP_BYTES_EMPTY : o->conf->destinations.v[to].name.v);
    sp_buf_append_byte(out, '\n');
}

static void put_json_way(sp_buf *out, const spc_outlook *o, const spc_application *a, const spc_model *m)
{
    const int to = spc_reached(o, a, m);
    cli_json_open(out, NULL, '{');
    cli_json_text(out, "application", a->name.v);
    cli_json_text(out, "use_case", a->use_case.v);
    cli_json_text(out, "model", m->name.v);
    if (to < 0) {
        cli_json_null(out, "goes_to");
    } else {
        cli_json_text(out, "goes_to", o->conf->destinations.v[to].name.v);
    }
    sp_buf_append_byte(out, '}');
}

typedef void (*put_way_fn)(sp_buf *, const spc_outlook *, const spc_application *, const spc_model *);

static void put_ways_of(sp_buf *out, const spc_outlook *o, const spc_application *a, uint16_t destination,
                        put_way_fn put)
{
    for (size_t i = 0; i < a->model_names.n; i++) {
        const spc_model *m = &o->conf->models.v[a->models[i]];
        if (spc_leads_to(m, destination)) {
            put(out, o, a, m);
        }
    }
}

static void put_ways(sp_buf *out, const spc_outlook *o, uint16_t destination, put_way_fn put)
{
    for (size_t i = 0; i < o->conf->applications.n; i++) {
        const spc_application *a = &o->conf->applications.v[i];
        if (spc_lacking(o, a, destination) != 0) {
            put_ways_of(out, o, a, destination, put);
        }
    }
}

static void put_until_then(sp_buf *out, const spc_outlook *o)
{
    for (size_t i = 0; i < o->conf->destinations.n; i++) {
        const spc_destination *d = &o->conf->destinations.v[i];
        spc_posture p;
        spc_posture_of(&p, o, (uint16_t)i);
        if ((p.lacking | p.never) == 0) {
            continue;
        }
        sp_buf_append_str(out, "# ");
        sp_buf_append(out, d->name.v);
        sp_buf_append_str(out, p.never != 0 ? " lacks, for some for ever, " : " lacks ");
        cli_put_facts(out, p.lacking | p.never, &o->conf->names);
        sp_buf_append_str(out, ":\n");
        put_ways(out, o, (uint16_t)i, put_way);
    }
}

/* ---- the skeleton ---- */

static void put_facts(sp_buf *out, const spc_conf *conf, sp_facts facts)
{
    for (sp_facts left = facts; left != 0; left &= left - 1) {
        const unsigned fact = (unsigned)__builtin_ctzll(left);
        sp_buf_append_str(out, "      ");
        sp_buf_append(out, conf->names.fact[fact]);
        sp_buf_append_str(
            out,
            ": {evidence: \"EDIT: what shows it\", source: EDIT, signer: EDIT, from: EDIT, until: EDIT}");
        if (fact < SP_FACTS_OWN && meanings[fact] != NULL) {
            sp_buf_append_str(out, "  # ");
            sp_buf_append_str(out, meanings[fact]);
        }
        sp_buf_append_byte(out, '\n');
    }
}

static void put_vendor(sp_buf *out, const spc_conf *conf, const spc_destination *d, sp_facts facts)
{
    sp_buf_append_str(out, "  ");
    sp_buf_append(out, d->vendor.v);
    sp_buf_append_str(out, ":\n");
    if (d->vendor_index < 0) {
        sp_buf_append_str(out, "    legal_seat: EDIT          # ISO code of the country where it sits\n"
                               "    compelled_by: [EDIT]      # countries whose authorities can compel it\n");
    }
    if (facts & SP_FACT_BIT(SP_FACT_ASSESSED)) {
        sp_buf_append_str(out, "    assessed: EDIT            # the day on which its risk was assessed\n");
    }
    if (facts & ~SP_FACT_BIT(SP_FACT_ASSESSED)) {
        sp_buf_append_str(out, "    facts:\n");
        put_facts(out, conf, facts & ~SP_FACT_BIT(SP_FACT_ASSESSED));
    }
}

/* All that the destinations of the vendor lack; 0 but for the first of them, so that each vendor is met once.
 */
static sp_facts lack_of_vendor(const spc_outlook *o, size_t first)
{
    const spc_destinations *all = &o->conf->destinations;
    sp_facts facts = 0;
    for (size_t i = 0; i < all->n; i++) {
        if (!sp_bytes_eq(all->v[i].vendor.v, all->v[first].vendor.v)) {
            continue;
        }
        if (i < first) {
            return 0;
        }
        facts |= lack_of(o, (uint16_t)i).of_vendor;
    }
    return facts;
}

static void put_vendors(sp_buf *out, const spc_outlook *o)
{
    const char *title = o->conf->vendors.n > 0
                            ? "# Into `vendors`, which the file has:\nvendors:\n"
                            : "# The file has no `vendors` yet; they may stand at its end:\n"
                              "vendors:\n";
    for (size_t i = 0; i < o->conf->destinations.n; i++) {
        const sp_facts facts = lack_of_vendor(o, i);
        if (facts != 0) {
            sp_buf_append_str(out, title);
            put_vendor(out, o->conf, &o->conf->destinations.v[i], facts);
            title = "";
        }
    }
}

static void put_destinations(sp_buf *out, const spc_outlook *o)
{
    const char *title = "# Into the entries of `destinations`, since they are of one machine or model:\n"
                        "destinations:\n";
    for (size_t i = 0; i < o->conf->destinations.n; i++) {
        const lack l = lack_of(o, (uint16_t)i);
        if (l.of_destination != 0) {
            sp_buf_append_str(out, title);
            sp_buf_append_str(out, "  ");
            sp_buf_append(out, o->conf->destinations.v[i].name.v);
            sp_buf_append_str(out, ":\n    facts:\n");
            put_facts(out, o->conf, l.of_destination);
            title = "";
        }
    }
}

static void put_skeleton(sp_buf *out, const spc_outlook *o)
{
    static const char edit[] = "# Clearances rest on facts (docs/reference/policy.md). Where this says EDIT "
                               "write what is true and can be shown,\n"
                               "# and leave out what is not. Until these are stated:\n";
    sp_buf until = SP_BUF_IN(out->mem), facts = SP_BUF_IN(out->mem);
    put_until_then(&until, o);
    put_vendors(&facts, o);
    put_destinations(&facts, o);
    if (until.n == 0) {
        sp_buf_append_str(
            out, "# Nothing is missing: all that the users of each destination need of it is known.\n");
        return;
    }
    sp_buf_append_str(out, facts.n > 0 ? edit
                                       : "# All that can be stated is stated. What is left no evidence "
                                         "opens:\n");
    sp_buf_append(out, sp_buf_bytes(&until));
    sp_buf_append(out, sp_buf_bytes(&facts));
}

static void put_json(sp_buf *out, const spc_outlook *o)
{
    cli_json_open(out, NULL, '{');
    cli_json_open(out, "destinations", '[');
    for (size_t i = 0; i < o->conf->destinations.n; i++) {
        const spc_destination *d = &o->conf->destinations.v[i];
        const lack l = lack_of(o, (uint16_t)i);
        spc_posture p;
        spc_posture_of(&p, o, (uint16_t)i);
        if ((p.lacking | p.never) == 0) {
            continue;
        }
        cli_json_open(out, NULL, '{');
        cli_json_text(out, "name", d->name.v);
        cli_json_text(out, "vendor", d->vendor.v);
        cli_json_facts(out, "lacks", p.lacking, &o->conf->names);
        cli_json_facts(out, "never", p.never, &o->conf->names);
        cli_json_facts(out, "state_of_vendor", l.of_vendor, &o->conf->names);
        cli_json_facts(out, "state_of_destination", l.of_destination, &o->conf->names);
        cli_json_open(out, "until_then", '[');
        put_ways(out, o, (uint16_t)i, put_json_way);
        sp_buf_append_str(out, "]}");
    }
    sp_buf_append_str(out, "]}\n");
}

static int migrate(const cli_args *args, sp_mem *mem)
{
    const spc_conf *conf = NULL;
    spc_outlook o;
    sp_buf out = SP_BUF_IN(mem);
    const int code = cli_conf(&conf, args, mem, false);
    if (code != CLI_OK) {
        return code;
    }
    const sp_status status = spc_outlook_init(&o, conf, spd_wall_s(), mem);
    if (status != SP_OK) {
        return cli_fail_status(status, cli_conf_path(args));
    }
    cli_has(args, "json") ? put_json(&out, &o) : put_skeleton(&out, &o);
    return cli_flush(stdout, &out);
}

int cli__policy_migrate(const cli_args *args)
{
    return cli_with_memory(args, CLI_MEMORY_MAX, migrate);
}
