/* X(number, TYPE, SHOW, member, KINDS, max, "meaning"). What a leaf may hold, in the order in which it is
 * written. Encoder, decoder, JSON and the completeness test come from this list; docs/reference/record.md
 * explains it. number: stands in leaves: never renumber, never reuse. TYPE: how the value is written;
 * SHOW: how JSON says it (both: record_internal.h). KINDS: which kinds of record carry it: Intent, Answer,
 * Outcome, Refusal, Loss, acT. max: bytes of a text. */
#define K_I (SP_IN_INTENT)
#define K_T (SP_IN_ACT)
#define K_O (SP_IN_OUTCOME)
#define K_AO (SP_IN_ANSWER | SP_IN_OUTCOME)
#define K_IO (SP_IN_INTENT | SP_IN_OUTCOME)
#define K_IR (SP_IN_INTENT | SP_IN_REFUSAL)
#define K_OR (SP_IN_OUTCOME | SP_IN_REFUSAL)
#define K_ORT (SP_IN_OUTCOME | SP_IN_REFUSAL | SP_IN_ACT)
#define K_AOR (SP_IN_ANSWER | SP_IN_OUTCOME | SP_IN_REFUSAL)
#define K_IOL (SP_IN_INTENT | SP_IN_OUTCOME | SP_IN_LOSS)
#define K_IOR (SP_IN_INTENT | SP_IN_OUTCOME | SP_IN_REFUSAL)
#define K_ORL (SP_IN_OUTCOME | SP_IN_REFUSAL | SP_IN_LOSS)
#define K_IAOR (SP_IN_INTENT | SP_IN_ANSWER | SP_IN_OUTCOME | SP_IN_REFUSAL)
#define K_IORL (SP_IN_INTENT | SP_IN_OUTCOME | SP_IN_REFUSAL | SP_IN_LOSS)
#define K_IORLT (SP_IN_INTENT | SP_IN_OUTCOME | SP_IN_REFUSAL | SP_IN_LOSS | SP_IN_ACT)
#define K_IAORL (SP_IN_INTENT | SP_IN_ANSWER | SP_IN_OUTCOME | SP_IN_REFUSAL | SP_IN_LOSS)
#define K_IAORLT (K_IAORL | SP_IN_ACT)
X( 1, ID16,       HEX,        request_id,        K_IAORLT,   0, "the request: all of its records carry it; or the act")
X( 2, U8,         NUMBER,     attempt,           K_IAORL,    0, "which try of the request, from 1")
X( 3, U64,        TIME,       at_ns,             K_IAORLT,   0, "when, nanoseconds since 1970, UTC")
X( 4, U64,        NUMBER,     generation,        K_IORLT,    0, "of the policy snapshot that decided; of an act, of the list of what is paused")
X( 5, ID8,        HEX,        key_id,            K_IR,       0, "public id of the API key")
X( 6, TEXT,       STRING,     application,       K_IORL,   255, "who asked")
X( 7, TEXT,       STRING,     use_case,          K_IR,     255, "for what")
X( 8, U8,         DIALECT,    dialect,           K_IR,       0, "of the request")
X( 9, TEXT,       STRING,     model,             K_IORL,   255, "as asked for, if it is a configured one")
X(10, TEXT,       STRING,     destination,       K_IOL,    255, "where it was sent")
X(11, TEXT,       STRING,     destination_model, K_I,      255, "the model as the destination calls it")
X(12, TEXT,       STRING,     region,            K_I,      255, "of the destination")
X(13, U8,         TIER,       tier,              K_IO,       0, "cloud or self-hosted")
X(14, BOOL,       BOOL,       is_stream,         K_IR,       0, "a streamed answer was asked for")
X(15, LABEL,      LABEL,      label,             K_IR,       0, "of the request")
X(16, U8,         OUTCOME,    outcome,           K_IR,       0, "of the decision")
X(17, I32,        STATUS,     status,            K_ORL,      0, "why it failed or was refused")
X(18, U16,        NUMBER,     http_status,       K_OR,       0, "handed to the client")
X(19, U16,        NUMBER,     upstream_status,   K_O,        0, "HTTP status of the destination")
X(20, TEXT,       STRING,     parameters,        K_IR,    4096, "scalars of the request, name=raw;...")
X(21, ATOMS,      ATOMS,      atoms,             K_IAOR,   512, "reasons for the label; findings")
X(22, CANDIDATES, CANDIDATES, candidates,        K_IR,     255, "destinations and why each was taken or not")
X(23, BLOCKS,     BLOCKS,     blocks,            K_IAOR,     0, "sealed content, by salted hash")
X(24, VISIBLE,    STRING,     answer_model,      K_O,      128, "model as reported")
X(25, VISIBLE,    STRING,     answer_id,         K_O,      128, "id of the answer as reported")
X(26, VISIBLE,    STRING,     answer_version,    K_O,      128, "version or fingerprint as reported")
X(27, VISIBLE,    STRING,     finish,            K_O,      128, "finish reasons as reported, comma between")
X(28, U64,        NUMBER,     tokens_in,         K_O,        0, "as reported")
X(29, U64,        NUMBER,     tokens_out,        K_O,        0, "as reported")
X(30, U64,        NUMBER,     tokens_cached,     K_O,        0, "as reported")
X(31, U32,        NUMBER,     n_events,          K_AO,       0, "events of the answer so far")
X(32, U32,        NUMBER,     n_tool_calls,      K_AO,       0, "tool calls of the answer so far")
X(33, U64,        NUMBER,     bytes_in,          K_IAOR,     0, "of the request; then from the destination")
X(34, U64,        NUMBER,     bytes_out,         K_AO,       0, "to the client so far")
X(35, U32,        NUMBER,     decide_us,         K_IOR,      0, "from arrival to the decision")
X(36, U32,        NUMBER,     upstream_first_us, K_AO,       0, "from arrival to its first byte back")
X(37, U32,        NUMBER,     total_us,          K_AOR,      0, "from arrival to this record")
X(42, TEXT,       STRING,     stopped,           K_OR,     271, "what of it an operator had paused, as kind and name")
X(43, TEXT,       STRING,     stopped_reason,    K_ORT,    200, "why, in the operator's words")
X(44, U64,        TIME,       stopped_ns,        K_OR,       0, "since when, nanoseconds since 1970, UTC")
X(53, U32,        NUMBER,     n_masked,          K_AO,       0, "findings replaced in the answer so far")
X(54, U8,         OPERATION,  operation,         K_IR,       0, "what was asked of the destination")
X(57, TEXT,       STRING,     act,               K_T,      320, "what an operator did, in the words of the command")
X(58, TEXT,       STRING,     act_operator,      K_T,       64, "who did it, as the system names him")
X(59, TEXT,       STRING,     sources,           K_IR,    1024, "data sources that it named, comma between")
X(60, TEXT,       STRING,     missing,           K_IR,    1024, "facts that the label requires and a candidate lacks, by candidate")
X(61, LABEL,      LABEL,      answer_label,      K_O,        0, "of the answer: that of the request, and what review found")
X(62, TEXT,       STRING,     declassifier,      K_I,      255, "which declassifier took something out before it was sent")
X(63, LABEL,      LABEL,      label_before,      K_I,        0, "of the request before a declassifier; `label` is of what was sent")
X(64, TEXT,       STRING,     subject,           K_IR,     255, "the person for whom it was, if the policy knows him")
#undef K_I
#undef K_T
#undef K_O
#undef K_AO
#undef K_IO
#undef K_IR
#undef K_OR
#undef K_ORT
#undef K_AOR
#undef K_IOL
#undef K_IOR
#undef K_ORL
#undef K_IAOR
#undef K_IORL
#undef K_IORLT
#undef K_IAORL
#undef K_IAORLT
#undef X
