/* A disk whose fsync fails. */
#include "base/text.h"
#include "failing_sync.h"
#include "store/keyring.h"
#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static bool failing;
static int failures;
static int failing_at; /* only the one that makes this count nought */

static bool sync_fails(void)
{
    bool is_it = failing_at > 0 && --failing_at == 0;
    bool fails = failing || is_it;
    failures += fails;
    return fails;
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
    assert_true(store_is_lost(store));
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

enum { SYNCS_OF_A_DESTRUCTION = 8 };

/* The process ends after two tries that failed at these writes; what survives must open. */
static void destroy_with_failures(
    const char *path, const uint8_t site_key[static DATA_KEY_SIZE], int first, int second)
{
    static const char *const gone[] = {"entry/e-1"};
    struct error err = {0};
    uint8_t kept[DATA_KEY_SIZE];
    struct keyring *keyring = keyring_open(path, site_key, 0, &err);
    assert_non_null(keyring);
    assert_non_null(keyring_key(keyring, gone[0], true, &err));
    memcpy(kept, keyring_key(keyring, "entry/e-2", true, &err), sizeof kept);
    failing_at = first;
    keyring_destroy(keyring, gone, 1, &err);
    failing_at = second;
    keyring_destroy(keyring, gone, 1, &err);
    failing_at = 0;
    keyring_close(keyring);
    keyring = keyring_open(path, site_key, 0, &err);
    if (!keyring)
        fail_msg("after failures at %d and %d: %s", first, second, err.text);
    const uint8_t *key = keyring_key(keyring, "entry/e-2", false, &err);
    assert_non_null(key);
    assert_memory_equal(key, kept, sizeof kept);
    assert_true(keyring_destroy(keyring, gone, 1, &err));
    assert_null(keyring_key(keyring, gone[0], false, &err));
    keyring_close(keyring);
}

static void s40_a_destruction_that_fails_twice_at_any_write_loses_no_other_key(void **state)
{
    (void)state;
    char folder[] = "/tmp/mizan-fsync-XXXXXX";
    uint8_t site_key[DATA_KEY_SIZE];
    assert_true(crypto_start(NULL));
    assert_non_null(mkdtemp(folder));
    random_fill(site_key, sizeof site_key);
    AUTO(text) char *path = text_format("%s/keyring", folder);
    AUTO(text) char *epoch_path = text_format("%s.epoch", path);
    for (int first = 1; first <= SYNCS_OF_A_DESTRUCTION; first++) {
        for (int second = 1; second <= SYNCS_OF_A_DESTRUCTION; second++)
            destroy_with_failures(path, site_key, first, second);
    }
    unlink(path);
    unlink(epoch_path);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s44_after_a_failed_fsync_nothing_is_accepted_until_the_site_is_opened_again),
        cmocka_unit_test(s40_a_destruction_that_fails_twice_at_any_write_loses_no_other_key)};
    return cmocka_run_group_tests_name("fsync", tests, NULL, NULL);
}
