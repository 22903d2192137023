/* What the crew signed stays; what holds is what two offices that took no part sign (SAFEGUARDS 38). */
#include "world.h"

#include "alert/timer.h"

static bool amend_as(struct world *world, enum person person, const char *from, const char *to)
{
    return act(world, alert_amend, person, "amendment",
        json_pack("{s:s, s:s, s:s}", "alert", world->alert, "from", from, "outcome", to));
}

static const char *amended_of(struct world *world)
{
    static char holds[40];
    AUTO(json) json_t *shown = alert_show(&world->site, officer_of(world, DISPATCHER), world->alert, &wrong);
    const char *word = json_string_value(json_object_get(shown, "amended"));
    snprintf(holds, sizeof holds, "%s", word ? word : "");
    return holds;
}

static void end_as(struct world *world, const char *word)
{
    come_to_stop(world);
    accepted(outcome(world, word, "none", "", slip));
}

static void end_in_custody(struct world *world)
{
    come_to_stop(world);
    accepted(verify(world, CNIC, "thumb", "yes"));
    accepted(ask_status(world, "live"));
    accepted(outcome(world, "custody", "cnic_verified", CASE, ""));
}

static void s38_an_outcome_is_amended_by_two_offices_and_never_overwritten(void **state)
{
    struct world *world = *state;
    end_as(world, "identity_not_established");
    accepted(amend_as(world, AUTHORISER_ONE, "identity_not_established", "wrong_person"));
    assert_string_equal(amended_of(world), "");
    refused(amend_as(world, AUTHORISER_ONE, "identity_not_established", "wrong_person"), ERROR_FORBIDDEN);
    accepted(amend_as(world, AUTHORISER_BESIDE, "identity_not_established", "wrong_person"));
    assert_string_equal(amended_of(world), ""); /* the same office */
    accepted(amend_as(world, AUTHORISER_TWO, "identity_not_established", "wrong_person"));
    assert_string_equal(amended_of(world), "wrong_person");
    assert_string_equal(outcome_of(world), "identity_not_established");
    assert_true(is_recorded(world, "outcome_amended"));
    assert_int_equal(neighbours.suspensions, 1);
    assert_int_equal(neighbours.records_owed, 1);
}

static void say_published(struct world *world)
{
    AUTO(json) json_t *fields = json_pack("{s:s}", "operation", OPERATION);
    const struct record record = {.kind = "record_published", .by = "site", .public_fields = fields};
    if (!ledger_begin(world->site.ledger, &wrong) || !ledger_record(world->site.ledger, &record, &wrong) ||
        !ledger_commit(world->site.ledger, &wrong))
        fail_msg("%s", wrong.text);
}

/* Whatever row says at the next start that it was published. */
static void s20_s50_a_record_published_before_an_amendment_is_owed_at_each_start(void **state)
{
    struct world *world = *state;
    end_as(world, "identity_not_established");
    say_published(world);
    neighbours.records_owed = 0;
    world_stop(world);
    world_start(world);
    assert_int_equal(neighbours.records_owed, 0);
    accepted(amend_as(world, AUTHORISER_ONE, "identity_not_established", "wrong_person"));
    accepted(amend_as(world, AUTHORISER_TWO, "identity_not_established", "wrong_person"));
    neighbours.records_owed = 0;
    world_stop(world);
    world_start(world);
    assert_int_equal(neighbours.records_owed, 1);
    say_published(world);
    world_stop(world);
    world_start(world);
    assert_int_equal(neighbours.records_owed, 1);
}

static void s38_two_different_amendments_amend_nothing(void **state)
{
    struct world *world = *state;
    end_as(world, "identity_not_established");
    accepted(amend_as(world, AUTHORISER_ONE, "identity_not_established", "wrong_person"));
    accepted(amend_as(world, AUTHORISER_TWO, "identity_not_established", "contact_declined"));
    assert_string_equal(amended_of(world), "");
}

static void s38_nobody_amends_what_they_took_part_in(void **state)
{
    struct world *world = *state;
    end_as(world, "identity_not_established");
    refused(
        amend_as(world, APPROVER, "identity_not_established", "wrong_person"), ERROR_FORBIDDEN); /* party */
    refused(amend_as(world, CREW_ONE, "identity_not_established", "wrong_person"), ERROR_FORBIDDEN);
    refused(amend_as(world, DISPATCHER, "identity_not_established", "wrong_person"), ERROR_FORBIDDEN);
}

static void s37_custody_is_not_written_afterwards(void **state)
{
    struct world *world = *state;
    end_as(world, "identity_not_established");
    refused(amend_as(world, AUTHORISER_ONE, "identity_not_established", "custody"), ERROR_CONFLICT);
    refused(amend_as(world, AUTHORISER_ONE, "wrong_person", "contact_declined"), ERROR_CONFLICT);
}

static void s38_an_open_alert_has_nothing_to_amend(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    refused(amend_as(world, AUTHORISER_ONE, "custody", "wrong_person"), ERROR_CONFLICT);
}

static void s32_one_wrong_custody_halts_the_operation(void **state)
{
    struct world *world = *state;
    end_in_custody(world);
    accepted(amend_as(world, AUTHORISER_ONE, "custody", "wrong_person"));
    assert_int_equal(neighbours.halts, 0);
    accepted(amend_as(world, AUTHORISER_TWO, "custody", "wrong_person"));
    assert_int_equal(neighbours.halts, 1);
    assert_string_equal(neighbours.reason, "wrong_custody");
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_picture"), 0);
}

static void s32_a_wrong_custody_halts_the_operation_whatever_it_was_called_between(void **state)
{
    struct world *world = *state;
    end_in_custody(world);
    accepted(amend_as(world, AUTHORISER_ONE, "custody", "right_person_no_action"));
    accepted(amend_as(world, AUTHORISER_TWO, "custody", "right_person_no_action"));
    assert_int_equal(neighbours.halts, 0);
    accepted(amend_as(world, AUTHORISER_BESIDE, "right_person_no_action", "wrong_person"));
    accepted(amend_as(world, AUTHORISER_THREE, "right_person_no_action", "wrong_person"));
    assert_int_equal(neighbours.halts, 1);
    assert_string_equal(neighbours.reason, "wrong_custody");
}

static void s32_an_amended_stop_counts_for_the_breaker(void **state)
{
    struct world *world = *state;
    end_as(world, "wrong_person");
    end_as(world, "identity_not_established");
    accepted(amend_as(world, AUTHORISER_ONE, "identity_not_established", "wrong_person"));
    assert_int_equal(neighbours.halts, 0);
    accepted(amend_as(world, AUTHORISER_TWO, "identity_not_established", "wrong_person"));
    assert_int_equal(neighbours.halts, 1);
}

static void s38_an_edited_amendment_does_not_hold(void **state)
{
    struct world *world = *state;
    end_as(world, "identity_not_established");
    accepted(amend_as(world, AUTHORISER_ONE, "identity_not_established", "wrong_person"));
    accepted(amend_as(world, AUTHORISER_TWO, "identity_not_established", "wrong_person"));
    sql(world, "UPDATE alert_statement SET envelope = replace(envelope, 'wrong_person', 'contact_declined')"
               " WHERE type = 'amendment'");
    assert_string_equal(amended_of(world), "");
}

static void s32_s50_an_amendment_taken_out_of_the_row_counts_for_the_breaker_all_the_same(void **state)
{
    struct world *world = *state;
    end_as(world, "identity_not_established");
    accepted(amend_as(world, AUTHORISER_ONE, "identity_not_established", "wrong_person"));
    accepted(amend_as(world, AUTHORISER_TWO, "identity_not_established", "wrong_person"));
    sql(world, "UPDATE alert SET amended = 'found_safe'");
    world_stop(world);
    world_start(world);
    neighbours.operation_state = "running";
    assert_int_equal(neighbours.halts, 0);
    end_as(world, "wrong_person");
    assert_int_equal(neighbours.halts, 1);
}

static void s38_a_stop_without_an_outcome_is_overdue_after_a_day(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    AUTO(json) json_t *none = alert_overdue_operations(&world->site, &wrong);
    assert_int_equal(json_array_size(none), 0);
    sql(world, "UPDATE alert SET stopped_us = stopped_us - 86401000000");
    AUTO(json) json_t *overdue = alert_overdue_operations(&world->site, &wrong);
    assert_int_equal(json_array_size(overdue), 1);
    assert_string_equal(json_string_value(json_array_get(overdue, 0)), OPERATION);
}

/* As if the stop had been so long ago. */
static void age_the_stop(struct world *world, int64_t seconds)
{
    struct alert alert;
    accepted(alert_load(&world->site, world->alert, &alert, &wrong));
    alert.stopped_us -= seconds * 1000000;
    accepted(alert_save(&world->site, &alert, &wrong));
}

static void s38_a_stop_that_its_crew_never_records_is_closed_by_two_offices_and_says_so(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    age_the_stop(world, 86000);
    refused(amend_as(world, AUTHORISER_ONE, "not_recorded", "identity_not_established"), ERROR_CONFLICT);
    age_the_stop(world, 500);
    leave(world, CREW_ONE); /* and never comes back */
    AUTO(json)
    json_t *seen = alert_show(&world->site, officer_of(world, AUTHORISER_ONE), world->alert, &wrong);
    assert_string_equal(json_string_value(json_object_get(seen, "outcome")), "not_recorded");
    refused(amend_as(world, AUTHORISER_ONE, "not_recorded", "wrong_person"), ERROR_CONFLICT);
    refused(amend_as(world, APPROVER, "not_recorded", "identity_not_established"), ERROR_FORBIDDEN);
    accepted(amend_as(world, AUTHORISER_ONE, "not_recorded", "identity_not_established"));
    accepted(amend_as(world, AUTHORISER_BESIDE, "not_recorded", "identity_not_established"));
    assert_string_equal(state_of(world), "stopped"); /* the same office */
    assert_true(number(world, "SELECT COUNT(*) FROM alert_picture") > 0);
    accepted(amend_as(world, AUTHORISER_TWO, "not_recorded", "identity_not_established"));
    assert_string_equal(state_of(world), "closed");
    assert_string_equal(outcome_of(world), "identity_not_established");
    assert_true(is_recorded(world, "outcome_not_recorded"));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_picture"), 0);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM slip"), 1);
    AUTO(json) json_t *overdue = alert_overdue_operations(&world->site, &wrong);
    assert_int_equal(json_array_size(overdue), 0);
    refused(outcome(world, "wrong_person", "none", "", slip), ERROR_FORBIDDEN);
    accepted(amend_as(world, AUTHORISER_THREE, "identity_not_established", "wrong_person"));
}

static bool raise_entry(struct world *world, int which)
{
    struct sighting sighting = sighting_of(world, ENTRY);
    snprintf(sighting.entry, sizeof sighting.entry, "e-%016d", which);
    wrong = (struct error){0};
    return alert_raise(&world->site, &sighting, &wrong);
}

static void s32_a_camera_over_its_rate_is_halted_and_drops_nothing_silently(void **state)
{
    struct world *world = *state;
    world->site.supervisor = NULL;
    for (int i = 0; i < LIMIT_CAMERA_ALERTS_AN_HOUR; i++)
        accepted(raise_entry(world, 10 + i));
    assert_false(is_recorded(world, "camera_halted"));
    accepted(raise_entry(world, 50));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert"), LIMIT_CAMERA_ALERTS_AN_HOUR);
    assert_true(is_recorded(world, "camera_halted"));
    assert_true(is_recorded(world, "sighting_of_halted_camera"));
    /* An hour later it is halted still. */
    sql(world, "UPDATE alert SET raised_us = raised_us - 3600000000");
    accepted(raise_entry(world, 51));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert"), LIMIT_CAMERA_ALERTS_AN_HOUR);
    /* Its watch is told, and again by a desk that was started anew. */
    assert_int_equal(neighbours.camera_halts, 0);
    world->site.supervisor = (struct supervisor *)world;
    assert_true(alert_halt_cameras(&world->site, &wrong));
    assert_int_equal(neighbours.camera_halts, 1);
    assert_string_equal(neighbours.halted_operation, OPERATION);
    assert_string_equal(neighbours.halted_camera, CAMERA);
    assert_true(alert_tick_at(&world->site, clock_now_us(), &wrong));
    assert_int_equal(neighbours.camera_halts, 2);
}

static void s32_a_camera_that_its_watch_s_post_halted_is_halted_in_the_log_too(void **state)
{
    struct world *world = *state;
    world->site.supervisor = NULL;
    accepted(raise_entry(world, 10));
    struct sighting sighting = sighting_of(world, ENTRY);
    snprintf(sighting.entry, sizeof sighting.entry, "e-%016d", 10);
    sighting.over_rate = true;
    accepted(alert_raise(&world->site, &sighting, &wrong));
    assert_true(is_recorded(world, "camera_halted"));
    assert_true(is_recorded(world, "sighting_of_halted_camera"));
    accepted(raise_entry(world, 11));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert"), 1);
    world->site.supervisor = (struct supervisor *)world;
    assert_true(alert_tick_at(&world->site, clock_now_us(), &wrong));
    assert_int_equal(neighbours.camera_halts, 1);
}

static size_t listed_to(struct world *world, enum person person)
{
    AUTO(json) json_t *list = alert_list(&world->site, officer_of(world, person), &wrong);
    return json_array_size(json_object_get(list, "alerts"));
}

/* As if the alert had been raised so long ago. */
static void age_the_alert(struct world *world, int64_t days)
{
    struct alert alert;
    accepted(alert_load(&world->site, world->alert, &alert, &wrong));
    alert.raised_us -= days * 86400 * 1000000;
    accepted(alert_save(&world->site, &alert, &wrong)); /* marks the time, and leaves it as it was */
    AUTO(text) char *change = text_format("UPDATE alert SET raised_us = %lld", (long long)alert.raised_us);
    sql(world, change);
}

static void s38_an_outcome_is_found_for_a_month_by_who_may_amend_it(void **state)
{
    struct world *world = *state;
    end_as(world, "identity_not_established");
    assert_int_equal(listed_to(world, DISPATCHER), 1);
    age_the_alert(world, 30);
    assert_int_equal(listed_to(world, AUTHORISER_ONE), 1);
    assert_int_equal(listed_to(world, DISPATCHER), 0);
    age_the_alert(world, 2);
    assert_int_equal(listed_to(world, AUTHORISER_ONE), 0);
}

static void s38_who_may_amend_a_custody_sees_its_end_after_the_hand_over_too(void **state)
{
    struct world *world = *state;
    end_in_custody(world);
    accepted(act(world, alert_hand_over, CREW_ONE, "handover",
        json_pack("{s:s, s:s}", "alert", world->alert, "station", STATION_ID)));
    AUTO(json)
    json_t *seen = alert_show(&world->site, officer_of(world, AUTHORISER_ONE), world->alert, &wrong);
    assert_non_null(seen);
    assert_string_equal(json_string_value(json_object_get(seen, "state")), "handed_over");
    assert_string_equal(json_string_value(json_object_get(seen, "outcome")), "custody");
    assert_null(json_object_get(seen, "person"));
    accepted(amend_as(world, AUTHORISER_ONE, "custody", "wrong_person"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(s38_an_outcome_is_amended_by_two_offices_and_never_overwritten),
        TEST(s20_s50_a_record_published_before_an_amendment_is_owed_at_each_start),
        TEST(s38_two_different_amendments_amend_nothing),
        TEST(s38_nobody_amends_what_they_took_part_in),
        TEST(s37_custody_is_not_written_afterwards),
        TEST(s38_an_open_alert_has_nothing_to_amend),
        TEST(s32_one_wrong_custody_halts_the_operation),
        TEST(s32_a_wrong_custody_halts_the_operation_whatever_it_was_called_between),
        TEST(s32_an_amended_stop_counts_for_the_breaker),
        TEST(s38_an_edited_amendment_does_not_hold),
        TEST(s32_s50_an_amendment_taken_out_of_the_row_counts_for_the_breaker_all_the_same),
        TEST(s38_a_stop_without_an_outcome_is_overdue_after_a_day),
        TEST(s38_a_stop_that_its_crew_never_records_is_closed_by_two_offices_and_says_so),
        TEST(s32_a_camera_over_its_rate_is_halted_and_drops_nothing_silently),
        TEST(s32_a_camera_that_its_watch_s_post_halted_is_halted_in_the_log_too),
        TEST(s38_an_outcome_is_found_for_a_month_by_who_may_amend_it),
        TEST(s38_who_may_amend_a_custody_sees_its_end_after_the_hand_over_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
