/* What goes over the radio, and what a crew that was called back has to say (SAFEGUARDS 34). */
#include "world.h"

#include "alert/timer.h"

#include <ctype.h>

static json_t *radio_for(struct world *world, enum person person)
{
    wrong = (struct error){0};
    return alert_radio(&world->site, officer_of(world, person), world->alert, &wrong);
}

static void come_to_dispatched(struct world *world)
{
    raise_one(world);
    agree(world);
    accepted(dispatch_by(world, DISPATCHER, UNIT));
}

static void recall(struct world *world)
{
    assert_true(ledger_begin(world->site.ledger, &wrong));
    assert_true(alert_recall_entry(&world->site, ENTRY, "other", &wrong));
    assert_true(ledger_commit(world->site.ledger, &wrong));
}

static bool acknowledge_as(struct world *world, enum person person)
{
    return act(
        world, alert_acknowledge, person, "acknowledgement", json_pack("{s:s}", "alert", world->alert));
}

/* What every page calls the alert by: the last four of its id. */
static const char *called(const char *alert)
{
    static char code[5];
    const char *last = alert + strlen(alert) - 4;
    for (size_t i = 0; i < 4; i++)
        code[i] = (char)toupper((unsigned char)last[i]);
    return code;
}

static void s34_the_radio_script_names_nobody_and_no_offence(void **state)
{
    struct world *world = *state;
    come_to_dispatched(world);
    AUTO(json) json_t *script = radio_for(world, DISPATCHER);
    assert_non_null(script);
    assert_string_equal(json_string_value(json_object_get(script, "code")), called(world->alert));
    assert_non_null(json_string_value(json_object_get(script, "read_back")));
    AUTO(text) char *text = json_canonical(script, &wrong);
    assert_non_null(strstr(text, "Main gate"));
    assert_non_null(strstr(text, "jacket"));
    static const char *const never[] = {"Aslam", "Karim", "scar", CNIC, "FIR", CASE, ENTRY};
    for (size_t i = 0; i < COUNT_OF(never); i++) {
        if (strstr(text, never[i]))
            fail_msg("%s goes over the radio", never[i]);
    }
    assert_true(is_recorded(world, "radio_script_shown"));
    AUTO(json) json_t *again = radio_for(world, DISPATCHER);
    assert_true(json_equal(script, again));
}

static void s34_nothing_is_read_out_before_a_unit_is_sent_or_to_others(void **state)
{
    struct world *world = *state;
    raise_one(world);
    agree(world);
    assert_null(radio_for(world, DISPATCHER));
    assert_int_equal(wrong.code, ERROR_CONFLICT);
    accepted(dispatch_by(world, DISPATCHER, UNIT));
    assert_null(radio_for(world, REVIEWER_ONE));
    assert_int_equal(wrong.code, ERROR_FORBIDDEN);
    recall(world);
    assert_null(radio_for(world, DISPATCHER));
}

static json_t *shown_to(struct world *world, enum person person)
{
    json_t *shown = alert_show(&world->site, officer_of(world, person), world->alert, &wrong);
    assert_non_null(shown);
    return shown;
}

static bool heard_by_radio(struct world *world, enum person person, const char *unit, const char *word)
{
    return act(world, alert_acknowledge_by_radio, person, "radio_acknowledgement",
        json_pack("{s:s, s:s, s:s}", "alert", world->alert, "unit", unit, "read_back", word));
}

static void s34_a_crew_whose_page_is_silent_acknowledges_by_radio_with_the_word_that_it_reads_back(
    void **state)
{
    struct world *world = *state;
    come_to_dispatched(world);
    AUTO(json) json_t *script = radio_for(world, DISPATCHER);
    AUTO(json) json_t *before = shown_to(world, DISPATCHER);
    assert_null(json_object_get(before, "recall_word"));
    refused(heard_by_radio(world, DISPATCHER, UNIT, "mango"), ERROR_CONFLICT);
    recall(world);
    assert_true(alert_tick_at(&world->site, clock_now_us() + 61000000, &wrong));
    AUTO(json) json_t *room = shown_to(world, DISPATCHER);
    AUTO(json) json_t *crew = shown_to(world, CREW_ONE);
    const char *word = json_string_value(json_object_get(room, "recall_word"));
    assert_non_null(word);
    assert_null(json_object_get(crew, "recall_word"));
    refused(heard_by_radio(world, DISPATCHER, UNIT, "mongo"), ERROR_CONFLICT);
    refused(heard_by_radio(world, DISPATCHER, OTHER_UNIT, word), ERROR_CONFLICT);
    refused(heard_by_radio(world, REVIEWER_ONE, UNIT, word), ERROR_FORBIDDEN);
    leave(world, DISPATCHER);
    refused(heard_by_radio(world, DISPATCHER, UNIT, word), ERROR_FORBIDDEN);
    be_present(world, DISPATCHER, "dispatcher", "");
    assert_string_equal(json_string_value(json_object_get(room, "recall")), "escalated");
    accepted(heard_by_radio(world, DISPATCHER, UNIT, word));
    assert_true(is_recorded(world, "recall_acknowledged"));
    AUTO(json) json_t *after = shown_to(world, DISPATCHER);
    assert_string_equal(json_string_value(json_object_get(after, "recall")), "acknowledged");
    assert_null(json_object_get(after, "recall_word"));
    refused(heard_by_radio(world, DISPATCHER, UNIT, word), ERROR_CONFLICT);
    refused(acknowledge_as(world, CREW_ONE), ERROR_CONFLICT);
}

static void s34_a_recall_that_is_not_acknowledged_escalates_once(void **state)
{
    struct world *world = *state;
    come_to_dispatched(world);
    recall(world);
    assert_true(alert_tick_at(&world->site, clock_now_us() + 59000000, &wrong));
    assert_false(is_recorded(world, "recall_unacknowledged"));
    assert_true(alert_tick_at(&world->site, clock_now_us() + 61000000, &wrong));
    assert_true(is_recorded(world, "recall_unacknowledged"));
    AUTO(bytes) struct bytes before = {0};
    AUTO(bytes) struct bytes after = {0};
    assert_true(ledger_export(world->site.ledger, &before, &wrong));
    assert_true(alert_tick_at(&world->site, clock_now_us() + 62000000, &wrong));
    assert_true(ledger_export(world->site.ledger, &after, &wrong));
    assert_int_equal(before.size, after.size);
    accepted(acknowledge_as(world, CREW_ONE)); /* late is better than never */
    assert_true(is_recorded(world, "recall_acknowledged"));
}

static void s34_an_acknowledged_recall_does_not_escalate(void **state)
{
    struct world *world = *state;
    come_to_dispatched(world);
    refused(acknowledge_as(world, CREW_ONE), ERROR_CONFLICT);
    recall(world);
    be_present(world, CREW_TWO, "crew", OTHER_UNIT);
    refused(acknowledge_as(world, CREW_TWO), ERROR_FORBIDDEN);
    accepted(acknowledge_as(world, CREW_ONE));
    refused(acknowledge_as(world, CREW_ONE), ERROR_CONFLICT);
    assert_true(alert_tick_at(&world->site, clock_now_us() + 61000000, &wrong));
    assert_false(is_recorded(world, "recall_unacknowledged"));
}

static void s34_who_stands_before_the_person_acknowledges_too(void **state)
{
    struct world *world = *state;
    come_to_stop(world);
    recall(world);
    assert_string_equal(state_of(world), "stopped");
    assert_true(alert_tick_at(&world->site, clock_now_us() + 61000000, &wrong));
    assert_true(is_recorded(world, "recall_unacknowledged"));
    accepted(acknowledge_as(world, CREW_ONE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(s34_the_radio_script_names_nobody_and_no_offence),
        TEST(s34_nothing_is_read_out_before_a_unit_is_sent_or_to_others),
        TEST(s34_a_crew_whose_page_is_silent_acknowledges_by_radio_with_the_word_that_it_reads_back),
        TEST(s34_a_recall_that_is_not_acknowledged_escalates_once),
        TEST(s34_an_acknowledged_recall_does_not_escalate),
        TEST(s34_who_stands_before_the_person_acknowledges_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
