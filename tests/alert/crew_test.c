/* What a crew keeps while it drives, stops and speaks to somebody, and nobody presses "I am here". */
#include "world.h"

#include "../list/fake_clock.h"
#include "alert/person.h"
#include "list/presence.h"

static void send_the_unit(struct world *world)
{
    raise_one(world);
    agree(world);
    accepted(dispatch_by(world, DISPATCHER, UNIT));
}

/* The crew's time is nearly over when the alert is sent, and over a second later. */
static void come_to_the_end_of_presence(struct world *world)
{
    clock_pass(LIMIT_PRESENCE_S - 1);
    be_present(world, REVIEWER_ONE, "reviewer", NULL);
    be_present(world, REVIEWER_TWO, "reviewer", NULL);
    be_present(world, DISPATCHER, "dispatcher", NULL);
    send_the_unit(world);
    clock_pass(1);
    assert_false(presence_is_here(&world->site, id_of(CREW_ONE), "crew"));
}

static bool is_shown(struct world *world, enum person person)
{
    AUTO(json) json_t *list = alert_list(&world->site, officer_of(world, person), &wrong);
    return json_array_size(json_object_get(list, "alerts")) == 1;
}

static void expect_no_alert(struct world *world)
{
    assert_false(is_shown(world, CREW_ONE));
    refused(crew_answers(world, "accepted"), ERROR_FORBIDDEN);
}

static void a_crew_whose_time_is_over_keeps_the_alert_it_has_to_the_outcome(void **state)
{
    struct world *world = *state;
    come_to_the_end_of_presence(world);
    assert_true(is_shown(world, CREW_ONE));
    AUTO(json)
    json_t *packet = alert_packet(&world->site, officer_of(world, CREW_ONE), world->alert, &wrong);
    assert_non_null(packet);
    accepted(crew_answers(world, "accepted"));
    accepted(arrive(world));
    accepted(stop_person(world));
    assert_true(verify(world, CNIC, "thumb", "yes"));
    accepted(outcome(world, "identity_not_established", "none", "", slip));
    assert_true(is_shown(world, CREW_ONE)); /* as closed: the device empties itself on that */
}

static void s21_a_unit_whose_time_is_over_is_sent_nowhere_and_counts_for_nothing(void **state)
{
    struct world *world = *state;
    come_to_the_end_of_presence(world);
    assert_int_equal(presence_crew_of(&world->site, UNIT), 0);
    accepted(crew_answers(world, "declined"));
    assert_false(unit_is_free(&world->site, UNIT, &wrong));
    assert_false(presence_is_enough(&world->site, &wrong));
    refused(dispatch_by(world, DISPATCHER, UNIT), ERROR_CONFLICT);
    assert_false(is_shown(world, CREW_ONE));
}

static void who_leaves_after_the_time_was_over_has_the_alert_no_more(void **state)
{
    struct world *world = *state;
    come_to_the_end_of_presence(world);
    accepted(presence_leave(&world->site, id_of(CREW_ONE), &wrong));
    assert_true(is_shown(world, CREW_ONE)); /* who is not there does not leave */
    accepted(presence_end(&world->site, id_of(CREW_ONE), &wrong));
    expect_no_alert(world);
}

static void who_takes_another_unit_has_the_alert_no_more(void **state)
{
    struct world *world = *state;
    come_to_the_end_of_presence(world);
    be_present(world, CREW_ONE, "crew", OTHER_UNIT);
    expect_no_alert(world);
}

static void a_crew_of_before_has_nothing_of_what_the_unit_is_sent_to_later(void **state)
{
    struct world *world = *state;
    clock_pass(LIMIT_PRESENCE_S);
    be_present(world, REVIEWER_ONE, "reviewer", NULL);
    be_present(world, REVIEWER_TWO, "reviewer", NULL);
    be_present(world, DISPATCHER, "dispatcher", NULL);
    be_present(world, CREW_TWO, "crew", UNIT);
    send_the_unit(world);
    assert_true(is_shown(world, CREW_TWO));
    expect_no_alert(world);
}

static bool opens(struct world *world)
{
    wrong = (struct error){0};
    AUTO(json)
    json_t *packet = alert_packet(&world->site, officer_of(world, CREW_ONE), world->alert, &wrong);
    return packet != NULL;
}

static void s33_a_packet_that_nobody_accepted_is_given_for_fifteen_minutes(void **state)
{
    struct world *world = *state;
    send_the_unit(world);
    clock_pass(LIMIT_PACKET_S - 3); /* the passage was two seconds ago */
    accepted(opens(world));
    clock_pass(1);
    refused(opens(world), ERROR_MISSING);
}

static void s33_an_accepted_packet_is_given_to_the_alert_s_hour(void **state)
{
    struct world *world = *state;
    send_the_unit(world);
    accepted(crew_answers(world, "accepted"));
    clock_pass(LIMIT_PACKET_S + 60);
    accepted(opens(world));
    clock_pass(LIMIT_ALERT_S - LIMIT_PACKET_S - 61);
    accepted(opens(world));
    clock_pass(1);
    refused(opens(world), ERROR_MISSING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_crew_whose_time_is_over_keeps_the_alert_it_has_to_the_outcome),
        TEST(s21_a_unit_whose_time_is_over_is_sent_nowhere_and_counts_for_nothing),
        TEST(who_leaves_after_the_time_was_over_has_the_alert_no_more),
        TEST(who_takes_another_unit_has_the_alert_no_more),
        TEST(a_crew_of_before_has_nothing_of_what_the_unit_is_sent_to_later),
        TEST(s33_a_packet_that_nobody_accepted_is_given_for_fifteen_minutes),
        TEST(s33_an_accepted_packet_is_given_to_the_alert_s_hour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
