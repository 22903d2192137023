/* Pairs whose answer is known measure the reviewers, send nobody and are counted nowhere else. */
#include "world.h"

#include "alert/evidence.h"
#include "alert/timer.h"
#include "govern/report.h"

static void be_in_a_trial(struct world *world)
{
    neighbours.ground = "consenting_test_subject";
    be_present(world, REVIEWER_THREE, "reviewer", NULL);
}

static json_t *shown_to(struct world *world, enum person person)
{
    wrong = (struct error){0};
    return alert_show(&world->site, officer_of(world, person), world->alert, &wrong);
}

static void answer_all(struct world *world, const char *word)
{
    for (int person = 0; person < PEOPLE; person++) {
        if (is_drawn(world, (enum person)person))
            accepted(review_as(world, (enum person)person, word));
    }
}

static json_t *record_of(struct world *world)
{
    AUTO(bytes) struct bytes log = {0};
    assert_true(ledger_export(world->site.ledger, &log, &wrong));
    return report_operation(log.data, log.size, OPERATION, REPORT_ALL, &wrong);
}

static int64_t counted(struct world *world, const char *group, const char *name)
{
    AUTO(json) json_t *record = record_of(world);
    const json_t *counts = group ? json_object_get(record, group) : record;
    assert_true(json_is_integer(json_object_get(counts, name)));
    return json_integer_value(json_object_get(counts, name));
}

static void s28_a_planted_pair_looks_like_any_alert_to_its_reviewers(void **state)
{
    struct world *world = *state;
    be_in_a_trial(world);
    accepted(plant_pair(world, AUTHORISER_ONE, ENTRY));
    enum person drawn = is_drawn(world, REVIEWER_ONE) ? REVIEWER_ONE : REVIEWER_TWO;
    AUTO(json) json_t *pair = shown_to(world, drawn);
    assert_non_null(pair);
    answer_all(world, "different");
    assert_string_equal(state_of(world), "closed");
    raise_one(world);
    drawn = is_drawn(world, REVIEWER_ONE) ? REVIEWER_ONE : REVIEWER_TWO;
    AUTO(json) json_t *real = shown_to(world, drawn);
    const char *name;
    json_t *value;
    json_object_foreach (real, name, value) {
        assert_non_null(json_object_get(pair, name));
        if (!strstr("alert passage pictures_hash raised_at answer_by", name))
            assert_true(json_equal(value, json_object_get(pair, name)));
    }
    assert_int_equal(json_object_size(pair), json_object_size(real));
}

static void s28_two_same_on_a_planted_pair_send_nobody(void **state)
{
    struct world *world = *state;
    be_in_a_trial(world);
    accepted(plant_pair(world, INSPECTOR, ENTRY));
    answer_all(world, "same");
    assert_string_equal(state_of(world), "closed");
    assert_string_equal(outcome_of(world), "planted");
    refused(dispatch_by(world, DISPATCHER, UNIT), ERROR_CONFLICT);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_packet"), 0);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_picture"), 0);
}

/* On a demo site the whole story is played with them, and every packet says so. */
static void s28_a_trial_on_a_live_site_sends_nobody(void **state)
{
    struct world *world = *state;
    be_in_a_trial(world);
    raise_one(world);
    answer_all(world, "same");
    assert_string_equal(state_of(world), "agreed");
    world->site.kind = SITE_LIVE;
    refused(dispatch_by(world, DISPATCHER, UNIT), ERROR_CONFLICT);
    assert_non_null(strstr(wrong.text, "consenting"));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_packet"), 0);
    world->site.kind = SITE_DEMO;
    accepted(dispatch_by(world, DISPATCHER, UNIT));
}

/* Were the table of moves to let it on, the row and the signed planting still would not. */
static void s28_neither_row_nor_evidence_lets_a_planted_pair_on(void **state)
{
    struct world *world = *state;
    be_in_a_trial(world);
    accepted(plant_pair(world, AUTHORISER_ONE, ENTRY));
    struct alert alert;
    struct envelope *two[2] = {NULL, NULL};
    accepted(alert_load(&world->site, world->alert, &alert, &wrong));
    assert_true(ledger_begin(world->site.ledger, &wrong));
    refused(alert_move(&world->site, &alert, ALERT_AGREED, "", BY_REVIEW, "site", &wrong), ERROR_FORBIDDEN);
    ledger_abort(world->site.ledger);
    alert.planted = false;
    refused(evidence_agreed(&world->site, &alert, world->pictures_hash, TODAY, two, &wrong), ERROR_FORBIDDEN);
    sql(world, "UPDATE alert SET planted = 0");
    refused(alert_load(&world->site, world->alert, &alert, &wrong), ERROR_CORRUPT);
}

static void s28_wrong_answers_are_counted_and_nothing_else_is(void **state)
{
    struct world *world = *state;
    be_in_a_trial(world);
    for (int pair = 0; pair < 4; pair++) {
        accepted(plant_pair(world, AUTHORISER_ONE, OTHER_ENTRY));
        answer_all(world, pair ? "different" : "same");
        assert_string_equal(outcome_of(world), "planted");
    }
    accepted(plant_pair(world, AUTHORISER_ONE, ENTRY));
    answer_all(world, "different");
    assert_int_equal(neighbours.halts, 0);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_mute"), 0);
    assert_int_equal(counted(world, "planted", "different_pairs"), 4);
    assert_int_equal(counted(world, "planted", "different_pairs_answers"), 8);
    assert_int_equal(counted(world, "planted", "different_pairs_said_same"), 2);
    assert_int_equal(counted(world, "planted", "same_pairs_said_different"), 2);
    assert_int_equal(counted(world, NULL, "alerts"), 0);
    assert_int_equal(counted(world, "outcomes", "rejected"), 0);
    assert_int_equal(counted(world, "reviews", "different"), 0);
}

static void s28_pairs_are_of_consenting_subjects_in_a_trial_and_few(void **state)
{
    struct world *world = *state;
    refused(plant_pair(world, AUTHORISER_ONE, ENTRY), ERROR_FORBIDDEN); /* wanted by a court */
    be_in_a_trial(world);
    neighbours.no_trial = true;
    refused(plant_pair(world, AUTHORISER_ONE, ENTRY), ERROR_FORBIDDEN);
    neighbours.no_trial = false;
    refused(plant_pair(world, REVIEWER_ONE, ENTRY), ERROR_FORBIDDEN);
    refused(plant_pair(world, DISPATCHER, ENTRY), ERROR_FORBIDDEN);
    for (int pair = 0; pair < LIMIT_PLANTED_AN_HOUR; pair++) {
        accepted(plant_pair(world, AUTHORISER_ONE, ENTRY));
        refused(plant_pair(world, AUTHORISER_ONE, ENTRY), ERROR_CONFLICT);
        answer_all(world, "same");
    }
    refused(plant_pair(world, AUTHORISER_ONE, ENTRY), ERROR_FORBIDDEN);
}

static void s28_who_planted_it_does_not_review_it(void **state)
{
    struct world *world = *state;
    be_in_a_trial(world);
    leave(world, REVIEWER_TWO);
    leave(world, REVIEWER_THREE);
    be_present(world, APPROVER, "reviewer", NULL); /* authoriser and reviewer, of office 2 */
    accepted(plant_pair(world, APPROVER, ENTRY));
    assert_false(is_drawn(world, APPROVER));
    assert_true(is_recorded(world, "pair_planted"));
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert_statement WHERE type = 'planting'"), 1);
}

static void s28_a_person_who_is_seen_comes_before_a_planted_pair(void **state)
{
    struct world *world = *state;
    be_in_a_trial(world);
    accepted(plant_pair(world, AUTHORISER_ONE, ENTRY));
    raise_one(world);
    assert_string_equal(state_of(world), "raised");
    agree(world);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM alert WHERE outcome = 'planted'"), 1);
}

static void s28_a_planted_pair_nobody_answers_ends_too(void **state)
{
    struct world *world = *state;
    be_in_a_trial(world);
    accepted(plant_pair(world, AUTHORISER_ONE, ENTRY));
    accepted(alert_tick_at(&world->site, clock_now_us() + 301000000, &wrong));
    assert_string_equal(outcome_of(world), "planted");
    assert_int_equal(counted(world, "planted", "same_pairs_answers"), 0);
    accepted(plant_pair(world, AUTHORISER_ONE, ENTRY));
    assert_true(ledger_begin(world->site.ledger, &wrong));
    accepted(alert_recall_operation(&world->site, OPERATION, "ended", &wrong));
    assert_true(ledger_commit(world->site.ledger, &wrong));
    assert_string_equal(outcome_of(world), "planted");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(s28_a_planted_pair_looks_like_any_alert_to_its_reviewers),
        TEST(s28_two_same_on_a_planted_pair_send_nobody),
        TEST(s28_a_trial_on_a_live_site_sends_nobody),
        TEST(s28_neither_row_nor_evidence_lets_a_planted_pair_on),
        TEST(s28_wrong_answers_are_counted_and_nothing_else_is),
        TEST(s28_pairs_are_of_consenting_subjects_in_a_trial_and_few),
        TEST(s28_who_planted_it_does_not_review_it),
        TEST(s28_a_person_who_is_seen_comes_before_a_planted_pair),
        TEST(s28_a_planted_pair_nobody_answers_ends_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
