#include "cli/credentials.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/cli.h"
#include "confine/confine.h"

enum { TEXT_MAX = 1 << 20, VALUE_MAX = 16384 };

/* Of a fixed size, mapped here, and then sealed: whoever inherits the descriptor can read and nothing else. A
 * running nginx cannot be given another descriptor, so what changes at a reload is changed through the
 * mapping. memfd_secret(2) would hide the pages from the kernel's own map too, but cannot be sealed and is
 * not there on every kernel. */
static bool make_file(cli_credentials *c)
{
    enum { SEALS = F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL };
    c->fd = memfd_create("sallyport-credentials", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (c->fd < 0 || ftruncate(c->fd, TEXT_MAX) != 0) {
        return false;
    }
    void *pages = mmap(NULL, TEXT_MAX, PROT_READ | PROT_WRITE, MAP_SHARED, c->fd, 0);
    if (pages == MAP_FAILED) {
        return false;
    }
    c->file = pages;
    return fcntl(c->fd, F_ADD_SEALS, SEALS) == 0;
}

int cli_credentials_open(cli_credentials *out, const cli_environment *environment)
{
    *out = (cli_credentials){.fd = -1, .environment = environment};
    if (!make_file(out)) {
        return cli_fail("the kernel gives no memory file for credentials", NULL, strerrordesc_np(errno));
    }
    if (!spp_secret_relock(out->file, TEXT_MAX)) {
        (void)fputs("sallyport: warning: credentials cannot be locked in memory, so they may reach the swap: "
                    "raise the "
                    "limit (ulimit -l)\n",
                    stderr);
    }
    return CLI_OK;
}

void cli_credentials_forget(cli_credentials *was)
{
    spp_secret_free(was->text, TEXT_MAX);
    was->text = NULL;
    was->n = 0;
}

void cli_credentials_close(cli_credentials *c)
{
    cli_credentials_forget(c);
    spp_secret_free(c->file, TEXT_MAX);
    c->file = NULL;
    if (c->fd >= 0) {
        (void)close(c->fd); /* nginx has ended by now: nobody else holds it */
    }
    c->fd = -1;
}

/* ---- one value ---- */

typedef struct source {
    const cli_environment *environment;
    sp_mem *mem; /* for names and paths */
} source;

/* Into `value`, at most VALUE_MAX + 1 bytes. */
static const char *read_reference(uint8_t *value, size_t *n, const spc_conf *conf, const spc_destination *d,
                                  const source *from)
{
    sp_mem *mem = from->mem;
    sp_buf name = SP_BUF_IN(mem);
    sp_buf_append(&name, d->credential_value);
    sp_buf_append_byte(&name, '\0');
    sp_bytes path;
    *n = 0;
    if (name.status != SP_OK || spc_conf_path(&path, conf, d->credential_value, mem) != SP_OK) {
        return "no memory";
    }
    if (d->credential_kind == SPC_CREDENTIAL_ENV) {
        const char *text = cli_environment_get(from->environment, (const char *)name.p);
        if (text == NULL) {
            return "is not set in the environment of `sallyport run`";
        }
        *n = strnlen(text, VALUE_MAX + 1);
        memcpy(value, text, *n);
        return NULL;
    }
    const int fd = open((const char *)path.p, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return strerrordesc_np(errno);
    }
    const ssize_t got = read(fd, value, VALUE_MAX + 1);
    const int error = errno;
    (void)close(fd);
    *n = got > 0 ? (size_t)got : 0;
    return got < 0 ? strerrordesc_np(error) : NULL;
}

/* One line end is how editors end a file; anything else that is no printable character would split a header.
 */
static const char *check_value(const uint8_t *value, size_t *n)
{
    *n -= *n > 0 && value[*n - 1] == '\n';
    *n -= *n > 0 && value[*n - 1] == '\r';
    if (*n == 0) {
        return "is empty";
    }
    if (*n > VALUE_MAX) {
        return "is longer than 16 KiB";
    }
    for (size_t i = 0; i < *n; i++) {
        if (value[i] < 0x21 || value[i] > 0x7e) {
            return "holds a space, a control character or a byte outside of ASCII";
        }
    }
    return NULL;
}

static void report(sp_buf *problems, const spc_destination *d, const char *what)
{
    sp_buf_append_str(problems, "destinations.");
    sp_buf_append(problems, d->name.v);
    sp_buf_append_str(problems, ".credential: ");
    sp_buf_append(problems, d->credential.v);
    sp_buf_append_byte(problems, ' ');
    sp_buf_append_str(problems, what);
    sp_buf_append_byte(problems, '\n');
}

/* ---- all of them ---- */

static bool append_one(cli_credentials *c, const spc_conf *conf, const spc_destination *d, sp_buf *problems)
{
    uint8_t value[VALUE_MAX + 1];
    size_t n = 0;
    const source from = {c->environment, problems->mem};
    const char *wrong = read_reference(value, &n, conf, d, &from);
    wrong = wrong != NULL ? wrong : check_value(value, &n);
    if (wrong == NULL && c->n + d->name.v.n + n + 2 >= TEXT_MAX) {
        wrong = "does not fit: all credentials together have at most 1 MiB";
    }
    if (wrong != NULL) {
        report(problems, d, wrong);
    } else {
        memcpy(c->text + c->n, d->name.v.p, d->name.v.n);
        c->n += d->name.v.n;
        c->text[c->n++] = ' ';
        memcpy(c->text + c->n, value, n);
        c->n += n;
        c->text[c->n++] = '\n';
    }
    sp_wipe(value, sizeof value);
    return wrong == NULL;
}

/* nginx reads the file, up to its first NUL, at its start and at a HUP, and nothing else reads it: rewriting
 * it in place is seen by nobody half done. */
static void write_file(const cli_credentials *c)
{
    memset(c->file, 0, TEXT_MAX);
    if (c->n > 0) {
        memcpy(c->file, c->text, c->n);
    }
}

static bool append_all(cli_credentials *c, const spc_conf *conf, sp_buf *problems)
{
    bool is_good = true;
    for (size_t i = 0; i < conf->destinations.n; i++) {
        const spc_destination *d = &conf->destinations.v[i];
        is_good = (d->credential_kind == SPC_CREDENTIAL_NONE || append_one(c, conf, d, problems)) && is_good;
    }
    return is_good;
}

bool cli_credentials_load(cli_credentials *c, const spc_conf *conf, cli_credentials *was, sp_buf *problems)
{
    cli_credentials fresh = *c;
    fresh.n = 0;
    fresh.text = spp_secret_new(TEXT_MAX, NULL);
    if (fresh.text == NULL) {
        sp_buf_append_str(problems, "no memory for credentials\n");
        return false;
    }
    if (!append_all(&fresh, conf, problems)) {
        cli_credentials_forget(&fresh);
        return false;
    }
    write_file(&fresh);
    if (was != NULL) {
        *was = *c;
    } else {
        cli_credentials_forget(c);
    }
    *c = fresh;
    return true;
}

bool cli_credentials_differ(const cli_credentials *a, const cli_credentials *b)
{
    return a->n != b->n || (a->n > 0 && memcmp(a->text, b->text, a->n) != 0);
}

void cli_credentials_restore(cli_credentials *c, cli_credentials *was)
{
    write_file(was);
    cli_credentials_forget(c);
    *c = *was;
    *was = (cli_credentials){.fd = -1};
}
