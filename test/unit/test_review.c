/* What a reviewed answer does, case by case: what leaves when, which gate stands before what, what is hidden,
 * cut, counted. */
#include "review_help.h"
#include "review_streams.h"

#define MAIL "anna.berg@example.org"

static sp_review_options openai(const fixture *f)
{
    sp_review_options options = options_of(f, SP_DIALECT_OPENAI, true);
    options.withhold = SP_CAT_BIT(SP_CAT_PII);
    return options;
}

static sp_review_options anthropic(const fixture *f)
{
    sp_review_options options = options_of(f, SP_DIALECT_ANTHROPIC, true);
    options.withhold = SP_CAT_BIT(SP_CAT_PII);
    return options;
}

static sp_review_step feed(play *p, const fixture *f, const char *piece, bool is_last)
{
    sp_review_step step;
    assert_int_equal(sp_review_feed(p->review, f->scratch, sp_bytes_of(piece), is_last, &step), SP_OK);
    return step;
}

static sp_review_step pass(play *p, const fixture *f)
{
    sp_review_step step;
    assert_int_equal(sp_review_pass(p->review, f->scratch, &step), SP_OK);
    return step;
}

#define assert_released(step, text) assert_true(sp_bytes_eq((step).release, sp_bytes_of(text)))

/* ---- when text leaves ---- */

static void test_the_safe_part_of_an_event_leaves_at_once(void **state)
{
    const fixture *f = *state;
    const sp_review_options options = openai(f);
    play p;
    play_begin(&p, &options);
    sp_review_step step = feed(&p, f, CONTENT(0, "Offer it by the way the custo"), false);
    assert_released(step, CONTENT(0, "Offer it by the way the "));
    assert_int_equal(step.gate, SP_GATE_NONE);
    step = feed(&p, f, CONTENT(0, "mer paid "), false);
    assert_released(step, CONTENT(0, "customer paid "));
    play_end(&p);
}

static void test_an_event_with_nothing_held_passes_as_it_came(void **state)
{
    static const char *events[] = {
        "data: { \"choices\" :[ {\"delta\":{\"content\":\"one \\u0041\\/ \"},\"index\":0} ], \"x_new\" : "
        "1.50 }\n\n",
        ": keep-alive\n\n",
        "data:{\"choices\":[]}\r\n\r\n",
        ROLE(0),
        "event: error\n" ROLE(1),
    };
    const fixture *f = *state;
    const sp_review_options options = openai(f);
    play p;
    play_begin(&p, &options);
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        assert_released(feed(&p, f, events[i], false), events[i]);
    play_end(&p);
}

/* Clients are given data and, for errors, a name; whatever else a destination writes into its stream stays
 * here. */
static void test_lines_that_no_client_needs_do_not_pass(void **state)
{
    static const struct {
        const char *sent, *got;
    } rows[] = {
        {": AKIA, says the comment\n\n", ": keep-alive\n\n"},
        {"id: 4\nretry: 1\n\n", ""},
        {"event: message\n\n", ""},
        {"\n", ""},
        {"event: message\nid: 4\n" ROLE(1), ROLE(1)},
        {"retry: 1\n: x\nevent: a\nid\nevent: error\nx: y\n" ROLE(0), "event: error\n" ROLE(0)},
        {": x\r\ndata: {\"choices\":[]}\r\n: y\r\n\r\n", "data: {\"choices\":[]}\r\n\r\n"},
    };
    const fixture *f = *state;
    const sp_review_options options = openai(f);
    play p;
    play_begin(&p, &options);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_released(feed(&p, f, rows[i].sent, false), rows[i].got);
    play_end(&p);
}

/* A call that was not finished is dropped, its text before it is not. */
static void test_a_call_that_was_not_finished_is_not_released(void **state)
{
    const fixture *f = *state;
    const sp_review_options options = openai(f);
    play p;
    play_whole(&p, f, &options,
               ROLE(0) CONTENT(0, "Let me see") CALL_BEGIN(0, 0, "c", "erase") CALL_MORE(0, 0, "{}"));
    assert_int_equal(p.verdict, SP_EUPSTREAM);
    assert_true(has_bytes(sp_buf_bytes(&p.client), "see"));
    assert_false(has_bytes(sp_buf_bytes(&p.client), "erase"));
    play_end(&p);
}

static void test_more_choices_than_asked_for_cut_the_answer(void **state)
{
    const fixture *f = *state;
    for (int is_stream = 0; is_stream < 2; is_stream++) {
        const char *answer = is_stream ? CONTENT(0, "a ") CONTENT(1, "b ") CONTENT(2, "surplus ") DONE
                                       : "{\"choices\":[{\"index\":0},{\"index\":1},{\"index\":2}]}";
        for (uint32_t n = 1; n <= 3; n++) {
            sp_review_options options = options_of(f, SP_DIALECT_OPENAI, is_stream);
            options.n_choices = n;
            play p;
            play_whole(&p, f, &options, answer);
            assert_int_equal(p.verdict, n == 3 ? SP_OK : SP_EUPSYNTAX);
            assert_int_equal(has_bytes(sp_buf_bytes(&p.client), "surplus"), n == 3 && is_stream);
            play_end(&p);
        }
    }
}

/* Clients join the pieces of a call's name. */
static void test_a_name_of_a_call_in_pieces_is_read(void **state)
{
    const fixture *f = *state;
    sp_review_options options = openai(f);
    options.withhold = SP_CAT_BIT(SP_CAT_PII);
    play p;
    play_whole(&p, f, &options,
               ROLE(0) CALL_BEGIN(0, 0, "c", "anna.berg")
                   CHUNK(0, "{\"tool_calls\":[{\"index\":0,\"function\":{\"name\":\"@example.org\"}}]}",
                         "null") FINISH(0, "tool_calls") DONE);
    assert_int_equal(p.verdict, SP_ELEAK);
    assert_false(has_bytes(sp_buf_bytes(&p.client), "anna"));
    play_end(&p);
}

static void test_a_cut_never_splits_an_escape(void **state)
{
    const fixture *f = *state;
    const sp_review_options options = openai(f);
    play p;
    play_begin(&p, &options);
    assert_released(feed(&p, f, CONTENT(0, "\\ud83d\\ude00 \\u0061\\u0062"), false),
                    CONTENT(0, "\\ud83d\\ude00 "));
    assert_released(feed(&p, f, CONTENT(0, "c\\u0064 \\n\\/"), false),
                    CONTENT(0, "\\u0061\\u0062c\\u0064 \\n"));
    play_end(&p);
}

static void test_the_last_word_of_reasoning_comes_before_content(void **state)
{
    const fixture *f = *state;
    const sp_review_options options = openai(f);
    play p;
    play_begin(&p, &options);
    assert_released(feed(&p, f, REASONING(0, "two and two"), false), REASONING(0, "two and "));
    const sp_review_step step = feed(&p, f, CONTENT(0, "4 it is "), false);
    const sp_bytes content = SP_LIT(CONTENT(0, "4 it is "));
    assert_true(has_bytes(step.release, "\"delta\":{\"reasoning_content\":\"two\"}"));
    assert_true(sp_bytes_eq(sp_bytes_sub(step.release, step.release.n - content.n, step.release.n), content));
    play_end(&p);
    /* The same where each event names both fields. */
    play_begin(&p, &options);
    feed(&p, f, CHUNK(0, "{\"content\":\"\",\"reasoning_content\":\"two and two\"}", "null"), false);
    const sp_bytes release =
        feed(&p, f, CHUNK(0, "{\"content\":\"four \",\"reasoning_content\":\"\"}", "null"), false).release;
    assert_true(has_bytes(release, "\"delta\":{\"reasoning_content\":\"two\"}"));
    assert_true(has_bytes(release, CHUNK(0, "{\"content\":\"four \",\"reasoning_content\":\"\"}", "null")));
    play_end(&p);
}

static void test_a_text_that_goes_on_after_a_pause_is_still_one(void **state)
{
    const fixture *f = *state;
    const sp_review_options options = openai(f);
    play p;
    play_whole(&p, f, &options,
               CONTENT(0, "ask anna.berg") REASONING(0, "hm ") CONTENT(0, "@exam") REASONING(0, "so ")
                   CONTENT(0, "ple.org now") DONE);
    assert_int_equal(p.verdict, SP_ELEAK);
    assert_false(has_bytes(sp_buf_bytes(&p.client), "ple.org"));
    play_end(&p);
}

static void test_constants_in_unknown_fields_hold_nothing_for_long(void **state)
{
    const fixture *f = *state;
    const sp_review_options options = openai(f);
    const char *event =
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word \",\"kind\":\"calm\"}}]}\n\n";
    play p;
    play_begin(&p, &options);
    assert_released(feed(&p, f, event, false), "");
    const sp_review_step step = feed(&p, f, event, false);
    assert_int_equal(step.release.n, 2 * strlen(event));
    assert_released(feed(&p, f, event, false), event);
    play_end(&p);
}

/* ---- gates ---- */

static void test_no_finish_leaves_before_the_outcome(void **state)
{
    const fixture *f = *state;
    const struct {
        sp_review_options options;
        const char *before, *finish;
    } cases[] = {
        {openai(f), CONTENT(0, "all done. "), FINISH(0, "stop") USAGE DONE},
        {openai(f), CONTENT(0, "all done. "), CHUNK(0, "{\"content\":\" bye\"}", "\"length\"") DONE},
        {openai(f), CONTENT(0, "all done. "), "data: {\"error\":{\"message\":\"overloaded\"}}\n\n"},
        {anthropic(f), MESSAGE_START TEXT_START(0) TEXT(0, "all done. ") BLOCK_STOP(0),
         MESSAGE_DELTA("end_turn") MESSAGE_STOP},
        {anthropic(f), MESSAGE_START, MESSAGE_STOP},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        play p;
        play_begin(&p, &cases[i].options);
        assert_released(feed(&p, f, cases[i].before, false), cases[i].before);
        sp_review_step step = feed(&p, f, cases[i].finish, true);
        assert_int_equal(step.gate, SP_GATE_OUTCOME);
        assert_released(step, "");
        assert_false(step.is_end);
        step = pass(&p, f);
        assert_released(step, cases[i].finish);
        assert_true(step.is_end);
        assert_int_equal(step.verdict, SP_OK);
        play_end(&p);
    }
}

static void test_the_outcome_waits_for_usage_that_comes_after_the_finish(void **state)
{
    const fixture *f = *state;
    const sp_review_options options = openai(f);
    sp_review_summary s;
    play p;
    play_begin(&p, &options);
    sp_review_step step = feed(&p, f, CONTENT(0, "a ") FINISH(0, "stop"), false);
    assert_int_equal(step.gate, SP_GATE_NONE);
    step = feed(&p, f, USAGE, false);
    assert_int_equal(step.gate, SP_GATE_NONE);
    assert_released(step, "");
    step = feed(&p, f, DONE, false);
    assert_int_equal(step.gate, SP_GATE_OUTCOME);
    sp_review_summarise(p.review, &s);
    assert_true(s.has_usage);
    assert_int_equal(s.tokens_in, 19);
    assert_int_equal(s.tokens_out, 10);
    assert_int_equal(s.tokens_cached, 7);
    assert_released(pass(&p, f), FINISH(0, "stop") USAGE DONE);
    play_end(&p);
}

static void test_a_call_leaves_whole_behind_its_gate(void **state)
{
    const fixture *f = *state;
    const struct {
        sp_review_options options;
        const char *before, *call, *after;
    } cases[] = {
        {openai(f), ROLE(0), CALL_BEGIN(0, 0, "a", "f") CALL_MORE(0, 0, "{\\\"q\\\":") CALL_MORE(0, 0, "1}"),
         CALL_BEGIN(0, 1, "b", "f")},
        {anthropic(f), MESSAGE_START,
         TOOL_START(0, "f") INPUT(0, "{\\\"q\\\":") PING INPUT(0, "1}") BLOCK_STOP(0), ""},
    };
    for (size_t i = 0; i < 2; i++) {
        play p;
        play_begin(&p, &cases[i].options);
        assert_released(feed(&p, f, cases[i].before, false), cases[i].before);
        sp_review_step step = feed(&p, f, cases[i].call, false);
        assert_released(step, "");
        if (*cases[i].after != '\0') step = feed(&p, f, cases[i].after, false);
        assert_int_equal(step.gate, SP_GATE_ANSWER);
        assert_released(step, "");
        assert_true(has_bytes(sp_review_take_answer(p.review), cases[i].call));
        step = pass(&p, f);
        assert_int_equal(step.gate, SP_GATE_NONE);
        assert_released(step, cases[i].call);
        play_end(&p);
    }
}

static void test_what_comes_while_a_gate_is_closed_waits(void **state)
{
    const fixture *f = *state;
    const sp_review_options options = anthropic(f);
    play p;
    play_begin(&p, &options);
    feed(&p, f, MESSAGE_START, false);
    sp_review_step step = feed(&p, f, TOOL_START(0, "f") BLOCK_STOP(0), false);
    assert_int_equal(step.gate, SP_GATE_ANSWER);
    step = feed(&p, f, TEXT_START(1) TEXT(1, "so it is "), false);
    assert_int_equal(step.gate, SP_GATE_ANSWER);
    assert_released(step, "");
    /* A call that completes meanwhile was not in the record that is being written: it needs one of its own.
     */
    step = feed(&p, f, TOOL_START(2, "g") BLOCK_STOP(2), false);
    step = pass(&p, f);
    assert_released(step, TOOL_START(0, "f") BLOCK_STOP(0) TEXT_START(1) TEXT(1, "so it is "));
    assert_int_equal(step.gate, SP_GATE_ANSWER);
    step = pass(&p, f);
    assert_released(step, TOOL_START(2, "g") BLOCK_STOP(2));
    assert_int_equal(step.gate, SP_GATE_NONE);
    play_end(&p);
}

static void test_a_call_of_one_choice_behind_the_finish_of_another(void **state)
{
    const fixture *f = *state;
    const sp_review_options options = openai(f);
    play p;
    const char *stream = ROLE(0) ROLE(1) FINISH(0, "stop") CALL_BEGIN(1, 0, "a", "f") CALL_MORE(1, 0, "{}")
        FINISH(1, "tool_calls") DONE;
    play_whole(&p, f, &options, stream);
    assert_true(p.is_end);
    assert_true(sp_bytes_eq(sp_buf_bytes(&p.client), sp_bytes_of(stream)));
    play_end(&p);
}

/* ---- cuts ---- */

static void test_a_break_ends_with_an_error(void **state)
{
    const fixture *f = *state;
    const sp_review_options options = anthropic(f);
    sp_review_step step;
    play p;
    play_begin(&p, &options);
    feed(&p, f, MESSAGE_START TEXT_START(0) TEXT(0, "half an ans"), false);
    assert_int_equal(sp_review_break(p.review, SP_EUPTIMEOUT, SP_BYTES_EMPTY, &step), SP_OK);
    assert_int_equal(step.gate, SP_GATE_OUTCOME);
    assert_int_equal(step.verdict, SP_EUPTIMEOUT);
    assert_released(step, "");
    step = pass(&p, f);
    assert_true(step.is_end);
    assert_true(sp_bytes_starts(step.release, SP_LIT("event: error\ndata: {\"type\":\"error\"")));
    assert_released(feed(&p, f, TEXT(0, "more"), false), "");
    assert_released(pass(&p, f), "");
    play_end(&p);
}

/* What a proxy makes of a destination that died: an end in good order behind half an answer. */
static void test_an_end_without_the_last_event_is_a_break(void **state)
{
    const fixture *f = *state;
    const struct {
        const char *name;
        sp_review_options options;
        const char *stream, *released;
    } cases[] = {
        {"nothing at all", openai(f), "", ""},
        {"only a comment", openai(f), ": wait\n\n", ": keep-alive\n\n"},
        {"half an answer", openai(f), ROLE(0) CONTENT(0, "one two. "), ROLE(0) CONTENT(0, "one two. ")},
        {"a finish, but no [DONE]", openai(f), CONTENT(0, "one. ") FINISH(0, "stop"), CONTENT(0, "one. ")},
        {"a call without its finish", openai(f), ROLE(0) CALL_BEGIN(0, 0, "a", "f") CALL_MORE(0, 0, "{}"),
         ROLE(0)},
        {"a block that is open", anthropic(f), MESSAGE_START TEXT_START(0) TEXT(0, "one. "),
         MESSAGE_START TEXT_START(0) TEXT(0, "one. ")},
        {"a finish, but no message_stop", anthropic(f), MESSAGE_START MESSAGE_DELTA("end_turn"),
         MESSAGE_START},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        play p;
        play_whole(&p, f, &cases[i].options, cases[i].stream);
        if (p.verdict != SP_EUPSTREAM || p.n_outcome != 1)
            fail_msg("%s: verdict %d, %u outcomes", cases[i].name, p.verdict, p.n_outcome);
        assert_true(sp_bytes_starts(sp_buf_bytes(&p.client), sp_bytes_of(cases[i].released)));
        assert_true(has_bytes(sp_buf_bytes(&p.client), "upstream_failed"));
        assert_false(has_bytes(sp_buf_bytes(&p.client), "stop\"") ||
                     has_bytes(sp_buf_bytes(&p.client), "tool_calls"));
        play_end(&p);
    }
}

static void test_an_error_of_the_destination_is_an_end(void **state)
{
    const fixture *f = *state;
    const struct {
        sp_review_options options;
        const char *stream;
    } cases[] = {
        {openai(f), CONTENT(0, "one. ") "data: {\"error\":{\"message\":\"overloaded\"}}\n\n"},
        {anthropic(f), MESSAGE_START "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":"
                                     "\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sp_review_summary s;
        play p;
        play_whole(&p, f, &cases[i].options, cases[i].stream);
        sp_review_summarise(p.review, &s);
        assert_int_equal(p.verdict, SP_OK);
        assert_true(s.has_error);
        assert_true(sp_bytes_eq(sp_buf_bytes(&p.client), sp_bytes_of(cases[i].stream)));
        play_end(&p);
    }
}

static void test_a_break_in_a_record_waits_for_it(void **state)
{
    const fixture *f = *state;
    const sp_review_options options = anthropic(f);
    sp_review_step step;
    play p;
    play_begin(&p, &options);
    feed(&p, f, MESSAGE_START, false);
    step = feed(&p, f, TOOL_START(0, "f") BLOCK_STOP(0) TOOL_START(1, "g"), false);
    assert_int_equal(step.gate, SP_GATE_ANSWER);
    assert_int_equal(sp_review_break(p.review, SP_OK, SP_BYTES_EMPTY, &step), SP_OK);
    assert_int_equal(step.gate, SP_GATE_ANSWER);
    assert_int_equal(step.verdict, SP_OK);
    step = pass(&p, f);
    assert_released(step, TOOL_START(0, "f") BLOCK_STOP(0));
    assert_int_equal(step.gate, SP_GATE_OUTCOME);
    assert_int_equal(step.verdict, SP_EUPSTREAM);
    step = pass(&p, f);
    assert_true(has_bytes(step.release, "upstream_failed"));
    assert_false(has_bytes(step.release, "tool_use"));
    play_end(&p);
}

/** Also when the whole answer is there and only waits: nobody was told yet that it is finished. */
static void test_a_stop_drops_a_call_that_waits_for_its_record(void **state)
{
    const fixture *f = *state;
    const sp_review_options options = anthropic(f);
    sp_review_step step;
    play p;
    play_begin(&p, &options);
    feed(&p, f, MESSAGE_START, false);
    step = feed(&p, f, TOOL_START(0, "f") BLOCK_STOP(0) MESSAGE_STOP, true);
    assert_int_equal(step.gate, SP_GATE_ANSWER);
    assert_int_equal(sp_review_break(p.review, SP_ESTOPPED, SP_LIT("an audit"), &step), SP_OK);
    assert_int_equal(step.gate, SP_GATE_ANSWER);
    step = pass(&p, f);
    assert_released(step, "");
    assert_int_equal(step.gate, SP_GATE_OUTCOME);
    assert_int_equal(step.verdict, SP_ESTOPPED);
    step = pass(&p, f);
    assert_true(has_bytes(step.release, "stopped") && has_bytes(step.release, "an audit"));
    assert_false(has_bytes(step.release, "tool_use"));
    assert_true(step.is_end);
    play_end(&p);
}

static void test_a_stop_behind_the_outcome_changes_nothing(void **state)
{
    const fixture *f = *state;
    const sp_review_options options = openai(f);
    sp_review_step step;
    play p;
    play_begin(&p, &options);
    step = feed(&p, f, FINISH(0, "stop") DONE, false);
    assert_int_equal(sp_review_break(p.review, SP_ESTOPPED, SP_BYTES_EMPTY, &step), SP_OK);
    assert_int_equal(step.gate, SP_GATE_OUTCOME);
    assert_int_equal(step.verdict, SP_OK);
    assert_released(pass(&p, f), FINISH(0, "stop") DONE);
    play_end(&p);
}

static void test_a_break_behind_the_end_changes_nothing(void **state)
{
    const fixture *f = *state;
    const sp_review_options options = openai(f);
    sp_review_step step;
    play p;
    play_begin(&p, &options);
    step = feed(&p, f, FINISH(0, "stop") DONE, false);
    assert_int_equal(sp_review_break(p.review, SP_EUPSTREAM, SP_BYTES_EMPTY, &step), SP_OK);
    assert_int_equal(step.gate, SP_GATE_OUTCOME);
    assert_int_equal(step.verdict, SP_OK);
    assert_released(pass(&p, f), FINISH(0, "stop") DONE);
    play_end(&p);
}

static void test_what_is_held_has_a_bound(void **state)
{
    const fixture *f = *state;
    sp_review_options options = openai(f);
    options.held_max = 2000;
    play p;
    play_begin(&p, &options);
    play_feed(&p, f, sp_bytes_of(ROLE(0) CALL_BEGIN(0, 0, "a", "f")), false);
    for (size_t i = 0; i < 20; i++)
        play_feed(&p, f, sp_bytes_of(CALL_MORE(0, 0, "xxxxxxxxxxxxxxxxx")), false);
    assert_int_equal(p.verdict, SP_EUPSIZE);
    assert_true(p.is_end);
    assert_true(p.client.n < 1500);
    play_end(&p);
    /* Much that passes is no matter. */
    play_begin(&p, &options);
    for (size_t i = 0; i < 50; i++)
        play_feed(&p, f, sp_bytes_of(ROLE(0) ROLE(0) ROLE(0) ROLE(0) ROLE(0) ROLE(0) ROLE(0)), false);
    play_feed(&p, f, SP_LIT(DONE), true);
    assert_int_equal(p.verdict, SP_OK);
    play_end(&p);
    play_begin(&p, &options);
    for (size_t i = 0; i < 300; i++) play_feed(&p, f, SP_LIT("data: xx"), false);
    assert_int_equal(p.verdict, SP_EUPSIZE);
    play_end(&p);
}

static void test_what_may_leave_is_only_listed(void **state)
{
    const fixture *f = *state;
    sp_review_options options = openai(f);
    options.withhold = SP_CAT_BIT(SP_CAT_CREDENTIALS);
    sp_review_summary s;
    play p;
    texts got;
    play_whole(&p, f, &options,
               CONTENT(1, "to anna.berg@") CONTENT(1, "example.org or") CONTENT(1, " so") FINISH(1, "stop")
                   DONE);
    assert_int_equal(p.verdict, SP_OK);
    sp_review_summarise(p.review, &s);
    assert_int_equal(s.n_findings, 1);
    assert_int_equal(s.findings[0].finding.kind, SP_KIND_EMAIL);
    assert_int_equal(s.findings[0].finding.start, 3);
    assert_int_equal(s.findings[0].finding.end, 3 + strlen(MAIL));
    assert_string_equal(s.findings[0].place.path, "choices[].delta.content");
    assert_int_equal(s.findings[0].place.index[0], 1);
    texts_read(&got, sp_buf_bytes(&p.client), &p.arena.mem);
    assert_string_equal(texts_get(&got, "1.content"), "to " MAIL " or so");
    play_end(&p);
}

/* ---- usage ---- */

static void test_usage_that_nobody_asked_for_is_hidden(void **state)
{
    const fixture *f = *state;
    sp_review_options options = openai(f);
    options.hide_usage = true;
    sp_review_summary s;
    play p;
    play_whole(&p, f, &options,
               NO_USAGE(0, "so it ") "data: "
                                     "{\"usage\":{\"prompt_tokens\":4},\"choices\":[{\"index\":0,\"delta\":{"
                                     "\"content\":\"is \"}}]}\n\n" FINISH(0, "stop") USAGE DONE);
    assert_false(has_bytes(sp_buf_bytes(&p.client), "usage"));
    assert_true(has_bytes(sp_buf_bytes(&p.client),
                          "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"is \"}}]}\n\n"));
    sp_review_summarise(p.review, &s);
    assert_int_equal(s.tokens_in, 19);
    assert_int_equal(s.tokens_out, 10);
    play_end(&p);
    /* Azure's first event has no choices either, but no usage. */
    const char *azure = "data: {\"choices\":[],\"prompt_filter_results\":[{\"prompt_index\":0}]}\n\n" DONE;
    play_whole(&p, f, &options, azure);
    assert_true(sp_bytes_eq(sp_buf_bytes(&p.client), sp_bytes_of(azure)));
    play_end(&p);
}

static void test_the_summary_of_an_anthropic_stream(void **state)
{
    const fixture *f = *state;
    const sp_review_options options = anthropic(f);
    sp_review_summary s;
    play p;
    play_whole(&p, f, &options,
               MESSAGE_START TEXT_START(0) TEXT(0, "hi") BLOCK_STOP(0) TOOL_START(1, "f") BLOCK_STOP(1)
                   MESSAGE_DELTA("tool_use") MESSAGE_STOP);
    sp_review_summarise(p.review, &s);
    assert_true(sp_bytes_eq(s.model, SP_LIT("claude-sonnet-4-5-20250929")));
    assert_true(sp_bytes_eq(s.answer_id, SP_LIT("msg_014p7gG3wDgGV9EUtLvnow3U")));
    assert_true(sp_bytes_eq(s.finish, SP_LIT("tool_use")));
    assert_int_equal(s.tokens_in, 472);
    assert_int_equal(s.tokens_out, 89);
    assert_int_equal(s.tokens_cached, 12);
    assert_int_equal(s.n_tool_calls, 1);
    assert_int_equal(s.n_events, 8);
    play_end(&p);
}

/* ---- answers that do not stream ---- */

typedef struct whole_row {
    const char *name;
    sp_dialect_id dialect;
    const char *body;
    sp_status verdict;
} whole_row;

static const whole_row whole_rows[] = {
    {"a chat completion", SP_DIALECT_OPENAI,
     "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"model\":\"m\",\"choices\":[{\"index\":0,"
     "\"message\":{\"role\":\"assistant\",\"content\":"
     "\"Hello\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2,\"total_"
     "tokens\":7}}\n",
     SP_OK},
    {"a message with a tool call", SP_DIALECT_ANTHROPIC,
     "{\"id\":\"msg_1\",\"type\":\"message\",\"model\":\"m\",\"content\":[{\"type\":\"tool_use\",\"id\":"
     "\"t\",\"name\":\"f\",\"input\":{\"a\":[1]}}],"
     "\"stop_reason\":\"tool_use\",\"usage\":{\"input_tokens\":5,\"output_tokens\":2}}",
     SP_OK},
    {"an error body", SP_DIALECT_OPENAI,
     "{\"error\":{\"message\":\"Rate limit reached\",\"type\":\"requests\"}}", SP_OK},
    {"an error body that says who", SP_DIALECT_ANTHROPIC,
     "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"ask " MAIL "\"}}",
     SP_ELEAK},
    {"an address in the text, escaped", SP_DIALECT_OPENAI,
     "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"anna.berg\\u0040example.org\"}}]}", SP_ELEAK},
    {"an address in arguments, escaped twice", SP_DIALECT_OPENAI,
     "{\"choices\":[{\"message\":{\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"to\\\":"
     "\\\"anna.berg\\\\u0040example.org\\\"}\"}}]}}]}",
     SP_ELEAK},
    {"an address in the input of a tool", SP_DIALECT_ANTHROPIC,
     "{\"content\":[{\"type\":\"tool_use\",\"input\":{\"to\":[{\"x\":\"" MAIL "\"}]}}]}", SP_ELEAK},
    {"an address in the bytes of a token", SP_DIALECT_OPENAI,
     "{\"choices\":[{\"logprobs\":{\"content\":[{\"token\":\"x\",\"bytes\":[97,64,98,46,100,101]}]}}]}",
     SP_ELEAK},
    {"an address in the tokens", SP_DIALECT_OPENAI,
     "{\"choices\":[{\"logprobs\":{\"content\":[{\"token\":\"anna@exa\"},{\"token\":\"mple.org\"}]}}]}",
     SP_ELEAK},
    {"an address in the bytes of two tokens", SP_DIALECT_OPENAI,
     "{\"choices\":[{\"logprobs\":{\"content\":[{\"bytes\":[97,64]},{\"bytes\":[98,46,100,101]}]}}]}",
     SP_ELEAK},
    {"an address in the first alternatives", SP_DIALECT_OPENAI,
     "{\"choices\":[{\"logprobs\":{\"content\":[{\"top_logprobs\":[{\"token\":\"anna@exa\"},{\"token\":\"b\"}"
     "]},"
     "{\"top_logprobs\":[{\"token\":\"mple.org\"}]}]}}]}",
     SP_ELEAK},
    {"tokens of two choices", SP_DIALECT_OPENAI,
     "{\"choices\":[{\"index\":0,\"logprobs\":{\"content\":[{\"token\":\"anna@exa\"}]}},"
     "{\"index\":1,\"logprobs\":{\"content\":[{\"token\":\"mple.org\"}]}}]}",
     SP_OK},
    {"an address over three blocks", SP_DIALECT_ANTHROPIC,
     "{\"content\":[{\"type\":\"text\",\"text\":\"anna@e\"},{\"type\":\"text\",\"text\":\"xampl\"},"
     "{\"type\":\"text\",\"text\":\"e.org\"}]}",
     SP_ELEAK},
    {"an address over two blocks, with blanks of no width", SP_DIALECT_ANTHROPIC,
     "{\"content\":[{\"type\":\"text\",\"text\":\"anna@e\\u200bx\"},{\"type\":\"text\",\"text\":\"ample."
     "org\"}]}",
     SP_ELEAK},
    {"an address of full width in arguments", SP_DIALECT_OPENAI,
     "{\"choices\":[{\"message\":{\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"to\\\":"
     "\\\"anna.berg\\\\uff20example.org\\\"}\"}}]}}]}",
     SP_ELEAK},
    {"an address of full width in a member that nobody knows", SP_DIALECT_OPENAI,
     "{\"x\":\"anna.berg\\uff20example.org\"}", SP_ELEAK},
    {"no JSON", SP_DIALECT_OPENAI, "<html>bad gateway</html>", SP_EUPSYNTAX},
    {"an array", SP_DIALECT_OPENAI, "[]", SP_EUPSYNTAX},
    {"nothing", SP_DIALECT_OPENAI, "", SP_EUPSYNTAX},
    {"a key twice", SP_DIALECT_ANTHROPIC, "{\"content\":[],\"content\":[]}", SP_EUPSYNTAX},
    {"sound", SP_DIALECT_OPENAI, "{\"choices\":[{\"message\":{\"audio\":{\"data\":\"UklGRg==\"}}}]}",
     SP_EUPTYPE},
};

/* Values that are as short as can be take the most memory for their text. */
static void test_many_short_values_are_read(void **state)
{
    static const struct {
        const char *begin, *repeat, *end;
        sp_status verdict;
    } cases[] = {
        {"{\"a\":[1", ",1", "]}", SP_OK},
        {"{\"a\":[[]", ",[]", "]}", SP_OK},
        {"{\"a\":[\"\"", ",\"\"", "]}", SP_OK},
        {"{\"a\":[", "[", "", SP_EUPSYNTAX},
        {"", "[", "", SP_EUPSYNTAX},
    };
    const fixture *f = *state;
    const size_t n_cases = sizeof cases / sizeof cases[0];
    for (size_t run = 0, n = 1; n < 40000; run++, n += run % n_cases == 0 ? n * 2 + 1 : 0) {
        const size_t i = run % n_cases;
        const sp_review_options options = options_of(f, SP_DIALECT_OPENAI, false);
        play p;
        play_begin(&p, &options);
        sp_buf body = SP_BUF_IN(&p.arena.mem);
        sp_buf_append_str(&body, cases[i].begin);
        for (size_t k = 0; k < n; k++) sp_buf_append_str(&body, cases[i].repeat);
        sp_buf_append_str(&body, cases[i].end);
        play_feed(&p, f, sp_buf_bytes(&body), true);
        assert_int_equal(p.verdict, cases[i].verdict);
        play_end(&p);
    }
}

static void run_whole(const fixture *f, const whole_row *r, size_t at)
{
    sp_review_options options = options_of(f, r->dialect, false);
    options.withhold = SP_CAT_BIT(SP_CAT_PII);
    const sp_bytes body = sp_bytes_of(r->body);
    play p;
    play_begin(&p, &options);
    play_feed(&p, f, sp_bytes_sub(body, 0, at), false);
    play_feed(&p, f, sp_bytes_sub(body, at, body.n), true);
    if (p.verdict != r->verdict) fail_msg("%s, cut at %zu: %d", r->name, at, p.verdict);
    assert_int_equal(p.n_outcome, 1);
    assert_int_equal(p.at_outcome, 0);
    assert_true(p.is_end);
    assert_true(sp_bytes_eq(sp_buf_bytes(&p.client), r->verdict == SP_OK ? body : SP_BYTES_EMPTY));
    assert_true(sp_bytes_eq(sp_buf_bytes(&p.record), body));
    play_end(&p);
}

static void test_whole_answers_pass_byte_for_byte_or_not_at_all(void **state)
{
    const fixture *f = *state;
    for (size_t i = 0; i < sizeof whole_rows / sizeof whole_rows[0]; i++) {
        for (size_t at = 0; at <= strlen(whole_rows[i].body); at++) run_whole(f, &whole_rows[i], at);
    }
}

static void test_the_summary_of_whole_answers(void **state)
{
    const fixture *f = *state;
    for (size_t i = 0; i < 2; i++) {
        sp_review_options options = options_of(f, whole_rows[i].dialect, false);
        sp_review_summary s;
        play p;
        play_whole(&p, f, &options, whole_rows[i].body);
        sp_review_summarise(p.review, &s);
        assert_true(s.has_usage);
        assert_int_equal(s.tokens_in, 5);
        assert_int_equal(s.tokens_out, 2);
        assert_int_equal(s.n_tool_calls, i);
        assert_true(sp_bytes_eq(s.finish, i == 0 ? SP_LIT("stop") : SP_LIT("tool_use")));
        assert_true(sp_bytes_eq(s.answer_id, i == 0 ? SP_LIT("chatcmpl-1") : SP_LIT("msg_1")));
        assert_int_equal(s.bytes_in, strlen(whole_rows[i].body));
        play_end(&p);
    }
}

static void test_a_whole_answer_has_a_bound_and_may_break_off(void **state)
{
    const fixture *f = *state;
    sp_review_options options = options_of(f, SP_DIALECT_OPENAI, false);
    options.held_max = 8;
    sp_review_step step;
    play p;
    play_whole(&p, f, &options, "{\"a\":1}  ");
    assert_int_equal(p.verdict, SP_EUPSIZE);
    assert_int_equal(p.client.n, 0);
    play_end(&p);
    play_begin(&p, &options);
    feed(&p, f, "{\"a\":", false);
    assert_int_equal(sp_review_break(p.review, SP_EUPSTREAM, SP_BYTES_EMPTY, &step), SP_OK);
    play_pass(&p, f, step);
    assert_int_equal(p.verdict, SP_EUPSTREAM);
    assert_int_equal(p.client.n, 0);
    play_end(&p);
}

/* ---- memory ---- */

static void test_the_record_is_taken_in_parts(void **state)
{
    const fixture *f = *state;
    const sp_review_options options = openai(f);
    play p;
    play_begin(&p, &options);
    feed(&p, f, "data: {}\n", false);
    feed(&p, f, "\n", false);
    assert_int_equal(sp_review_answer_waiting(p.review), 10);
    assert_true(sp_bytes_eq(sp_review_take_answer(p.review), SP_LIT("data: {}\n\n")));
    assert_int_equal(sp_review_answer_waiting(p.review), 0);
    feed(&p, f, ": x\n\n", false);
    assert_true(sp_bytes_eq(sp_review_take_answer(p.review), SP_LIT(": x\n\n")));
    assert_int_equal(sp_review_take_answer(p.review).n, 0);
    play_end(&p);
}

static void run_long(const fixture *f, const sp_review_options *options, const char *begin,
                     const char *const events[2])
{
    size_t used = 0;
    play p;
    play_begin(&p, options);
    feed(&p, f, begin, false);
    for (size_t i = 0; i < 100000; i++) {
        const sp_review_step step = feed(&p, f, events[i & 1], false);
        assert_int_equal(step.gate, SP_GATE_NONE);
        if (sp_review_answer_waiting(p.review) > 65536) sp_review_take_answer(p.review);
        if (i == 5000) used = p.arena.mem.used;
    }
    assert_int_equal(p.arena.mem.used, used);
    assert_true(used < (1 << 20));
    play_end(&p);
}

static void test_a_long_stream_takes_no_more_memory(void **state)
{
    const fixture *f = *state;
    const sp_review_options o = openai(f), a = anthropic(f);
    run_long(f, &o, ROLE(0), (const char *const[]){CONTENT(0, "some wor"), CONTENT(0, "ds and more ")});
    run_long(f, &o, ROLE(0), (const char *const[]){TOKEN(" the", "32,116,104,101"), CONTENT(0, " re")});
    run_long(f, &a, MESSAGE_START THINKING_START(0),
             (const char *const[]){THINKING(0, "it is s"), THINKING(0, "o, or ")});
}

/* The first allocation fails, then the second ..., until all succeed: each failure is said, and nothing of a
 * secret leaves. */
typedef struct failing {
    sp_arena arena;
    size_t left;
} failing;

static void *alloc_or_fail(void *ctx, size_t n)
{
    failing *x = ctx;
    if (x->left == 0) return NULL;
    x->left--;
    return x->arena.mem.alloc(x->arena.mem.ctx, n);
}

static sp_status run_failing(const fixture *f, const recorded *r, size_t n, bool *leaked)
{
    failing x = {.left = n};
    sp_arena_init(&x.arena, MEMORY);
    sp_mem mem = {.alloc = alloc_or_fail, .ctx = &x, .limit = MEMORY};
    sp_review_options options = options_of(f, r->dialect, true);
    options.withhold = SP_CAT_BIT(SP_CAT_PII) | SP_CAT_BIT(SP_CAT_PCI);
    options.hide_usage = r->hides_usage;
    sp_review *review;
    sp_review_step step = {0};
    sp_status status = sp_review_new(&review, &options, &mem);
    const sp_bytes all = sp_bytes_of(r->stream);
    for (size_t at = 0; status == SP_OK && at < all.n && !step.is_end; at += 50) {
        status = sp_review_feed(review, f->scratch, sp_bytes_sub(all, at, at + 50), at + 50 >= all.n, &step);
        *leaked = *leaked || (r->verdict == SP_ELEAK &&
                              (has_bytes(step.release, "anna") || has_bytes(step.release, "1111")));
        while (status == SP_OK && step.gate != SP_GATE_NONE)
            status = sp_review_pass(review, f->scratch, &step);
    }
    sp_arena_fini(&x.arena);
    return status;
}

static void test_each_allocation_may_fail(void **state)
{
    const fixture *f = *state;
    for (size_t i = 0; i < N_RECORDED; i++) {
        bool leaked = false;
        size_t n = 0;
        sp_status status;
        while ((status = run_failing(f, &recorded_streams[i], n, &leaked)) != SP_OK) {
            assert_int_equal(status, SP_ENOMEM);
            assert_true(n < 2000);
            n++;
        }
        assert_true(n > 3);
        assert_false(leaked);
    }
}

/* ---- memory ---- */

#define TURNS                                   \
    CONTENT(0, "Offer it by the way the custo") \
    CONTENT(0, "mer paid, \\u0041nd write to anna.be") CONTENT(0, "rg@example.org") "data: [DONE]\n\n"

static void test_streams_take_turns_without_disturbing_each_other(void **state)
{
    enum { STREAMS = 3 };
    const fixture *f = *state;
    const sp_review_options options = openai(f);
    static const char other[] =
        CONTENT(0, "something else, of which nothing is held ") CONTENT(0, "and more ");
    play alone, turns[STREAMS];
    play_whole(&alone, f, &options, TURNS);
    for (size_t i = 0; i < STREAMS; i++) play_begin(&turns[i], &options);
    for (size_t at = 0; at < sizeof TURNS - 1; at++) {
        for (size_t i = 0; i < STREAMS; i++) {
            const char *text = i == 1 ? other : TURNS;
            const size_t n = i == 1 ? sizeof other - 1 : sizeof TURNS - 1;
            play_feed(&turns[i], f, (sp_bytes){(const uint8_t *)text + at % n, 1}, i != 1 && at + 1 == n);
        }
    }
    for (size_t i = 0; i < STREAMS; i += 2) {
        assert_int_equal(turns[i].verdict, alone.verdict);
        assert_true(sp_bytes_eq(sp_buf_bytes(&turns[i].record), sp_buf_bytes(&alone.record)));
        assert_false(has_bytes(sp_buf_bytes(&turns[i].client), "anna"));
    }
    for (size_t i = 0; i < STREAMS; i++) play_end(&turns[i]);
    play_end(&alone);
}

/* What each open stream keeps; the tree of an event is none of it. */
static void test_an_open_stream_keeps_little(void **state)
{
    enum { KEPT_MOST = 9 << 10 };
    const fixture *f = *state;
    const sp_review_options options = openai(f);
    sp_arena arena;
    sp_review *review;
    sp_review_step step;
    sp_arena_init(&arena, 1 << 20);
    assert_int_equal(sp_review_new(&review, &options, &arena.mem), SP_OK);
    for (size_t i = 0; i < 2; i++) {
        const sp_bytes event = sp_bytes_of(CONTENT(0, "another word"));
        assert_int_equal(sp_review_feed(review, f->scratch, event, false, &step), SP_OK);
    }
    if (arena.mem.used > KEPT_MOST) fail_msg("%zu bytes", arena.mem.used);
    sp_arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_streams_take_turns_without_disturbing_each_other),
        cmocka_unit_test(test_an_open_stream_keeps_little),
        cmocka_unit_test(test_the_safe_part_of_an_event_leaves_at_once),
        cmocka_unit_test(test_an_event_with_nothing_held_passes_as_it_came),
        cmocka_unit_test(test_lines_that_no_client_needs_do_not_pass),
        cmocka_unit_test(test_a_call_that_was_not_finished_is_not_released),
        cmocka_unit_test(test_more_choices_than_asked_for_cut_the_answer),
        cmocka_unit_test(test_a_name_of_a_call_in_pieces_is_read),
        cmocka_unit_test(test_a_cut_never_splits_an_escape),
        cmocka_unit_test(test_the_last_word_of_reasoning_comes_before_content),
        cmocka_unit_test(test_a_text_that_goes_on_after_a_pause_is_still_one),
        cmocka_unit_test(test_constants_in_unknown_fields_hold_nothing_for_long),
        cmocka_unit_test(test_no_finish_leaves_before_the_outcome),
        cmocka_unit_test(test_the_outcome_waits_for_usage_that_comes_after_the_finish),
        cmocka_unit_test(test_a_call_leaves_whole_behind_its_gate),
        cmocka_unit_test(test_what_comes_while_a_gate_is_closed_waits),
        cmocka_unit_test(test_a_call_of_one_choice_behind_the_finish_of_another),
        cmocka_unit_test(test_a_break_ends_with_an_error),
        cmocka_unit_test(test_an_end_without_the_last_event_is_a_break),
        cmocka_unit_test(test_an_error_of_the_destination_is_an_end),
        cmocka_unit_test(test_a_break_in_a_record_waits_for_it),
        cmocka_unit_test(test_a_stop_drops_a_call_that_waits_for_its_record),
        cmocka_unit_test(test_a_stop_behind_the_outcome_changes_nothing),
        cmocka_unit_test(test_a_break_behind_the_end_changes_nothing),
        cmocka_unit_test(test_what_is_held_has_a_bound),
        cmocka_unit_test(test_what_may_leave_is_only_listed),
        cmocka_unit_test(test_usage_that_nobody_asked_for_is_hidden),
        cmocka_unit_test(test_the_summary_of_an_anthropic_stream),
        cmocka_unit_test(test_whole_answers_pass_byte_for_byte_or_not_at_all),
        cmocka_unit_test(test_many_short_values_are_read),
        cmocka_unit_test(test_the_summary_of_whole_answers),
        cmocka_unit_test(test_a_whole_answer_has_a_bound_and_may_break_off),
        cmocka_unit_test(test_the_record_is_taken_in_parts),
        cmocka_unit_test(test_a_long_stream_takes_no_more_memory),
        cmocka_unit_test(test_each_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("review", tests, set_up, tear_down);
}
