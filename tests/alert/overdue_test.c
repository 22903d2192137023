/* Alerts and requests whose rows were edited so that nothing would bring them to their end (alert/overdue.h).
 */
#include "world.h"

#include "../list/fake_clock.h"
#include "alert/overdue.h"
#include "base/text.h"

enum { HOUR_S = 3600, DAY_S = 86400 };

static bool has_key(struct world *world, const char *noun, const char *id)
{
    AUTO(text) char *key = text_format("%s/%s", noun, id);
    return keyring_key(world->site.ledger->keyring, key, false, NULL) != NULL;
}

static bool keeps_pictures(struct world *world)
{
    bool sealed =
        number(world, "SELECT (SELECT count(*) FROM alert_picture) + (SELECT count(*) FROM alert_note)") > 0;
    assert_int_equal(sealed, has_key(world, "alert", world->alert));
    return sealed;
}

static void time_goes_by(struct world *world, int64_t seconds)
{
    clock_pass(seconds);
    accepted(alert_tick(&world->site, &wrong));
    accepted(overdue_alerts_tick(&world->site, &wrong));
}

static void start_again(struct world *world)
{
    world_stop(world);
    world_start(world);
}

static void come_to_custody(struct world *world)
{
    come_to_stop(world);
    accepted(verify(world, CNIC, "thumb", "yes"));
    accepted(ask_status(world, "live"));
    accepted(outcome(world, "custody", "cnic_verified", CASE, slip));
}

static void hand_over(struct world *world)
{
    accepted(act(world, alert_hand_over, CREW_ONE, "handover",
        json_pack("{s:s, s:s}", "alert", world->alert, "station", STATION_ID)));
}

static void goes_after(void **state, const char *edit, int64_t kept_s)
{
    struct world *world = *state;
    sql(world, edit);
    assert_int_equal(number(world, "SELECT changes()"), 1);
    start_again(world);
    assert_true(keeps_pictures(world));
    time_goes_by(world, kept_s - HOUR_S);
    assert_true(keeps_pictures(world));
    time_goes_by(world, 2 * HOUR_S);
    assert_false(keeps_pictures(world));
    assert_true(is_recorded(world, "alert_pictures_erased"));
}

/* Each keeps what is sealed about a custody from its own end. */
static const char *const edits[] = {
    "UPDATE alert SET erase_us = NULL",
    "UPDATE alert SET erase_us = erase_us * 2",
    "UPDATE alert SET erased = 1",
    "UPDATE alert SET mark = x''",
    "UPDATE alert SET closed_us = closed_us * 2, erase_us = erase_us * 2",
    "DELETE FROM alert",
};

static void s41_s50_a_custody_s_pictures_and_numbers_go_after_31_days_whatever_its_row_says(void **state)
{
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        come_to_custody(*state);
        goes_after(state, edits[i], LIMIT_EVIDENCE_S);
        world_teardown(state);
        world_setup(state);
    }
}

static void s41_s50_a_hand_over_that_no_station_signs_keeps_nothing_for_longer(void **state)
{
    come_to_custody(*state);
    hand_over(*state);
    goes_after(state, edits[0], LIMIT_EVIDENCE_S);
}

static void s41_s50_a_true_alert_s_pictures_go_after_a_day_whatever_its_row_says(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    accepted(verify(world, CNIC, "thumb", "yes"));
    accepted(outcome(world, "right_person_no_action", "cnic_verified", "", slip));
    goes_after(state, edits[0], DAY_S);
}

/* With the desk's own mark. */
static void s41_s50_the_row_of_a_stop_put_back_after_its_end_keeps_nothing_for_longer(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    sql(world, "CREATE TABLE kept AS SELECT * FROM alert");
    accepted(verify(world, CNIC, "thumb", "yes"));
    accepted(ask_status(world, "live"));
    accepted(outcome(world, "custody", "cnic_verified", CASE, slip));
    goes_after(state, "INSERT OR REPLACE INTO alert SELECT * FROM kept", LIMIT_EVIDENCE_S);
    assert_string_equal(state_of(world), "closed");
    assert_string_equal(outcome_of(world), "custody");
}

static void s41_s50_an_edited_alert_that_came_to_no_stop_keeps_its_pictures_for_its_hour(void **state)
{
    raise_one(*state);
    goes_after(state, "UPDATE alert SET mark = x''", LIMIT_ALERT_S);
}

static void s41_s50_an_edited_stop_without_an_outcome_is_kept_as_a_custody_is(void **state)
{
    come_to_stop(*state);
    goes_after(state, "UPDATE alert SET mark = x''", LIMIT_EVIDENCE_S);
}

static void what_nobody_edited_is_kept_until_its_outcome_and_its_receipts(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    time_goes_by(world, 40 * DAY_S);
    assert_true(keeps_pictures(world));
    be_present(world, CREW_ONE, "crew", UNIT);
    accepted(verify(world, CNIC, "thumb", "yes"));
    accepted(ask_status(world, "live"));
    accepted(outcome(world, "custody", "cnic_verified", CASE, slip));
    time_goes_by(world, 30 * DAY_S);
    assert_true(keeps_pictures(world));
}

static void ask_at_the_counter(struct world *world, char request[static 24])
{
    random_id("q", request);
    accepted(act(world, ask_at_counter, STATION, "redress_request",
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "request", request, "kind", "access", "slip", "", "cnic",
            CNIC, "words", "am I listed?", "contact", "0300-1234567")));
}

static void s43_s50_what_was_asked_at_a_counter_goes_after_a_year_whatever_its_row_says(void **state)
{
    static const char *const of_requests[] = {"UPDATE redress SET mark = x''",
        "UPDATE redress SET expires_us = expires_us * 2", "UPDATE redress SET request = 'q-000000000000000x'",
        "DELETE FROM redress"};
    struct world *world = *state;
    for (size_t i = 0; i < COUNT_OF(of_requests); i++) {
        char request[24];
        ask_at_the_counter(world, request);
        sql(world, of_requests[i]);
        assert_int_equal(number(world, "SELECT changes()"), 1);
        start_again(world);
        time_goes_by(world, (int64_t)REDRESS_KEPT_DAYS * DAY_S - HOUR_S);
        assert_true(has_key(world, "redress", request));
        time_goes_by(world, 2 * HOUR_S);
        assert_false(has_key(world, "redress", request));
        assert_true(is_recorded(world, "redress_erased"));
        sql(world, "DELETE FROM redress");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(s41_s50_a_custody_s_pictures_and_numbers_go_after_31_days_whatever_its_row_says),
        TEST(s41_s50_a_hand_over_that_no_station_signs_keeps_nothing_for_longer),
        TEST(s41_s50_a_true_alert_s_pictures_go_after_a_day_whatever_its_row_says),
        TEST(s41_s50_the_row_of_a_stop_put_back_after_its_end_keeps_nothing_for_longer),
        TEST(s41_s50_an_edited_alert_that_came_to_no_stop_keeps_its_pictures_for_its_hour),
        TEST(s41_s50_an_edited_stop_without_an_outcome_is_kept_as_a_custody_is),
        TEST(what_nobody_edited_is_kept_until_its_outcome_and_its_receipts),
        TEST(s43_s50_what_was_asked_at_a_counter_goes_after_a_year_whatever_its_row_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
