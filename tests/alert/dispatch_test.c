#include "world.h"

#include "alert/passage.h"
#include "alert/timer.h"
#include "list/position.h"
#include "list/presence.h"

static void a_dispatcher_sends_a_present_free_unit(void **state)
{
    struct world *world = *state;
    raise_one(world);
    agree(world);
    accepted(dispatch_by(world, DISPATCHER, UNIT));
    assert_string_equal(state_of(world), "dispatched");
    assert_true(presence_unit_busy(&world->site, UNIT));
}

static json_t *open_packet(struct world *world, enum person person, const uint8_t secret[static 32])
{
    wrong = (struct error){0};
    AUTO(json) json_t *reply = alert_packet(&world->site, officer_of(world, person), world->alert, &wrong);
    if (!reply)
        return NULL;
    AUTO(bytes) struct bytes sealed = {0};
    AUTO(bytes) struct bytes opened = {0};
    AUTO(text) char *context = text_format("packet:%s", world->alert);
    assert_true(base64_read(json_string_value(json_object_get(reply, "packet")), 1 << 20, &sealed, &wrong));
    if (!packet_open(secret, context, sealed.data, sealed.size, &opened, &wrong))
        return NULL;
    return json_read((const char *)opened.data, opened.size, 1 << 20, &wrong);
}

static const char *text_in(const json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));
    return value ? value : "";
}

static void s33_the_packet_is_for_the_unit_and_proves_itself(void **state)
{
    struct world *world = *state;
    raise_one(world);
    agree(world);
    accepted(dispatch_by(world, DISPATCHER, UNIT));
    AUTO(json) json_t *packet = open_packet(world, CREW_ONE, world->unit_secret);
    assert_non_null(packet);
    assert_int_equal(json_object_size(packet), 12);
    assert_string_equal(text_in(packet, "alert"), world->alert);
    assert_string_equal(text_in(packet, "unit"), UNIT);
    assert_string_equal(text_in(packet, "marking"), "DEMONSTRATION – NOT A WANTED PERSON");
    assert_string_equal(text_in(json_object_get(packet, "person"), "name"), "Aslam Test");
    assert_string_equal(text_in(json_object_get(packet, "person"), "cnic"), "");
    assert_string_equal(text_in(json_object_get(packet, "place"), "name"), "Main gate");
    assert_string_equal(text_in(json_object_get(packet, "crew_fields"), "clothing"), "jacket");
    const json_t *reviews = json_object_get(packet, "reviews");
    assert_int_equal(json_array_size(reviews), 2);
    for (size_t i = 0; i < 2; i++) {
        AUTO(envelope) struct envelope *review = envelope_read(json_array_get(reviews, i), &wrong);
        assert_non_null(review);
        assert_non_null(roster_check(world->site.roster, review, ROLE_REVIEWER, &wrong));
        assert_string_equal(text_in(review->fields, "answer"), "same");
        assert_string_equal(text_in(review->fields, "pictures_hash"), world->pictures_hash);
    }
    AUTO(envelope) struct envelope *sent = envelope_read(json_object_get(packet, "dispatch"), &wrong);
    assert_string_equal(text_in(sent->fields, "pictures_hash"), world->pictures_hash);
    assert_non_null(json_object_get(packet, "roster"));
    assert_true(is_recorded(world, "packet_opened"));
    assert_null(open_packet(world, CREW_ONE, world->other_unit_secret));
}

static void a_packet_is_for_its_own_crew_only(void **state)
{
    struct world *world = *state;
    be_present(world, CREW_TWO, "crew", OTHER_UNIT);
    raise_one(world);
    agree(world);
    assert_null(open_packet(world, CREW_ONE, world->unit_secret)); /* nothing before a dispatch */
    accepted(dispatch_by(world, DISPATCHER, UNIT));
    assert_null(open_packet(world, CREW_TWO, world->unit_secret));
    assert_int_equal(wrong.code, ERROR_FORBIDDEN);
    assert_null(open_packet(world, DISPATCHER, world->unit_secret));
    assert_int_equal(wrong.code, ERROR_FORBIDDEN);
}

static void nobody_is_sent_before_two_same(void **state)
{
    struct world *world = *state;
    raise_one(world);
    refused(dispatch_by(world, DISPATCHER, UNIT), ERROR_CONFLICT);
    accepted(review_as(world, REVIEWER_ONE, "same"));
    refused(dispatch_by(world, DISPATCHER, UNIT), ERROR_CONFLICT);
}

static void nothing_is_sent_by_itself(void **state)
{
    struct world *world = *state;
    raise_one(world);
    agree(world);
    assert_true(alert_tick(&world->site, &wrong));
    assert_string_equal(state_of(world), "agreed");
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_packet"), 0);
}

static void s30_swapped_pictures_send_nobody(void **state)
{
    struct world *world = *state;
    raise_one(world);
    agree(world);
    json_t *fields = dispatch_fields(world, UNIT);
    AUTO(text) char *other = memory_copy_text(world->pictures_hash);
    other[5] = other[5] == 'a' ? 'b' : 'a';
    json_object_set_new(fields, "pictures_hash", json_string(other));
    refused(act(world, alert_dispatch, DISPATCHER, "dispatch", fields), ERROR_CONFLICT);
    fields = dispatch_fields(world, UNIT);
    json_object_set_new(fields, "passage", json_string("p-another"));
    refused(act(world, alert_dispatch, DISPATCHER, "dispatch", fields), ERROR_CONFLICT);
}

static void s30_another_enrolled_picture_sends_nobody(void **state)
{
    struct world *world = *state;
    raise_one(world);
    agree(world);
    neighbours.enrolled++;
    refused(dispatch_by(world, DISPATCHER, UNIT), ERROR_CORRUPT);
}

static void s33_an_agreed_alert_nobody_is_sent_to_lapses_after_five_minutes(void **state)
{
    struct world *world = *state;
    raise_one(world);
    agree(world);
    assert_true(alert_tick_at(&world->site, clock_now_us() + 240000000, &wrong));
    assert_string_equal(state_of(world), "agreed");
    assert_true(alert_tick_at(&world->site, clock_now_us() + 301000000, &wrong));
    assert_string_equal(outcome_of(world), "lapsed");
    refused(dispatch_by(world, DISPATCHER, UNIT), ERROR_CONFLICT);
}

/* The desk's own sealing, with the passage moved into the past: what time would do to it. */
static void grow_old(struct world *world, int64_t by_us)
{
    AUTO(json) json_t *facts = passage_facts(&world->site, world->alert, world->passage, &wrong);
    int64_t captured_us = json_integer_value(json_object_get(facts, "captured_us"));
    json_object_set_new(facts, "captured_us", json_integer(captured_us - by_us));
    AUTO(text) char *text = json_canonical(facts, &wrong);
    AUTO(text) char *name = text_format("alert/%s", world->alert);
    AUTO(text) char *field = text_format("facts/%s", world->passage);
    AUTO(bytes) struct bytes sealed = {0};
    assert_true(keyring_seal(world->site.ledger->keyring, name, field, text, strlen(text), &sealed, &wrong));
    AUTO(query)
    struct query *query =
        query_new(world->site.ledger->store, "UPDATE alert_passage SET facts = :facts", &wrong);
    query_bytes(query, ":facts", sealed.data, sealed.size);
    assert_true(query_done(query, &wrong));
}

static void s33_a_late_dispatch_is_refused(void **state)
{
    struct world *world = *state;
    raise_one(world);
    agree(world);
    grow_old(world, 300000000);
    refused(dispatch_by(world, DISPATCHER, UNIT), ERROR_CONFLICT);
    assert_non_null(strstr(wrong.text, "too late"));
    assert_string_equal(state_of(world), "agreed");
}

static void s12_parties_reviewers_and_the_absent_do_not_dispatch(void **state)
{
    struct world *world = *state;
    leave(world, REVIEWER_TWO);
    be_present(world, BOTH, "reviewer", NULL);
    raise_one(world);
    agree(world);
    be_present(world, BOTH, "dispatcher", NULL);
    refused(dispatch_by(world, BOTH, UNIT), ERROR_FORBIDDEN); /* reviewed it */
    be_present(world, PROPOSER, "dispatcher", NULL);
    refused(dispatch_by(world, PROPOSER, UNIT), ERROR_FORBIDDEN);
    assert_non_null(strstr(wrong.text, "proposed or approved the entry"));
    refused(dispatch_by(world, CREW_ONE, UNIT), ERROR_FORBIDDEN);
    leave(world, DISPATCHER);
    refused(dispatch_by(world, DISPATCHER, UNIT), ERROR_FORBIDDEN);
}

static void a_unit_has_to_be_present_and_free(void **state)
{
    struct world *world = *state;
    raise_one(world);
    agree(world);
    refused(dispatch_by(world, DISPATCHER, "u-00000000000000ff"), ERROR_MISSING);
    refused(dispatch_by(world, DISPATCHER, OTHER_UNIT), ERROR_CONFLICT);
    accepted(dispatch_by(world, DISPATCHER, UNIT));
    refused(dispatch_by(world, DISPATCHER, UNIT), ERROR_CONFLICT);
}

static void a_declined_packet_is_erased_and_the_dispatcher_chooses_again(void **state)
{
    struct world *world = *state;
    be_present(world, CREW_TWO, "crew", OTHER_UNIT);
    raise_one(world);
    agree(world);
    accepted(dispatch_by(world, DISPATCHER, UNIT));
    AUTO(json) json_t *packet = open_packet(world, CREW_ONE, world->unit_secret);
    assert_non_null(packet);
    accepted(crew_answers(world, "declined"));
    assert_string_equal(state_of(world), "dispatched");
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_packet"), 0);
    assert_false(presence_unit_busy(&world->site, UNIT));
    assert_true(is_recorded(world, "unit_declined"));
    assert_true(is_recorded(world, "packet_erased"));
    refused(arrive(world), ERROR_FORBIDDEN);
    accepted(dispatch_by(world, DISPATCHER, OTHER_UNIT));
    refused(crew_answers(world, "accepted"), ERROR_FORBIDDEN); /* the first crew's */
    accepted(act(world, alert_accept, CREW_TWO, "acceptance",
        json_pack("{s:s, s:s}", "alert", world->alert, "answer", "accepted")));
}

static void a_silent_unit_loses_the_packet(void **state)
{
    struct world *world = *state;
    raise_one(world);
    agree(world);
    accepted(dispatch_by(world, DISPATCHER, UNIT));
    assert_true(alert_tick_at(&world->site, clock_now_us() + 61000000, &wrong));
    assert_string_equal(state_of(world), "dispatched");
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_packet"), 0);
    assert_true(is_recorded(world, "unit_silent"));
    assert_true(alert_tick_at(&world->site, clock_now_us() + 301000000, &wrong));
    assert_string_equal(outcome_of(world), "lapsed");
}

static void every_alert_is_over_after_an_hour(void **state)
{
    struct world *world = *state;
    raise_one(world);
    agree(world);
    accepted(dispatch_by(world, DISPATCHER, UNIT));
    accepted(crew_answers(world, "accepted"));
    assert_true(alert_tick_at(&world->site, clock_now_us() + 3599000000LL, &wrong));
    assert_string_equal(state_of(world), "accepted");
    assert_true(alert_tick_at(&world->site, clock_now_us() + 3601000000LL, &wrong));
    assert_string_equal(outcome_of(world), "lapsed");
    assert_false(presence_unit_busy(&world->site, UNIT));
}

static const char *recall_shown_to(struct world *world, enum person person)
{
    static char shown[16];
    AUTO(json) json_t *alert = alert_show(&world->site, officer_of(world, person), world->alert, &wrong);
    const char *recall = json_string_value(json_object_get(alert, "recall"));
    snprintf(shown, sizeof shown, "%s", recall ? recall : "");
    return shown;
}

static void s34_a_crew_that_goes_on_after_the_hour_is_told_and_called(void **state)
{
    struct world *world = *state;
    raise_one(world);
    agree(world);
    accepted(dispatch_by(world, DISPATCHER, UNIT));
    accepted(crew_answers(world, "accepted"));
    accepted(arrive(world));
    assert_true(alert_tick_at(&world->site, clock_now_us() + 3601000000LL, &wrong));
    assert_string_equal(outcome_of(world), "lapsed");
    /* By the time that the tick was given, the crew's minute is over, too. */
    assert_string_equal(recall_shown_to(world, CREW_ONE), "escalated");
    assert_string_equal(recall_shown_to(world, DISPATCHER), "escalated");
    accepted(act(
        world, alert_acknowledge, CREW_ONE, "acknowledgement", json_pack("{s:s}", "alert", world->alert)));
    assert_string_equal(recall_shown_to(world, DISPATCHER), "acknowledged");
}

static void no_unit_is_said_by_the_dispatcher_and_only_when_true(void **state)
{
    struct world *world = *state;
    raise_one(world);
    agree(world);
    refused(act(world, alert_concur, DISPATCHER, "concurrence",
                json_pack("{s:s, s:s}", "alert", world->alert, "outcome", "no_unit")),
        ERROR_CONFLICT);
    leave(world, CREW_ONE);
    accepted(act(world, alert_concur, DISPATCHER, "concurrence",
        json_pack("{s:s, s:s}", "alert", world->alert, "outcome", "no_unit")));
    assert_string_equal(outcome_of(world), "no_unit");
}

static void s50_an_edited_row_does_not_dispatch(void **state)
{
    static const char *const edits[] = {
        "UPDATE alert SET state = 'agreed'",
        "UPDATE alert SET entry = '" OTHER_ENTRY "'",
        "UPDATE alert SET camera = 'c-0000000000000009'",
        "UPDATE alert SET operation = 'op-0000000000000009'",
        "UPDATE alert SET passage = 'p-other'",
        "UPDATE alert SET unit = '" UNIT "'",
        "UPDATE alert SET raised_us = raised_us + 1",
        "UPDATE alert SET agreed_us = 1",
    };
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        if (i > 0) {
            world_teardown(state);
            world_setup(state);
        }
        struct world *world = *state;
        raise_one(world);
        if (i > 0)
            agree(world);
        sql(world, edits[i]);
        if (dispatch_by(world, DISPATCHER, UNIT))
            fail_msg("dispatched after: %s", edits[i]);
        assert_int_equal(wrong.code, ERROR_CORRUPT);
    }
}

/* Behind the row's mark: with the desk's own key a forger would still lack the officers' signatures. */
static void s50_edited_statements_facts_and_pictures_do_not_dispatch(void **state)
{
    static const char *const edits[] = {
        "DELETE FROM alert_statement WHERE number = 1",
        "UPDATE alert_statement SET envelope = replace(envelope, 'ears', 'chin') WHERE number = 1",
        "UPDATE alert_statement SET alert = 'a-0000000000000000' WHERE number = 1",
        "UPDATE alert_statement SET type = 'dispatch' WHERE number = 2",
        "UPDATE alert_statement SET envelope = (SELECT envelope FROM alert_statement WHERE number = 2)"
        " WHERE number = 1",
        "UPDATE alert_passage SET facts = randomblob(400)",
        "UPDATE alert_picture SET sealed = randomblob(400) WHERE name = 'probe'",
        "UPDATE alert_picture SET sealed = (SELECT sealed FROM alert_picture WHERE name = 'crop_1')"
        " WHERE name = 'crop_0'",
    };
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        if (i > 0) {
            world_teardown(state);
            world_setup(state);
        }
        struct world *world = *state;
        raise_one(world);
        agree(world);
        sql(world, edits[i]);
        if (dispatch_by(world, DISPATCHER, UNIT))
            fail_msg("dispatched after: %s", edits[i]);
        assert_int_equal(wrong.code, ERROR_CORRUPT);
        assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_packet"), 0);
    }
}

static void the_dispatcher_is_shown_what_docs_api_says(void **state)
{
    struct world *world = *state;
    raise_one(world);
    agree(world);
    AUTO(json) json_t *list = alert_list(&world->site, officer_of(world, DISPATCHER), &wrong);
    const json_t *shown = json_array_get(json_object_get(list, "alerts"), 0);
    assert_string_equal(text_in(shown, "statement"), "two officers say same, not identified");
    assert_string_equal(text_in(json_object_get(shown, "person"), "name"), "Aslam Test");
    assert_string_equal(text_in(json_array_get(json_object_get(shown, "units"), 0), "unit"), UNIT);
    assert_true(json_integer_value(json_object_get(shown, "agreed_at")) > 0);
    assert_null(json_object_get(shown, "score_e6"));
    assert_true(is_recorded(world, "alert_looked_at"));
}

static void expect_units(struct world *world, const char *first, const char *second, bool second_is_known)
{
    AUTO(json) json_t *shown = alert_show(&world->site, officer_of(world, DISPATCHER), world->alert, &wrong);
    const json_t *units = json_object_get(shown, "units");
    assert_int_equal(json_array_size(units), 2);
    assert_string_equal(text_in(json_array_get(units, 0), "unit"), first);
    assert_string_equal(text_in(json_array_get(units, 1), "unit"), second);
    assert_non_null(json_object_get(json_array_get(units, 0), "distance_m"));
    assert_int_equal(json_object_get(json_array_get(units, 1), "distance_m") != NULL, second_is_known);
}

static void place_unit(struct world *world, const char *unit, int64_t north_e7)
{
    const json_t *place = NULL;
    AUTO(json) json_t *shown = alert_show(&world->site, officer_of(world, DISPATCHER), world->alert, &wrong);
    assert_true(json_need_object(shown, "place", &place, &wrong));
    AUTO(json)
    json_t *reply =
        position_put(&world->site, unit, json_integer_value(json_object_get(place, "latitude_e7")) + north_e7,
            json_integer_value(json_object_get(place, "longitude_e7")), &wrong);
    if (!reply)
        fail_msg("%s", wrong.text);
}

/* Zones and beats play no part: whoever is nearest comes first, from wherever. */
static void the_nearest_unit_is_proposed_first_and_one_of_unknown_place_last(void **state)
{
    enum { NEAR_E7 = 90000, FAR_E7 = 400000 };
    struct world *world = *state;
    be_present(world, CREW_TWO, "crew", OTHER_UNIT);
    raise_one(world);
    agree(world);
    place_unit(world, OTHER_UNIT, FAR_E7);
    expect_units(world, OTHER_UNIT, UNIT, false);
    place_unit(world, UNIT, NEAR_E7);
    expect_units(world, UNIT, OTHER_UNIT, true);
    place_unit(world, OTHER_UNIT, NEAR_E7 / 2);
    expect_units(world, OTHER_UNIT, UNIT, true);
}

static void s51_pictures_are_marked_for_the_viewer_and_looking_is_recorded(void **state)
{
    struct world *world = *state;
    raise_one(world);
    AUTO(bytes) struct bytes picture = {0};
    assert_true(look_at_picture(world, REVIEWER_ONE, "probe", &picture));
    assert_non_null(memmem(picture.data, picture.size, id_of(REVIEWER_ONE), strlen(id_of(REVIEWER_ONE))));
    assert_true(is_recorded(world, "picture_shown"));
    AUTO(bytes) struct bytes none = {0};
    assert_false(look_at_picture(world, DISPATCHER, "probe", &none));
    assert_int_equal(wrong.code, ERROR_FORBIDDEN);
    assert_false(look_at_picture(world, REVIEWER_ONE, "crop_0", &none));
    assert_int_equal(wrong.code, ERROR_MISSING);
}

/* Marking takes its time, and alerts go on meanwhile. */
static void s45_a_picture_that_is_marked_too_late_or_of_another_passage_is_neither_shown_nor_recorded(
    void **state)
{
    struct world *world = *state;
    struct picture_asked asked = {0};
    raise_one(world);
    const struct officer *viewer = officer_of(world, REVIEWER_ONE);
    assert_true(alert_picture_ask(&world->site, viewer, world->alert, "probe", &asked, &wrong));
    assert_false(is_recorded(world, "picture_shown"));
    snprintf(asked.passage, sizeof asked.passage, "p-0000000000000009");
    refused(alert_picture_shown(&world->site, viewer, world->alert, "probe", &asked, &wrong), ERROR_CONFLICT);
    snprintf(asked.passage, sizeof asked.passage, "%s", world->passage);
    agree(world);
    refused(
        alert_picture_shown(&world->site, viewer, world->alert, "probe", &asked, &wrong), ERROR_FORBIDDEN);
    assert_false(is_recorded(world, "picture_shown"));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_look"), 0);
    picture_asked_done(&asked);
}

static void expect_mark(const json_t *pictures, const char *name, const char *mark)
{
    AUTO(bytes) struct bytes picture = {0};
    assert_true(base64_read(text_in(pictures, name), 1 << 20, &picture, &wrong));
    if (!memmem(picture.data, picture.size, mark, strlen(mark)))
        fail_msg("the %s does not carry %s", name, mark);
}

static void s51_the_pictures_in_a_packet_are_marked_for_its_unit_and_its_alert(void **state)
{
    struct world *world = *state;
    raise_one(world);
    agree(world);
    accepted(dispatch_by(world, DISPATCHER, UNIT));
    AUTO(json) json_t *packet = open_packet(world, CREW_ONE, world->unit_secret);
    const json_t *pictures = json_object_get(packet, "pictures");
    char today[21];
    clock_write_iso(clock_now_s(), today);
    today[strlen("2026-")] = 0;
    const char *const marks[] = {"DEMONSTRATION ", UNIT, world->alert, today};
    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        expect_mark(pictures, "face", marks[i]);
        expect_mark(pictures, "enrolled", marks[i]);
    }
}

static void s51_without_the_process_that_marks_pictures_nobody_is_sent(void **state)
{
    struct world *world = *state;
    raise_one(world);
    agree(world);
    world->site.supervisor = NULL;
    refused(dispatch_by(world, DISPATCHER, UNIT), ERROR_UNAVAILABLE);
    assert_string_equal(state_of(world), "agreed");
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_packet"), 0);
    assert_false(presence_unit_busy(&world->site, UNIT));
}

/* What the officer's stream tells of alerts and packets after `*after`, which is moved on: "packet sealed,
 * alert dispatched, ". Heap text. */
static char *told_to(struct world *world, enum person person, int64_t *after)
{
    struct event events[64];
    struct text told = {0};
    size_t count = ledger_events(world->site.ledger, *after, events, COUNT_OF(events));
    for (size_t i = 0; i < count; i++) {
        *after = events[i].seq;
        bool about = strcmp(events[i].noun, "alert") == 0 || strcmp(events[i].noun, "packet") == 0;
        if (about && crew_hears_of_unit(&world->site, officer_of(world, person), events[i].unit))
            text_add(&told, "%s %s, ", events[i].noun, events[i].state);
    }
    return told.data ? told.data : memory_copy_text("");
}

static void expect_told(struct world *world, int64_t *after, const char *one, const char *two)
{
    int64_t from = *after;
    AUTO(text) char *first = told_to(world, CREW_ONE, after);
    AUTO(text) char *second = told_to(world, CREW_TWO, &from);
    assert_string_equal(first, one);
    assert_string_equal(second, two);
}

static void s34_a_crew_hears_what_its_own_unit_has_and_that_it_is_taken_from_it(void **state)
{
    struct world *world = *state;
    int64_t heard = 0;
    be_present(world, CREW_TWO, "crew", OTHER_UNIT);
    raise_one(world);
    agree(world);
    expect_told(world, &heard, "", "");
    accepted(dispatch_by(world, DISPATCHER, UNIT));
    expect_told(world, &heard, "packet sealed, alert dispatched, ", "");
    accepted(dispatch_by(world, DISPATCHER, OTHER_UNIT));
    expect_told(world, &heard, "packet erased, ", "packet sealed, alert dispatched, ");
    assert_true(ledger_begin(world->site.ledger, &wrong));
    assert_true(alert_recall_entry(&world->site, ENTRY, "withdrawn", &wrong));
    assert_true(ledger_commit(world->site.ledger, &wrong));
    expect_told(world, &heard, "", "packet erased, alert closed, ");
    assert_true(alert_tick_at(&world->site, clock_now_us() + 61000000, &wrong));
    expect_told(world, &heard, "", "alert recall_unacknowledged, ");
}

/* Replayed later, an event is heard by who has the unit then: nobody's stream loses what the shift before it
 * did not hear. */
static void a_crew_that_takes_a_unit_over_hears_what_it_has(void **state)
{
    struct world *world = *state;
    int64_t heard = 0;
    raise_one(world);
    agree(world);
    accepted(dispatch_by(world, DISPATCHER, UNIT));
    leave(world, CREW_TWO);
    AUTO(text) char *before = told_to(world, CREW_TWO, &heard);
    assert_string_equal(before, "");
    be_present(world, CREW_TWO, "crew", UNIT);
    heard = 0;
    AUTO(text) char *after = told_to(world, CREW_TWO, &heard);
    assert_string_equal(after, "packet sealed, alert dispatched, ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_dispatcher_sends_a_present_free_unit),
        TEST(s33_the_packet_is_for_the_unit_and_proves_itself),
        TEST(a_packet_is_for_its_own_crew_only),
        TEST(nobody_is_sent_before_two_same),
        TEST(nothing_is_sent_by_itself),
        TEST(s30_swapped_pictures_send_nobody),
        TEST(s30_another_enrolled_picture_sends_nobody),
        TEST(s33_an_agreed_alert_nobody_is_sent_to_lapses_after_five_minutes),
        TEST(s33_a_late_dispatch_is_refused),
        TEST(s12_parties_reviewers_and_the_absent_do_not_dispatch),
        TEST(a_unit_has_to_be_present_and_free),
        TEST(s34_a_crew_hears_what_its_own_unit_has_and_that_it_is_taken_from_it),
        TEST(a_crew_that_takes_a_unit_over_hears_what_it_has),
        TEST(a_declined_packet_is_erased_and_the_dispatcher_chooses_again),
        TEST(a_silent_unit_loses_the_packet),
        TEST(every_alert_is_over_after_an_hour),
        TEST(s34_a_crew_that_goes_on_after_the_hour_is_told_and_called),
        TEST(no_unit_is_said_by_the_dispatcher_and_only_when_true),
        TEST(s50_an_edited_row_does_not_dispatch),
        TEST(s50_edited_statements_facts_and_pictures_do_not_dispatch),
        TEST(the_dispatcher_is_shown_what_docs_api_says),
        TEST(the_nearest_unit_is_proposed_first_and_one_of_unknown_place_last),
        TEST(s51_pictures_are_marked_for_the_viewer_and_looking_is_recorded),
        TEST(s45_a_picture_that_is_marked_too_late_or_of_another_passage_is_neither_shown_nor_recorded),
        TEST(s51_the_pictures_in_a_packet_are_marked_for_its_unit_and_its_alert),
        TEST(s51_without_the_process_that_marks_pictures_nobody_is_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
