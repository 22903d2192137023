/* Lists that screens ask for again and again: what is open whole, what closed long ago by the page. */
#include "list/closed.h"

#include "base/clock.h"
#include "site_test.h"

enum { MANY = 6000, DAY_S = 86400 };

/* Rows of a site that is old, copies of `of`; nobody reads more of them than that they are not as signed. */
static void fill_entries(struct fixture *f, const char *of, int days_ago)
{
    run_sql(f,
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
        " INSERT INTO entry (entry, state, ground, proposer, approver, reinstater, reason, proposal_hash,"
        " approval_hash, proposed_at, expires_at, changed_at, suspensions, wiped, cnic_lookup, mark)"
        " SELECT printf('e-%%016d', i), 'expired', ground, proposer, approver, reinstater, reason,"
        " proposal_hash, approval_hash, proposed_at + i, expires_at, %lld - i, suspensions, 1, cnic_lookup,"
        " mark FROM entry, n WHERE entry = '%s'",
        MANY, (long long)(clock_now_s() - (int64_t)days_ago * DAY_S), of);
}

static void fill_operations(struct fixture *f, const char *of)
{
    run_sql(f,
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
        " INSERT INTO operation (operation, state, requester, why, request_hash, list_hash, drafted_at,"
        " starts_at, ends_at, started_at, ended_at, changed_at, list_size, wiped, mark)"
        " SELECT printf('op-%%016d', i), 'cancelled', requester, why, request_hash, list_hash, drafted_at,"
        " starts_at, ends_at, 0, 0, %lld - i, list_size, 1, mark FROM operation, n WHERE operation = '%s'",
        MANY, (long long)(clock_now_s() - (int64_t)40 * DAY_S), of);
}

/* The state in which the list shows it; "" when it does not. */
static const char *state_in(const json_t *list, const char *noun, const char *id)
{
    const char *all = strcmp(noun, "entry") == 0 ? "entries" : "operations";
    size_t index;
    json_t *one;
    json_array_foreach (json_object_get(list, all), index, one)
        if (strcmp(json_string_value(json_object_get(one, noun)), id) == 0)
            return json_string_value(json_object_get(one, "state"));
    return "";
}

static size_t count_in(const json_t *list, const char *all)
{
    return json_array_size(json_object_get(list, all));
}

static const char *older_of(const json_t *list)
{
    const char *older = json_string_value(json_object_get(list, "older"));
    return older ? older : "";
}

static json_t *entries(struct fixture *f)
{
    struct error err = {0};
    json_t *list = entry_list(&f->site, officer_of(f, WATCH_ONE), &err);
    if (!list)
        fail_msg("%s", err.text);
    return list;
}

static void what_is_armed_or_open_is_listed_however_many_entries_there_were(void **state)
{
    struct fixture *f = *state;
    char operation[24] = "", armed[24] = "", open[24] = "";
    run_operation(f, operation, armed);
    propose_entry(f, 9, open);
    fill_entries(f, armed, 40);
    AUTO(json) json_t *list = entries(f);
    assert_string_equal(state_in(list, "entry", armed), "approved");
    assert_string_equal(state_in(list, "entry", open), "proposed");
    assert_int_equal(count_in(list, "entries"), 2);
    /* Somebody with the disk takes it out of sight: it is armed, so it is shown, as what it is. */
    run_sql(f, "UPDATE entry SET state = 'withdrawn', changed_at = 0 WHERE entry = '%s'", armed);
    AUTO(json) json_t *edited = entries(f);
    assert_string_equal(state_in(edited, "entry", armed), "corrupt");
}

static void what_ended_long_ago_is_asked_for_by_the_page_and_nothing_is_left_out(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char entry[24] = "", from[24];
    size_t seen = 0, pages = 0;
    propose_entry(f, 9, entry);
    fill_entries(f, entry, 40);
    AUTO(json) json_t *list = entries(f);
    snprintf(from, sizeof from, "%s", older_of(list));
    assert_string_equal(from, "e-0000000000000001");
    for (; from[0]; pages++) {
        AUTO(json) json_t *page = entry_older(&f->site, officer_of(f, WATCH_ONE), from, &err);
        assert_non_null(page);
        assert_true(count_in(page, "entries") <= CLOSED_PAGE);
        assert_string_equal(state_in(page, "entry", from), "corrupt");
        seen += count_in(page, "entries");
        snprintf(from, sizeof from, "%s", older_of(page));
    }
    assert_int_equal(seen, MANY);
    assert_int_equal(pages, MANY / CLOSED_PAGE);
    assert_null(entry_older(&f->site, officer_of(f, WATCH_ONE), "e-9999999999999999", &err));
    assert_int_equal(err.code, ERROR_MISSING);
    assert_null(entry_older(&f->site, officer_of(f, CREW), "e-0000000000000001", &err));
    assert_int_equal(err.code, ERROR_FORBIDDEN);
}

static void what_ended_lately_is_listed_and_no_more_of_it_than_fits(void **state)
{
    struct fixture *f = *state;
    char entry[24] = "";
    propose_entry(f, 9, entry);
    fill_entries(f, entry, 3);
    AUTO(json) json_t *list = entries(f);
    assert_int_equal(count_in(list, "entries"), 1 + CLOSED_SHOWN);
    assert_string_equal(state_in(list, "entry", "e-0000000000000001"), "corrupt");
    assert_string_equal(older_of(list), "e-0000000000000101");
}

static void operations_that_run_or_owe_their_record_are_listed_however_old(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24] = "", entry[24] = "";
    const struct officer *auditor = officer_of(f, AUDITOR);
    run_operation(f, operation, entry);
    fill_operations(f, operation);
    AUTO(json) json_t *list = operation_list(&f->site, auditor, &err);
    assert_string_equal(state_in(list, "operation", operation), "running");
    assert_int_equal(count_in(list, "operations"), 1);
    assert_string_equal(older_of(list), "op-0000000000000001");
    AUTO(json) json_t *page = operation_older(&f->site, auditor, older_of(list), &err);
    assert_int_equal(count_in(page, "operations"), CLOSED_PAGE);
    assert_string_equal(older_of(page), "op-0000000000000051");
    run_sql(
        f, "UPDATE operation SET state = 'wiped', started_at = 1 WHERE operation = 'op-0000000000000007'");
    AUTO(json) json_t *owing = operation_list(&f->site, auditor, &err);
    assert_string_equal(state_in(owing, "operation", "op-0000000000000007"), "corrupt");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITE_TEST(what_is_armed_or_open_is_listed_however_many_entries_there_were),
        SITE_TEST(what_ended_long_ago_is_asked_for_by_the_page_and_nothing_is_left_out),
        SITE_TEST(what_ended_lately_is_listed_and_no_more_of_it_than_fits),
        SITE_TEST(operations_that_run_or_owe_their_record_are_listed_however_old),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
