#include "desk.h"

#include "base/text.h"
#include "http/event.h"

static void an_event_is_ids_and_codes(void **state)
{
    struct desk *desk = *state;
    char out[EVENT_TEXT_LIMIT];
    const struct event event = {3, 17, "alert", "a-0000000000000001", "raised"};
    size_t size = event_write(&desk->site, &event, out, sizeof out);
    assert_int_equal(size, strlen(out));
    assert_string_equal(out, "id: demo-one:3:17\nevent: alert\n"
                             "data: {\"alert\":\"a-0000000000000001\",\"state\":\"raised\"}\n\n");
    const struct event packet = {3, 18, "packet", "a-0000000000000001", "sealed"};
    assert_true(event_write(&desk->site, &packet, out, sizeof out) > 0);
    assert_non_null(strstr(out, "event: packet\ndata: {\"alert\":\"a-"));
}

static void what_is_no_code_or_not_for_screens_is_left_out(void **state)
{
    struct desk *desk = *state;
    char out[EVENT_TEXT_LIMIT];
    const struct event events[] = {{1, 1, "entry", "e-0000000000000001", "proposed"},
        {1, 1, "alert", "a\nevent: x", "raised"}, {1, 1, "alert", "a-1", "\"Ali Khan\""},
        {1, 1, "", "a-1", "raised"}};
    for (size_t i = 0; i < COUNT_OF(events); i++)
        assert_int_equal(event_write(&desk->site, &events[i], out, sizeof out), 0);
}

static void add_event(struct desk *desk)
{
    struct error err = {0};
    struct ledger *ledger = desk->site.ledger;
    if (!ledger_begin(ledger, &err) || !ledger_event(ledger, "alert", "a-0000000000000001", "raised", &err) ||
        !ledger_commit(ledger, &err))
        fail_msg("%s", err.text);
}

static void a_stream_goes_on_after_the_event_that_was_seen_last(void **state)
{
    struct desk *desk = *state;
    for (size_t i = 0; i < 3; i++)
        add_event(desk);
    struct event first;
    int64_t newest = ledger_last_event(desk->site.ledger);
    assert_int_equal(ledger_events(desk->site.ledger, newest - 2, &first, 1), 1);
    const struct {
        const char *format;
        int64_t seq, start;
    } cases[] = {
        {"demo-one:%lld:%lld", first.seq, first.seq},
        {"demo-one:%lld:%lld", newest, newest},
        {"demo-one:%lld:%lld", newest + 50, newest},
        {"demo-two:%lld:%lld", first.seq, newest},
        {"demo-one:%lld:%lldx", first.seq, newest},
        {"demo-one:%lld:-%lld", first.seq, newest},
        {"demo-one:9%lld:%lld", first.seq, newest},
        {"demo-one:%lld:%lld", 0, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char id[96];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(id, sizeof id, cases[i].format, (long long)first.epoch, (long long)cases[i].seq);
#pragma GCC diagnostic pop
        assert_int_equal(event_start(&desk->site, id), cases[i].start);
    }
    assert_int_equal(event_start(&desk->site, NULL), newest);
    assert_int_equal(event_start(&desk->site, ""), newest);
    assert_int_equal(event_start(&desk->site, "demo-one"), newest);
    assert_int_equal(event_start(&desk->site, "demo-one:"), newest);
}

static void of_more_than_a_stream_replays_it_replays_nothing_and_the_oldest_are_let_go(void **state)
{
    struct desk *desk = *state;
    struct error err = {0};
    struct ledger *ledger = desk->site.ledger;
    struct event oldest;
    char id[96];
    assert_true(ledger_begin(ledger, &err));
    for (size_t i = 0; i < EVENTS_KEPT + 10; i++)
        assert_true(ledger_event(ledger, "camera", "c-0000000000000001", "running", &err));
    assert_true(ledger_commit(ledger, &err));
    int64_t newest = ledger_last_event(ledger);
    assert_int_equal(ledger_events(ledger, 0, &oldest, 1), 1);
    assert_int_equal(oldest.seq, newest - EVENTS_KEPT + 1);
    for (int64_t behind = EVENTS_BEHIND; behind <= EVENTS_BEHIND + 1; behind++) {
        snprintf(id, sizeof id, "demo-one:%lld:%lld", (long long)oldest.epoch, (long long)(newest - behind));
        assert_int_equal(event_start(&desk->site, id), behind == EVENTS_BEHIND ? newest - behind : newest);
    }
}

/* Others hear all; who may review until they are on duty as dispatcher, and a station, what is for them. */
static void s29_s39_who_reviews_and_a_station_hear_of_alerts_what_is_for_them(void **state)
{
    struct desk *desk = *state;
    static const char *const others[] = {"operation", "presence", "camera"};
    for (int person = 0; person < PEOPLE; person++)
        assert_int_equal(event_reader_is_blind(&desk->site, person_id((enum person)person)),
            person == REVIEWER || person == STATION);
    const struct event raised = {1, 1, "alert", "a-0000000000000001", "raised"};
    assert_false(event_is_for(&desk->site, person_id(STATION), &raised));
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        struct event told = {.id = "x-0000000000000001", .state = "running"};
        snprintf(told.noun, sizeof told.noun, "%s", others[i]);
        assert_true(event_is_for(&desk->site, person_id(STATION), &told));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_is_ids_and_codes),
        cmocka_unit_test(what_is_no_code_or_not_for_screens_is_left_out),
        cmocka_unit_test(s29_s39_who_reviews_and_a_station_hear_of_alerts_what_is_for_them),
        cmocka_unit_test(a_stream_goes_on_after_the_event_that_was_seen_last),
        cmocka_unit_test(of_more_than_a_stream_replays_it_replays_nothing_and_the_oldest_are_let_go),
    };
    return cmocka_run_group_tests(tests, desk_setup, desk_teardown);
}
