#include "list/begin.h"
#include "sign/limits.h"
#include "site_test.h"

static void come(struct fixture *f, enum person person, const char *as)
{
    struct error err = {0};
    AUTO(json) json_t *reply = presence_confirm(&f->site, officer_of(f, person), as, f->unit, &err);
    if (!reply)
        fail_msg("%s", err.text);
}

static void start(struct fixture *f)
{
    struct error err = {0};
    if (!list_begin(&f->site, &err))
        fail_msg("%s", err.text);
}

static bool enough(struct fixture *f)
{
    struct error err = {0};
    bool is = presence_is_enough(&f->site, &err);
    assert_int_equal(err.code, ERROR_NONE);
    return is;
}

static void s21_it_takes_two_offices_a_dispatcher_and_a_unit(void **state)
{
    struct fixture *f = *state;
    come(f, REVIEWER_ONE, "reviewer");
    come(f, DISPATCHER, "dispatcher");
    come(f, CREW, "crew");
    assert_false(enough(f));
    come(f, REVIEWER_TWO, "reviewer");
    assert_true(enough(f));
}

static void s21_each_of_them_is_needed(void **state)
{
    struct fixture *f = *state;
    static const enum person needed[] = {REVIEWER_ONE, REVIEWER_TWO, DISPATCHER, CREW};
    for (size_t i = 0; i < COUNT_OF(needed); i++) {
        struct error err = {0};
        fill_room(f);
        assert_true(enough(f));
        assert_true(presence_leave(&f->site, f->officers[needed[i]], &err));
        assert_false(enough(f));
    }
}

static void s21_two_reviewers_of_one_office_are_not_enough(void **state)
{
    struct fixture *f = *state;
    fill_room(f);
    snprintf(f->offices[REVIEWER_TWO], 24, "%s", f->offices[REVIEWER_ONE]);
    struct error err = {0};
    struct officer colleague = *officer_of(f, REVIEWER_TWO);
    snprintf(colleague.office, sizeof colleague.office, "%s", officer_of(f, REVIEWER_ONE)->office);
    AUTO(json) json_t *reply = presence_confirm(&f->site, &colleague, "reviewer", "", &err);
    assert_non_null(reply);
    assert_false(enough(f));
}

static void s21_presence_ends_when_it_is_not_confirmed(void **state)
{
    struct fixture *f = *state;
    fill_room(f);
    clock_pass(LIMIT_PRESENCE_S - 1);
    assert_true(enough(f));
    come(f, DISPATCHER, "dispatcher");
    clock_pass(1);
    assert_false(enough(f));
    assert_true(presence_is_here(&f->site, f->officers[DISPATCHER], "dispatcher"));
    assert_false(presence_is_here(&f->site, f->officers[REVIEWER_ONE], "reviewer"));
}

static void presence_survives_a_restart(void **state)
{
    struct fixture *f = *state;
    fill_room(f);
    fixture_restart(f);
    assert_true(enough(f));
    assert_string_equal(presence_unit_of(&f->site, f->officers[CREW]), f->unit);
    assert_null(presence_unit_of(&f->site, f->officers[DISPATCHER]));
}

static void a_busy_unit_is_not_free(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    fill_room(f);
    assert_true(presence_set_busy(&f->site, f->unit, true, &err));
    assert_true(presence_set_busy(&f->site, f->unit, true, &err));
    assert_true(presence_unit_busy(&f->site, f->unit));
    assert_false(enough(f));
    assert_true(presence_set_busy(&f->site, f->unit, false, &err));
    assert_true(enough(f));
}

static void one_is_present_in_a_role_one_has(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    const struct officer *reviewer = officer_of(f, REVIEWER_ONE), *crew = officer_of(f, CREW);
    expect_refusal(
        presence_confirm(&f->site, reviewer, "dispatcher", "", &err), &err, ERROR_FORBIDDEN, "role");
    expect_refusal(presence_confirm(&f->site, reviewer, "admin", "", &err), &err, ERROR_INVALID, "");
    expect_refusal(presence_confirm(&f->site, reviewer, NULL, "", &err), &err, ERROR_INVALID, "");
    expect_refusal(presence_confirm(&f->site, crew, "crew", "", &err), &err, ERROR_INVALID, "unit");
    expect_refusal(
        presence_confirm(&f->site, crew, "crew", "u-0000000000000000", &err), &err, ERROR_INVALID, "unit");
}

static void a_crew_is_present_with_a_unit_it_is_posted_to(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    AUTO(json) json_t *nowhere = json_array();
    struct officer elsewhere = *officer_of(f, CREW);
    elsewhere.posts = nowhere;
    expect_refusal(
        presence_confirm(&f->site, &elsewhere, "crew", f->unit, &err), &err, ERROR_FORBIDDEN, "post");
}

static void s50_an_edited_row_is_nobody(void **state)
{
    struct fixture *f = *state;
    static const char *const edits[] = {
        "UPDATE presence SET until = until + 3600",
        "UPDATE presence SET role = 'reviewer' WHERE role = 'crew'",
        "UPDATE presence SET office = 'f-0000000000000000' WHERE role = 'reviewer'",
        "UPDATE presence SET mark = zeroblob(32) WHERE role = 'dispatcher'",
    };
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        fill_room(f);
        run_sql(f, "%s", edits[i]);
        assert_false(enough(f));
    }
}

static void the_counts_are_shown_and_until_when_one_is_here(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    fill_room(f);
    AUTO(json) json_t *away = presence_show(&f->site, officer_of(f, AUDITOR)->id, &err);
    AUTO(json)
    json_t *expected = json_pack("{s:i, s:i, s:i, s:b, s:i}", "reviewer_offices", 2, "dispatchers", 1,
        "units_free", 1, "enough", 1, "until", 0);
    assert_true(json_equal(away, expected));
    AUTO(json) json_t *here = presence_show(&f->site, officer_of(f, CREW)->id, &err);
    assert_true(json_integer_value(json_object_get(here, "until")) > clock_now_s());
}

/* Each with the desk's own mark. */
static void s21_s50_who_left_is_not_there_by_the_row_of_before(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    fill_room(f);
    run_sql(f, "CREATE TABLE kept AS SELECT * FROM presence");
    assert_true(presence_leave(&f->site, f->officers[REVIEWER_TWO], &err));
    run_sql(f, "DELETE FROM presence; INSERT INTO presence SELECT * FROM kept");
    assert_true(enough(f));
    start(f);
    assert_false(enough(f));
    assert_true(presence_is_here(&f->site, f->officers[DISPATCHER], "dispatcher"));
    come(f, REVIEWER_TWO, "reviewer");
    start(f);
    assert_true(enough(f));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITE_TEST(s21_it_takes_two_offices_a_dispatcher_and_a_unit),
        SITE_TEST(s21_each_of_them_is_needed),
        SITE_TEST(s21_two_reviewers_of_one_office_are_not_enough),
        SITE_TEST(s21_presence_ends_when_it_is_not_confirmed),
        SITE_TEST(presence_survives_a_restart),
        SITE_TEST(a_busy_unit_is_not_free),
        SITE_TEST(one_is_present_in_a_role_one_has),
        SITE_TEST(a_crew_is_present_with_a_unit_it_is_posted_to),
        SITE_TEST(s50_an_edited_row_is_nobody),
        SITE_TEST(s21_s50_who_left_is_not_there_by_the_row_of_before),
        SITE_TEST(the_counts_are_shown_and_until_when_one_is_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
