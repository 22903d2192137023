/* A disk whose fsync fails: this program's own fsync and fdatasync stand before the C library's, SQLite's
 * calls included. */
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

static bool failing;
static int failures;

static int sync_with(long call, int descriptor)
{
    if (!failing)
        return (int)syscall(call, descriptor);
    failures++;
    errno = EIO;
    return -1;
}

int fsync(int descriptor)
{
    return sync_with(SYS_fsync, descriptor);
}

int fdatasync(int descriptor)
{
    return sync_with(SYS_fdatasync, descriptor);
}

static const struct migration migrations[] = {
    {"0001-note", "CREATE TABLE note (number INTEGER PRIMARY KEY) STRICT"}};

static bool write_number(struct store *store, int number, struct error *err)
{
    AUTO(text) char *sql = text_format("INSERT INTO note (number) VALUES (%d)", number);
    *err = (struct error){0};
    if (!store_begin(store, err))
        return false;
    if (store_run(store, sql, err) && store_commit(store, err))
        return true;
    store_rollback(store);
    return false;
}

static int64_t count_numbers(struct store *store)
{
    AUTO(query) struct query *query = query_new(store, "SELECT count(*) FROM note", NULL);
    return query_next(query) ? query_get_integer(query, 0) : -1;
}

static void s44_after_a_failed_fsync_nothing_is_accepted_until_the_site_is_opened_again(void **state)
{
    (void)state;
    char folder[] = "/tmp/mizan-fsync-XXXXXX";
    struct error err = {0};
    assert_non_null(mkdtemp(folder));
    AUTO(text) char *path = text_format("%s/site.db", folder);
    struct store *store = store_open(path, migrations, COUNT_OF(migrations), &err);
    assert_non_null(store);
    assert_true(write_number(store, 1, &err));
    failing = true;
    assert_false(write_number(store, 2, &err));
    assert_int_equal(err.code, ERROR_UNAVAILABLE);
    assert_true(failures > 0);
    failing = false;
    assert_false(write_number(store, 3, &err));
    assert_int_equal(err.code, ERROR_UNAVAILABLE);
    store_close(store);
    store = store_open(path, migrations, COUNT_OF(migrations), &err);
    assert_non_null(store);
    assert_in_range(
        count_numbers(store), 1, 2); /* what was acknowledged; the failed one may or may not be there */
    assert_true(write_number(store, 4, &err));
    store_close(store);
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s44_after_a_failed_fsync_nothing_is_accepted_until_the_site_is_opened_again)};
    return cmocka_run_group_tests_name("fsync", tests, NULL, NULL);
}
