/* The only file access of the folder: the configuration file itself, and the existence and modes of the files
 * that it names. No credential is read. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "conf/conf.h"
#include "conf/document.h"

/* ---- the file ---- */

/* One byte past the bound is enough to know; no file makes us read on without end. */
static sp_status read_descriptor(sp_buf *out, int fd)
{
    while (out->n <= SPC_FILE_MAX) {
        uint8_t *room = sp_buf_reserve(out, 1 << 14);
        if (room == NULL) {
            return out->status;
        }
        const ssize_t n = read(fd, room, 1 << 14);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return n < 0 ? SP_EFIELD : SP_OK;
        }
        out->n += (size_t)n;
    }
    return SP_OK; /* too large: the document says so */
}

static sp_status report_unreadable(spc_problems *problems, int error)
{
    char text[128];
    (void)snprintf(text, sizeof text, "cannot be read: %s", strerrordesc_np(error));
    spc_problems_report(problems,
                        &(spc_report){.before = text, .help = "name the configuration file with -c FILE"});
    return problems->status != SP_OK ? problems->status : SP_EFIELD;
}

static sp_status read_file(sp_buf *out, spc_problems *problems, const char *path)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return report_unreadable(problems, errno);
    }
    sp_status status = read_descriptor(out, fd);
    if (status == SP_EFIELD) {
        status = report_unreadable(problems, errno);
    }
    (void)close(fd);
    return status;
}

/* The absolute folder of a file: `text` receives the whole path and is cut at its last slash. */
static sp_bytes folder_of(char text[PATH_MAX], const char *path)
{
    if (realpath(path, text) == NULL) {
        return SP_BYTES_EMPTY;
    }
    char *slash = strrchr(text, '/');
    slash[slash == text ? 1 : 0] = '\0';
    return sp_bytes_of(text);
}

/* ---- the files that it names ---- */

typedef struct named_file {
    const char *section, *key;
    const spc_text *entry; /* NULL: a section without entries */
    const spc_text *text;
    sp_bytes path;
    bool is_secret;
} named_file;

static void report_file(spc_problems *problems, const named_file *file, spc_severity severity,
                        const spc_report *words)
{
    sp_buf path = SP_BUF_IN(problems->mem);
    sp_buf_append_str(&path, file->section);
    sp_buf_append_byte(&path, '.');
    if (file->entry != NULL) {
        sp_buf_append(&path, file->entry->v);
        sp_buf_append_byte(&path, '.');
    }
    sp_buf_append_str(&path, file->key);
    if (path.status != SP_OK) {
        problems->status = SP_ENOMEM;
        return;
    }
    spc_report report = *words;
    report.severity = severity;
    report.at = file->text->at;
    report.path = sp_buf_bytes(&path);
    report.quoted = file->path;
    spc_problems_report(problems, &report);
}

/* stat follows links: what counts is the file that will be opened. */
static sp_status check_file(const spc_conf *conf, spc_problems *problems, const named_file *file)
{
    struct stat info;
    sp_bytes path;
    SP_TRY(spc_conf_path(&path, conf, file->path, problems->mem));
    const char *name = (const char *)path.p;
    if (stat(name, &info) != 0 || !S_ISREG(info.st_mode) || access(name, R_OK) != 0) {
        report_file(problems, file, SPC_ERROR,
                    &(spc_report){.after = " is not a file that can be read",
                                  .help = "check the path (relative to this file) and who may read it"});
        return problems->status;
    }
    if (file->is_secret && (info.st_mode & (S_IROTH | S_IWOTH)) != 0) {
        report_file(problems, file, SPC_WARNING,
                    &(spc_report){.after = " can be read or written by every user of this machine",
                                  .help = "chmod 600 it"});
    }
    return problems->status;
}

static sp_status check_destination_files(const spc_conf *conf, spc_problems *problems,
                                         const spc_destination *d)
{
    if (d->ca.v.p != NULL) {
        SP_TRY(check_file(conf, problems,
                          &(named_file){"destinations", "ca", &d->name, &d->ca, d->ca.v, false}));
    }
    if (d->credential_kind == SPC_CREDENTIAL_FILE) {
        SP_TRY(check_file(conf, problems,
                          &(named_file){"destinations", "credential", &d->name, &d->credential,
                                        d->credential_value, true}));
    }
    return SP_OK;
}

static sp_status check_files(const spc_conf *conf, spc_problems *problems)
{
    const spc_tls *tls = &conf->listen.tls;
    if (tls->certificate.v.p != NULL) {
        SP_TRY(check_file(
            conf, problems,
            &(named_file){"listen", "tls.certificate", NULL, &tls->certificate, tls->certificate.v, false}));
        SP_TRY(check_file(conf, problems,
                          &(named_file){"listen", "tls.key", NULL, &tls->key, tls->key.v, true}));
    }
    for (size_t i = 0; i < conf->destinations.n; i++) {
        SP_TRY(check_destination_files(conf, problems, &conf->destinations.v[i]));
    }
    return SP_OK;
}

sp_status spc_conf_load(const spc_conf **out, spc_problems *problems, const char *path)
{
    char text[PATH_MAX];
    sp_buf file = SP_BUF_IN(problems->mem);
    *out = NULL;
    SP_TRY(read_file(&file, problems, path));
    const sp_bytes folder = folder_of(text, path);
    if (folder.n == 0) {
        return report_unreadable(problems, errno);
    }
    SP_TRY(spc_conf_parse(out, problems, &(spc_source){sp_buf_bytes(&file), folder, (uint64_t)time(NULL)}));
    const sp_status status = check_files(*out, problems);
    spc_problems_sort(problems);
    if (status != SP_OK || problems->n_errors > 0) {
        *out = NULL;
        return status != SP_OK ? status : SP_EFIELD;
    }
    return SP_OK;
}
