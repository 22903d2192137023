#include "base/text.h"
#include "list/operation_proof.h"
#include "list/succession.h"
#include "sign/limits.h"
#include "site_test.h"

struct urgent {
    char operation[24], entry[24], camera[24], hash[HEX_HASH_SIZE];
};

static void tick(struct fixture *f)
{
    struct error err = {0};
    if (!operation_tick(&f->site, &err))
        fail_msg("%s", err.text);
}

static void expect_state(struct fixture *f, const struct urgent *asked, const char *state)
{
    struct error err = {0};
    assert_string_equal(operation_state(&f->site, asked->operation, &err), state);
}

static void expect_why(struct fixture *f, const struct urgent *asked, const char *why)
{
    struct error err = {0};
    expect_field(
        operation_show(&f->site, officer_of(f, WATCH_ONE), asked->operation, &err), &err, "why", why);
}

static bool has_key(struct fixture *f, const struct urgent *asked)
{
    AUTO(text) char *name = text_format("operation/%s", asked->operation);
    return keyring_key(f->site.ledger->keyring, name, false, NULL) != NULL;
}

static void ask(struct fixture *f, int64_t lasts_s, struct urgent *out)
{
    out->operation[0] = '\0';
    list_entry(f, 1, out->entry);
    add_camera(f, out->camera);
    request_operation(f, out->operation, out->entry, out->camera, lasts_s, out->hash);
}

static json_t *declare(
    struct fixture *f, enum person person, const struct urgent *asked, const char *reason, struct error *err)
{
    *err = (struct error){0};
    AUTO(envelope)
    struct envelope *urgency = signed_by(f, person, "urgency",
        json_pack(
            "{s:s, s:s, s:s}", "operation", asked->operation, "request_hash", asked->hash, "reason", reason));
    return operation_declare_urgent(&f->site, urgency, err);
}

static json_t *ratify(
    struct fixture *f, enum person person, const struct urgent *asked, const char *answer, struct error *err)
{
    *err = (struct error){0};
    AUTO(envelope)
    struct envelope *ratification = signed_by(f, person, "ratification",
        json_pack(
            "{s:s, s:s, s:s}", "operation", asked->operation, "request_hash", asked->hash, "answer", answer));
    return operation_ratify(&f->site, ratification, err);
}

static void run(struct fixture *f, struct urgent *out)
{
    fixture_watch(f);
    run_urgent_operation(f, out->operation, out->entry, out->hash);
}

static void s18_an_urgent_operation_lasts_four_hours_at_most(void **state)
{
    struct fixture *f = *state;
    struct error err;
    struct urgent asked;
    ask(f, LIMIT_URGENT_S + 1, &asked);
    expect_refusal(
        declare(f, AUTHORISER_ONE, &asked, "threat_to_life", &err), &err, ERROR_FORBIDDEN, "4 hours");
}

static void s18_urgency_is_for_life_or_the_missing_and_said_once_by_an_authoriser(void **state)
{
    struct fixture *f = *state;
    struct error err;
    struct urgent asked;
    ask(f, 3600, &asked);
    expect_refusal(declare(f, WATCH_ONE, &asked, "threat_to_life", &err), &err, ERROR_FORBIDDEN, "role");
    expect_refusal(
        declare(f, AUTHORISER_ONE, &asked, "missing", &err), &err, ERROR_FORBIDDEN, "not for missing");
    expect_field(declare(f, AUTHORISER_ONE, &asked, "threat_to_life", &err), &err, "state", "requested");
    expect_refusal(
        declare(f, AUTHORISER_TWO, &asked, "threat_to_life", &err), &err, ERROR_CONFLICT, "already");
}

static void s18_an_urgent_operation_that_is_ratified_keeps_what_it_has(void **state)
{
    struct fixture *f = *state;
    struct error err;
    struct urgent asked;
    run(f, &asked);
    expect_refusal(ratify(f, AUTHORISER_THREE, &asked, "ratified", &err), &err, ERROR_FORBIDDEN, "role");
    AUTO(json)
    json_t *shown = operation_show(&f->site, officer_of(f, DISPATCHER), asked.operation, &err);
    assert_int_equal(
        json_integer_value(json_object_get(shown, "ratify_until")), clock_now_s() + LIMIT_RATIFY_S);
    expect_field(ratify(f, JUDGE, &asked, "ratified", &err), &err, "state", "running");
    clock_pass(LIMIT_RATIFY_S);
    tick(f);
    assert_int_equal(count_records(f, "operation_destroyed"), 0);
    clock_pass(1);
    expect_refusal(ratify(f, JUDGE, &asked, "refused", &err), &err, ERROR_CONFLICT, "no ratification");
}

static void s18_what_nobody_ratified_in_a_day_is_destroyed_by_the_clock(void **state)
{
    struct fixture *f = *state;
    struct error err;
    struct urgent asked;
    run(f, &asked);
    clock_pass(LIMIT_RATIFY_S - 1);
    tick(f);
    assert_int_equal(count_records(f, "operation_destroyed"), 0);
    clock_pass(1);
    expect_refusal(ratify(f, JUDGE, &asked, "ratified", &err), &err, ERROR_CONFLICT, "no ratification");
    tick(f);
    assert_false(has_key(f, &asked));
    assert_int_equal(count_records(f, "operation_destroyed"), 1);
    tick(f);
    assert_int_equal(count_records(f, "operation_destroyed"), 1);
}

static void suspend(struct fixture *f, enum person person)
{
    struct error err = {0};
    AUTO(envelope)
    struct envelope *suspension = signed_by(f, INSPECTOR, "suspension",
        json_pack("{s:s, s:s}", "subject", f->officers[person], "reason", "left"));
    expect_field(suspension_sign(&f->site, suspension, &err), &err, "state", "suspended");
}

/* Whether a site of this kind has all signatures; the token, if so. */
static bool is_complete(struct fixture *f, const struct urgent *asked, enum site_kind kind, char **token)
{
    struct error err = {0};
    struct operation_row row;
    bool complete = false;
    *token = NULL;
    f->site.kind = kind;
    assert_true(operation_load(&f->site, asked->operation, &row, &err));
    if (!operation_token(&f->site, &row, token, &complete, &err))
        fail_msg("%s", err.text);
    f->site.kind = SITE_DEMO;
    return complete;
}

static void declare_and_authorise(struct fixture *f, struct urgent *asked)
{
    struct error err;
    ask(f, 3600, asked);
    expect_field(declare(f, AUTHORISER_THREE, asked, "threat_to_life", &err), &err, "state", "requested");
    authorise_by(f, AUTHORISER_ONE, asked->operation, asked->hash, "requested");
    authorise_by(f, AUTHORISER_TWO, asked->operation, asked->hash, "authorised");
}

static void s18_nobody_of_an_office_that_takes_part_ratifies_and_the_ratification_is_kept(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct urgent asked;
    run(f, &asked);
    expect_refusal(ratify(f, INSIDER, &asked, "ratified", &err), &err, ERROR_FORBIDDEN, "takes part");
    expect_field(ratify(f, JUDGE, &asked, "ratified", &err), &err, "state", "running");
    AUTO(envelope) struct envelope *kept = NULL;
    size_t count = 0;
    assert_true(operation_statements(&f->site, asked.operation, "ratification", &kept, 1, &count, &err));
    assert_int_equal(count, 1);
    assert_string_equal(kept->by, f->officers[JUDGE]);
}

static void s18_what_is_wiped_already_is_ratified_from_outside_too(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct urgent asked;
    run(f, &asked);
    clock_pass(3600);
    tick(f);
    tick(f);
    expect_state(f, &asked, "wiped");
    expect_why(f, &asked, "time_over");
    expect_refusal(ratify(f, INSIDER, &asked, "ratified", &err), &err, ERROR_FORBIDDEN, "takes part");
    expect_field(ratify(f, JUDGE, &asked, "ratified", &err), &err, "state", "wiped");
    assert_false(has_key(f, &asked));
    assert_int_equal(count_records(f, "operation_ratification"), 1);
    clock_pass(LIMIT_RATIFY_S);
    tick(f);
    assert_int_equal(count_records(f, "operation_destroyed"), 0);
}

static void s18_the_urgency_of_a_suspended_authoriser_counts_no_more(void **state)
{
    struct fixture *f = *state;
    struct urgent asked;
    declare_and_authorise(f, &asked);
    AUTO(text) char *urgent = NULL;
    AUTO(text) char *after = NULL;
    AUTO(text) char *demo = NULL;
    assert_true(is_complete(f, &asked, SITE_LIVE, &urgent));
    assert_non_null(strstr(urgent, "\"urgency\":"));
    suspend(f, AUTHORISER_THREE);
    assert_false(is_complete(f, &asked, SITE_LIVE, &after));
    assert_true(is_complete(f, &asked, SITE_DEMO, &demo));
    assert_null(strstr(demo, "\"urgency\":"));
}

static void s13_the_request_of_a_suspended_officer_arms_nothing(void **state)
{
    struct fixture *f = *state;
    struct urgent asked;
    declare_and_authorise(f, &asked);
    AUTO(text) char *before = NULL;
    AUTO(text) char *after = NULL;
    assert_true(is_complete(f, &asked, SITE_DEMO, &before));
    suspend(f, WATCH_ONE);
    assert_false(is_complete(f, &asked, SITE_DEMO, &after));
}

static void s18_a_refusal_ends_and_destroys_it_at_once(void **state)
{
    struct fixture *f = *state;
    struct error err;
    struct urgent asked;
    run(f, &asked);
    assert_true(f->told.armed);
    expect_field(ratify(f, JUDGE, &asked, "refused", &err), &err, "state", "running");
    tick(f);
    assert_false(f->told.armed);
    expect_state(f, &asked, "wiped");
    expect_why(f, &asked, "not_ratified");
    assert_false(has_key(f, &asked));
    assert_int_equal(count_rows(f, "operation_gallery"), 0);
    assert_int_equal(count_records(f, "operation_destroyed"), 1);
}

static void s18_a_restart_does_not_forget_the_debt(void **state)
{
    struct fixture *f = *state;
    struct urgent asked;
    run(f, &asked);
    fixture_restart(f);
    clock_pass(LIMIT_RATIFY_S);
    tick(f);
    expect_why(f, &asked, "not_ratified");
    assert_int_equal(count_records(f, "operation_destroyed"), 1);
}

static void s18_an_operation_the_outside_signer_authorised_owes_nothing(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct urgent asked;
    ask(f, 3600, &asked);
    expect_field(declare(f, AUTHORISER_ONE, &asked, "threat_to_life", &err), &err, "state", "requested");
    authorise_by(f, JUDGE, asked.operation, asked.hash, "requested");
    authorise_by(f, AUTHORISER_ONE, asked.operation, asked.hash, "requested");
    authorise_by(f, AUTHORISER_TWO, asked.operation, asked.hash, "authorised");
    char case_id[24];
    case_of(f, asked.entry, case_id);
    AUTO(text) char *ini = text_format("[status]\navailable = yes\n%s = live\n", case_id);
    set_ports(f, ini);
    fill_room(f);
    tick(f);
    expect_state(f, &asked, "running");
    expect_refusal(ratify(f, JUDGE, &asked, "refused", &err), &err, ERROR_CONFLICT, "no ratification");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITE_TEST(s18_an_urgent_operation_lasts_four_hours_at_most),
        SITE_TEST(s18_urgency_is_for_life_or_the_missing_and_said_once_by_an_authoriser),
        SITE_TEST(s18_an_urgent_operation_that_is_ratified_keeps_what_it_has),
        SITE_TEST(s18_what_nobody_ratified_in_a_day_is_destroyed_by_the_clock),
        SITE_TEST(s18_nobody_of_an_office_that_takes_part_ratifies_and_the_ratification_is_kept),
        SITE_TEST(s18_what_is_wiped_already_is_ratified_from_outside_too),
        SITE_TEST(s18_the_urgency_of_a_suspended_authoriser_counts_no_more),
        SITE_TEST(s13_the_request_of_a_suspended_officer_arms_nothing),
        SITE_TEST(s18_a_refusal_ends_and_destroys_it_at_once),
        SITE_TEST(s18_a_restart_does_not_forget_the_debt),
        SITE_TEST(s18_an_operation_the_outside_signer_authorised_owes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
