/* Recorded streams in the form in which the providers send them and their SDKs expect them. */
#pragma once
#include "sallyport/dialect.h"

#define OPENAI_HEAD                                                                                          \
    "\"id\":\"chatcmpl-7\",\"object\":\"chat.completion.chunk\",\"created\":1764000000,\"model\":\"gpt-4.1-" \
    "2025-04-14\","                                                                                          \
    "\"service_tier\":\"default\",\"system_fingerprint\":\"fp_44709d6fcb\""
/* A chunk of choice `i`. */
#define CHUNK(i, delta, finish)                                              \
    "data: {" OPENAI_HEAD ",\"choices\":[{\"index\":" #i ",\"delta\":" delta \
    ",\"logprobs\":null,\"finish_reason\":" finish "}]}\n\n"
#define ROLE(i) CHUNK(i, "{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}", "null")
#define CONTENT(i, s) CHUNK(i, "{\"content\":\"" s "\"}", "null")
#define REASONING(i, s) CHUNK(i, "{\"reasoning_content\":\"" s "\"}", "null")
#define FINISH(i, why) CHUNK(i, "{}", "\"" why "\"")
#define CALL_BEGIN(i, n, id, name)                                                               \
    CHUNK(i,                                                                                     \
          "{\"tool_calls\":[{\"index\":" #n ",\"id\":\"" id                                      \
          "\",\"type\":\"function\",\"function\":{\"name\":\"" name "\",\"arguments\":\"\"}}]}", \
          "null")
#define CALL_MORE(i, n, s) \
    CHUNK(i, "{\"tool_calls\":[{\"index\":" #n ",\"function\":{\"arguments\":\"" s "\"}}]}", "null")
#define USAGE                                                                                       \
    "data: {" OPENAI_HEAD                                                                           \
    ",\"choices\":[],\"usage\":{\"prompt_tokens\":19,\"completion_tokens\":10,\"total_tokens\":29," \
    "\"prompt_tokens_details\":{\"cached_tokens\":7,\"audio_tokens\":0}}}\n\n"
#define NO_USAGE(i, s)                                                                  \
    "data: {" OPENAI_HEAD ",\"choices\":[{\"index\":" #i ",\"delta\":{\"content\":\"" s \
    "\"},\"finish_reason\":null}],\"usage\":null}\n\n"
#define DONE "data: [DONE]\n\n"
#define TOKEN(s, bytes)                                                                                    \
    "data: {" OPENAI_HEAD ",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" s                         \
    "\"},\"logprobs\":{\"content\":[{\"token\":\"" s "\",\"logprob\":-0.1,\"bytes\":[" bytes               \
    "],\"top_logprobs\":[{\"token\":\"" s "\",\"logprob\":-0.1,\"bytes\":[" bytes                          \
    "]},{\"token\":\"z\",\"logprob\":-4.5,\"bytes\":[122]}]}],\"refusal\":null},\"finish_reason\":null}]}" \
    "\n\n"

/* A token with an alternative. */
#define ALTERNATIVE(s)                                                                     \
    "data: {" OPENAI_HEAD                                                                  \
    ",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"logprobs\":{\"content\":"   \
    "[{\"token\":\"y \",\"logprob\":-0.1,\"bytes\":null,\"top_logprobs\":[{\"token\":\"" s \
    "\",\"logprob\":-0.1,\"bytes\":null}]}],\"refusal\":null},\"finish_reason\":null}]}\n\n"

#define EVENT(name, rest) "event: " name "\ndata: {\"type\":\"" name "\"" rest "}\n\n"
#define MESSAGE_START                                                                                        \
    EVENT(                                                                                                   \
        "message_start",                                                                                     \
        ",\"message\":{\"id\":\"msg_014p7gG3wDgGV9EUtLvnow3U\",\"type\":\"message\",\"role\":\"assistant\"," \
        "\"model\":\"claude-sonnet-4-5-20250929\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":"    \
        "null,"                                                                                              \
        "\"usage\":{\"input_tokens\":472,\"cache_read_input_tokens\":12,\"output_tokens\":2}}")
#define BLOCK_START(i, block) EVENT("content_block_start", ",\"index\":" #i ",\"content_block\":" block)
#define TEXT_START(i) BLOCK_START(i, "{\"type\":\"text\",\"text\":\"\"}")
#define THINKING_START(i) BLOCK_START(i, "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}")
#define TOOL_START(i, name) \
    BLOCK_START(i, "{\"type\":\"tool_use\",\"id\":\"toolu_01T1x\",\"name\":\"" name "\",\"input\":{}}")
#define DELTA(i, delta) EVENT("content_block_delta", ",\"index\":" #i ",\"delta\":" delta)
#define TEXT(i, s) DELTA(i, "{\"type\":\"text_delta\",\"text\":\"" s "\"}")
#define THINKING(i, s) DELTA(i, "{\"type\":\"thinking_delta\",\"thinking\":\"" s "\"}")
#define SIGNATURE(i, s) DELTA(i, "{\"type\":\"signature_delta\",\"signature\":\"" s "\"}")
#define INPUT(i, s) DELTA(i, "{\"type\":\"input_json_delta\",\"partial_json\":\"" s "\"}")
#define BLOCK_STOP(i) EVENT("content_block_stop", ",\"index\":" #i)
#define PING EVENT("ping", "")
#define MESSAGE_DELTA(why)                                      \
    EVENT("message_delta", ",\"delta\":{\"stop_reason\":\"" why \
                           "\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":89}")
#define MESSAGE_STOP EVENT("message_stop", "")

typedef struct recorded {
    const char *name; /* reads as a sentence */
    sp_dialect_id dialect;
    bool hides_usage;
    const char *stream;
    sp_status verdict; /* with personal and card data withheld */
} recorded;

static const recorded recorded_streams[] = {
    {"openai text", SP_DIALECT_OPENAI, false,
     ROLE(0) CONTENT(0, "A") CONTENT(0, " refund is due") CONTENT(0, " with") CONTENT(0, "in 14 d")
         CONTENT(0, "ays, caf\\u00e9 \\ud83d\\ude00") CONTENT(0, " caf\xc3\xa9\\n\\\"quoted\\\" C:\\\\temp")
             CONTENT(0, ".") FINISH(0, "stop") DONE,
     SP_OK},
    {"openai with usage that is hidden", SP_DIALECT_OPENAI, true,
     NO_USAGE(0, "Good mor") NO_USAGE(0, "ning to") NO_USAGE(0, " you") FINISH(0, "stop") USAGE DONE, SP_OK},
    {"openai with usage that was asked for", SP_DIALECT_OPENAI, false,
     NO_USAGE(0, "Good mor") NO_USAGE(0, "ning") FINISH(0, "length") USAGE DONE, SP_OK},
    {"openai with reasoning before content", SP_DIALECT_OPENAI, false,
     ROLE(0) REASONING(0, "The user wants") REASONING(0, " four") CONTENT(0, "It is") CONTENT(0, " 4")
         FINISH(0, "stop") DONE,
     SP_OK},
    {"openai with two choices", SP_DIALECT_OPENAI, false,
     ROLE(0) ROLE(1) CONTENT(0, "left ha") CONTENT(1, "right si") CONTENT(0, "nd") CONTENT(1, "de")
         FINISH(0, "stop") CONTENT(1, " end") FINISH(1, "length") DONE,
     SP_OK},
    {"openai with two calls after text", SP_DIALECT_OPENAI, false,
     ROLE(0) CONTENT(0, "Let me look.") CALL_BEGIN(0, 0, "call_A", "search") CALL_MORE(0, 0, "{\\\"q\\\":")
         CALL_MORE(0, 0, "\\\"weather\\\"}") CALL_BEGIN(0, 1, "call_B", "search")
             CALL_MORE(0, 1, "{\\\"q\\\":\\\"x\\\"}") FINISH(0, "tool_calls") DONE,
     SP_OK},
    {"openai with logprobs", SP_DIALECT_OPENAI, false,
     ROLE(0) TOKEN("Hi", "72,105") TOKEN(" the", "32,116,104,101") TOKEN("re", "114,101") FINISH(0, "stop")
         DONE,
     SP_OK},
    {"openai that ends with an error", SP_DIALECT_OPENAI, false,
     ROLE(0) CONTENT(0, "half an ans") "data: {\"error\":{\"message\":\"The server had an "
                                       "error\",\"type\":\"server_error\"}}\n\n",
     SP_OK},
    {"openai with lines that end in CR LF, comments, ids, data in two lines", SP_DIALECT_OPENAI, false,
     "\xef\xbb\xbf: OPENROUTER PROCESSING\r\n\r\nid: 1\r\ndata: {\"id\":\"c\",\"choices\":[{\"index\":0,\r\n"
     "data: \"delta\":{\"content\":\"ab cd\"}}]}\r\n\r\n: "
     "wait\r\n\r\n\r\ndata:{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
     "\"ef\"},\"finish_reason\":\"stop\"}]}\r\nretry: 10\r\n\r\ndata: [DONE]\r\n\r\n",
     SP_OK},
    {"openai whose last blank line is missing", SP_DIALECT_OPENAI, false,
     CONTENT(0, "a b") FINISH(0, "stop") "data: [DONE]\n", SP_OK},
    {"openai without a terminator", SP_DIALECT_OPENAI, false, CONTENT(0, "one two") FINISH(0, "stop"),
     SP_EUPSTREAM},
    {"openai with fields that nobody knows", SP_DIALECT_OPENAI, false,
     "data: "
     "{\"id\":\"c\",\"provider\":\"Azure\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"ab\",\"mood\":"
     "\"calm\",\"draft\":\"x y\"}}]}\n\n"
     "data: {\"id\":\"c\",\"provider\":\"Azure\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" "
     "cd\",\"mood\":\"calm\",\"draft\":\" z\"}}]}\n\n" FINISH(0, "stop") DONE,
     SP_OK},
    {"openai text with a card number over four events", SP_DIALECT_OPENAI, false,
     ROLE(0) CONTENT(0, "His card is 41") CONTENT(0, "11 1111 ") CONTENT(0, "111") CONTENT(0, "1 1111")
         CONTENT(0, " and more") FINISH(0, "stop") DONE,
     SP_ELEAK},
    {"openai text with an address in escapes over two events", SP_DIALECT_OPENAI, false,
     CONTENT(0, "write to anna.b\\u0065rg") CONTENT(0, "\\u0040example.org today") FINISH(0, "stop") DONE,
     SP_ELEAK},
    {"openai with an address at the very end", SP_DIALECT_OPENAI, false,
     CONTENT(0, "write to anna.berg@exam") CONTENT(0, "ple.org") FINISH(0, "stop") DONE, SP_ELEAK},
    {"openai with an address in the second choice", SP_DIALECT_OPENAI, false,
     CONTENT(0, "fine to") CONTENT(1, "ask anna.berg") CONTENT(0, " read") CONTENT(1, "@example.org now")
         FINISH(0, "stop") FINISH(1, "stop") DONE,
     SP_ELEAK},
    {"openai with an address in the arguments of a call", SP_DIALECT_OPENAI, false,
     ROLE(0) CONTENT(0, "I will send it") CALL_BEGIN(0, 0, "call_A", "send")
         CALL_MORE(0, 0, "{\\\"to\\\":\\\"anna.berg") CALL_MORE(0, 0, "\\\\u0040example.org\\\"}")
             FINISH(0, "tool_calls") DONE,
     SP_ELEAK},
    {"openai with an address in logprobs only", SP_DIALECT_OPENAI, false,
     "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x "
     "\"},\"logprobs\":{\"content\":[{\"token\":\"anna.berg@\"}]}}]}\n\n"
     "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"y "
     "\"},\"logprobs\":{\"content\":[{\"token\":\"example.org\"}]}}]}\n\n" FINISH(0, "stop") DONE,
     SP_ELEAK},
    {"openai with an address in a field that nobody knows", SP_DIALECT_OPENAI, false,
     "data: {\"choices\":[{\"index\":0,\"delta\":{\"whisper\":{\"text\":\"anna.berg@\"}}}]}\n\n"
     "data: {\"choices\":[{\"index\":0,\"delta\":{\"whisper\":{\"text\":\"example.org\"}}}]}\n\n" FINISH(
         0, "stop") DONE,
     SP_ELEAK},
    {"openai with an address in a comment", SP_DIALECT_OPENAI, false,
     CONTENT(0, "a b") ": anna.berg@example.org\n\n" DONE, SP_OK},
    {"openai text whose JSON hides an address in escapes", SP_DIALECT_OPENAI, false,
     ROLE(0) CONTENT(0, "{\\\"to\\\":\\\"anna.b") CONTENT(0, "\\\\u0065rg@ex")
         CONTENT(0, "ample\\\\u002eorg and") CONTENT(0, " more\\\"}") FINISH(0, "stop") DONE,
     SP_ELEAK},
    {"openai text with an address in escapes of escapes", SP_DIALECT_OPENAI, false,
     ROLE(0) CONTENT(0, "see anna.b\\\\\\\\u00") CONTENT(0, "65rg@example.org now") FINISH(0, "stop") DONE,
     SP_ELEAK},
    {"openai text that ends in the escape of an address", SP_DIALECT_OPENAI, false,
     ROLE(0) CONTENT(0, "anna.berg@example.or\\\\u00") CONTENT(0, "67") FINISH(0, "stop") DONE, SP_ELEAK},
    {"openai text full of escapes that hide nothing", SP_DIALECT_OPENAI, false,
     ROLE(0) CONTENT(0, "C:\\\\temp\\\\") CONTENT(0, "new \\\\\\\\server\\\\") CONTENT(0, "u00e9 \\\\ud83d")
         CONTENT(0, "\\\\ude00 \\\\ud83d and \\\\u12") CONTENT(0, " \\\\x41 \\\\") FINISH(0, "stop") DONE,
     SP_OK},
    {"anthropic text that hides a card number in escapes", SP_DIALECT_ANTHROPIC, false,
     MESSAGE_START TEXT_START(0) TEXT(0, "His card: 4111 1111\\\\u") TEXT(0, "0020\\\\u0031111")
         TEXT(0, " 1111 ok") BLOCK_STOP(0) MESSAGE_DELTA("end_turn") MESSAGE_STOP,
     SP_ELEAK},
    {"anthropic text with pings", SP_DIALECT_ANTHROPIC, false,
     MESSAGE_START TEXT_START(0) PING TEXT(0, "Hello") TEXT(0, ", wor") PING TEXT(0, "ld! \\u4f60\\u597d")
         BLOCK_STOP(0) MESSAGE_DELTA("end_turn") MESSAGE_STOP,
     SP_OK},
    {"anthropic with signed thinking, text and a call", SP_DIALECT_ANTHROPIC, false,
     MESSAGE_START THINKING_START(0) THINKING(0, "The user asks") THINKING(0, " for the wea")
         THINKING(0, "ther") SIGNATURE(0, "EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pk") BLOCK_STOP(0)
             TEXT_START(1) TEXT(1, "I will") TEXT(1, " look") BLOCK_STOP(1) TOOL_START(2, "get_weather")
                 INPUT(2, "") INPUT(2, "{\\\"location\\\": \\\"San") INPUT(2, " Francisco\\\"}") BLOCK_STOP(2)
                     MESSAGE_DELTA("tool_use") MESSAGE_STOP,
     SP_OK},
    {"anthropic that ends with an error", SP_DIALECT_ANTHROPIC, false,
     MESSAGE_START TEXT_START(0)
         TEXT(0, "half an ans") "event: error\ndata: "
                                "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":"
                                "\"Overloaded\"}}\n\n",
     SP_OK},
    {"anthropic with events that nobody knows", SP_DIALECT_ANTHROPIC, false,
     MESSAGE_START EVENT("weather_report", ",\"sky\":\"grey\",\"at\":12") TEXT_START(0) TEXT(0, "ok then")
         BLOCK_STOP(0) MESSAGE_DELTA("end_turn") MESSAGE_STOP,
     SP_OK},
    {"anthropic with citations and redacted thinking", SP_DIALECT_ANTHROPIC, false,
     MESSAGE_START BLOCK_START(0, "{\"type\":\"redacted_thinking\",\"data\":\"EmwKAhgBEgy3va3pzix\"}")
         BLOCK_STOP(0) TEXT_START(1) TEXT(1, "grass is gre")
             DELTA(1, "{\"type\":\"citations_delta\",\"citation\":{\"type\":\"char_location\",\"cited_text\":"
                      "\"The grass is green.\",\"document_index\":0}}") TEXT(1, "en") BLOCK_STOP(1)
                 MESSAGE_DELTA("end_turn") MESSAGE_STOP,
     SP_OK},
    {"anthropic text with an address over three events", SP_DIALECT_ANTHROPIC, false,
     MESSAGE_START TEXT_START(0) TEXT(0, "Ask anna") TEXT(0, ".berg@exam") TEXT(0, "ple.org or me")
         BLOCK_STOP(0) MESSAGE_DELTA("end_turn") MESSAGE_STOP,
     SP_ELEAK},
    {"anthropic thinking with an address", SP_DIALECT_ANTHROPIC, false,
     MESSAGE_START THINKING_START(0) THINKING(0, "It could be that") THINKING(0, " anna.berg@") THINKING(
         0, "example.org knows") SIGNATURE(0, "EqQB") BLOCK_STOP(0) MESSAGE_DELTA("end_turn") MESSAGE_STOP,
     SP_ELEAK},
    {"anthropic call with an address two levels deep", SP_DIALECT_ANTHROPIC, false,
     MESSAGE_START TOOL_START(0, "send")
         INPUT(0, "{\\\"raw\\\":\\\"{\\\\\\\"to\\\\\\\":\\\\\\\"anna.berg\\\\\\\\u00")
             INPUT(0, "40example.org\\\\\\\"}\\\"}") BLOCK_STOP(0) MESSAGE_DELTA("tool_use") MESSAGE_STOP,
     SP_ELEAK},
    {"anthropic blocks whose joint makes a card number", SP_DIALECT_ANTHROPIC, false,
     MESSAGE_START TEXT_START(0) TEXT(0, "His card is 4") BLOCK_STOP(0) TEXT_START(1) TEXT(1, "111 111")
         TEXT(1, "1 1111 1111 now") BLOCK_STOP(1) MESSAGE_DELTA("end_turn") MESSAGE_STOP,
     SP_ELEAK},
    {"anthropic blocks whose joint makes an address over three", SP_DIALECT_ANTHROPIC, false,
     MESSAGE_START TEXT_START(0) TEXT(0, "Write to zo") BLOCK_STOP(0) TEXT_START(1) TEXT(1, "e@ex")
         BLOCK_STOP(1) TEXT_START(2) TEXT(2, "ample.org now") BLOCK_STOP(2) MESSAGE_DELTA("end_turn")
             MESSAGE_STOP,
     SP_ELEAK},
    {"anthropic block that begins with an address behind a letter", SP_DIALECT_ANTHROPIC, false,
     MESSAGE_START TEXT_START(0) TEXT(0, "x") BLOCK_STOP(0) TEXT_START(1) TEXT(1, "4111 1111 1111")
         TEXT(1, " 1111 now") BLOCK_STOP(1) MESSAGE_DELTA("end_turn") MESSAGE_STOP,
     SP_ELEAK},
    {"anthropic blocks that are joined without a finding", SP_DIALECT_ANTHROPIC, false,
     MESSAGE_START TEXT_START(0) TEXT(0, "It is 4") BLOCK_STOP(0) TEXT_START(1) BLOCK_STOP(1) TEXT_START(2)
         TEXT(2, "1 at noon \xe2\x80\x94 a\\nd ") TEXT(2, "\xef\xbd\x87o on") BLOCK_STOP(2) TEXT_START(3)
             TEXT(3, "e") TEXT(3, " more") BLOCK_STOP(3) MESSAGE_DELTA("end_turn") MESSAGE_STOP,
     SP_OK},
    {"anthropic with a signature that spells an address in pieces", SP_DIALECT_ANTHROPIC, false,
     MESSAGE_START THINKING_START(0) THINKING(0, "So it is.") SIGNATURE(0, "anna.berg@exa")
         SIGNATURE(0, "mple.org") BLOCK_STOP(0) MESSAGE_DELTA("end_turn") MESSAGE_STOP,
     SP_ELEAK},
    {"anthropic with a piece behind the end of its block", SP_DIALECT_ANTHROPIC, false,
     MESSAGE_START TEXT_START(0) TEXT(0, "all fine") BLOCK_STOP(0) TEXT(0, " or not") MESSAGE_STOP,
     SP_EUPSYNTAX},
    {"anthropic with a piece of a block that never began", SP_DIALECT_ANTHROPIC, false,
     MESSAGE_START TEXT_START(0) TEXT(0, "all fine") TEXT(1, " or not") MESSAGE_STOP, SP_EUPSYNTAX},
    {"anthropic with a piece of a block that others were joined with", SP_DIALECT_ANTHROPIC, false,
     MESSAGE_START TEXT_START(0) TEXT(0, "all ") TEXT_START(1) TEXT(1, "fine") TEXT(0, " or") MESSAGE_STOP,
     SP_EUPSYNTAX},
    {"openai with an address that has blanks of no width", SP_DIALECT_OPENAI, false,
     CONTENT(0, "to anna.b\xe2\x80\x8b") CONTENT(0, "erg@ex\xe2\x80\x8b") CONTENT(0, "ample.org now")
         FINISH(0, "stop") DONE,
     SP_ELEAK},
    {"openai with a card number of full width", SP_DIALECT_OPENAI, false,
     CONTENT(0, "it is \xef\xbc\x94\\uff11") CONTENT(0, "11 1111 11\\u200b\\u200b")
         CONTENT(0, "11 111\xf0\x9d\x9f\x8f now") FINISH(0, "stop") DONE,
     SP_ELEAK},
    {"openai with an address in JSON whose escapes fold", SP_DIALECT_OPENAI, false,
     CONTENT(0, "{\\\"to\\\":\\\"anna.b\\\\u20") CONTENT(0, "0berg@example\\\\u2024org\\\"}")
         FINISH(0, "stop") DONE,
     SP_ELEAK},
    {"openai whose first alternatives spell an address", SP_DIALECT_OPENAI, false,
     ROLE(0) ALTERNATIVE("anna.berg") ALTERNATIVE("@exam") ALTERNATIVE("ple.org") FINISH(0, "stop") DONE,
     SP_ELEAK},
    {"anthropic whose names and types differ", SP_DIALECT_ANTHROPIC, false,
     MESSAGE_START "event: ping\ndata: {\"type\":\"message_stop\"}\n\n", SP_EUPSYNTAX},
    {"openai with an event that is no JSON", SP_DIALECT_OPENAI, false,
     CONTENT(0, "all fine") "data: {oops\n\n" DONE, SP_EUPSYNTAX},
    {"openai with a key twice", SP_DIALECT_OPENAI, false,
     CONTENT(0, "so far") "data: {\"id\":\"a\",\"id\":\"b\",\"choices\":[]}\n\n", SP_EUPSYNTAX},
    {"openai with an absurd index", SP_DIALECT_OPENAI, false,
     "data: {\"choices\":[{\"index\":4294967296,\"delta\":{\"content\":\"x\"}}]}\n\n", SP_EUPSYNTAX},
    {"openai with a piece of a call that was complete", SP_DIALECT_OPENAI, false,
     CALL_BEGIN(0, 0, "a", "f") CALL_MORE(0, 0, "{}") CALL_BEGIN(0, 1, "b", "f") CALL_MORE(0, 0, "{}")
         FINISH(0, "tool_calls") DONE,
     SP_EUPSYNTAX},
    {"openai with sound", SP_DIALECT_OPENAI, false,
     "data: {\"choices\":[{\"index\":0,\"delta\":{\"audio\":{\"id\":\"a\",\"data\":\"UklGRg==\"}}}]}\n\n",
     SP_EUPTYPE},
};
enum { N_RECORDED = sizeof recorded_streams / sizeof recorded_streams[0] };
