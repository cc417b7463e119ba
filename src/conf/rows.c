/* The settings. One row each, in the order of the manual; see row.h for the columns. A new setting is a new
 * row and a new field. */
#include "conf/checks.h"
#include "conf/rows_internal.h"
#include "sallyport/request.h"

IS_MAP(spc_destinations);
IS_MAP(spc_models);
IS_MAP(spc_use_cases);
IS_MAP(spc_applications);

static const spc_word tier_words[] = {
    {"cloud", SP_TIER_CLOUD, "a provider's service"},
    {"self-hosted", SP_TIER_SELF_HOSTED, "run by the organisation itself"},
    {0},
};
static const spc_word dialect_words[] = {
    {"openai", SP_DIALECT_OPENAI, "OpenAI chat completions, also spoken by most self-hosted servers"},
    {"anthropic", SP_DIALECT_ANTHROPIC, "Anthropic messages"},
    {0},
};
static const spc_word trust_words[] = {
    {"trusted", SP_TRUSTED, "users type it themselves"},
    {"untrusted", SP_UNTRUSTED, "it may hold pasted documents, mail or web pages"},
    {0},
};
static const spc_word destination_permits[] = {
    {"unknown", SP_PERMIT(SP_FIELD_UNKNOWN), "fields that the gateway does not know"},
    {"state", SP_PERMIT(SP_FIELD_STATE), "content that lives on at the provider"},
    {"egress", SP_PERMIT(SP_FIELD_EGRESS) | SP_PERMIT(SP_FIELD_SERVER_TOOLS),
     "the provider fetches or calls something, tools that it runs included"},
    {"server-tools", SP_PERMIT(SP_FIELD_SERVER_TOOLS), "tools that the provider runs"},
    {"unreadable", SP_PERMIT(SP_FIELD_UNREADABLE),
     "images, audio, files: content that no detector can read; the same as the category `unreadable` in "
     "`clearance`"},
    {"opaque", SP_PERMIT(SP_FIELD_OPAQUE), "content that the provider signed or encrypted"},
    {0},
};
/* What acts beyond one request needs the application's agreement too. */
static const spc_word application_permits[] = {
    {"state", SP_PERMIT(SP_FIELD_STATE), "content that lives on at the provider"},
    {"egress", SP_PERMIT(SP_FIELD_EGRESS) | SP_PERMIT(SP_FIELD_SERVER_TOOLS),
     "the provider fetches or calls something, tools that it runs included"},
    {"server-tools", SP_PERMIT(SP_FIELD_SERVER_TOOLS), "tools that the provider runs"},
    {0},
};

/* ---- listen ---- */

static const spc_row tls_rows[] = {
    {"certificate", TEXT_AT(spc_tls, certificate), .is_required = true, .check = spc_check_path,
     .example = "tls/gateway.crt", .doc = "PEM file with the certificate and its chain."},
    {"key", TEXT_AT(spc_tls, key), .is_required = true, .check = spc_check_path, .example = "tls/gateway.key",
     .doc = "PEM file with the private key."},
    {0},
};
static const spc_table tls_table = {tls_rows, sizeof(spc_tls), NULL, false};

static const spc_row client_timeout_rows[] = {
    {"header", TIME_AT(spc_client_timeouts, header_ms), .min = SECOND, .max = HOUR, .def = "10s",
     .example = "10s", .doc = "For the whole header of a request."},
    {"body", TIME_AT(spc_client_timeouts, body_ms), .min = SECOND, .max = HOUR, .def = "60s",
     .example = "60s", .doc = "Between two pieces of a request's body."},
    {"send", TIME_AT(spc_client_timeouts, send_ms), .min = SECOND, .max = HOUR, .def = "60s",
     .example = "60s",
     .doc = "Between two pieces of an answer that the client takes. One that stops reading is cut then."},
    {"idle", TIME_AT(spc_client_timeouts, idle_ms), .min = SECOND, .max = HOUR, .def = "75s",
     .example = "75s", .doc = "How long a connection without a request is kept open."},
    {0},
};
static const spc_table client_timeout_table = {client_timeout_rows, sizeof(spc_client_timeouts), NULL, false};

static const spc_row listen_rows[] = {
    {"address", TEXT_AT(spc_listen, address), .def = "127.0.0.1:8080", .check = spc_check_listen,
     .pattern = SPC_PATTERN_LISTEN, .example = "127.0.0.1:8080",
     .doc = "Address and port where clients connect: IPv4, [IPv6] or localhost. Anything but loopback needs "
            "`tls`."},
    {"tls", RECORD_AT(spc_listen, tls), .table = &tls_table,
     .example = "{certificate: tls/gateway.crt, key: tls/gateway.key}",
     .doc = "Certificate for the client side. With it, the gateway speaks HTTP/1.1 and HTTP/2 over TLS 1.2 "
            "or later only."},
    {"timeouts", RECORD_AT(spc_listen, timeouts), .table = &client_timeout_table, .example = "{send: 30s}",
     .doc = "Time limits of a client, by phase. Past one its connection is reset."},
    {0},
};
static const spc_table listen_table = {listen_rows, sizeof(spc_listen), NULL, false};

/* ---- destinations ---- */

static const spc_row timeout_rows[] = {
    {"connect", TIME_AT(spc_timeouts, connect_ms), .min = 50, .max = 75 * SECOND, .def = "5s",
     .example = "5s", .doc = "To open a connection, TLS included."},
    {"first_byte", TIME_AT(spc_timeouts, first_byte_ms), .min = SECOND, .max = HOUR, .def = "60s",
     .example = "60s", .doc = "From the sent request to the header of the answer."},
    {"idle", TIME_AT(spc_timeouts, idle_ms), .min = SECOND, .max = HOUR, .def = "60s", .example = "60s",
     .doc = "Between two pieces of an answer, and between two pieces of the request while it is sent."},
    {0},
};
static const spc_table timeout_table = {timeout_rows, sizeof(spc_timeouts), NULL, false};

static const spc_row breaker_rows[] = {
    {"failures", COUNT_AT(spc_breaker, failures), .max = 10000, .def = "5", .unit = "tries", .example = "5",
     .doc = "Tries in a row that failed, after which it is kept away from. 0: no number does."},
    {"share", COUNT_AT(spc_breaker, share), .max = 100, .def = "50", .unit = "percent", .example = "50",
     .doc = "Share of the tries of the last ten seconds that failed, from which on it is kept away from. 0: "
            "no share does."},
    {"least", COUNT_AT(spc_breaker, least), .min = 1, .max = 10000, .def = "20", .unit = "tries",
     .example = "20", .doc = "Tries in the last ten seconds below which the share says nothing."},
    {"open", TIME_AT(spc_breaker, open_ms), .min = 100, .max = HOUR, .def = "5s", .example = "5s",
     .doc = "How long it is kept away from. Then one request tries it; when that fails too, twice as long, "
            "and so on."},
    {"open_max", TIME_AT(spc_breaker, open_max_ms), .min = 100, .max = HOUR, .def = "2min", .example = "2min",
     .doc = "The longest such time."},
    {"retry_after", TIME_AT(spc_breaker, wait_max_ms), .max = HOUR, .def = "5min", .example = "5min",
     .doc =
         "The longest time that its own `Retry-After` (of a 429 or 5xx) keeps it away. 0: it is not asked."},
    {0},
};
static const spc_table breaker_table = {breaker_rows, sizeof(spc_breaker), NULL, false};

static const spc_row retry_rows[] = {
    {"share", COUNT_AT(spc_retries, share), .max = 100, .def = "20", .unit = "percent", .example = "20",
     .doc = "Requests that failed here and may be tried at the next destination, as a share of all that were "
            "sent here in the last ten seconds. Bounds what an outage adds to the load of the others."},
    {"floor", COUNT_AT(spc_retries, floor), .max = 10000, .def = "3", .unit = "requests per second",
     .example = "3", .doc = "So many more each second, whatever the share."},
    {0},
};
static const spc_table retry_table = {retry_rows, sizeof(spc_retries), NULL, false};

static const spc_row health_rows[] = {
    {"every", TIME_AT(spc_health, every_ms), .max = HOUR, .def = "0s", .example = "10s",
     .doc = "How often the daemon looks whether it is there. 0: never, requests alone tell. After two "
            "failures in a "
            "row it is passed over, after a success taken again."},
    {"path", TEXT_AT(spc_health, path), .max = LINE_MAX_BYTES, .check = spc_check_probe_path, .def = "",
     .example = "/health",
     .doc = "What is asked for, from the root of its host: a GET without credential, which is a success when "
            "the "
            "answer's status is 2xx. Empty: a connection, with TLS where it is spoken, is enough."},
    {"timeout", TIME_AT(spc_health, timeout_ms), .min = 50, .max = 75 * SECOND, .def = "2s", .example = "2s",
     .doc = "For all of one probe."},
    {0},
};
static const spc_table health_table = {health_rows, sizeof(spc_health), NULL, false};

static const spc_row destination_rows[] = {
    {"vendor", TEXT_AT(spc_destination, vendor), .is_required = true, .min = 1, .max = LINE_MAX_BYTES,
     .check = spc_check_line, .example = "openai", .doc = "Who runs it, for records and reports."},
    {"tier", WORD_AT(spc_destination, tier), .is_required = true, .words = tier_words, .example = "cloud",
     .doc = "Where it runs."},
    {"dialect", WORD_AT(spc_destination, dialect), .is_required = true, .words = dialect_words,
     .example = "openai",
     .doc = "The protocol that it speaks. A request reaches only destinations of its own dialect."},
    {"base_url", TEXT_AT(spc_destination, base_url), .is_required = true, .is_secret = true,
     .check = spc_check_url, .pattern = SPC_PATTERN_URL, .example = "https://api.openai.com/v1",
     .doc = "Scheme, host, port and path in front of the dialect's own paths (`/chat/completions`, "
            "`/messages`). https:// verifies the "
            "certificate and needs a host name. http:// is for loopback, or where `plain_http` says so."},
    {"model", TEXT_AT(spc_destination, model), .is_required = true, .min = 1, .max = LINE_MAX_BYTES,
     .check = spc_check_line, .example = "gpt-4o-mini", .doc = "The model as this destination calls it."},
    {"region", TEXT_AT(spc_destination, region), .max = LINE_MAX_BYTES, .check = spc_check_line, .def = "",
     .example = "us-east-1",
     .doc = "Region as the vendor calls it, for records and reports. Residency is decided by `jurisdictions` "
            "alone."},
    {"jurisdictions", TEXTS_AT(spc_destination, jurisdictions), .is_required = true, .is_short = true,
     .min = 1, .max = 256, .example = "[US]",
     .doc = "Every jurisdiction that the destination touches: ISO 3166-1 alpha-2 codes, `EU`, `EEA`, or "
            "\"*\" for anywhere. Data flows "
            "there only if all of them lie inside what the data allows."},
    {"credential", TEXT_AT(spc_destination, credential), .is_required = true, .is_secret = true,
     .check = spc_check_credential, .pattern = SPC_PATTERN_CREDENTIAL, .example = "env:OPENAI_API_KEY",
     .doc = "The gateway's own credential there, by reference: `env:NAME` (a variable of the daemon), "
            "`file:PATH` (its first line), or "
            "`none`."},
    {"ca", TEXT_AT(spc_destination, ca), .check = spc_check_path, .example = "tls/internal-ca.pem",
     .doc = "PEM file with the authorities that may sign its certificate. Without it, the system's bundle."},
    {"plain_http", BOOL_AT(spc_destination, plain_http), .def = "false", .example = "true",
     .doc = "Permits http:// to a host that is not loopback. Everything sent there can be read on the way; "
            "`check` warns."},
    {"facts", MAP_AT(spc_destination, facts), .max = 64, .table = &spc__statement_table,
     .check = spc_check_name, .pattern = SPC_PATTERN_NAME, .example = "{zero-retention: {…}}",
     .doc = "What holds of this destination, beside what holds of its vendor."},
    {"copies", MAP_AT(spc_destination, copies), .max = 64, .table = &spc__copy_table, .check = spc_check_name,
     .pattern = SPC_PATTERN_NAME, .example = "{log: {…}}",
     .doc = "What of a request is kept or seen beside being processed: `log`, `cache`, `abuse-review`, "
            "`telemetry`, `failover`, `support`."},
    {"clearance", RECORD_AT(spc_destination, clearance), .table = &spc__clearance_table,
     .example = "{level: internal, categories: [source-code]}",
     .doc = "The highest label that may reach it. It can only lower what the facts allow; without it they "
            "alone decide."},
    {"permits", FLAGS_AT(spc_destination, permits), .words = destination_permits, .example = "[opaque]",
     .doc = "What it may receive beyond readable content of known fields. `state` and `egress` need the "
            "application's permission too."},
    {"timeouts", RECORD_AT(spc_destination, timeouts), .table = &timeout_table,
     .example = "{first_byte: 120s}", .doc = "Time limits by phase."},
    {"breaker", RECORD_AT(spc_destination, breaker), .table = &breaker_table,
     .example = "{failures: 3, open: 10s}",
     .doc = "When a destination that fails is left alone, so that requests go to the next one at once."},
    {"retries", RECORD_AT(spc_destination, retries), .table = &retry_table, .example = "{share: 50}",
     .doc = "How many of its failures may be tried elsewhere."},
    {"health", RECORD_AT(spc_destination, health), .table = &health_table,
     .example = "{every: 10s, path: /health}",
     .doc = "Probes by the daemon, so that a destination that is down is known before a request finds out."},
    {0},
};
static const spc_table destination_table = {destination_rows, sizeof(spc_destination), "destination", false};

/* ---- models, use cases, applications ---- */

static const spc_row model_rows[] = {
    {"destinations", TEXTS_AT(spc_model, destination_names), .is_required = true, .is_short = true, .min = 1,
     .max = SP_CANDIDATES_MAX, .check = spc_check_name, .pattern = SPC_PATTERN_NAME,
     .example = "[cloud, local]",
     .doc = "Destinations in order of preference. The first one to which the label of a request flows is "
            "taken."},
    {"use_case", TEXT_AT(spc_model, use_case), .check = spc_check_name, .pattern = SPC_PATTERN_NAME,
     .example = "writing",
     .doc = "A use case that every request for it is of too, beside the application's."},
    {"replay", BOOL_AT(spc_model, replay), .def = "false", .example = "true",
     .doc = "Whether a request may be sent again after it was sent whole and no answer came. The destination "
            "may then have worked, and "
            "billed, twice."},
    {0},
};
static const spc_table model_table = {model_rows, sizeof(spc_model), "model", false};

static const spc_row rate_rows[] = {
    {"requests_per_minute", COUNT_AT(spc_rates, requests_per_minute), .min = 1, .max = 10000000,
     .unit = "requests", .example = "600",
     .doc = "Requests per minute. A minute's worth may come at once; what comes beyond is refused (429). "
            "Without "
            "it there is no such limit."},
    {"concurrent", COUNT_AT(spc_rates, concurrent), .min = 1, .max = 60000, .def = "1000", .unit = "requests",
     .example = "50", .doc = "Requests at once, streams included, until their answers have ended."},
    {"request_bytes_per_minute", SIZE_AT(spc_rates, bytes_per_minute), .min = MIB, .max = SP_RATE_MAX,
     .example = "256MiB",
     .doc = "Bytes of request bodies per minute, in the same way; not below `limits.body`. Without it there "
            "is no "
            "such limit."},
    {0},
};
static const spc_table rate_table = {rate_rows, sizeof(spc_rates), NULL, false};

static const spc_row application_rows[] = {
    {"use_case", TEXT_AT(spc_application, use_case), .is_required = true, .check = spc_check_name,
     .pattern = SPC_PATTERN_NAME, .example = "support", .doc = "The use case that its requests belong to."},
    {"models", TEXTS_AT(spc_application, model_names), .is_required = true, .is_short = true, .min = 1,
     .max = 1024, .check = spc_check_model_name, .pattern = SPC_PATTERN_MODEL, .example = "[assistant]",
     .doc = "The models that it may use."},
    {"user_text", WORD_AT(spc_application, user_text), .is_required = true, .words = trust_words,
     .example = "untrusted",
     .doc = "Whether somebody in the organisation vouches for the text of its users. There is no default: "
            "only you know."},
    {"declares", TEXTS_AT(spc_application, declare_names), .is_short = true, .max = 1024,
     .check = spc_check_name, .pattern = SPC_PATTERN_NAME, .example = "[contract-review]",
     .doc = "Use cases that its requests may declare in the header `x-sallyport-use-case`, commas between. "
            "Their labels join in: declaring can only raise."},
    {"sources", TEXTS_AT(spc_application, source_names), .is_short = true, .max = 1024,
     .check = spc_check_name, .pattern = SPC_PATTERN_NAME, .example = "[crm]",
     .doc = "Data sources that its requests may name in the header `x-sallyport-sources`, commas between."},
    {"endorsers", TEXTS_AT(spc_application, endorser_names), .is_short = true, .max = SP_ENDORSERS_NAMED,
     .check = spc_check_name, .pattern = SPC_PATTERN_NAME, .example = "[order-status]",
     .doc = "Who vouches for results of tools that its requests hold. Without one they are all untrusted."},
    {"canary", BOOL_AT(spc_application, canary), .def = "false", .example = "true",
     .doc = "Whether the longest system text of a request gets ` (ref HEX)` at its end on the way to the "
            "destination, sixteen digits that nobody can guess: an answer that says them, as they are, "
            "spaced, backwards or encoded, is a `system-prompt-leak` of confidence 100, and they are masked "
            "unless `review` says otherwise. The record holds the request as it came."},
    {"image_hosts", TEXTS_AT(spc_application, image_hosts), .is_short = true, .max = SP_HOSTS_MAX,
     .check = spc_check_host_pattern, .pattern = SPC_PATTERN_HOST,
     .example = "[img.example.org, \"*.example.com\"]",
     .doc = "The hosts from which its answers may show images; `*.` stands for any labels in front, and `[]` "
            "lets no host through. An image anywhere else is an `unlisted-image`, whatever its address "
            "carries, and is masked unless `review` says otherwise. One that carries data is found at these "
            "hosts, too. Without the list images may be anywhere."},
    {"link_hosts", TEXTS_AT(spc_application, link_hosts), .is_short = true, .max = SP_HOSTS_MAX,
     .check = spc_check_host_pattern, .pattern = SPC_PATTERN_HOST, .example = "[docs.example.org]",
     .doc = "The same for links, which are an `unlisted-link` elsewhere."},
    {"clearance", RECORD_AT(spc_application, clearance), .table = &spc__clearance_table,
     .example = "{level: confidential, categories: [pii]}",
     .doc = "The highest label that may be handed to it: a request with another is refused before it is "
            "sent. Without it there is no bound."},
    {"floor", RECORD_AT(spc_application, floor), .table = &spc__floor_table, .example = "{level: internal}",
     .doc = "The label that each of its requests has at least."},
    {"permits", FLAGS_AT(spc_application, permits), .words = application_permits, .example = "[state]",
     .doc = "What its requests may ask for beyond an answer. The destination needs the same permission."},
    {"keys", TEXTS_AT(spc_application, key_texts), .is_secret = true, .max = 4096, .check = spc_check_key,
     .pattern = SPC_PATTERN_KEY,
     .example = "[\"00112233445566ff:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"]",
     .doc = "API keys that are kept in the file, as `ID:HASH`: 16 hexadecimal digits, and the SHA-256 of the "
            "secret. Keys made by "
            "`sallyport key create` live in the state folder and need no entry here."},
    {"limits", RECORD_AT(spc_application, rates), .table = &rate_table,
     .example = "{requests_per_minute: 600, concurrent: 50}",
     .doc = "What each of its keys may ask for, counted over all workers."},
    {0},
};
static const spc_table application_table = {application_rows, sizeof(spc_application), "application", false};

/* ---- the rest ---- */

static const spc_row limit_rows[] = {
    {"body", SIZE_AT(spc_limits, body_bytes), .min = KIB, .max = SP_BODY_MAX, .def = "8MiB",
     .example = "8MiB",
     .doc = "A request body. It is kept in memory, never in a file, and takes as much as has come of it."},
    {"body_rate", SIZE_AT(spc_limits, body_rate), .min = 1, .max = 16 * MIB, .def = "1KiB", .example = "1KiB",
     .doc =
         "Bytes per second that a body comes with at least, on average after its first 10 seconds; one that "
         "is slower is refused (408)."},
    {"answer", SIZE_AT(spc_limits, answer_bytes), .min = KIB, .max = 64 * MIB, .def = "8MiB",
     .example = "8MiB", .doc = "An answer that is not streamed: it is held until it has been reviewed."},
    {"held", SIZE_AT(spc_limits, held_bytes), .min = 4 * KIB, .max = 16 * MIB, .def = "1MiB",
     .example = "1MiB", .doc = "What a streamed answer may hold back before it is released."},
    {"findings", COUNT_AT(spc_limits, findings), .min = 1, .max = 100000, .def = "1000", .unit = "findings",
     .example = "1000",
     .doc = "Findings of a kind that are listed for one request. Where there are more, each of the "
            "`findings` rows of what was found counts as fulfilled."},
    {"record_wait", TIME_AT(spc_limits, record_wait_ms), .min = 10, .max = 30 * SECOND, .def = "2s",
     .example = "2s", .doc = "How long a request waits for its record to be durable before it is refused."},
    {"label_wait", TIME_AT(spc_limits, label_wait_ms), .min = 10, .max = 10 * MINUTE, .def = "10s",
     .example = "10s",
     .doc = "How long a large body waits for its turn to be looked at: one at a time, each caller in turn. "
            "Past that it is refused (503)."},
    {"memory", SIZE_AT(spc_limits, memory_bytes), .min = 64 * MIB, .max = 1024 * GIB, .def = "1GiB",
     .example = "4GiB",
     .doc =
         "What the requests under way in a worker may hold together: their bodies, what is made of them, and "
         "answers that wait. Beyond it requests are refused (503)."},
    {"memory_per_key", SIZE_AT(spc_limits, caller_memory_bytes), .min = 64 * MIB, .max = 1024 * GIB,
     .def = "512MiB", .example = "1GiB",
     .doc = "The share of it that the requests of one key may hold: the others are served on."},
    {"snapshot_life", TIME_AT(spc_limits, snapshot_life_ms), .min = 10 * SECOND, .max = 24 * (uint64_t)HOUR,
     .def = "10min", .example = "10min",
     .doc = "How long workers go on without the daemon. After that they refuse everything."},
    {0},
};
static const spc_table limit_table = {limit_rows, sizeof(spc_limits), NULL, false};

static const spc_row review_rows[] = {
    {"withhold", TEXTS_AT(spc_review, withhold), .is_short = true, .max = 64, .def = "credentials",
     .check = spc_check_name, .pattern = SPC_PATTERN_NAME, .example = "[credentials]",
     .doc = "Categories, and kinds of `sallyport detector list`, that may not leave in an answer: at the "
            "first finding of one, the rest is withheld. What is said of a kind goes before what is said of "
            "its category; a name of both is the category."},
    {"mask", TEXTS_AT(spc_review, mask), .is_short = true, .max = 64, .check = spc_check_name,
     .pattern = SPC_PATTERN_NAME, .example = "[pii]",
     .doc =
         "Categories and kinds that leave an answer masked: each finding is replaced by a text such as "
         "`[masked: "
         "email]`, in texts and in values of tool calls. Where that cannot be done (signed thinking, "
         "logprobs, keys, "
         "numbers, unknown fields) the rest is withheld. Whether it is said or not, in texts that clients "
         "show `outward-image`, `unlisted-image`, `unlisted-link`, `terminal-escape` and `hidden-text` are."},
    {"pass", TEXTS_AT(spc_review, pass), .is_short = true, .max = 64, .check = spc_check_name,
     .pattern = SPC_PATTERN_NAME, .example = "[terminal-escape]",
     .doc = "Kinds of the category `outward` that leave an answer as they are; they are recorded."},
    {"echoes", TEXTS_AT(spc_review, echoes), .is_short = true, .max = 64, .check = spc_check_name,
     .pattern = SPC_PATTERN_NAME, .example = "[pii]",
     .doc = "Categories and kinds that leave an answer as they are where the conversation that the caller "
            "sent held the same value: who sends an address gets it back, and one that the model brings is "
            "withheld or masked. A value of the system text alone counts as one that the model brings. They "
            "are recorded as `echo`."},
    {"hosts", TEXTS_AT(spc_review, hosts), .is_short = true, .max = SP_HOSTS_MAX,
     .check = spc_check_host_pattern, .pattern = SPC_PATTERN_HOST,
     .example = "[img.example.org, \"*.example.com\"]",
     .doc = "Hosts at which images and links of an answer may point whatever their address carries; `*.` "
            "stands for any labels in front."},
    {0},
};
static const spc_table review_table = {review_rows, sizeof(spc_review), NULL, false};

static const spc_row audit_rows[] = {
    {"segment", SIZE_AT(spc_audit, segment_bytes), .min = MIB, .max = GIB, .def = "16MiB", .example = "16MiB",
     .doc = "Size of a segment file of the ledger, written before it is used. A worker needs at least two of "
            "them on disk."},
    {0},
};
static const spc_table audit_table = {audit_rows, sizeof(spc_audit), NULL, false};

static const spc_row nginx_rows[] = {
    {"workers", COUNT_AT(spc_nginx, workers), .min = 1, .max = 64, .def = "1", .unit = "processes",
     .example = "2", .doc = "Worker processes."},
    {"connections", COUNT_AT(spc_nginx, connections), .min = 64, .max = 1000000, .def = "16384",
     .unit = "connections", .example = "16384",
     .doc = "Connections of a worker, to clients and to destinations together. As many files have to be "
            "allowed to a process."},
    {"connections_per_address", COUNT_AT(spc_nginx, per_address), .max = 1000000, .def = "2048",
     .unit = "connections", .example = "2048",
     .doc =
         "Connections of one client address (of IPv6, one network of 64 bits) to a worker; a further one is "
         "closed at once. 0: no bound, for a gateway behind a load balancer."},
    {"binary", TEXT_AT(spc_nginx, binary), .def = "nginx", .check = spc_check_path,
     .example = "/usr/sbin/nginx", .doc = "The nginx program: a path, or a name that is looked up in PATH."},
    {0},
};
static const spc_table nginx_table = {nginx_rows, sizeof(spc_nginx), NULL, false};

static const spc_word confine_words[] = {
    {"off", SPC_CONFINE_OFF, "only what needs no kernel support; for a debugger"},
    {"strict", SPC_CONFINE_STRICT, "system calls, files and ports by the table of processes"},
    {0},
};
static const spc_row process_rows[] = {
    {"user", TEXT_AT(spc_processes, user), .def = "www-data", .check = spc_check_user,
     .pattern = SPC_PATTERN_USER, .example = "www-data",
     .doc = "Whom nginx's workers run as when the gateway is started by root; otherwise they run as whoever "
            "started it. They may read the snapshots and write the ledger, nothing else."},
    {"confine", WORD_AT(spc_processes, confine), .words = confine_words, .def = "strict", .example = "strict",
     .doc = "Whether workers and the daemon give up what they do not need (seccomp, Landlock)."},
    {0},
};
static const spc_table process_table = {process_rows, sizeof(spc_processes), NULL, false};

static const spc_row conf_rows[] = {
    {"version", COUNT_AT(spc_conf, version), .is_required = true, .min = 1, .max = 1, .example = "1",
     .doc = "Version of this format."},
    {"listen", RECORD_AT(spc_conf, listen), .table = &listen_table,
     .example = "{address: \"127.0.0.1:8080\"}", .doc = "Where clients connect."},
    {"state", TEXT_AT(spc_conf, state), .def = "./state", .check = spc_check_path, .example = "./state",
     .doc = "Folder for the state database, snapshots, the ledger and logs; relative to this file."},
    {"levels", NUMBERS_AT(spc_conf, levels), .max = SP_LEVEL_MAX, .check = spc_check_name,
     .pattern = SPC_PATTERN_NAME, .example = "{secret: 4}",
     .doc = "Own names of levels, ordered by number, 0 to 15. Shipped: public 0, internal 1, confidential 2, "
            "restricted 3; another name "
            "for one of these numbers replaces it. Numbers stand in records: never give one a new meaning."},
    {"categories", NUMBERS_AT(spc_conf, categories), .min = 32, .max = 63, .check = spc_check_name,
     .pattern = SPC_PATTERN_NAME, .example = "{reactor-design: 32}",
     .doc = "Own categories, 32 to 63, beside the shipped ones. Numbers stand in records: never give one a "
            "new meaning."},
    {"facts", MAP_AT(spc_conf, facts), .max = 24, .table = &spc__fact_table, .check = spc_check_name,
     .pattern = SPC_PATTERN_NAME, .example = "{transfer-basis: {number: 40, any_of: [scc, dpf]}}",
     .doc = "Own facts, beside the shipped ones."},
    {"vendors", MAP_AT(spc_conf, vendors), .max = 1024, .table = &spc__vendor_table, .check = spc_check_name,
     .pattern = SPC_PATTERN_NAME, .example = "{acme: {…}}",
     .doc = "What is known of those who run destinations, by the name in their `vendor`."},
    {"requirements", TEXTS_AT(spc_conf, requirement_texts), .max = SP_REQUIREMENTS_MAX,
     .check = spc_check_line, .example = "[\"phi requires baa and zero-retention\"]",
     .doc = "Sentences `[LEVEL] [CATEGORY and CATEGORY] [on cloud|on self-hosted|everywhere] requires FACT "
            "and FACT`: a label of at least this level and with all of these categories flows only where all "
            "of the facts hold; on cloud, unless it says where. One of the same condition as a shipped one "
            "(docs/reference/policy.md) replaces that."},
    {"handling", MAP_AT(spc_conf, handling), .max = 64, .table = &spc__handling_table,
     .check = spc_check_name, .pattern = SPC_PATTERN_NAME, .example = "{pii-cn: {residency: [CN]}}",
     .doc = "What a category carries: joined in wherever it is in a label."},
    {"residency", RECORD_AT(spc_conf, residency), .table = &spc__residency_table,
     .example = "{groups: {dach: [DE, AT, CH]}}", .doc = "Where data may be."},
    {"findings", LIST_AT(spc_conf, findings), .max = SP_FINDING_RULES_MAX, .table = &spc__finding_table,
     .example = "[{kind: email, at_least: 50, level: confidential, categories: [pii]}]",
     .doc = "What findings mean: so many of a kind bring a label. The rules of a kind replace what it brings "
            "otherwise."},
    {"detectors", LIST_AT(spc_conf, detectors), .max = SP_CUSTOM_MAX, .table = &spc__detector_table,
     .example = "[{name: code-name, meaning: ..., terms: [Nordlicht], ...}]",
     .doc =
         "Detectors of your own, beside the shipped ones (docs/reference/detection.md). Each is tried on its "
         "own examples whenever the file is read."},
    {"allow", LIST_AT(spc_conf, allows), .max = SP_CUSTOM_MAX, .table = &spc__allow_table,
     .example = "[{name: test-cards, reason: ..., kinds: [card], values: [...]}]",
     .doc = "What detectors find and is harmless here: values of a kind, or what a pattern says of the whole "
            "value (docs/reference/detection.md). It brings no label, and is recorded as allowed."},
    {"sources", MAP_AT(spc_conf, sources), .max = SP_DESTINATIONS_MAX, .table = &spc__data_source_table,
     .check = spc_check_name, .pattern = SPC_PATTERN_NAME, .example = "{crm: {…}}",
     .doc = "Data sources that requests may name, and the label of what comes from them."},
    {"overdue", RECORD_AT(spc_conf, overdue), .table = &spc__overdue_table, .example = "{level: restricted}",
     .doc = "The label that a use case past its review joins in."},
    {"subjects", MAP_AT(spc_conf, subjects), .max = SP_DESTINATIONS_MAX, .table = &spc__subject_table,
     .check = spc_check_model_name, .pattern = SPC_PATTERN_MODEL, .example = "{j.doe@corp.example: {…}}",
     .doc = "Persons whom applications may name in the header `x-sallyport-subject`: what holds of a person "
            "holds "
            "beside what holds of the application. Who is not here is bounded by the application alone."},
    {"declassifiers", MAP_AT(spc_conf, declassifiers), .max = SP_DECLASSIFIERS_MAX,
     .table = &spc__declassifier_table, .check = spc_check_name, .pattern = SPC_PATTERN_NAME,
     .example = "{mask-pii: {does: mask, categories: [pii], destinations: [cloud]}}",
     .doc = "What may be taken out of a request so that it may go where it could not, in order of trying."},
    {"endorsers", MAP_AT(spc_conf, endorsers), .max = SP_ENDORSERS_MAX, .table = &spc__endorser_table,
     .check = spc_check_name, .pattern = SPC_PATTERN_NAME,
     .example = "{order-status: {tools: [order_status], words: [open, shipped]}}",
     .doc =
         "Who vouches for what tools give back, so that it is not untrusted: named by applications, and in "
         "each record of a request in which they did."},
    {"vigilance", RECORD_AT(spc_conf, vigilance), .table = &spc__vigilance_table,
     .example = "{warn_days: 30}", .doc = "How long things count, and how long ahead their end is said."},
    {"destinations", MAP_AT(spc_conf, destinations), .is_required = true, .min = 1,
     .max = SP_DESTINATIONS_MAX, .table = &destination_table, .check = spc_check_name,
     .pattern = SPC_PATTERN_NAME, .example = "{local: {…}}",
     .doc = "Where requests can go: one entry per model at a provider in a region."},
    {"models", MAP_AT(spc_conf, models), .is_required = true, .min = 1, .max = SP_DESTINATIONS_MAX,
     .table = &model_table, .check = spc_check_model_name, .pattern = SPC_PATTERN_MODEL,
     .example = "{assistant: {destinations: [cloud, local]}}", .doc = "The model names that callers send."},
    {"use_cases", MAP_AT(spc_conf, use_cases), .is_required = true, .min = 1, .max = SP_DESTINATIONS_MAX,
     .table = &spc__use_case_table, .check = spc_check_name, .pattern = SPC_PATTERN_NAME,
     .example = "{support: {…}}", .doc = "What the gateway is used for, and what label that brings."},
    {"applications", MAP_AT(spc_conf, applications), .is_required = true, .min = 1,
     .max = SP_DESTINATIONS_MAX, .table = &application_table, .check = spc_check_name,
     .pattern = SPC_PATTERN_NAME, .example = "{helpdesk: {…}}",
     .doc = "Who calls. Every API key belongs to one."},
    {"limits", RECORD_AT(spc_conf, limits), .table = &limit_table, .example = "{body: 8MiB}",
     .doc = "Bounds of one request."},
    {"review", RECORD_AT(spc_conf, review), .table = &review_table, .example = "{withhold: [credentials]}",
     .doc = "Review of answers."},
    {"audit", RECORD_AT(spc_conf, audit), .table = &audit_table, .example = "{segment: 16MiB}",
     .doc = "The ledger."},
    {"nginx", RECORD_AT(spc_conf, nginx), .table = &nginx_table, .example = "{workers: 2}",
     .doc = "The data plane's processes."},
    {"processes", RECORD_AT(spc_conf, processes), .table = &process_table, .example = "{user: www-data}",
     .doc = "What the processes may do; each needs a new start to change."},
    {0},
};
const spc_table spc_table_conf = {conf_rows, sizeof(spc_conf), NULL, false};
