#include "desk.h"

#include "base/text.h"
#include "http/event.h"
#include "list/presence.h"

static void an_event_is_ids_and_codes(void **state)
{
    struct desk *desk = *state;
    char out[EVENT_TEXT_LIMIT];
    const struct event event = {3, 17, "alert", "a-0000000000000001", "raised", ""};
    size_t size = event_write(&desk->site, &event, out, sizeof out);
    assert_int_equal(size, strlen(out));
    assert_string_equal(out, "id: demo-one:3:17\nevent: alert\n"
                             "data: {\"alert\":\"a-0000000000000001\",\"state\":\"raised\"}\n\n");
    const struct event packet = {3, 18, "packet", "a-0000000000000001", "sealed", UNIT};
    assert_true(event_write(&desk->site, &packet, out, sizeof out) > 0);
    assert_non_null(strstr(out, "event: packet\ndata: {\"alert\":\"a-"));
}

static void what_is_no_code_or_not_for_screens_is_left_out(void **state)
{
    struct desk *desk = *state;
    char out[EVENT_TEXT_LIMIT];
    const struct event events[] = {{1, 1, "entry", "e-0000000000000001", "proposed", ""},
        {1, 1, "alert", "a\nevent: x", "raised", ""}, {1, 1, "alert", "a-1", "\"Ali Khan\"", ""},
        {1, 1, "", "a-1", "raised", ""}};
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

static bool hears(
    struct desk *desk, enum person person, const char *noun, const char *state, const char *unit)
{
    struct event event = {.epoch = 1, .seq = 1, .id = "a-0000000000000001"};
    snprintf(event.noun, sizeof event.noun, "%s", noun);
    snprintf(event.state, sizeof event.state, "%s", state);
    snprintf(event.unit, sizeof event.unit, "%s", unit);
    return event_is_for(&desk->site, person_id(person), &event);
}

/* Of what is not an alert all hear; who may review until they are on duty as dispatcher, and a station, hear
 * of alerts what is for them. */
static void s29_s39_who_reviews_and_a_station_hear_of_alerts_what_is_for_them(void **state)
{
    struct desk *desk = *state;
    static const char *const others[] = {"operation", "presence", "camera"};
    static const char *const states[] = {"raised", "agreed", "dispatched", "stopped", "closed", "received"};
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        assert_false(hears(desk, REVIEWER, "alert", states[i], UNIT));
        assert_false(hears(desk, STATION, "alert", states[i], UNIT));
    }
    for (int person = 0; person < PEOPLE; person++) {
        for (size_t i = 0; i < COUNT_OF(others); i++)
            assert_true(hears(desk, (enum person)person, others[i], "running", ""));
    }
}

/* Whoever may review, too, is blind to how it goes on until they are on duty as dispatcher. */
static void s29_who_may_review_too_hears_of_all_alerts_once_on_duty_as_dispatcher(void **state)
{
    struct desk *desk = *state;
    struct error err = {0};
    struct officer *both = (struct officer *)roster_officer(desk->site.roster, person_id(DISPATCHER));
    both->roles |= 1U << ROLE_REVIEWER;
    assert_false(hears(desk, DISPATCHER, "alert", "agreed", ""));
    AUTO(json) json_t *reply = presence_confirm(&desk->site, both, "dispatcher", "", &err);
    assert_non_null(reply);
    assert_true(hears(desk, DISPATCHER, "alert", "agreed", ""));
}

static void be_crew(struct desk *desk, const char *unit)
{
    struct error err = {0};
    const struct officer *officer = roster_officer(desk->site.roster, person_id(CREW));
    AUTO(json) json_t *reply = presence_confirm(&desk->site, officer, "crew", unit, &err);
    if (!reply)
        fail_msg("%s", err.text);
}

/* Dispatchers see every alert; a crew what its unit has, once it is with it; who amends outcomes, ends; who
 * only proposes, audits or keeps the machine, nothing. */
static void s34_of_alerts_everybody_hears_what_their_page_shows(void **state)
{
    struct desk *desk = *state;
    static const enum person deaf[] = {
        WATCH_OFFICER, REVIEWER, AUDITOR, ADMIN, STATION, OUTSIDE_SIGNER, INSPECTOR};
    for (size_t i = 0; i < COUNT_OF(deaf); i++) {
        assert_false(hears(desk, deaf[i], "alert", "closed", UNIT));
        assert_false(hears(desk, deaf[i], "packet", "sealed", UNIT));
    }
    assert_true(hears(desk, DISPATCHER, "alert", "raised", ""));
    assert_true(hears(desk, DISPATCHER, "packet", "erased", UNIT));
    assert_true(hears(desk, AUTHORISER, "alert", "closed", UNIT));
    assert_false(hears(desk, AUTHORISER, "alert", "dispatched", UNIT));
    assert_false(hears(desk, CREW, "packet", "sealed", UNIT));
    be_crew(desk, UNIT);
    assert_true(hears(desk, CREW, "packet", "sealed", UNIT));
    assert_true(hears(desk, CREW, "alert", "dispatched", UNIT));
    assert_false(hears(desk, CREW, "alert", "dispatched", "u-0000000000000002"));
    assert_false(hears(desk, CREW, "alert", "raised", ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_is_ids_and_codes),
        cmocka_unit_test(what_is_no_code_or_not_for_screens_is_left_out),
        cmocka_unit_test(s29_s39_who_reviews_and_a_station_hear_of_alerts_what_is_for_them),
        cmocka_unit_test_setup_teardown(
            s29_who_may_review_too_hears_of_all_alerts_once_on_duty_as_dispatcher, desk_setup, desk_teardown),
        cmocka_unit_test(s34_of_alerts_everybody_hears_what_their_page_shows),
        cmocka_unit_test(a_stream_goes_on_after_the_event_that_was_seen_last),
        cmocka_unit_test(of_more_than_a_stream_replays_it_replays_nothing_and_the_oldest_are_let_go),
    };
    return cmocka_run_group_tests(tests, desk_setup, desk_teardown);
}
