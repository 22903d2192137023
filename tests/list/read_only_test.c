/* The disk under a running site turns read-only, as ext4 does after an error, or is full: matching pauses
 * visibly, nothing is acknowledged any more, and after the repair, or once there is room, everything that was
 * is there and the operation goes on. A file system of its own, in this process's own mount namespace; exits
 * with 77 where that is not allowed. */
#include "govern/audit.h"
#include "site_test.h"

#include "base/text.h"

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

enum { SKIPPED = 77 };

static char image[] = "/var/tmp/mizan-disk-XXXXXX";

static bool done(const char *command)
{
    return system(command) == 0; /* NOLINT(cert-env33-c): the test's own constant words */
}

static bool make_disk(void)
{
    int descriptor = mkstemp(image);
    bool sized = descriptor >= 0 && ftruncate(descriptor, 32 << 20) == 0;
    if (descriptor >= 0)
        close(descriptor);
    AUTO(text) char *make = text_format("mkfs.ext4 -q -F %s 2>/dev/null", image);
    return sized && done(make);
}

static bool mount_disk(void)
{
    AUTO(text) char *mount_it = text_format("mount -o loop,errors=remount-ro %s /tmp 2>/dev/null", image);
    return done(mount_it);
}

static bool break_disk(void)
{
    return done("device=$(awk '$2 == \"/tmp\" { print $1 }' /proc/mounts | tail -1)"
                " && echo 1 > /sys/fs/ext4/${device##*/}/trigger_fs_error");
}

/* But for a quarter of a megabyte, so that something is written before it is full. */
static bool fill_disk(void)
{
    return done("head -c 64M /dev/zero > /tmp/full 2>/dev/null; truncate -s -256K /tmp/full");
}

static bool make_room(void)
{
    return unlink("/tmp/full") == 0;
}

static bool repair_disk(void)
{
    AUTO(text) char *check = text_format("e2fsck -f -y %s > /dev/null 2>&1; test $? -le 1", image);
    return umount("/tmp") == 0 && done(check) && mount_disk();
}

static void tick(struct fixture *f)
{
    struct error err = {0};
    (void)operation_tick(&f->site, &err);
}

static void expect_nothing_is_accepted(struct fixture *f)
{
    struct error err = {0};
    clock_pass(1); /* so that there is something to write */
    json_t *confirmed = presence_confirm(&f->site, officer_of(f, REVIEWER_ONE), "reviewer", NULL, &err);
    expect_refusal(confirmed, &err, ERROR_UNAVAILABLE, "disk");
}

static void expect_everything_is_there(struct fixture *f, char entries[][24], size_t count, int64_t records)
{
    struct error err = {0};
    struct audit_result result = {0};
    AUTO(bytes) struct bytes export = {0};
    assert_true(ledger_export(f->site.ledger, &export, &err));
    if (!audit_verify(export.data, export.size, ledger_log_public_key(f->site.ledger), &result, &err))
        fail_msg("%s", err.text);
    assert_int_equal(result.records, records);
    for (size_t i = 0; i < count; i++) {
        AUTO(json) json_t *shown = entry_show(&f->site, officer_of(f, WATCH_ONE), entries[i], NULL, &err);
        if (!shown)
            fail_msg("%s", err.text);
    }
}

static void s44_a_disk_that_turns_read_only_halts_visibly_and_loses_nothing(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    char operation[24], entries[4][24];
    fixture_watch(f);
    run_operation(f, operation, entries[0]);
    for (unsigned i = 1; i < 4; i++)
        propose_entry(f, 40 + i, entries[i]);
    int64_t records = count_rows(f, "ledger_leaf");
    assert_true(break_disk());
    tick(f);
    assert_true(f->told.paused);
    expect_operation(f, operation, "paused", "log");
    expect_nothing_is_accepted(f);
    tick(f);
    expect_operation(f, operation, "paused", "log");
    assert_int_equal(count_rows(f, "ledger_leaf"), records);
    ledger_close(f->site.ledger);
    f->site.ledger = NULL;
    assert_true(repair_disk());
    fixture_restart(f);
    expect_everything_is_there(f, entries, COUNT_OF(entries), records);
    assert_true(operation_resume_all(&f->site, &err));
    fill_room(f);
    tick(f);
    tick(f);
    expect_operation(f, operation, "running", "");
    assert_true(f->told.armed && !f->told.paused);
}

/* How many were acknowledged until then. */
static int64_t confirm_until_it_pauses(struct fixture *f)
{
    int64_t acknowledged = 0;
    for (int i = 0; i < 2000 && !f->told.paused; i++) {
        struct error err = {0};
        clock_pass(1);
        AUTO(json)
        json_t *confirmed = presence_confirm(&f->site, officer_of(f, REVIEWER_ONE), "reviewer", NULL, &err);
        acknowledged += confirmed != NULL;
        tick(f);
    }
    return acknowledged;
}

static void s44_a_disk_that_fills_up_pauses_visibly_loses_nothing_and_goes_on_with_room(void **state)
{
    struct fixture *f = *state;
    char operation[24], entries[1][24];
    fixture_watch(f);
    run_operation(f, operation, entries[0]);
    assert_true(fill_disk());
    assert_in_range(confirm_until_it_pauses(f), 1, 1999);
    expect_operation(f, operation, "paused", "log");
    expect_nothing_is_accepted(f);
    tick(f);
    expect_operation(f, operation, "paused", "log");
    const int64_t records = count_rows(f, "ledger_leaf");
    expect_everything_is_there(f, entries, 0, records); /* no entry is shown where a look is not recorded */
    assert_true(make_room());
    fill_room(f);
    tick(f);
    tick(f);
    expect_operation(f, operation, "running", "");
    assert_true(f->told.armed && !f->told.paused);
    const int64_t more = count_rows(f, "ledger_leaf");
    assert_true(more > records);
    fixture_restart(f);
    expect_everything_is_there(f, entries, 1, more);
}

/* Where the repair has not been done, the site says so instead of starting. */
static void a_site_does_not_start_on_a_read_only_disk_and_names_it(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct ledger_options options = fixture_options(f);
    ledger_close(f->site.ledger);
    f->site.ledger = NULL;
    assert_true(break_disk());
    assert_null(ledger_open(&options, &err));
    assert_non_null(strstr(err.text, f->folder));
    assert_true(repair_disk());
    fixture_restart(f);
}

int main(void)
{
    unsetenv("TMPDIR"); /* the disk that breaks is mounted where the site is by itself */
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        !make_disk() || !mount_disk()) {
        printf("skipped: a file system of one's own is not allowed here: %s\n", strerror(errno));
        unlink(image);
        return SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        SITE_TEST(s44_a_disk_that_turns_read_only_halts_visibly_and_loses_nothing),
        SITE_TEST(s44_a_disk_that_fills_up_pauses_visibly_loses_nothing_and_goes_on_with_room),
        SITE_TEST(a_site_does_not_start_on_a_read_only_disk_and_names_it),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    umount2("/tmp", MNT_DETACH);
    unlink(image);
    return failed;
}
