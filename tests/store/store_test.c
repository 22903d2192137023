#include "store/store.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const struct migration migrations[] = {
    {"0001-thing",
        "CREATE TABLE thing (id TEXT PRIMARY KEY, count INTEGER CHECK (count >= 0), data BLOB) STRICT"},
    {"0002-part", "CREATE TABLE part (thing TEXT NOT NULL REFERENCES thing (id)) STRICT"},
};

struct place {
    char folder[64];
    char path[96];
};

static int begin(void **state)
{
    struct place *place = memory_allocate(1, sizeof *place);
    *place = (struct place){.folder = "/tmp/mizan-store-XXXXXX"};
    assert_non_null(mkdtemp(place->folder));
    snprintf(place->path, sizeof place->path, "%s/site.db", place->folder);
    *state = place;
    return 0;
}

static int end(void **state)
{
    struct place *place = *state;
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        AUTO(text) char *path = text_format("%s%s", place->path, endings[i]);
        unlink(path);
    }
    rmdir(place->folder);
    memory_release(place);
    return 0;
}

static struct store *open_at(const struct place *place)
{
    struct error err = {0};
    struct store *store = store_open(place->path, migrations, COUNT_OF(migrations), &err);
    if (!store)
        fail_msg("%s", err.text);
    return store;
}

static bool insert(struct store *store, const char *id, int64_t count, struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(store, "INSERT INTO thing (id, count, data) VALUES (:id, :count, :data)", err);
    query_text(query, ":id", id);
    query_integer(query, ":count", count);
    query_bytes(query, ":data", "\0\1\2", 3);
    return query_done(query, err);
}

static int64_t count_things(struct store *store)
{
    struct error err = {0};
    AUTO(query) struct query *query = query_new(store, "SELECT count(*) FROM thing", &err);
    assert_true(query_next(query));
    return query_get_integer(query, 0);
}

static void rows_survive_a_restart(void **state)
{
    struct error err = {0};
    struct store *store = open_at(*state);
    assert_true(insert(store, "a", 7, &err));
    store_close(store);
    store = open_at(*state);
    AUTO(query) struct query *query = query_new(store, "SELECT id, count, data, NULL FROM thing", &err);
    assert_true(query_next(query));
    assert_string_equal(query_get_text(query, 0), "a");
    assert_int_equal(query_get_integer(query, 1), 7);
    struct bytes data = query_get_bytes(query, 2);
    assert_int_equal(data.size, 3);
    assert_memory_equal(data.data, "\0\1\2", 3);
    assert_null(query_get_text(query, 3));
    assert_false(query_next(query));
    assert_false(query_next(query));
    assert_true(query_ok(query, &err));
    query_free(STEAL(query));
    store_close(store);
}

static void a_file_of_a_newer_program_is_refused_by_name_and_left_as_it_is(void **state)
{
    const struct place *place = *state;
    struct error err = {0};
    store_close(open_at(place));
    assert_null(store_open(place->path, migrations, 1, &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
    assert_non_null(strstr(err.text, "newer program (it has the tables of '0002-part')"));
    store_close(open_at(place));
}

static void assert_pragma(struct store *store, const char *name, const char *expected)
{
    struct error err = {0};
    AUTO(text) char *sql = text_format("PRAGMA %s", name);
    AUTO(query) struct query *query = query_new(store, sql, &err);
    assert_true(query_next(query));
    if (strcmp(query_get_text(query, 0), expected) != 0)
        fail_msg("%s is %s, not %s", name, query_get_text(query, 0), expected);
}

static void the_database_is_set_as_the_design_says(void **state)
{
    static const struct {
        const char *name, *expected;
    } rows[] = {{"journal_mode", "wal"}, {"synchronous", "2"}, {"secure_delete", "1"},
        {"locking_mode", "exclusive"}, {"foreign_keys", "1"}, {"trusted_schema", "0"}};
    const struct place *place = *state;
    struct store *store = open_at(place);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_pragma(store, rows[i].name, rows[i].expected);
    store_close(store);
    struct stat status;
    assert_int_equal(stat(place->path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

static void a_second_opening_is_a_conflict_that_names_the_cure(void **state)
{
    const struct place *place = *state;
    struct error err = {0};
    struct store *store = open_at(place);
    assert_null(store_open(place->path, migrations, COUNT_OF(migrations), &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
    assert_non_null(strstr(err.text, "stop the desk"));
    store_close(store);
    store_close(open_at(place));
}

static void a_rolled_back_transaction_leaves_nothing(void **state)
{
    struct error err = {0};
    struct store *store = open_at(*state);
    assert_true(store_begin(store, &err));
    assert_true(store_in_transaction(store));
    assert_false(store_begin(store, NULL));
    assert_true(insert(store, "a", 1, &err));
    store_rollback(store);
    store_rollback(store);
    assert_false(store_in_transaction(store));
    assert_int_equal(count_things(store), 0);
    assert_true(store_begin(store, &err));
    assert_true(insert(store, "a", 1, &err));
    assert_true(store_commit(store, &err));
    assert_int_equal(count_things(store), 1);
    store_close(store);
}

static void broken_rules_are_conflicts(void **state)
{
    struct error err = {0};
    struct store *store = open_at(*state);
    assert_true(insert(store, "a", 1, &err));
    assert_int_equal(store_changes(store), 1);
    assert_false(insert(store, "a", 1, &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
    err = (struct error){0};
    assert_false(insert(store, "b", -1, &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
    err = (struct error){0};
    assert_false(store_run(store, "INSERT INTO part (thing) VALUES ('nothing')", &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
    store_close(store);
}

static void a_wrong_query_keeps_its_first_error(void **state)
{
    struct error err = {0};
    struct store *store = open_at(*state);
    assert_null(query_new(store, "SELECT nothing FROM thing", &err));
    assert_int_equal(err.code, ERROR_SYSTEM);
    assert_null(query_new(store, "SELECT 1; SELECT 2", &err));
    query_text(NULL, ":id", "a");
    query_integer(NULL, ":id", 1);
    query_bytes(NULL, ":id", "a", 1);
    assert_false(query_next(NULL));
    assert_false(query_ok(NULL, &err));
    AUTO(query) struct query *query = query_new(store, "SELECT id FROM thing WHERE id = :id", &err);
    query_text(query, ":wrong", "a");
    query_text(query, ":id", "a");
    assert_false(query_next(query));
    assert_false(query_ok(query, &err));
    assert_non_null(strstr(err.text, ":wrong"));
    query_free(STEAL(query));
    store_close(store);
}

static void a_failing_migration_leaves_the_schema_as_it_was(void **state)
{
    const struct place *place = *state;
    struct error err = {0};
    const struct migration bad[] = {migrations[0],
        {"0002-bad", "CREATE TABLE half (id TEXT) STRICT; CREATE TABLE thing (id TEXT) STRICT"}};
    assert_null(store_open(place->path, bad, COUNT_OF(bad), &err));
    assert_non_null(strstr(err.text, "0002-bad"));
    struct store *store = open_at(place);
    assert_null(query_new(store, "SELECT 1 FROM half", &err));
    assert_int_equal(count_things(store), 0);
    store_close(store);
}

static void a_full_database_rolls_back_whole_and_refuses_the_rest(void **state)
{
    struct error err = {0};
    struct store *store = open_at(*state);
    assert_true(store_run(store, "PRAGMA max_page_count = 40", &err));
    assert_true(store_begin(store, &err));
    int count = 0;
    for (bool room = true; room; count++) {
        AUTO(text) char *id = text_format("%02000d", count);
        room = insert(store, id, 1, &err);
    }
    assert_int_equal(err.code, ERROR_UNAVAILABLE);
    assert_true(count > 3 && store_in_transaction(store));
    err = (struct error){0};
    assert_false(insert(store, "after", 1, &err));
    assert_int_equal(err.code, ERROR_UNAVAILABLE);
    assert_false(store_commit(store, &err));
    assert_false(store_in_transaction(store));
    assert_int_equal(count_things(store), 0);
    assert_true(store_run(store, "PRAGMA max_page_count = 4000", &err));
    assert_true(insert(store, "after", 1, &err));
    assert_int_equal(count_things(store), 1);
    store_close(store);
}

static void bytes_that_are_no_database_are_corrupt(void **state)
{
    const struct place *place = *state;
    struct error err = {0};
    FILE *file = fopen(place->path, "w");
    assert_non_null(file);
    for (int i = 0; i < 4096; i++)
        fputc('x', file);
    fclose(file);
    assert_null(store_open(place->path, migrations, COUNT_OF(migrations), &err));
    assert_int_equal(err.code, ERROR_CORRUPT);
}

static int64_t count_of(struct query *query, const char *id)
{
    query_text(query, ":id", id);
    return query_next(query) ? query_get_integer(query, 0) : -1;
}

static void the_same_question_may_be_open_twice_and_forgets_what_was_bound(void **state)
{
    static const char question[] = "SELECT count FROM thing WHERE id = :id";
    struct error err = {0};
    AUTO(store) struct store *store = open_at(*state);
    assert_true(insert(store, "a", 1, &err) && insert(store, "b", 2, &err));
    for (int again = 0; again < 2; again++) {
        AUTO(query) struct query *outer = query_new(store, question, &err);
        AUTO(query) struct query *inner = query_new(store, question, &err);
        assert_int_equal(count_of(outer, "a"), 1);
        assert_int_equal(count_of(inner, "b"), 2);
        assert_int_equal(query_get_integer(outer, 0), 1);
    }
    AUTO(query) struct query *unbound = query_new(store, question, &err);
    assert_false(query_next(unbound));
    assert_true(query_ok(unbound, &err));
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(rows_survive_a_restart),
        EACH(a_file_of_a_newer_program_is_refused_by_name_and_left_as_it_is),
        EACH(the_database_is_set_as_the_design_says),
        EACH(a_second_opening_is_a_conflict_that_names_the_cure),
        EACH(a_rolled_back_transaction_leaves_nothing),
        EACH(broken_rules_are_conflicts),
        EACH(a_wrong_query_keeps_its_first_error),
        EACH(the_same_question_may_be_open_twice_and_forgets_what_was_bound),
        EACH(a_failing_migration_leaves_the_schema_as_it_was),
        EACH(a_full_database_rolls_back_whole_and_refuses_the_rest),
        EACH(bytes_that_are_no_database_are_corrupt),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
