#include "alert/lives.h"

#include "base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *const outcomes[] = {"", "rejected", "lapsed", "no_unit", "recalled", "planted",
    "not_found", "lost", "not_stopped", "wrong_person", "right_person_not_wanted", "identity_not_established",
    "right_person_no_action", "other_custody", "custody", "found_safe", "contact_declined"};

/* DESIGN §4 as one line for each move, in the order of the loops below. */
static const char expected[] = "raised agreed review;"
                               "raised closed review rejected;"
                               "raised closed timer lapsed;"
                               "raised closed rule recalled;"
                               "raised closed rule planted;"
                               "agreed dispatched dispatcher;"
                               "agreed closed dispatcher no_unit;"
                               "agreed closed timer lapsed;"
                               "agreed closed rule recalled;"
                               "dispatched dispatched dispatcher;"
                               "dispatched dispatched crew;"
                               "dispatched dispatched timer;"
                               "dispatched accepted crew;"
                               "dispatched closed crew not_found;"
                               "dispatched closed crew lost;"
                               "dispatched closed crew not_stopped;"
                               "dispatched closed timer lapsed;"
                               "dispatched closed rule recalled;"
                               "accepted accepted dispatcher;"
                               "accepted on_scene crew;"
                               "accepted closed crew not_found;"
                               "accepted closed crew lost;"
                               "accepted closed crew not_stopped;"
                               "accepted closed timer lapsed;"
                               "accepted closed rule recalled;"
                               "on_scene on_scene dispatcher;"
                               "on_scene stopped crew;"
                               "on_scene closed concurred not_found;"
                               "on_scene closed concurred lost;"
                               "on_scene closed concurred not_stopped;"
                               "on_scene closed concurred found_safe;"
                               "on_scene closed concurred contact_declined;"
                               "on_scene closed timer lapsed;"
                               "on_scene closed rule recalled;"
                               "stopped stopped rule;"
                               "stopped closed crew wrong_person;"
                               "stopped closed crew right_person_not_wanted;"
                               "stopped closed crew identity_not_established;"
                               "stopped closed crew right_person_no_action;"
                               "stopped closed crew other_custody;"
                               "stopped closed crew custody;"
                               "stopped closed crew found_safe;"
                               "stopped closed crew contact_declined;"
                               "stopped closed offices identity_not_established;"
                               "closed handed_over crew custody;"
                               "handed_over received station custody;";

static void add_move(char *text, size_t room, int from, int to, int by, const char *outcome)
{
    static const char *const actors[ALERT_ACTOR_COUNT] = {
        "review", "dispatcher", "crew", "concurred", "station", "offices", "timer", "rule"};
    size_t length = strlen(text);
    snprintf(text + length, room - length, "%s %s %s%s%s;", alert_state_word((enum alert_state)from),
        alert_state_word((enum alert_state)to), actors[by], outcome[0] ? " " : "", outcome);
}

static void the_table_has_exactly_the_moves_of_the_design(void **state)
{
    (void)state;
    char found[4096] = "";
    for (int from = 0; from < ALERT_STATE_COUNT; from++) {
        for (int to = 0; to < ALERT_STATE_COUNT; to++) {
            for (int by = 0; by < ALERT_ACTOR_COUNT; by++) {
                for (size_t i = 0; i < COUNT_OF(outcomes); i++) {
                    if (lives_allow((enum alert_state)from, (enum alert_state)to, (enum alert_actor)by,
                            outcomes[i], NULL))
                        add_move(found, sizeof found, from, to, by, outcomes[i]);
                }
            }
        }
    }
    assert_string_equal(found, expected);
}

static void s37_nothing_but_a_stop_ends_in_custody(void **state)
{
    (void)state;
    for (int from = 0; from < ALERT_STATE_COUNT; from++) {
        for (int by = 0; by < ALERT_ACTOR_COUNT; by++)
            assert_int_equal(
                lives_allow((enum alert_state)from, ALERT_CLOSED, (enum alert_actor)by, "custody", NULL),
                from == ALERT_STOPPED && by == BY_CREW);
    }
}

static void words_and_states_are_one_to_one(void **state)
{
    (void)state;
    for (int i = 0; i < ALERT_STATE_COUNT; i++) {
        enum alert_state read;
        assert_true(alert_state_read(alert_state_word((enum alert_state)i), &read));
        assert_int_equal(read, i);
        assert_int_equal(alert_state_is_open(read), i <= ALERT_STOPPED);
    }
    enum alert_state untouched = ALERT_AGREED;
    assert_false(alert_state_read("archived", &untouched));
    assert_int_equal(untouched, ALERT_AGREED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_has_exactly_the_moves_of_the_design),
        cmocka_unit_test(s37_nothing_but_a_stop_ends_in_custody),
        cmocka_unit_test(words_and_states_are_one_to_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
