/* X(ID, "name", TYPE, "help"). Counters of the data plane, one cell each in the shared zone; gauges are
 * computed when asked for. The names are part of the interface: dashboards rest on them. */
X(REQUESTS,    "sallyport_requests_total",            "counter", "requests for a model that were identified")
X(ALLOWED,     "sallyport_allowed_total",             "counter", "requests allowed to their preferred destination")
X(REROUTED,    "sallyport_rerouted_total",            "counter", "requests that a rule sent elsewhere than preferred")
X(REFUSED,     "sallyport_refused_total",             "counter", "requests refused after they were identified")
X(UNIDENTIFIED,"sallyport_unidentified_total",        "counter", "requests refused before a caller was identified")
X(ATTEMPTS,    "sallyport_attempts_total",            "counter", "tries at destinations")
X(FAILOVERS,   "sallyport_failovers_total",           "counter", "tries that failed and were followed by another candidate")
X(UPSTREAM,    "sallyport_upstream_failures_total",   "counter", "tries that ended in a failure of the destination")
X(UPAUTH,      "sallyport_upstream_auth_failures_total", "counter", "tries in which the destination refused the gateway's credential")
X(WITHHELD,    "sallyport_answers_withheld_total",    "counter", "answers that were cut because of a finding")
X(ABORTED,     "sallyport_client_aborts_total",       "counter", "clients that left before the end")
X(UNRECORDED,  "sallyport_record_failures_total",     "counter", "requests refused because a record was not durable in time")
X(BYTES_IN,    "sallyport_request_bytes_total",       "counter", "bytes of request bodies")
X(BYTES_OUT,   "sallyport_answer_bytes_total",        "counter", "bytes of answers received from destinations")
X(TOKENS_IN,   "sallyport_tokens_in_total",           "counter", "prompt tokens as destinations reported them")
X(TOKENS_OUT,  "sallyport_tokens_out_total",          "counter", "answer tokens as destinations reported them")
#undef X
