/* A full disk: a small file system in this process's own mount namespace. Needs root; exits with 77 without.
 */
#include "base/file.h"
#include "base/text.h"
#include "govern/audit.h"
#include "govern/backup.h"
#include "scratch.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cmocka.h>

enum { SKIPPED = 77, MANY = 4000 };

static bool write_one(struct ledger *ledger, const char *key, struct error *err)
{
    AUTO(json) json_t *fields = json_pack("{s:s}", "name", "Ghulam");
    struct record record = {.kind = "kept", .by = "site", .private_fields = fields, .private_key = key};
    *err = (struct error){0};
    if (!ledger_begin(ledger, err))
        return false;
    if (ledger_record(ledger, &record, err) && ledger_event(ledger, "entry", "e-1", "kept", err))
        return ledger_commit(ledger, err);
    ledger_abort(ledger);
    return false;
}

static void assert_records(struct ledger *ledger, int64_t records)
{
    struct error err = {0};
    struct audit_result result = {0};
    AUTO(bytes) struct bytes export = {0};
    assert_true(ledger_export(ledger, &export, &err));
    if (!audit_verify(export.data, export.size, ledger_log_public_key(ledger), &result, &err))
        fail_msg("%s", err.text);
    assert_int_equal(result.records, records);
    assert_int_equal(ledger_last_event(ledger), records - 1);
}

static int64_t fill(struct ledger *ledger, bool new_keys, struct error *err)
{
    char key[40] = "entry/e-1";
    for (int i = 0; i < MANY; i++) {
        if (new_keys)
            snprintf(key, sizeof key, "entry/e-%d", i);
        if (!write_one(ledger, key, err))
            return i;
    }
    return MANY;
}

static void a_full_disk_takes_nothing_halfway_and_recovers(bool new_keys)
{
    struct scratch scratch;
    struct error err = {0};
    assert_int_equal(mount("none", "/tmp", "tmpfs", 0, "size=800k"), 0);
    scratch_make(&scratch);
    struct ledger *ledger = scratch_open(&scratch);
    int64_t written = fill(ledger, new_keys, &err);
    assert_in_range(written, 1, MANY - 1);
    if (err.code != ERROR_UNAVAILABLE)
        fail_msg("expected unavailable, got %s: %s", error_word(err.code), err.text);
    assert_false(store_in_transaction(ledger->store));
    assert_records(ledger, written + 1);
    assert_int_equal(mount("none", "/tmp", "tmpfs", MS_REMOUNT, "size=8m"), 0);
    if (!write_one(ledger, "entry/e-1", &err))
        fail_msg("%s", err.text);
    assert_records(ledger, written + 2);
    ledger_close(ledger);
    ledger = scratch_open(&scratch);
    assert_records(ledger, written + 2);
    ledger_close(ledger);
    assert_int_equal(umount2("/tmp", MNT_DETACH), 0);
}

/* The backups' disk is another one: what is full there takes nothing from the site. */
static void a_backup_onto_a_full_disk_says_what_to_do_and_the_site_goes_on(void **state)
{
    (void)state;
    struct scratch scratch;
    struct error err = {0};
    assert_int_equal(mount("none", "/tmp", "tmpfs", 0, "size=16m"), 0);
    scratch_make(&scratch);
    struct ledger *ledger = scratch_open(&scratch);
    assert_int_equal(fill(ledger, false, &err), MANY);
    AUTO(text) char *folder = scratch_path(&scratch, "small");
    AUTO(text) char *half = scratch_path(&scratch, "small/site.db.new");
    assert_true(file_make_folder(folder, 0700, &err));
    assert_int_equal(mount("none", folder, "tmpfs", 0, "size=600k"), 0);
    scratch.options.keys_folder = scratch.folder;
    assert_false(ledger_back_up(ledger, &scratch.options, folder, &err));
    assert_int_equal(err.code, ERROR_UNAVAILABLE);
    assert_non_null(
        strstr(err.text, "small/site.db: the disk is full; make room and ask for the backup again"));
    assert_int_not_equal(access(half, F_OK), 0);
    assert_false(store_is_lost(ledger->store));
    if (!write_one(ledger, "entry/e-1", &err))
        fail_msg("%s", err.text);
    assert_records(ledger, MANY + 2);
    ledger_close(ledger);
    assert_int_equal(umount2("/tmp", MNT_DETACH), 0);
}

static void s44_a_disk_that_fills_with_records_refuses_and_recovers(void **state)
{
    (void)state;
    a_full_disk_takes_nothing_halfway_and_recovers(false);
}

static void a_disk_that_fills_with_keys_refuses_and_recovers(void **state)
{
    (void)state;
    a_full_disk_takes_nothing_halfway_and_recovers(true);
}

static void a_site_opens_on_a_disk_that_is_already_full(void **state)
{
    (void)state;
    struct scratch scratch;
    struct error err = {0};
    assert_int_equal(mount("none", "/tmp", "tmpfs", 0, "size=800k"), 0);
    scratch_make(&scratch);
    struct ledger *ledger = scratch_open(&scratch);
    int64_t written = fill(ledger, false, &err);
    ledger_close(ledger);
    err = (struct error){0};
    ledger = ledger_open(&scratch.options, &err);
    if (!ledger)
        assert_int_equal(err.code, ERROR_UNAVAILABLE);
    ledger_close(ledger);
    assert_int_equal(mount("none", "/tmp", "tmpfs", MS_REMOUNT, "size=8m"), 0);
    ledger = scratch_open(&scratch);
    assert_records(ledger, written + 1);
    ledger_close(ledger);
    assert_int_equal(umount2("/tmp", MNT_DETACH), 0);
}

int main(void)
{
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", "/tmp", "tmpfs", 0, "size=800k") != 0) {
        printf("skipped: mounting a small file system is not allowed here: %s\n", strerror(errno));
        return SKIPPED;
    }
    umount2("/tmp", MNT_DETACH);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s44_a_disk_that_fills_with_records_refuses_and_recovers),
        cmocka_unit_test(a_disk_that_fills_with_keys_refuses_and_recovers),
        cmocka_unit_test(a_site_opens_on_a_disk_that_is_already_full),
        cmocka_unit_test(a_backup_onto_a_full_disk_says_what_to_do_and_the_site_goes_on),
    };
    return cmocka_run_group_tests_name("disk", tests, NULL, NULL);
}
