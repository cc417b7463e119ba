/* The whole nginx.conf. Fixed text is written as it is; every value goes through one of the put_ functions,
 * each of which refuses what does not belong to its character set, although the load has checked it before: a
 * text that means something to nginx must not get here even if a row forgets its check. */
#include <openssl/sha.h>
#include <string.h>

#include "conf/checks.h"
#include "sallyport/dialect.h"

typedef struct writer {
    sp_buf *out;
    const spc_conf *conf;
    const spc_paths *paths;
    sp_mem *mem;
    sp_status status; /* the first value that was refused */
} writer;

/* ---- values ---- */

/* The first refusal stays; writing goes on, and the caller throws the text away. */
static void refuse(writer *w)
{
    w->status = w->status == SP_OK ? SP_ERANGE : w->status;
}

static void put(writer *w, const char *text)
{
    sp_buf_append_str(w->out, text);
}

static void put_number(writer *w, uint64_t value)
{
    sp_buf_append_u64(w->out, value);
}

/* Names stand unquoted in names of upstreams and locations. */
static void put_name(writer *w, sp_bytes name)
{
    if (spc_check_name(name) != NULL) {
        refuse(w);
        return;
    }
    sp_buf_append(w->out, name);
}

/* An absolute path between double quotes; `suffix` is ours. */
static void put_path(writer *w, sp_bytes path, const char *suffix)
{
    if (spc_check_path(path) != NULL || path.p[0] != '/') {
        refuse(w);
        return;
    }
    sp_buf_append_byte(w->out, '"');
    sp_buf_append(w->out, path);
    put(w, suffix);
    sp_buf_append_byte(w->out, '"');
}

/* nginx would take a relative path from its own prefix, not from the configuration's folder. */
static void put_conf_path(writer *w, sp_bytes path)
{
    sp_bytes whole = SP_BYTES_EMPTY;
    const sp_status status = spc_conf_path(&whole, w->conf, path, w->mem);
    if (status != SP_OK) {
        w->status = w->status == SP_OK ? status : w->status;
        return;
    }
    put_path(w, whole, "");
}

/* Host names and addresses: what spc_url_parse let through. */
static void put_host(writer *w, const spc_url *url)
{
    for (size_t i = 0; i < url->host.n; i++) {
        const uint8_t c = url->host.p[i];
        const bool is_ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'F') || (c >= '0' && c <= '9') ||
                           c == '.' || c == '-' || c == ':';
        if (!is_ok) {
            refuse(w);
            return;
        }
    }
    const bool is_v6 = url->address.family == 6;
    put(w, is_v6 ? "[" : "");
    sp_buf_append(w->out, url->host);
    put(w, is_v6 ? "]" : "");
}

/* The value of the Host field: with the port unless it is the scheme's own (RFC 9110, 4.2). */
static void put_authority(writer *w, const spc_url *url)
{
    put_host(w, url);
    if (url->port != (url->is_tls ? 443 : 80)) {
        put(w, ":");
        put_number(w, url->port);
    }
}

/* A setting in milliseconds as a directive of its own. */
static void put_time(writer *w, const char *directive, uint64_t ms)
{
    put(w, directive);
    put(w, " ");
    put_number(w, ms);
    put(w, "ms;\n");
}

/* ---- main and http ---- */

enum { OTHER_FILES = 256 }; /* of a worker, beside its connections: logs, ledger, snapshot, libraries */

/* In the foreground and without `user`: whoever starts it owns it, root is not needed. */
static void write_main(writer *w)
{
    put(w, "# Written by sallyport; it is written anew at every start and reload: edit the configuration "
           "instead.\nload_module ");
    put_path(w, w->paths->module, "");
    put(w, ";\ndaemon off;\nmaster_process on;\nworker_processes ");
    put_number(w, w->conf->nginx.workers);
    put(w, ";\npid ");
    put_path(w, w->paths->state, "/nginx.pid");
    put(w, ";\nerror_log ");
    put_path(w, w->paths->state, "/nginx.log");
    put(w, " notice;\nworker_rlimit_nofile ");
    put_number(w, w->conf->nginx.connections + OTHER_FILES);
    put(w, ";\nevents {\n    worker_connections ");
    put_number(w, w->conf->nginx.connections);
    put(w, ";\n}\n");
}

/* nothing is ever written there: bodies and answers stay in memory */
static void write_temp_paths(writer *w)
{
    static const char *const rows[][2] = {
        {"client_body_temp_path", "/nginx-body"}, {"proxy_temp_path", "/nginx-proxy"},
        {"fastcgi_temp_path", "/nginx-fastcgi"},  {"uwsgi_temp_path", "/nginx-uwsgi"},
        {"scgi_temp_path", "/nginx-scgi"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        put(w, "    ");
        put(w, rows[i][0]);
        put(w, " ");
        put_path(w, w->paths->state, rows[i][1]);
        put(w, ";\n");
    }
}

/* Workers may connect to these ports and to no other: each once, in order of the file. */
static void write_confine(writer *w)
{
    const spc_destinations *all = &w->conf->destinations;
    if (w->conf->processes.confine != SPC_CONFINE_STRICT) {
        return;
    }
    put(w, "    sallyport_confine");
    for (size_t i = 0; i < all->n; i++) {
        bool is_known = false;
        for (size_t k = 0; k < i && !is_known; k++) {
            is_known = all->v[k].url.port == all->v[i].url.port;
        }
        if (!is_known) {
            put(w, " ");
            put_number(w, all->v[i].url.port);
        }
    }
    put(w, ";\n");
}

static void write_module(writer *w)
{
    put(w, "    sallyport_snapshot ");
    put_path(w, w->paths->snapshot, "");
    put(w, ";\n    sallyport_ledger ");
    put_path(w, w->paths->ledger, "");
    put(w, ";\n    sallyport_stops ");
    put_path(w, w->paths->state, "/stops");
    put(w, ";\n    sallyport_segment ");
    put_number(w, w->conf->audit.segment_bytes);
    put(w, ";\n    sallyport_connections_per_address ");
    put_number(w, w->conf->nginx.per_address);
    put(w, ";\n    sallyport_credentials_fd ");
    put_number(w, w->paths->credentials_fd);
    put(w, ";\n");
    write_confine(w);
}

/* A body goes through the buffer into memory of the module's, so that nginx has none to write to a file. No
 * header is left out before the gate sees it: one of the family `x-sallyport-` with a slip in its name is
 * refused there, any other that nginx would leave out is dropped there. */
static void write_client_side(writer *w)
{
    const uint64_t body = w->conf->limits.body_bytes;
    const spc_client_timeouts *t = &w->conf->listen.timeouts;
    put(w, "    access_log off;\n    server_tokens off;\n    merge_slashes off;\n    underscores_in_headers "
           "on;\n"
           "    ignore_invalid_headers off;\n    client_max_body_size ");
    put_number(w, body);
    put(w, ";\n    client_body_buffer_size 64k;\n    client_header_buffer_size 4k;\n"
           "    large_client_header_buffers 4 16k;\n    keepalive_requests 1000;\n"
           "    reset_timedout_connection on;\n");
    put_time(w, "    client_header_timeout", t->header_ms);
    put_time(w, "    client_body_timeout", t->body_ms);
    put_time(w, "    send_timeout", t->send_ms);
    put_time(w, "    keepalive_timeout", t->idle_ms);
}

/* Nothing of the caller's headers goes on by itself, nothing is retried by nginx, nothing spills to a file,
 * and no header of an answer gives nginx orders. */
static void write_proxy_defaults(writer *w)
{
    put(w,
        "    proxy_http_version 1.1;\n    proxy_buffering off;\n    proxy_buffer_size 16k;\n    "
        "proxy_buffers 4 16k;\n"
        "    proxy_busy_buffers_size 32k;\n    proxy_request_buffering on;\n"
        "    proxy_max_temp_file_size 0;\n    proxy_pass_request_headers off;\n    proxy_next_upstream off;\n"
        "    proxy_redirect off;\n    proxy_socket_keepalive on;\n"
        "    proxy_ignore_headers X-Accel-Redirect X-Accel-Expires X-Accel-Limit-Rate X-Accel-Buffering "
        "X-Accel-Charset\n"
        "        Expires Cache-Control Set-Cookie Vary;\n");
}

/* ---- destinations ---- */

/* The address is the module's to choose; nginx wants a server in the block. */
static void write_upstream(writer *w, const spc_destination *d)
{
    put(w, "    upstream sp_");
    put_name(w, d->name.v);
    put(w, " {\n        sallyport_peer ");
    put_name(w, d->name.v);
    put(w, ";\n        server 127.0.0.1:1;\n        keepalive 64;\n        sallyport_fresh;\n    }\n");
}

/* Which of the caller's headers go on: the dialect's list decides; here are the names that any dialect of
 * ours could forward besides those that are set below. */
static void write_forwarded_headers(writer *w, const sp_dialect *dialect)
{
    static const char *const rows[][2] = {
        {"anthropic-beta", "$http_anthropic_beta"},
        {"anthropic-version", "$http_anthropic_version"},
        {"openai-beta", "$http_openai_beta"},
        {"x-client-request-id", "$http_x_client_request_id"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (sp_dialect_forwards_header(dialect, sp_bytes_of(rows[i][0]))) {
            put(w, "            proxy_set_header ");
            put(w, rows[i][0]);
            put(w, " ");
            put(w, rows[i][1]);
            put(w, ";\n");
        }
    }
}

/* The credential comes from the module per request and stands in no file. An empty Connection keeps
 * connections open. */
static void write_headers(writer *w, const spc_destination *d)
{
    const bool is_anthropic = d->dialect == SP_DIALECT_ANTHROPIC;
    put(w, "            proxy_set_header Host ");
    put_authority(w, &d->url);
    put(w, ";\n            proxy_set_header Connection \"\";\n"
           "            proxy_set_header Accept \"application/json, text/event-stream\";\n"
           "            proxy_set_header Accept-Encoding identity;\n"
           "            proxy_set_header Content-Type application/json;\n"
           "            proxy_set_header User-Agent sallyport;\n");
    if (d->credential_kind != SPC_CREDENTIAL_NONE) {
        put(w, is_anthropic
                   ? "            proxy_set_header x-api-key $sallyport_credential;\n"
                   : "            proxy_set_header Authorization \"Bearer $sallyport_credential\";\n");
    }
    write_forwarded_headers(w, sp_dialect_get((sp_dialect_id)d->dialect));
}

/* nginx verifies nothing unless told to; the depth is for chains with cross-signed intermediates. */
static void write_tls(writer *w, const spc_destination *d)
{
    if (!d->url.is_tls) {
        return;
    }
    put(w, "            proxy_ssl_protocols TLSv1.2 TLSv1.3;\n            proxy_ssl_server_name on;\n        "
           "    proxy_ssl_name ");
    put_host(w, &d->url);
    put(w, ";\n            proxy_ssl_verify on;\n            proxy_ssl_verify_depth 5;\n            "
           "proxy_ssl_trusted_certificate ");
    if (d->ca.v.p != NULL) {
        put_conf_path(w, d->ca.v);
    } else {
        put_path(w, w->paths->system_ca.n > 0 ? w->paths->system_ca : SP_LIT(SPC_SYSTEM_CA), "");
    }
    put(w, ";\n");
}

/* nginx has one time-out for all reads of an answer; the module puts its own in that place once an answer has
 * begun. */
static void write_timeouts(writer *w, const spc_timeouts *t)
{
    put_time(w, "            proxy_connect_timeout", t->connect_ms);
    put_time(w, "            proxy_send_timeout", t->idle_ms);
    put_time(w, "            proxy_read_timeout", t->first_byte_ms);
    put_time(w, "            sallyport_idle_timeout", t->idle_ms);
}

/* A try whose failure leads to the next candidate, or the last one, whose answer goes to the client whatever
 * it is. */
static void write_location(writer *w, const spc_destination *d, bool is_last)
{
    put(w, is_last ? "        location @sp_last_" : "        location @sp_try_");
    put_name(w, d->name.v);
    put(w, " {\n            sallyport_destination ");
    put_name(w, d->name.v);
    put(w,
        is_last
            ? ";\n            error_page 502 504 = @sp_fail;\n"
            : ";\n            proxy_intercept_errors on;\n            error_page 429 500 501 502 503 504 507 "
              "508 520 521 522 523 524 525 526 527 529 530 = @sp_next;\n");
    put(w, "            recursive_error_pages on;\n");
    write_headers(w, d);
    write_tls(w, d);
    write_timeouts(w, &d->timeouts);
    put(w, d->url.is_tls ? "            proxy_pass https://sp_" : "            proxy_pass http://sp_");
    put_name(w, d->name.v);
    put(w, "$sallyport_uri;\n        }\n");
}

/* ---- server ---- */

static void write_listen(writer *w)
{
    const spc_listen *listen = &w->conf->listen;
    put(w, "        listen ");
    put_host(w, &listen->where);
    put(w, ":");
    put_number(w, listen->where.port);
    if (!listen->where.is_tls) {
        put(w, ";\n");
        return;
    }
    put(w, " ssl http2;\n        ssl_protocols TLSv1.2 TLSv1.3;\n        ssl_session_tickets off;\n"
           "        ssl_session_cache shared:sp_tls:1m;\n        ssl_certificate ");
    put_conf_path(w, listen->tls.certificate.v);
    put(w, ";\n        ssl_certificate_key ");
    put_conf_path(w, listen->tls.key.v);
    put(w, ";\n");
}

static void write_server(writer *w)
{
    const spc_destinations *destinations = &w->conf->destinations;
    put(w, "    server {\n");
    write_listen(w);
    /* nginx goes to a path, not to a named location, with a request line that it could not read */
    put(w, "        error_page 413 = @sp_oversize;\n"
           "        error_page 400 405 414 497 500 501 503 505 /sallyport/page;\n"
           "        error_page 494 =431 /sallyport/page;\n"
           "        location / {\n            sallyport gate;\n        }\n"
           "        location = /sallyport/page {\n            sallyport page;\n        }\n"
           "        location @sp_oversize {\n            sallyport oversize;\n        }\n");
    for (size_t i = 0; i < destinations->n; i++) {
        write_location(w, &destinations->v[i], false);
        write_location(w, &destinations->v[i], true);
    }
    put(w, "        location @sp_next {\n            sallyport next;\n        }\n"
           "        location @sp_fail {\n            sallyport fail;\n        }\n    }\n");
}

sp_status spc_nginx_conf_append(sp_buf *out, const spc_conf *conf, const spc_paths *paths, sp_mem *mem)
{
    writer w = {.out = out, .conf = conf, .paths = paths, .mem = mem};
    write_main(&w);
    put(&w, "http {\n");
    write_module(&w);
    write_temp_paths(&w);
    write_client_side(&w);
    write_proxy_defaults(&w);
    for (size_t i = 0; i < conf->destinations.n; i++) {
        write_upstream(&w, &conf->destinations.v[i]);
    }
    write_server(&w);
    put(&w, "}\n");
    return out->status != SP_OK ? out->status : w.status;
}

/* ---- the digest ---- */

/* Credentials reach workers at their start only, so another reference needs new workers. */
static void append_credentials(sp_buf *out, const spc_conf *conf)
{
    for (size_t i = 0; i < conf->destinations.n; i++) {
        const spc_destination *d = &conf->destinations.v[i];
        sp_write_bytes16(out, d->name.v);
        sp_write_u8(out, d->credential_kind);
        sp_write_bytes16(out, d->credential_value);
    }
}

sp_status spc_wiring_digest(uint8_t digest[32], const spc_conf *conf, sp_mem *mem)
{
    /* Paths of the run are the same for old and new; fixed ones make the digest depend on the configuration
     * alone. */
    static const spc_paths none = {
        .module = SP_LIT("/-"), .state = SP_LIT("/-"), .snapshot = SP_LIT("/-"), .ledger = SP_LIT("/-")};
    sp_buf text = SP_BUF_IN(mem);
    memset(digest, 0, 32);
    SP_TRY(spc_nginx_conf_append(&text, conf, &none, mem));
    append_credentials(&text, conf);
    if (text.status != SP_OK) {
        return text.status;
    }
    return SHA256(text.p, text.n, digest) != NULL ? SP_OK : SP_ECRYPTO;
}
