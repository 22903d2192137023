#include "world.h"

#include "alert/review.h"
#include "alert/timer.h"
#include "alert/unraised.h"

static int64_t seconds_later(int seconds)
{
    return clock_now_us() + (int64_t)seconds * 1000000;
}

static void two_same_agree(void **state)
{
    struct world *world = *state;
    raise_one(world);
    accepted(review_as(world, REVIEWER_ONE, "same"));
    assert_string_equal(state_of(world), "raised");
    accepted(review_as(world, REVIEWER_TWO, "same"));
    assert_string_equal(state_of(world), "agreed");
}

static void s29_s41_reviewers_who_differ_reject_and_the_pictures_are_erased(void **state)
{
    struct world *world = *state;
    raise_one(world);
    accepted(review_as(world, REVIEWER_ONE, "different"));
    assert_string_equal(state_of(world), "raised");
    accepted(review_as(world, REVIEWER_TWO, "same"));
    assert_string_equal(state_of(world), "closed");
    assert_string_equal(outcome_of(world), "rejected");
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_picture"), 0);
    AUTO(text) char *key = text_format("alert/%s", world->alert);
    assert_null(keyring_key(world->site.ledger->keyring, key, false, NULL));
    assert_true(is_recorded(world, "alert_pictures_erased"));
    refused(dispatch_by(world, DISPATCHER, UNIT), ERROR_CONFLICT);
}

static void s29_a_third_decides_where_one_cannot_tell(void **state)
{
    struct world *world = *state;
    raise_one(world);
    be_present(world, REVIEWER_THREE, "reviewer", NULL);
    accepted(review_as(world, REVIEWER_ONE, "cannot_tell"));
    assert_false(is_drawn(world, REVIEWER_THREE));
    accepted(review_as(world, REVIEWER_TWO, "same"));
    assert_string_equal(state_of(world), "raised");
    assert_true(is_drawn(world, REVIEWER_THREE));
    accepted(review_as(world, REVIEWER_THREE, "same"));
    assert_string_equal(state_of(world), "agreed");
}

static void two_who_cannot_tell_send_nobody(void **state)
{
    struct world *world = *state;
    raise_one(world);
    be_present(world, REVIEWER_THREE, "reviewer", NULL);
    accepted(review_as(world, REVIEWER_ONE, "cannot_tell"));
    accepted(review_as(world, REVIEWER_TWO, "cannot_tell"));
    assert_string_equal(outcome_of(world), "lapsed");
}

static void s29_double_reviews_by_one_person_are_refused(void **state)
{
    struct world *world = *state;
    raise_one(world);
    accepted(review_as(world, REVIEWER_ONE, "same"));
    refused(review_as(world, REVIEWER_ONE, "same"), ERROR_CONFLICT);
    assert_string_equal(state_of(world), "raised");
}

static void s12_only_the_drawn_review(void **state)
{
    struct world *world = *state;
    raise_one(world);
    be_present(world, REVIEWER_BESIDE, "reviewer", NULL);
    be_present(world, REVIEWER_THREE, "reviewer", NULL);
    be_present(world, APPROVER, "reviewer", NULL);
    accepted(review_as(world, REVIEWER_ONE, "same"));
    refused(review_as(world, REVIEWER_BESIDE, "same"), ERROR_FORBIDDEN); /* the same office */
    refused(review_as(world, REVIEWER_THREE, "same"), ERROR_FORBIDDEN);
    refused(review_as(world, APPROVER, "same"), ERROR_FORBIDDEN);
    refused(review_as(world, DISPATCHER, "same"), ERROR_FORBIDDEN);
    assert_string_equal(state_of(world), "raised");
}

static void s30_a_review_of_other_pictures_is_refused(void **state)
{
    struct world *world = *state;
    raise_one(world);
    world->pictures_hash[0] = world->pictures_hash[0] == '0' ? '1' : '0';
    refused(review_as(world, REVIEWER_ONE, "same"), ERROR_CONFLICT);
}

static void s50_pictures_swapped_on_disk_are_noticed_at_the_review(void **state)
{
    struct world *world = *state;
    raise_one(world);
    sql(world, "UPDATE alert_picture SET sealed = (SELECT sealed FROM alert_picture WHERE name = 'scene')"
               " WHERE name = 'probe'");
    refused(review_as(world, REVIEWER_ONE, "same"), ERROR_CORRUPT);
}

static void s29_same_names_a_likeness_and_different_a_difference(void **state)
{
    struct world *world = *state;
    raise_one(world);
    json_t *bare = review_of(world, "same");
    json_object_set_new(bare, "likenesses", json_array());
    refused(act(world, alert_review, REVIEWER_ONE, "review", bare), ERROR_INVALID);
    bare = review_of(world, "different");
    json_object_set_new(bare, "differences", json_array());
    refused(act(world, alert_review, REVIEWER_ONE, "review", bare), ERROR_INVALID);
    bare = review_of(world, "cannot_tell");
    json_object_set_new(bare, "likenesses", json_array());
    json_object_set_new(bare, "differences", json_array());
    accepted(act(world, alert_review, REVIEWER_ONE, "review", bare));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_statement"), 1);
}

static void the_same_statement_again_gets_the_same_reply(void **state)
{
    struct world *world = *state;
    raise_one(world);
    AUTO(envelope)
    struct envelope *envelope = said_by(world, REVIEWER_ONE, "review", review_of(world, "same"));
    AUTO(json) json_t *first = alert_review(&world->site, envelope, &wrong);
    AUTO(json) json_t *second = alert_review(&world->site, envelope, &wrong);
    assert_non_null(first);
    assert_true(json_equal(first, second));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_statement"), 1);
}

static char *shown_to(struct world *world, enum person person)
{
    AUTO(json) json_t *one = alert_show(&world->site, officer_of(world, person), world->alert, &wrong);
    AUTO(json) json_t *list = alert_list(&world->site, officer_of(world, person), &wrong);
    assert_non_null(one);
    assert_non_null(list);
    AUTO(json) json_t *both = json_pack("[O, O]", one, list);
    return json_canonical(both, &wrong);
}

static void s29_a_reviewer_sees_nothing_of_the_other_answer(void **state)
{
    struct world *world = *state;
    raise_one(world);
    AUTO(text) char *before = shown_to(world, REVIEWER_TWO);
    int64_t event = ledger_last_event(world->site.ledger);
    accepted(review_as(world, REVIEWER_ONE, "different"));
    AUTO(text) char *after = shown_to(world, REVIEWER_TWO);
    assert_string_equal(before, after);
    assert_int_equal(ledger_last_event(world->site.ledger), event); /* no screen wakes up */
    assert_null(strstr(before, "Aslam"));
    assert_null(strstr(before, ENTRY));
    assert_null(strstr(before, CASE));
    assert_null(strstr(before, "score"));
}

static void s10_an_alert_whose_camera_s_record_counts_no_more_has_no_place_and_is_not_hidden(void **state)
{
    struct world *world = *state;
    raise_one(world);
    AUTO(text) char *before = shown_to(world, REVIEWER_ONE);
    assert_non_null(strstr(before, "Main gate"));
    const struct officer *admin = officer_of(world, ADMIN);
    roster_suspend(world->site.roster, admin->id, admin->key);
    AUTO(text) char *reviewer = shown_to(world, REVIEWER_ONE);
    assert_non_null(strstr(reviewer, world->pictures_hash));
    assert_null(strstr(reviewer, "\"place\""));
    agree(world);
    AUTO(text) char *dispatcher = shown_to(world, DISPATCHER);
    assert_non_null(strstr(dispatcher, "two officers say same"));
    assert_null(strstr(dispatcher, "\"place\""));
    /* No crew is sent to a place that nobody answers for. */
    assert_false(dispatch_by(world, DISPATCHER, UNIT));
    assert_int_equal(wrong.code, ERROR_CONFLICT);
    assert_non_null(strstr(wrong.text, "another administrator"));
}

static void nobody_else_is_shown_what_is_under_review(void **state)
{
    struct world *world = *state;
    raise_one(world);
    const enum person others[] = {DISPATCHER, CREW_ONE, STATION, REVIEWER_THREE, PROPOSER, ADMIN};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        assert_null(alert_show(&world->site, officer_of(world, others[i]), world->alert, &wrong));
        assert_int_equal(wrong.code, ERROR_FORBIDDEN);
        AUTO(json) json_t *list = alert_list(&world->site, officer_of(world, others[i]), &wrong);
        assert_int_equal(json_array_size(json_object_get(list, "alerts")), 0);
    }
}

static int64_t answer_by(struct world *world, enum person person)
{
    AUTO(json) json_t *shown = alert_show(&world->site, officer_of(world, person), world->alert, &wrong);
    return json_integer_value(json_object_get(shown, "answer_by"));
}

static void s29_an_unanswered_review_passes_on_after_45_seconds(void **state)
{
    struct world *world = *state;
    raise_one(world);
    be_present(world, REVIEWER_THREE, "reviewer", NULL);
    int64_t until = answer_by(world, REVIEWER_TWO);
    assert_in_range(until, seconds_later(43) / 1000000, seconds_later(45) / 1000000);
    accepted(review_as(world, REVIEWER_ONE, "same"));
    assert_int_equal(answer_by(world, REVIEWER_ONE), 0); /* has answered */
    assert_int_equal(answer_by(world, REVIEWER_TWO), until);
    assert_true(alert_tick_at(&world->site, seconds_later(44), &wrong));
    assert_true(is_drawn(world, REVIEWER_TWO));
    assert_true(alert_tick_at(&world->site, seconds_later(46), &wrong));
    assert_false(is_drawn(world, REVIEWER_TWO));
    assert_true(is_drawn(world, REVIEWER_THREE));
    refused(review_as(world, REVIEWER_TWO, "same"), ERROR_CONFLICT);
    accepted(review_as(world, REVIEWER_THREE, "same"));
    assert_string_equal(state_of(world), "agreed");
}

static void s29_an_unanswered_review_nobody_can_take_over_lapses(void **state)
{
    struct world *world = *state;
    raise_one(world);
    be_present(world, REVIEWER_BESIDE, "reviewer", NULL); /* of the office that has answered */
    accepted(review_as(world, REVIEWER_ONE, "same"));
    assert_true(alert_tick_at(&world->site, seconds_later(46), &wrong));
    assert_string_equal(outcome_of(world), "lapsed");
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_picture"), 0);
}

static void a_lone_different_rejects_when_no_second_answer_comes(void **state)
{
    struct world *world = *state;
    raise_one(world);
    accepted(review_as(world, REVIEWER_ONE, "different"));
    assert_true(alert_tick_at(&world->site, seconds_later(46), &wrong));
    assert_string_equal(outcome_of(world), "rejected");
}

static void reject_once(struct world *world)
{
    raise_one(world);
    accepted(review_as(world, REVIEWER_ONE, "different"));
    accepted(review_as(world, REVIEWER_TWO, "different"));
    assert_string_equal(outcome_of(world), "rejected");
}

static void s31_two_rejections_mute_the_entry_on_that_camera(void **state)
{
    struct world *world = *state;
    reject_once(world);
    reject_once(world);
    struct sighting again = sighting_of(world, ENTRY);
    assert_true(alert_raise(&world->site, &again, &wrong));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert"), 2);
    assert_true(is_recorded(world, "sighting_muted")); /* never silently */
    struct sighting other = sighting_of(world, OTHER_ENTRY);
    assert_true(alert_raise(&world->site, &other, &wrong));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert"), 3);
}

static int64_t records_of(struct world *world, const char *kind)
{
    AUTO(text)
    char *counting =
        text_format("SELECT COUNT(*) FROM ledger_leaf WHERE leaf LIKE '%%\"kind\":\"%s\"%%'", kind);
    return number(world, counting);
}

static void see_often(struct world *world, const char *entry, int times)
{
    for (int i = 0; i < times; i++) {
        struct sighting again = sighting_of(world, entry);
        assert_true(alert_raise(&world->site, &again, &wrong));
    }
}

static bool is_counted(struct world *world, int muted, int of_halted_camera)
{
    AUTO(text)
    char *counting =
        text_format("SELECT COUNT(*) FROM ledger_leaf WHERE leaf LIKE '%%unraised\",\"muted\":%d,"
                    "\"of_halted_camera\":%d,%%'",
            muted, of_halted_camera);
    return number(world, counting) == 1;
}

static void recall_for(struct world *world, const char *reason)
{
    assert_true(ledger_begin(world->site.ledger, &wrong));
    assert_true(alert_recall_operation(&world->site, OPERATION, reason, &wrong));
    assert_true(ledger_commit(world->site.ledger, &wrong));
}

/* A muted entry may stand under the camera for hours: what one operation writes into the log has an end, and
 * the public record has every sighting. */
static void s32_s46_of_three_hundred_sightings_of_a_muted_entry_fifty_are_recorded_and_the_rest_counted(
    void **state)
{
    enum { SEEN = 300 };
    struct world *world = *state;
    reject_once(world);
    reject_once(world);
    see_often(world, ENTRY, SEEN);
    assert_int_equal(records_of(world, "sighting_muted"), SIGHTINGS_RECORDED);
    assert_int_equal(records_of(world, "more_sightings_unraised"), 0);
    recall_for(world, "halted");
    assert_true(is_counted(world, SEEN - SIGHTINGS_RECORDED, 0));
    see_often(world, ENTRY, 7);
    recall_for(world, "ended");
    assert_true(is_counted(world, 7, 0));
    recall_for(world, "ended");
    assert_int_equal(records_of(world, "more_sightings_unraised"), 2);
    assert_int_equal(records_of(world, "sighting_muted"), SIGHTINGS_RECORDED);
}

static void s32_of_three_hundred_sightings_of_a_halted_camera_fifty_are_recorded_and_the_rest_counted(
    void **state)
{
    enum { SEEN = 300 };
    struct world *world = *state;
    sql(world, "INSERT INTO alert_camera_halt (operation, camera) VALUES ('" OPERATION "', '" CAMERA "')");
    see_often(world, ENTRY, SEEN);
    assert_int_equal(records_of(world, "sighting_of_halted_camera"), SIGHTINGS_RECORDED);
    recall_for(world, "ended");
    assert_true(is_counted(world, 0, SEEN - SIGHTINGS_RECORDED));
}

static void s32_three_rejections_in_an_hour_halt_the_operation(void **state)
{
    struct world *world = *state;
    reject_once(world);
    reject_once(world);
    assert_int_equal(neighbours.halts, 0);
    struct sighting other = sighting_of(world, OTHER_ENTRY);
    assert_true(alert_raise(&world->site, &other, &wrong));
    AUTO(query)
    struct query *query =
        query_new(world->site.ledger->store, "SELECT alert FROM alert WHERE state = 'raised'", &wrong);
    assert_true(query_next(query));
    snprintf(world->alert, sizeof world->alert, "%s", query_get_text(query, 0));
    snprintf(world->passage, sizeof world->passage, "%s", other.passage);
    AUTO(json)
    json_t *shown = alert_show(&world->site, officer_of(world, REVIEWER_ONE), world->alert, &wrong);
    snprintf(world->pictures_hash, sizeof world->pictures_hash, "%s",
        json_string_value(json_object_get(shown, "pictures_hash")));
    accepted(review_as(world, REVIEWER_ONE, "different"));
    accepted(review_as(world, REVIEWER_TWO, "same"));
    assert_int_equal(neighbours.halts, 1);
    assert_int_equal(neighbours.disarms, 1);
    assert_string_equal(neighbours.reason, "breaker");
}

static struct panel panel_of(const char *answers)
{
    static const char *const offices[] = {"f-1", "f-2", "f-3", "f-1"};
    struct panel panel = {0};
    for (size_t i = 0; answers[i]; i++) {
        struct asked *asked = &panel.asked[panel.count++];
        snprintf(asked->officer, sizeof asked->officer, "o-%zu", i);
        snprintf(asked->office, sizeof asked->office, "%s", offices[i]);
        asked->answer = answers[i] == 's'   ? ANSWER_SAME
                        : answers[i] == 'd' ? ANSWER_DIFFERENT
                        : answers[i] == 'c' ? ANSWER_CANNOT_TELL
                                            : ANSWER_NONE;
    }
    return panel;
}

static void s29_a_verdict_needs_all_answers_and_two_offices(void **state)
{
    (void)state;
    const struct {
        const char *answers;
        enum verdict verdict;
    } cases[] = {
        {"", VERDICT_ASK_MORE},
        {"?", VERDICT_ASK_MORE},
        {"s", VERDICT_ASK_MORE},
        {"d", VERDICT_ASK_MORE},
        {"??", VERDICT_AWAITED},
        {"s?", VERDICT_AWAITED},
        {"d?", VERDICT_AWAITED},
        {"ss", VERDICT_AGREED},
        {"sd", VERDICT_REJECTED},
        {"dd", VERDICT_REJECTED},
        {"dc", VERDICT_REJECTED},
        {"cc", VERDICT_NONE},
        {"sc", VERDICT_ASK_MORE},
        {"sc?", VERDICT_AWAITED},
        {"scs", VERDICT_AGREED},
        {"scd", VERDICT_REJECTED},
        {"scc", VERDICT_NONE},
        {"css", VERDICT_AGREED},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct panel panel = panel_of(cases[i].answers);
        if (panel_verdict(&panel) != cases[i].verdict)
            fail_msg("%s: %d", cases[i].answers, panel_verdict(&panel));
    }
    struct panel one_office = panel_of("ss");
    snprintf(one_office.asked[1].office, sizeof one_office.asked[1].office, "f-1");
    assert_int_not_equal(panel_verdict(&one_office), VERDICT_AGREED);
    struct panel one_person = panel_of("ss");
    snprintf(one_person.asked[1].officer, sizeof one_person.asked[1].officer, "o-0");
    assert_int_not_equal(panel_verdict(&one_person), VERDICT_AGREED);
}

static void look_at(struct world *world, enum person person, const char *name)
{
    AUTO(bytes) struct bytes picture = {0};
    if (!look_at_picture(world, person, name, &picture))
        fail_msg("%s", wrong.text);
}

static void s28_a_review_needs_both_pictures_shown_and_the_least_time_to_look(void **state)
{
    struct world *world = *state;
    world->site.look_s = 3;
    raise_one(world);
    enum person first = is_drawn(world, REVIEWER_ONE) ? REVIEWER_ONE : REVIEWER_TWO;
    refused(review_as(world, first, "same"), ERROR_CONFLICT);
    look_at(world, first, "probe");
    AUTO(bytes) struct bytes scene = {0};
    refused(look_at_picture(world, first, "scene", &scene), ERROR_FORBIDDEN); /* the faces only */
    sql(world, "UPDATE alert_look SET shown_us = shown_us - 60000000");
    refused(review_as(world, first, "same"), ERROR_CONFLICT); /* never saw whom to compare with */
    look_at(world, first, "enrolled");
    refused(review_as(world, first, "same"), ERROR_CONFLICT); /* just now */
    sql(world, "UPDATE alert_look SET shown_us = shown_us - 1500000 WHERE name = 'enrolled'");
    refused(review_as(world, first, "same"), ERROR_CONFLICT);
    look_at(world, first, "enrolled"); /* looking again does not begin anew */
    sql(world, "UPDATE alert_look SET shown_us = shown_us - 1000000 WHERE name = 'enrolled'");
    accepted(review_as(world, first, "same"));
    enum person second = first == REVIEWER_ONE ? REVIEWER_TWO : REVIEWER_ONE;
    refused(review_as(world, second, "same"), ERROR_CONFLICT); /* the other's looking is not theirs */
}

static void s06_an_entry_with_a_near_pair_marks_its_alerts(void **state)
{
    struct world *world = *state;
    for (int near = 0; near < 2; near++) {
        neighbours.near_pair = near;
        raise_one(world);
        enum person drawn = is_drawn(world, REVIEWER_ONE) ? REVIEWER_ONE : REVIEWER_TWO;
        AUTO(json)
        json_t *seen = alert_show(&world->site, officer_of(world, drawn), world->alert, &wrong);
        assert_int_equal(json_is_true(json_object_get(seen, "near_pair")), near);
        agree(world);
        AUTO(json)
        json_t *told = alert_show(&world->site, officer_of(world, DISPATCHER), world->alert, &wrong);
        assert_int_equal(json_is_true(json_object_get(told, "near_pair")), near);
        sql(world, "DELETE FROM alert");
    }
}

static const char *device_in_hand;

static json_t *review_from_hand(struct site *site, const struct envelope *envelope, struct error *err)
{
    return alert_review_on(site, envelope, device_in_hand, err);
}

static bool review_on(struct world *world, enum person person, const char *device)
{
    device_in_hand = device;
    return act(world, review_from_hand, person, "review", review_of(world, "same"));
}

/* Who has seen it draws no review of the alert; whose look is noted already is not recorded again. */
static void s29_s45_s50_who_has_seen_the_name_is_read_from_the_log_at_a_start(void **state)
{
    struct world *world = *state;
    static const char *const edits[] = {"DELETE FROM alert_seen",
        "UPDATE alert_seen SET officer = 'o-0000000000000008'",
        "UPDATE alert_seen SET alert = 'a-0000000000000001'"};
    raise_one(world);
    agree(world);
    AUTO(json) json_t *seen = alert_show(&world->site, officer_of(world, DISPATCHER), world->alert, &wrong);
    assert_non_null(json_object_get(seen, "person"));
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        sql(world, edits[i]);
        world_stop(world);
        world_start(world);
        AUTO(text)
        char *same = text_format("SELECT COUNT(*) FROM alert_seen WHERE alert = '%s' AND officer = '%s'",
            world->alert, id_of(DISPATCHER));
        assert_int_equal(number(world, same), 1);
        assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_seen"), 1);
    }
}

static void s29_s50_a_device_taken_out_of_the_database_is_known_at_the_next_start(void **state)
{
    struct world *world = *state;
    static const char *const edits[] = {"DELETE FROM alert_device", "UPDATE alert_device SET device = 'cc'",
        "UPDATE alert_device SET passage = 'x'"};
    raise_one(world);
    accepted(review_on(world, REVIEWER_ONE, "aa"));
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        sql(world, edits[i]);
        world_stop(world);
        world_start(world);
        refused(review_on(world, REVIEWER_TWO, "aa"), ERROR_FORBIDDEN);
    }
    assert_int_equal(number(world, "SELECT COUNT(*) FROM ledger_leaf WHERE leaf LIKE '%\"aa\"%'"), 0);
    accepted(review_on(world, REVIEWER_TWO, "bb"));
    assert_string_equal(state_of(world), "agreed");
}

static void s29_two_answers_from_one_device_are_refused(void **state)
{
    struct world *world = *state;
    raise_one(world);
    accepted(review_on(world, REVIEWER_ONE, "aa"));
    refused(review_on(world, REVIEWER_TWO, "aa"), ERROR_FORBIDDEN);
    assert_string_equal(state_of(world), "raised");
    accepted(review_on(world, REVIEWER_TWO, "bb"));
    assert_string_equal(state_of(world), "agreed");
    sql(world, "DELETE FROM alert");
    raise_one(world); /* the next alert, on each other's devices */
    accepted(review_on(world, REVIEWER_ONE, "bb"));
    accepted(review_on(world, REVIEWER_TWO, "aa"));
    assert_string_equal(state_of(world), "agreed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(two_same_agree),
        TEST(s28_a_review_needs_both_pictures_shown_and_the_least_time_to_look),
        TEST(s29_s45_s50_who_has_seen_the_name_is_read_from_the_log_at_a_start),
        TEST(s29_two_answers_from_one_device_are_refused),
        TEST(s29_s50_a_device_taken_out_of_the_database_is_known_at_the_next_start),
        TEST(s06_an_entry_with_a_near_pair_marks_its_alerts),
        TEST(s29_s41_reviewers_who_differ_reject_and_the_pictures_are_erased),
        TEST(s29_a_third_decides_where_one_cannot_tell),
        TEST(two_who_cannot_tell_send_nobody),
        TEST(s29_double_reviews_by_one_person_are_refused),
        TEST(s12_only_the_drawn_review),
        TEST(s30_a_review_of_other_pictures_is_refused),
        TEST(s50_pictures_swapped_on_disk_are_noticed_at_the_review),
        TEST(s29_same_names_a_likeness_and_different_a_difference),
        TEST(the_same_statement_again_gets_the_same_reply),
        TEST(s29_a_reviewer_sees_nothing_of_the_other_answer),
        TEST(s10_an_alert_whose_camera_s_record_counts_no_more_has_no_place_and_is_not_hidden),
        TEST(nobody_else_is_shown_what_is_under_review),
        TEST(s29_an_unanswered_review_passes_on_after_45_seconds),
        TEST(s29_an_unanswered_review_nobody_can_take_over_lapses),
        TEST(a_lone_different_rejects_when_no_second_answer_comes),
        TEST(s31_two_rejections_mute_the_entry_on_that_camera),
        TEST(s32_s46_of_three_hundred_sightings_of_a_muted_entry_fifty_are_recorded_and_the_rest_counted),
        TEST(s32_of_three_hundred_sightings_of_a_halted_camera_fifty_are_recorded_and_the_rest_counted),
        TEST(s32_three_rejections_in_an_hour_halt_the_operation),
        cmocka_unit_test(s29_a_verdict_needs_all_answers_and_two_offices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
