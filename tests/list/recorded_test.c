/* Budgets are counted from the rows of operations, so at a start the rows are held against the log: what is
 * not there, or not as recorded, is named, and nothing arms (SAFEGUARDS 9, 15, 20, 50). */
#include "site_test.h"

#include "list/operation_recorded.h"

static void tick(struct fixture *f)
{
    struct error err = {0};
    if (!operation_tick(&f->site, &err))
        fail_msg("%s", err.text);
}

/* As the desk does it: with its people, the first tick. */
static void start_again(struct fixture *f)
{
    struct error err = {0};
    fixture_restart(f);
    if (!operation_resume_all(&f->site, &err))
        fail_msg("%s", err.text);
    fill_room(f);
    tick(f);
}

/* One that ran, is over and owes its public record; one that only waits for that. */
static void make_two(struct fixture *f, char before[static 24], char next[static 24])
{
    char entry[24], camera[24];
    run_operation(f, before, entry);
    clock_pass(60);
    end_operation(f, before);
    tick(f);
    add_camera(f, camera);
    next[0] = '\0'; /* drawn */
    authorise_operation(f, next, entry, camera);
    fill_room(f);
    tick(f);
    expect_operation(f, next, "authorised", "publication");
}

/* Of the one before. */
static const char *const edits[] = {
    "DELETE FROM operation",
    "UPDATE operation SET operation = 'op-000000000000000x'",
    "UPDATE operation SET starts_at = 0",
    "UPDATE operation SET ends_at = starts_at",
    "UPDATE operation SET ended_at = started_at",
    "UPDATE operation SET started_at = 0",
    "UPDATE operation SET state = 'draft'",
    "UPDATE operation SET drafted_at = 0",
    "DELETE FROM operation_camera",
    "UPDATE operation_camera SET latitude_e7 = 0",
    "UPDATE operation_camera SET longitude_e7 = longitude_e7 + 10000",
    "UPDATE operation_camera SET operation = 'op-000000000000000x'",
    "UPDATE operation_camera SET camera = 'c-000000000000000x'",
    "DELETE FROM operation_entry",
    "UPDATE operation_entry SET entry = 'e-000000000000000x'",
    "UPDATE operation_entry SET why_here = 'court_order'",
    "UPDATE operation_entry SET why_dated = why_dated + 1",
    "UPDATE operation_entry SET withheld = 1",
};

static bool changed_something(struct fixture *f)
{
    AUTO(query) struct query *query = query_new(f->site.ledger->store, "SELECT changes()", NULL);
    return query_next(query) && query_get_integer(query, 0) > 0;
}

static void s9_s15_s20_s50_no_row_of_an_operation_goes_or_changes_unnoticed(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        char before[24], next[24];
        make_two(f, before, next);
        run_sql(f, "%s WHERE operation = '%s'", edits[i], before);
        assert_true(changed_something(f));
        start_again(f);
        expect_operation(f, next, "authorised", "not_as_recorded");
        fixture_done(f);
        fixture_make(f, NULL, 0);
    }
}

static void what_nobody_edited_is_as_recorded(void **state)
{
    struct fixture *f = *state;
    char before[24], next[24];
    make_two(f, before, next);
    start_again(f);
    expect_operation(f, next, "authorised", "publication");
}

static void parts_of_long_ago_count_in_no_budget_and_are_not_read(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24], entry[24];
    bool same = false;
    run_operation(f, operation, entry);
    run_sql(f, "DELETE FROM operation_camera");
    clock_pass(30 * 86400 - 60);
    assert_true(operation_rows_are_as_recorded(&f->site, &same, &err));
    assert_false(same);
    clock_pass(120);
    assert_true(operation_rows_are_as_recorded(&f->site, &same, &err));
    assert_true(same);
    run_sql(f, "DELETE FROM operation");
    assert_true(operation_rows_are_as_recorded(&f->site, &same, &err));
    assert_false(same);
}

/* The row as it was while it ran has the desk's own mark. */
static void s50_a_row_put_back_from_before_is_found(void **state)
{
    struct fixture *f = *state;
    char before[24], next[24], entry[24], camera[24];
    run_operation(f, before, entry);
    run_sql(f, "CREATE TABLE kept AS SELECT * FROM operation");
    end_operation(f, before);
    tick(f);
    add_camera(f, camera);
    next[0] = '\0';
    authorise_operation(f, next, entry, camera);
    run_sql(f, "DELETE FROM operation WHERE operation IN (SELECT operation FROM kept)");
    run_sql(f, "INSERT INTO operation SELECT * FROM kept");
    start_again(f);
    expect_operation(f, next, "authorised", "not_as_recorded");
}

static void s50_what_runs_is_halted_when_another_s_row_is_gone(void **state)
{
    struct fixture *f = *state;
    char running[24], entry[24], other[24] = "", camera[24];
    run_operation(f, running, entry);
    add_camera(f, camera);
    authorise_operation(f, other, entry, camera);
    run_sql(f, "DELETE FROM operation WHERE operation = '%s'", other);
    start_again(f);
    expect_operation(f, running, "halted", "not_as_recorded");
    assert_false(f->told.armed);
}

/* A record from before the mark of the parts has the cameras' keys. */
static void records_without_the_parts_mark_are_held_by_keys_and_number(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char before[24], next[24];
    bool same = false;
    make_two(f, before, next);
    run_sql(f, "UPDATE ledger_leaf SET leaf = replace(leaf, 'parts_mark', 'other_mark')");
    assert_true(operation_rows_are_as_recorded(&f->site, &same, &err));
    assert_true(same);
    run_sql(f, "DELETE FROM operation_entry WHERE operation = '%s'", before);
    assert_true(operation_rows_are_as_recorded(&f->site, &same, &err));
    assert_false(same);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITE_TEST(what_nobody_edited_is_as_recorded),
        SITE_TEST(s9_s15_s20_s50_no_row_of_an_operation_goes_or_changes_unnoticed),
        SITE_TEST(parts_of_long_ago_count_in_no_budget_and_are_not_read),
        SITE_TEST(s50_a_row_put_back_from_before_is_found),
        SITE_TEST(s50_what_runs_is_halted_when_another_s_row_is_gone),
        SITE_TEST(records_without_the_parts_mark_are_held_by_keys_and_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
