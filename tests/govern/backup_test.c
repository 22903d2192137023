#include "govern/backup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "govern/audit.h"
#include "govern/cosign.h"
#include "sign/limits.h"
#include "scratch.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define SECRET "Aslam Test of Lyari"

struct set { /* a site, and where its backups lie */
    struct scratch scratch;
    char base[64], database[96], keys[96], restored[96];
    struct ledger_options options; /* of the site that is restored */
    struct restoring restoring;
    int64_t lost; /* records, by the newest restore */
};

static void remove_names(const char *folder)
{
    static const char *const names[] = {"site.db", "site.db-wal", "keyring", "keyring.epoch", "log-key",
        "log-key.pub", "keyring-backup", "kept", "site.db.new"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        AUTO(text) char *path = text_format("%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

static int begin(void **state)
{
    struct set *set = memory_allocate(1, sizeof *set);
    scratch_make(&set->scratch);
    snprintf(set->base, sizeof set->base, "/tmp/mizan-backup-XXXXXX");
    assert_non_null(mkdtemp(set->base));
    snprintf(set->database, sizeof set->database, "%s/database", set->base);
    snprintf(set->keys, sizeof set->keys, "%s/keys", set->base);
    snprintf(set->restored, sizeof set->restored, "%s/restored", set->base);
    set->scratch.options.keys_folder = set->keys;
    set->options = set->scratch.options;
    set->options.folder = set->restored;
    set->restoring = (struct restoring){.folder = set->database, .keys_folder = set->keys};
    *state = set;
    return 0;
}

static int end(void **state)
{
    struct set *set = *state;
    remove_names(set->database);
    remove_names(set->keys);
    remove_names(set->restored);
    rmdir(set->base);
    scratch_remove(&set->scratch);
    memory_release(set);
    return 0;
}

static void back_up(struct set *set, struct ledger *ledger)
{
    struct error err = {0};
    if (!ledger_back_up(ledger, &set->scratch.options, set->database, &err))
        fail_msg("%s", err.text);
}

static void erase(struct ledger *ledger)
{
    struct error err = {0};
    assert_true(ledger_begin(ledger, &err));
    assert_true(ledger_erase_private(ledger, "entry/e-1", &err));
    if (!ledger_commit(ledger, &err))
        fail_msg("%s", err.text);
}

static struct ledger *restore(struct set *set)
{
    struct error err = {0};
    if (!ledger_restore(&set->options, &set->restoring, &set->lost, &err))
        fail_msg("%s", err.text);
    struct ledger *ledger = ledger_open(&set->options, &err);
    if (!ledger)
        fail_msg("%s", err.text);
    return ledger;
}

static void refused(struct set *set, enum error_code code)
{
    struct error err = {0};
    AUTO(text) char *database = text_format("%s/site.db", set->restored);
    assert_false(ledger_restore(&set->options, &set->restoring, &set->lost, &err));
    if (err.code != code)
        fail_msg("%s: %s", error_word(err.code), err.text);
    assert_int_not_equal(access(database, F_OK), 0);
}

static void a_restored_site_has_what_the_backup_had_and_says_so(void **state)
{
    struct set *set = *state;
    struct error err = {0};
    struct ledger *ledger = scratch_open(&set->scratch);
    scratch_write(ledger, "entry_proposed", SECRET);
    back_up(set, ledger);
    scratch_write(ledger, "entry_approved", NULL);
    AUTO(text) char *newest = ledger_checkpoint(ledger, &err);
    ledger_close(ledger);
    set->restoring.newest_note = newest;
    ledger = restore(set);
    assert_true(ledger->restored_s > 0);
    AUTO(json) json_t *private_fields = ledger_private(ledger, 1, &err);
    assert_string_equal(json_string_value(json_object_get(private_fields, "name")), SECRET);
    AUTO(bytes) struct bytes log = {0};
    struct audit_result result;
    assert_true(ledger_export(ledger, &log, &err));
    assert_true(audit_verify(log.data, log.size, ledger_log_public_key(ledger), &result, &err));
    assert_non_null(memmem(log.data, log.size, "\"records_lost\":1", 16));
    assert_int_equal(set->lost, 1);
    ledger_close(ledger);
}

static void s40_an_old_database_opens_nothing_that_was_destroyed_since(void **state)
{
    struct set *set = *state;
    struct error err = {0};
    struct ledger *ledger = scratch_open(&set->scratch);
    scratch_write(ledger, "entry_proposed", SECRET);
    back_up(set, ledger);
    erase(ledger);
    ledger_close(ledger);
    ledger = restore(set);
    assert_null(ledger_private(ledger, 1, &err));
    assert_int_equal(err.code, ERROR_MISSING);
    ledger_close(ledger);
}

static void copy(const char *from_folder, const char *from, const char *to_folder, const char *to)
{
    AUTO(text) char *source = text_format("%s/%s", from_folder, from);
    AUTO(text) char *target = text_format("%s/%s", to_folder, to);
    AUTO(bytes) struct bytes content = {0};
    assert_true(file_read(source, 1 << 24, &content, NULL));
    assert_true(file_write(target, 0600, content.data, content.size, NULL));
}

static void s40_an_old_keyring_opens_nothing_and_its_kept_backup_only_where_no_newer_checkpoint_is_shown(
    void **state)
{
    struct set *set = *state;
    struct error err = {0};
    struct ledger *ledger = scratch_open(&set->scratch);
    scratch_write(ledger, "entry_proposed", SECRET);
    back_up(set, ledger);
    AUTO(text) char *old_note = ledger_checkpoint(ledger, &err);
    copy(set->scratch.folder, "keyring", set->database, "keyring"); /* somebody copies the site's folder */
    copy(set->keys, "keyring-backup", set->keys, "kept");
    erase(ledger);
    AUTO(text) char *note = ledger_checkpoint(ledger, &err);
    ledger_close(ledger);
    /* The whole day's folder, site key included: the secret of that day's keyring is gone. */
    assert_true(file_make_folder(set->restored, 0700, &err));
    static const char *const names[] = {"site.db", "log-key", "log-key.pub", "keyring"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        copy(set->database, names[i], set->restored, names[i]);
    copy(set->scratch.folder, "keyring.epoch", set->restored, "keyring.epoch");
    assert_null(ledger_open(&set->options, &err));
    assert_int_equal(err.code, ERROR_CORRUPT);
    remove_names(set->restored);
    /* Even the replaced backup of the keyring, kept against the rule, is told by the newest checkpoint. */
    copy(set->keys, "kept", set->keys, "keyring-backup");
    set->restoring.newest_note = note;
    refused(set, ERROR_CONFLICT);
    set->restoring.newest_note = old_note;
    ledger_close(restore(set));
}

static void a_note_of_another_log_or_a_used_folder_is_refused(void **state)
{
    struct set *set = *state;
    struct error err = {0};
    struct scratch other;
    struct ledger *ledger = scratch_open(&set->scratch);
    back_up(set, ledger);
    ledger_close(ledger);
    scratch_make(&other);
    ledger = scratch_open(&other);
    AUTO(text) char *note = ledger_checkpoint(ledger, &err);
    ledger_close(ledger);
    scratch_remove(&other);
    set->restoring.newest_note = note;
    refused(set, ERROR_INVALID);
    set->restoring.newest_note = NULL;
    ledger_close(restore(set));
    assert_false(ledger_restore(&set->options, &set->restoring, &set->lost, &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
}

/* Heap text: the log's newest checkpoint, cosigned by this witness at that time. */
static char *cosigned(struct ledger *ledger, const struct witness *as, int64_t at_s)
{
    struct error err = {0};
    const struct tree_proof none = {0};
    struct witness witness = *as;
    AUTO(text) char *note = ledger_checkpoint(ledger, &err);
    AUTO(text) char *request = witness_request(&none, 0, note);
    memcpy(witness.log_key, ledger_log_public_key(ledger), PUBLIC_KEY_SIZE);
    AUTO(text) char *line = witness_sign(&witness, request, strlen(request), at_s, &err);
    if (!line)
        fail_msg("%s", err.text);
    return witness_newest(&witness, note, at_s, &err);
}

static void s44_a_live_site_s_newest_checkpoint_is_one_that_its_witness_cosigned_just_now(void **state)
{
    struct set *set = *state;
    struct error err = {0};
    struct witness witness = {.name = "ombudsman"}, stranger = {.name = "ombudsman"};
    uint8_t key[PUBLIC_KEY_SIZE], other_key[PUBLIC_KEY_SIZE];
    sign_key_new(key, witness.key);
    sign_key_new(other_key, stranger.key);
    const struct witness_options options = {"192.0.2.1:80", "ombudsman", key, NULL};
    struct ledger *ledger = scratch_open(&set->scratch);
    back_up(set, ledger);
    int64_t now_s = clock_now_s();
    AUTO(text) char *own = ledger_checkpoint(ledger, &err);
    AUTO(text) char *old = cosigned(ledger, &witness, now_s - LIMIT_WITNESS_SILENT_S - 1);
    AUTO(text) char *to_come = cosigned(ledger, &witness, now_s + LIMIT_STATEMENT_SKEW_S + 60);
    AUTO(text) char *of_a_stranger = cosigned(ledger, &stranger, now_s);
    AUTO(text) char *fresh = cosigned(ledger, &witness, now_s - LIMIT_WITNESS_SILENT_S / 2);
    ledger_close(ledger);
    set->restoring.witness = &options;
    const char *const refused_notes[] = {NULL, own, old, to_come, of_a_stranger};
    for (size_t i = 0; i < COUNT_OF(refused_notes); i++) {
        set->restoring.newest_note = refused_notes[i];
        refused(set, ERROR_FORBIDDEN);
    }
    set->restoring.newest_note = fresh;
    ledger_close(restore(set));
    assert_int_equal(set->lost, 0);
}

static void a_restore_is_over_when_somebody_says_so_and_stays_over(void **state)
{
    struct set *set = *state;
    struct error err = {0};
    struct ledger *ledger = scratch_open(&set->scratch);
    struct event event;
    scratch_write(ledger, "entry_approved", NULL);
    back_up(set, ledger);
    ledger_close(ledger);
    ledger = restore(set);
    assert_int_equal(ledger_events(ledger, 0, &event, 1), 1);
    assert_int_equal(event.epoch, 2); /* another epoch: nobody takes its events for those that were lost */
    assert_true(ledger_restore_is_over(ledger, &err));
    assert_int_equal(ledger->restored_s, 0);
    ledger_close(ledger);
    ledger = ledger_open(&set->options, &err);
    assert_int_equal(ledger->restored_s, 0);
    ledger_close(ledger);
}

struct edit {
    char sql[200];
};

/* Each column of each of the log's own tables, once. */
static size_t read_edits(struct ledger *ledger, struct edit *out, size_t room)
{
    struct error err = {0};
    size_t count = 0;
    AUTO(query)
    struct query *query = query_new(ledger->store,
        "SELECT m.name, c.name, c.type FROM sqlite_schema AS m, pragma_table_info(m.name) AS c"
        " WHERE m.type = 'table' AND m.name LIKE 'ledger\\_%' ESCAPE '\\' ORDER BY m.name, c.cid",
        &err);
    while (query_next(query)) {
        const char *table = query_get_text(query, 0), *column = query_get_text(query, 1);
        const char *value = strcmp(query_get_text(query, 2), "INTEGER") == 0 ? "0" : "''";
        assert_true(count + 2 <= room);
        snprintf(out[count++].sql, sizeof out->sql, "UPDATE %s SET %s = %s", table, column, value);
        snprintf(out[count++].sql, sizeof out->sql,
            "DELETE FROM %s WHERE rowid = (SELECT max(rowid) FROM %s)", table, table);
    }
    assert_true(query_ok(query, &err));
    return count;
}

static void s50_no_edit_of_the_log_s_tables_makes_a_restored_site_an_asked_one(void **state)
{
    struct set *set = *state;
    struct error err = {0};
    struct edit edits[64];
    struct ledger *ledger = scratch_open(&set->scratch);
    scratch_write(ledger, "entry_approved", SECRET);
    back_up(set, ledger);
    ledger_close(ledger);
    ledger = restore(set);
    size_t count = read_edits(ledger, edits, COUNT_OF(edits)), opened = 0;
    ledger_close(ledger);
    assert_in_range(count, 20, COUNT_OF(edits));
    copy(set->restored, "site.db", set->restored, "kept");
    for (size_t i = 0; i < count; i++) {
        ledger = ledger_open(&set->options, &err);
        assert_non_null(ledger);
        store_run(ledger->store, edits[i].sql, NULL);
        ledger_close(ledger);
        ledger = ledger_open(&set->options, &err);
        if (ledger && !ledger->restored_s)
            fail_msg("asked after: %s", edits[i].sql);
        opened += ledger != NULL;
        ledger_close(ledger);
        copy(set->restored, "kept", set->restored, "site.db");
    }
    assert_in_range(opened, 1, count - 1); /* some are refused, some decide nothing */
}

static void the_two_backups_do_not_lie_in_one_folder(void **state)
{
    struct set *set = *state;
    struct error err = {0};
    struct ledger *ledger = scratch_open(&set->scratch);
    assert_false(ledger_back_up(ledger, &set->scratch.options, set->keys, &err));
    assert_int_equal(err.code, ERROR_INVALID);
    set->scratch.options.keys_folder = NULL;
    assert_false(ledger_back_up(ledger, &set->scratch.options, set->database, &err));
    assert_int_equal(err.code, ERROR_INVALID);
    ledger_close(ledger);
}

static void a_broken_backup_leaves_no_half_site(void **state)
{
    struct set *set = *state;
    struct ledger *ledger = scratch_open(&set->scratch);
    back_up(set, ledger);
    ledger_close(ledger);
    AUTO(text) char *path = text_format("%s/site.db", set->database);
    assert_int_equal(truncate(path, 4096), 0);
    refused(set, ERROR_CORRUPT);
}

/* More than one step's pages. */
static void write_much(struct ledger *ledger, int count)
{
    struct error err = {0};
    assert_true(ledger_begin(ledger, &err));
    for (int i = 0; i < count; i++) {
        AUTO(json) json_t *fields = json_pack("{s:i}", "count", i);
        const struct record record = {.kind = "counted", .by = "site", .public_fields = fields};
        assert_true(ledger_record(ledger, &record, &err));
    }
    assert_true(ledger_commit(ledger, &err));
}

static bool lies_there(const struct set *set)
{
    AUTO(text) char *path = text_format("%s/site.db", set->database);
    return access(path, F_OK) == 0;
}

/* The database and the keyring are of one moment, the last one. */
static void s40_what_is_written_and_destroyed_while_a_backup_is_made_is_so_in_it(void **state)
{
    struct set *set = *state;
    struct error err = {0};
    bool done = false;
    int steps = 0;
    struct ledger *ledger = scratch_open(&set->scratch);
    scratch_write(ledger, "entry_proposed", SECRET);
    write_much(ledger, 20000);
    struct ledger_backup *backup = ledger_backup_new(ledger, &set->scratch.options, set->database, &err);
    assert_non_null(backup);
    for (; !done; steps++) {
        assert_true(ledger_backup_step(backup, &done, &err));
        assert_true(done == lies_there(set));
        if (done)
            break;
        write_much(ledger, 3);
        if (steps == 0)
            erase(ledger);
        scratch_write(ledger, "entry_approved", SECRET); /* under a new key, made meanwhile */
    }
    ledger_backup_free(backup);
    assert_true(steps > 1);
    AUTO(text) char *newest = ledger_checkpoint(ledger, &err);
    int64_t records = ledger_size(ledger);
    ledger_close(ledger);
    set->restoring.newest_note = newest;
    ledger = restore(set);
    assert_int_equal(set->lost, 0);
    assert_int_equal(ledger_size(ledger), records + 1);
    assert_null(ledger_private(ledger, 1, &err));
    AUTO(json) json_t *kept = ledger_private(ledger, records - 2, &err);
    assert_string_equal(json_string_value(json_object_get(kept, "name")), SECRET);
    ledger_close(ledger);
}

static _Noreturn void back_up_until_killed(struct set *set, int begun)
{
    bool done = false;
    struct ledger *ledger = ledger_open(&set->scratch.options, NULL);
    struct ledger_backup *backup =
        ledger ? ledger_backup_new(ledger, &set->scratch.options, set->database, NULL) : NULL;
    if (!backup || !ledger_backup_step(backup, &done, NULL) || done || write(begun, "", 1) != 1)
        _exit(1);
    for (;;)
        pause();
}

static void a_backup_that_is_killed_leaves_none_and_the_next_one_is_whole(void **state)
{
    struct set *set = *state;
    int ends[2], status = 0;
    char begun;
    struct ledger *ledger = scratch_open(&set->scratch);
    scratch_write(ledger, "entry_proposed", SECRET);
    write_much(ledger, 20000);
    ledger_close(ledger);
    assert_int_equal(pipe(ends), 0);
    pid_t writer = fork();
    if (writer == 0)
        back_up_until_killed(set, ends[1]);
    close(ends[1]);
    assert_int_equal(read(ends[0], &begun, 1), 1);
    kill(writer, SIGKILL);
    assert_int_equal(waitpid(writer, &status, 0), writer);
    close(ends[0]);
    AUTO(text) char *beside = text_format("%s/site.db.new", set->database);
    assert_int_equal(access(beside, F_OK), 0);
    assert_false(lies_there(set));
    ledger = scratch_open(&set->scratch);
    back_up(set, ledger);
    assert_int_not_equal(access(beside, F_OK), 0);
    ledger_close(ledger);
    ledger_close(restore(set));
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(a_restored_site_has_what_the_backup_had_and_says_so),
        EACH(s40_an_old_database_opens_nothing_that_was_destroyed_since),
        EACH(s40_an_old_keyring_opens_nothing_and_its_kept_backup_only_where_no_newer_checkpoint_is_shown),
        EACH(a_note_of_another_log_or_a_used_folder_is_refused),
        EACH(s44_a_live_site_s_newest_checkpoint_is_one_that_its_witness_cosigned_just_now),
        EACH(a_restore_is_over_when_somebody_says_so_and_stays_over),
        EACH(s50_no_edit_of_the_log_s_tables_makes_a_restored_site_an_asked_one),
        EACH(the_two_backups_do_not_lie_in_one_folder),
        EACH(a_broken_backup_leaves_no_half_site),
        EACH(s40_what_is_written_and_destroyed_while_a_backup_is_made_is_so_in_it),
        EACH(a_backup_that_is_killed_leaves_none_and_the_next_one_is_whole),
    };
    return cmocka_run_group_tests_name("backup", tests, NULL, NULL);
}
