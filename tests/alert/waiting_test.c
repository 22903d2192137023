/* A later passage beside an open alert: reviewed by two of its own, or it steers nobody (SAFEGUARDS 30). */
#include "world.h"

#include "alert/passage.h"
#include "alert/timer.h"

#define SIDE_CAMERA "c-0000000000000002"

static void come_to_accepted(struct world *world)
{
    raise_one(world);
    agree(world);
    accepted(dispatch_by(world, DISPATCHER, UNIT));
    accepted(crew_answers(world, "accepted"));
}

/* The same person at another camera; from here the world's pictures are the later ones. */
static void see_again(struct world *world)
{
    world->ago_us = 1000000;
    struct sighting later = sighting_of(world, ENTRY);
    snprintf(later.camera, sizeof later.camera, SIDE_CAMERA);
    raise_again(world, &later);
}

static json_t *shown_to(struct world *world, enum person person)
{
    wrong = (struct error){0};
    return alert_show(&world->site, officer_of(world, person), world->alert, &wrong);
}

static const char *text_in(const json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));
    return value ? value : "";
}

static json_t *packet_of(struct world *world, enum person person, const uint8_t secret[static 32])
{
    wrong = (struct error){0};
    AUTO(json) json_t *reply = alert_packet(&world->site, officer_of(world, person), world->alert, &wrong);
    if (!reply)
        return NULL;
    AUTO(bytes) struct bytes sealed = {0};
    AUTO(bytes) struct bytes opened = {0};
    AUTO(text) char *context = text_format("packet:%s", world->alert);
    assert_true(base64_read(text_in(reply, "packet"), 1 << 20, &sealed, &wrong));
    assert_true(packet_open(secret, context, sealed.data, sealed.size, &opened, &wrong));
    return json_read((const char *)opened.data, opened.size, 1 << 20, &wrong);
}

static void s30_a_later_passage_steers_nobody_before_two_same_of_its_own(void **state)
{
    struct world *world = *state;
    register_second_camera(world);
    come_to_accepted(world);
    see_again(world);
    assert_true(is_drawn(world, REVIEWER_ONE));
    refused(dispatch_by(world, DISPATCHER, UNIT), ERROR_CONFLICT);
    accepted(review_as(world, REVIEWER_ONE, "same"));
    refused(dispatch_by(world, DISPATCHER, UNIT), ERROR_CONFLICT);
    AUTO(json) json_t *before = packet_of(world, CREW_ONE, world->unit_secret);
    assert_string_equal(text_in(json_object_get(before, "place"), "name"), "Main gate");
    accepted(review_as(world, REVIEWER_TWO, "same"));
    /* Agreed, and still nobody is sent by it. */
    AUTO(json) json_t *still = packet_of(world, CREW_ONE, world->unit_secret);
    assert_string_equal(text_in(json_object_get(still, "place"), "name"), "Main gate");
    accepted(dispatch_by(world, DISPATCHER, UNIT));
    assert_string_equal(state_of(world), "accepted");
    AUTO(json) json_t *after = packet_of(world, CREW_ONE, world->unit_secret);
    assert_string_equal(text_in(json_object_get(after, "place"), "name"), "Side gate");
    assert_true(is_recorded(world, "unit_steered"));
}

static void s30_the_new_packet_carries_the_new_reviews(void **state)
{
    struct world *world = *state;
    register_second_camera(world);
    come_to_accepted(world);
    see_again(world);
    accepted(review_as(world, REVIEWER_ONE, "same"));
    accepted(review_as(world, REVIEWER_TWO, "same"));
    accepted(dispatch_by(world, DISPATCHER, UNIT));
    AUTO(json) json_t *packet = packet_of(world, CREW_ONE, world->unit_secret);
    const json_t *reviews = json_object_get(packet, "reviews");
    for (size_t i = 0; i < 2; i++) {
        AUTO(envelope) struct envelope *review = envelope_read(json_array_get(reviews, i), &wrong);
        assert_non_null(review);
        assert_string_equal(text_in(review->fields, "passage"), world->passage);
        assert_string_equal(text_in(review->fields, "pictures_hash"), world->pictures_hash);
    }
    accepted(arrive(world));
    accepted(stop_person(world));
}

static void s30_different_about_a_later_passage_leaves_the_reviewed_one(void **state)
{
    struct world *world = *state;
    register_second_camera(world);
    come_to_accepted(world);
    char reviewed[24];
    snprintf(reviewed, sizeof reviewed, "%s", world->passage);
    see_again(world);
    accepted(review_as(world, REVIEWER_ONE, "different"));
    accepted(review_as(world, REVIEWER_TWO, "same"));
    refused(dispatch_by(world, DISPATCHER, UNIT), ERROR_CONFLICT);
    AUTO(json) json_t *shown = shown_to(world, DISPATCHER);
    assert_string_equal(text_in(shown, "passage"), reviewed);
    assert_string_equal(text_in(shown, "state"), "accepted");
    accepted(arrive(world));
}

static void s30_an_answer_about_one_passage_says_nothing_of_another(void **state)
{
    struct world *world = *state;
    register_second_camera(world);
    come_to_accepted(world);
    char reviewed[24];
    snprintf(reviewed, sizeof reviewed, "%s", world->passage);
    see_again(world);
    snprintf(world->passage, sizeof world->passage, "%s", reviewed);
    refused(review_as(world, REVIEWER_ONE, "same"), ERROR_CONFLICT);
}

static void s29_the_reviewer_of_a_later_passage_is_blind_to_how_far_the_alert_is(void **state)
{
    struct world *world = *state;
    register_second_camera(world);
    come_to_accepted(world);
    see_again(world);
    AUTO(json) json_t *shown = shown_to(world, REVIEWER_ONE);
    assert_string_equal(text_in(shown, "state"), "raised");
    assert_string_equal(text_in(shown, "passage"), world->passage);
    assert_string_equal(text_in(shown, "pictures_hash"), world->pictures_hash);
    assert_string_equal(text_in(json_object_get(shown, "place"), "name"), "Side gate");
    assert_null(json_object_get(shown, "person"));
    assert_null(json_object_get(shown, "unit"));
}

static void s29_who_saw_the_name_is_not_drawn_for_a_later_passage(void **state)
{
    struct world *world = *state;
    register_second_camera(world);
    raise_one(world);
    agree(world);
    leave(world, REVIEWER_TWO);
    be_present(world, BOTH, "reviewer", NULL);
    AUTO(json) json_t *shown = shown_to(world, BOTH); /* a dispatcher too: the name is in it */
    assert_non_null(json_object_get(shown, "person"));
    see_again(world);
    assert_true(is_drawn(world, REVIEWER_ONE));
    assert_false(is_drawn(world, BOTH));
}

static void an_agreed_alert_lives_on_with_its_newest_reviewed_passage(void **state)
{
    struct world *world = *state;
    register_second_camera(world);
    world->ago_us = 200000000;
    raise_one(world);
    agree(world);
    see_again(world);
    accepted(review_as(world, REVIEWER_ONE, "same"));
    accepted(review_as(world, REVIEWER_TWO, "same"));
    /* 5 min after the first passage; not after the second. */
    assert_true(alert_tick_at(&world->site, clock_now_us() + 200000000, &wrong));
    assert_string_equal(state_of(world), "agreed");
    accepted(dispatch_by(world, DISPATCHER, UNIT));
}

static void s34_reassigning_erases_the_first_packet_and_records_who_had_seen_it(void **state)
{
    struct world *world = *state;
    be_present(world, CREW_TWO, "crew", OTHER_UNIT);
    raise_one(world);
    agree(world);
    accepted(dispatch_by(world, DISPATCHER, UNIT));
    AUTO(json) json_t *first = packet_of(world, CREW_ONE, world->unit_secret);
    assert_non_null(first);
    accepted(dispatch_by(world, DISPATCHER, OTHER_UNIT));
    assert_string_equal(state_of(world), "dispatched");
    assert_null(packet_of(world, CREW_ONE, world->unit_secret));
    assert_int_equal(wrong.code, ERROR_FORBIDDEN);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_packet"), 1);
    AUTO(json) json_t *second = packet_of(world, CREW_TWO, world->other_unit_secret);
    assert_string_equal(text_in(second, "unit"), OTHER_UNIT);
    AUTO(bytes) struct bytes log = {0};
    AUTO(text) char *seen = text_format("\"seen\":1,\"seen_by\":[\"%s\"]", id_of(CREW_ONE));
    assert_true(ledger_export(world->site.ledger, &log, &wrong));
    assert_non_null(memmem(log.data, log.size, seen, strlen(seen)));
    refused(crew_answers(world, "accepted"), ERROR_FORBIDDEN);
}

/* "packet" as the crew is shown it. */
static void shown_packet(struct world *world, enum person person, char which[static 65], bool *steered)
{
    AUTO(json) json_t *shown = alert_show(&world->site, officer_of(world, person), world->alert, &wrong);
    snprintf(which, 65, "%s", text_in(shown, "packet"));
    assert_int_equal(strlen(which), 64);
    *steered = json_is_true(json_object_get(shown, "steered"));
}

static void a_crew_is_told_that_another_packet_takes_it_to_a_new_place(void **state)
{
    struct world *world = *state;
    char first[65], still[65], second[65];
    bool steered = true;
    register_second_camera(world);
    come_to_accepted(world);
    shown_packet(world, CREW_ONE, first, &steered);
    assert_false(steered);
    see_again(world);
    accepted(review_as(world, REVIEWER_ONE, "same"));
    accepted(review_as(world, REVIEWER_TWO, "same"));
    shown_packet(world, CREW_ONE, still, &steered);
    assert_string_equal(first, still);
    assert_false(steered);
    accepted(dispatch_by(world, DISPATCHER, UNIT));
    shown_packet(world, CREW_ONE, second, &steered);
    assert_string_not_equal(first, second);
    assert_true(steered);
    AUTO(json) json_t *reply = alert_packet(&world->site, officer_of(world, CREW_ONE), world->alert, &wrong);
    AUTO(bytes) struct bytes sealed = {0};
    char begins[65];
    assert_true(base64_read(text_in(reply, "packet"), 1 << 20, &sealed, &wrong));
    hex_write(sealed.data, 32, begins);
    assert_string_equal(begins, second); /* the device tells by it which one it has */
}

static void another_unit_that_is_sent_instead_was_not_steered(void **state)
{
    struct world *world = *state;
    char which[65];
    bool steered = true;
    be_present(world, CREW_TWO, "crew", OTHER_UNIT);
    raise_one(world);
    agree(world);
    accepted(dispatch_by(world, DISPATCHER, UNIT));
    accepted(dispatch_by(world, DISPATCHER, OTHER_UNIT));
    shown_packet(world, CREW_TWO, which, &steered);
    assert_false(steered);
}

static void an_accepted_alert_is_not_given_to_another_unit(void **state)
{
    struct world *world = *state;
    be_present(world, CREW_TWO, "crew", OTHER_UNIT);
    come_to_accepted(world);
    refused(dispatch_by(world, DISPATCHER, OTHER_UNIT), ERROR_CONFLICT);
}

static void reject_later(struct world *world, int times)
{
    for (int i = 0; i < times; i++) {
        see_again(world);
        accepted(alert_tick(&world->site, &wrong));
        accepted(review_as(world, REVIEWER_ONE, "different"));
        accepted(review_as(world, REVIEWER_TWO, "same"));
    }
}

static void s31_s46_a_later_passage_that_is_rejected_mutes_and_is_counted_like_an_alert(void **state)
{
    struct world *world = *state;
    register_second_camera(world);
    come_to_accepted(world);
    int64_t counted = number(world, "SELECT COUNT(*) FROM ledger_leaf WHERE leaf LIKE '%reviews_counted%'");
    reject_later(world, LIMIT_REJECTIONS_PER_CAMERA - 1);
    assert_false(is_recorded(world, "entry_muted"));
    world_stop(world);
    world_start(world);
    reject_later(world, 1);
    assert_true(is_recorded(world, "entry_muted"));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_mute WHERE camera = 'c-0000000000000002'"), 1);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM ledger_leaf WHERE leaf LIKE '%reviews_counted%'"),
        counted + LIMIT_REJECTIONS_PER_CAMERA);
}

static void s32_later_passages_that_are_rejected_trip_the_breaker(void **state)
{
    struct world *world = *state;
    register_second_camera(world);
    come_to_accepted(world);
    reject_later(world, 1);
    world_stop(world);
    world_start(world);
    assert_int_equal(neighbours.halts, 0);
    /* The rest as alerts of other entries: both are counted together. */
    for (int i = 1; i < LIMIT_REJECTIONS_AN_HOUR; i++) {
        AUTO(text) char *entry = text_format("e-2%015d", i);
        struct sighting sighting = sighting_of(world, entry);
        raise_again(world, &sighting);
        AUTO(query)
        struct query *query = query_new(
            world->site.ledger->store, "SELECT alert FROM alert_passage WHERE passage = :passage", &wrong);
        query_text(query, ":passage", world->passage);
        assert_true(query_next(query));
        snprintf(world->alert, sizeof world->alert, "%s", query_get_text(query, 0));
        accepted(review_as(world, REVIEWER_ONE, "different"));
        accepted(review_as(world, REVIEWER_TWO, "different"));
    }
    assert_int_equal(neighbours.halts, 1);
}

/* Of an alert that was agreed the passage beside is another's question: neither its hour nor what happens to
 * it says that two said "same". */
static void s29_who_reviews_a_later_passage_hears_nothing_of_the_alert_before(void **state)
{
    struct world *world = *state;
    struct site *site = &world->site;
    register_second_camera(world);
    come_to_accepted(world);
    see_again(world);
    AUTO(json) json_t *facts = passage_facts(site, world->alert, world->passage, &wrong);
    AUTO(json) json_t *shown = shown_to(world, REVIEWER_ONE);
    assert_int_equal(json_integer_value(json_object_get(shown, "raised_at")),
        json_integer_value(json_object_get(facts, "raised_at_us")) / 1000000);
    assert_true(alert_event_is_for(site, id_of(REVIEWER_ONE), world->alert, "raised"));
    static const char *const states[] = {
        "agreed", "dispatched", "accepted", "on_scene", "steered", "stopped", "passage_reviewed", "told"};
    for (size_t i = 0; i < COUNT_OF(states); i++)
        assert_false(alert_event_is_for(site, id_of(REVIEWER_ONE), world->alert, states[i]));
    assert_false(alert_event_is_for(site, id_of(REVIEWER_THREE), world->alert, "raised"));
    accepted(review_as(world, REVIEWER_ONE, "same"));
    assert_false(alert_event_is_for(site, id_of(REVIEWER_ONE), world->alert, "closed"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(s29_who_reviews_a_later_passage_hears_nothing_of_the_alert_before),
        TEST(s31_s46_a_later_passage_that_is_rejected_mutes_and_is_counted_like_an_alert),
        TEST(s32_later_passages_that_are_rejected_trip_the_breaker),
        TEST(s30_a_later_passage_steers_nobody_before_two_same_of_its_own),
        TEST(s30_the_new_packet_carries_the_new_reviews),
        TEST(s30_different_about_a_later_passage_leaves_the_reviewed_one),
        TEST(s30_an_answer_about_one_passage_says_nothing_of_another),
        TEST(s29_the_reviewer_of_a_later_passage_is_blind_to_how_far_the_alert_is),
        TEST(s29_who_saw_the_name_is_not_drawn_for_a_later_passage),
        TEST(an_agreed_alert_lives_on_with_its_newest_reviewed_passage),
        TEST(s34_reassigning_erases_the_first_packet_and_records_who_had_seen_it),
        TEST(a_crew_is_told_that_another_packet_takes_it_to_a_new_place),
        TEST(another_unit_that_is_sent_instead_was_not_steered),
        TEST(an_accepted_alert_is_not_given_to_another_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
