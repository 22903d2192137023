/* A database that cannot be read any more. */
#include "base/text.h"
#include "store/store.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

enum { NOTES = 2000, NOTE_SIZE = 2000, PAGE = 4096 }; /* more than SQLite keeps in memory */

static int failing; /* with this errno; 0: not at all */
static char folder[32], *path;

/* Before the C library's, SQLite's calls included. */
ssize_t pread64(int descriptor, void *buffer, size_t size, off64_t offset)
{
    if (!failing)
        return (ssize_t)syscall(SYS_pread64, descriptor, buffer, size, offset);
    errno = failing;
    return -1;
}

static const struct migration migrations[] = {
    {"0001-note", "CREATE TABLE note (number INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT"}};

static struct store *open_store(void)
{
    struct error err = {0};
    struct store *store = store_open(path, migrations, COUNT_OF(migrations), &err);
    if (!store)
        fail_msg("%s", err.text);
    return store;
}

static int write_notes(void **state)
{
    (void)state;
    struct error err = {0};
    failing = 0;
    snprintf(folder, sizeof folder, "/tmp/mizan-read-XXXXXX");
    assert_non_null(mkdtemp(folder));
    path = text_format("%s/site.db", folder);
    struct store *store = open_store();
    AUTO(text)
    char *sql = text_format("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
                            " INSERT INTO note SELECT i, hex(zeroblob(%d)) FROM n",
        NOTES, NOTE_SIZE / 2);
    assert_true(store_run(store, sql, &err));
    store_close(store);
    return 0;
}

static int remove_notes(void **state)
{
    (void)state;
    unlink(path);
    AUTO(text) char *log = text_format("%s-wal", path);
    unlink(log);
    memory_release(path);
    return rmdir(folder);
}

static bool read_all(struct store *store, struct error *err)
{
    AUTO(query) struct query *query = query_new(store, "SELECT sum(length(text)) FROM note", err);
    return query_done(query, err);
}

static void expect_lost(struct store *store, enum error_code code)
{
    struct error err = {0};
    assert_false(read_all(store, &err));
    assert_int_equal(err.code, code);
    assert_true(store_is_lost(store));
    err = (struct error){0};
    assert_false(store_begin(store, &err));
    assert_int_equal(err.code, ERROR_UNAVAILABLE);
    store_close(store);
}

static void s44_a_store_that_a_read_fails_on_is_lost_until_it_is_opened_again(void **state)
{
    (void)state;
    static const struct {
        int failing;
        enum error_code code;
    } cases[] = {{EIO, ERROR_CORRUPT}, {ESTALE, ERROR_UNAVAILABLE}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error err = {0};
        struct store *store = open_store();
        assert_true(read_all(store, &err));
        failing = cases[i].failing;
        expect_lost(store, cases[i].code);
        failing = 0;
        store = open_store();
        assert_true(read_all(store, &err));
        assert_false(store_is_lost(store));
        store_close(store);
    }
}

static void overwrite(long offset, size_t size)
{
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    assert_int_equal(fseek(file, offset, SEEK_SET), 0);
    for (size_t i = 0; i < size; i++)
        assert_int_not_equal(fputc(0x5a, file), EOF);
    assert_int_equal(fclose(file), 0);
}

static void s44_a_store_whose_pages_are_no_database_is_lost(void **state)
{
    (void)state;
    overwrite(PAGE * 100L, PAGE * 200UL);
    expect_lost(open_store(), ERROR_CORRUPT);
}

static void what_the_tables_refuse_loses_nothing(void **state)
{
    (void)state;
    struct error err = {0};
    struct store *store = open_store();
    assert_false(store_run(store, "INSERT INTO note VALUES (1, 'again')", &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
    assert_false(store_run(store, "SELECT nothing", &err));
    assert_false(store_is_lost(store));
    store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, write_notes, remove_notes)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(s44_a_store_that_a_read_fails_on_is_lost_until_it_is_opened_again),
        TEST(s44_a_store_whose_pages_are_no_database_is_lost),
        TEST(what_the_tables_refuse_loses_nothing),
    };
    return cmocka_run_group_tests_name("read", tests, NULL, NULL);
}
