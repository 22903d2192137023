/* No routes (SAFEGUARDS 26): one person at two cameras is joined by the open alert and by nothing else. */
#include "world.h"

#define SIDE_CAMERA "c-0000000000000002"

static json_t *shown_to(struct world *world, enum person person)
{
    wrong = (struct error){0};
    return alert_show(&world->site, officer_of(world, person), world->alert, &wrong);
}

static bool tells_of(const json_t *shown, const char *what)
{
    AUTO(text) char *text = json_dumps(shown, JSON_COMPACT);
    assert_non_null(text);
    return strstr(text, what) != NULL;
}

static void see_at_side_gate(struct world *world, const char *entry)
{
    world->ago_us = 1000000;
    struct sighting later = sighting_of(world, entry);
    snprintf(later.camera, sizeof later.camera, SIDE_CAMERA);
    raise_again(world, &later);
}

static void come_to_side_gate(struct world *world)
{
    register_second_camera(world);
    raise_one(world);
    agree(world);
    accepted(dispatch_by(world, DISPATCHER, UNIT));
    accepted(crew_answers(world, "accepted"));
    see_at_side_gate(world, ENTRY);
    accepted(review_as(world, REVIEWER_ONE, "same"));
    accepted(review_as(world, REVIEWER_TWO, "same"));
    accepted(dispatch_by(world, DISPATCHER, UNIT));
}

static void s26_an_alert_that_moved_on_keeps_its_last_place_alone(void **state)
{
    struct world *world = *state;
    come_to_side_gate(world);
    AUTO(json) json_t *shown = shown_to(world, DISPATCHER);
    assert_true(tells_of(shown, "Side gate"));
    assert_false(tells_of(shown, "Main gate"));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert WHERE camera = '" SIDE_CAMERA "'"), 1);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert WHERE camera = '" CAMERA "'"), 0);
}

static void s26_two_alerts_of_one_person_share_no_passage(void **state)
{
    struct world *world = *state;
    register_second_camera(world);
    raise_one(world);
    char first[24];
    memcpy(first, world->passage, sizeof first);
    accepted(review_as(world, REVIEWER_ONE, "different"));
    accepted(review_as(world, REVIEWER_TWO, "different"));
    assert_string_equal(state_of(world), "closed");
    /* The pictures and facts of the first are gone with it: nothing is left for a second to be laid beside.
     */
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_passage"), 0);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_picture"), 0);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_draw"), 0);
    see_at_side_gate(world, ENTRY);
    assert_string_not_equal(world->passage, first);
    assert_int_equal(number(world, "SELECT COUNT(DISTINCT alert) FROM alert"), 2);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_passage"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(s26_an_alert_that_moved_on_keeps_its_last_place_alone),
        TEST(s26_two_alerts_of_one_person_share_no_passage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
