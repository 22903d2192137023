#include "base/file.h"
#include "base/text.h"
#include "govern/audit.h"
#include "govern/ledger_private.h"
#include "scratch.h"
#include "sign/limits.h"

#include "../list/fake_clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char private_text[] = "GHULAM-OF-THE-PRIVATE-FIELDS";

static void assert_fails(bool result, const struct error *err, enum error_code code, const char *words)
{
    assert_false(result);
    if (err->code != code || !strstr(err->text, words))
        fail_msg(
            "expected %s with '%s', got %s: %s", error_word(code), words, error_word(err->code), err->text);
}

static void assert_refused(struct scratch *scratch, enum error_code code, const char *words)
{
    struct error err = {0};
    AUTO(ledger) struct ledger *ledger = ledger_open(&scratch->options, &err);
    assert_fails(ledger != NULL, &err, code, words);
}

static void assert_verifies(struct ledger *ledger, int64_t records)
{
    struct error err = {0};
    AUTO(bytes) struct bytes export = {0};
    struct audit_result result = {0};
    assert_true(ledger_export(ledger, &export, &err));
    if (!audit_verify(export.data, export.size, ledger_log_public_key(ledger), &result, &err))
        fail_msg("%s", err.text);
    assert_int_equal(result.records, records);
    assert_string_equal(result.site, "demo-one");
}

static void s44_records_stay_and_verify_after_a_restart(void **state)
{
    struct ledger *ledger = scratch_open(*state);
    scratch_write(ledger, "entry_proposed", private_text);
    scratch_write(ledger, "entry_approved", NULL);
    assert_verifies(ledger, 3);
    ledger_close(ledger);
    ledger = scratch_open(*state);
    assert_verifies(ledger, 3);
    scratch_write(ledger, "entry_withdrawn", NULL);
    assert_verifies(ledger, 4);
    ledger_close(ledger);
}

static void an_aborted_transaction_leaves_no_record(void **state)
{
    struct error err = {0};
    struct ledger *ledger = scratch_open(*state);
    assert_true(ledger_begin(ledger, &err));
    assert_true(ledger_record(ledger, &(struct record){.kind = "lost", .by = "site"}, &err));
    ledger_abort(ledger);
    scratch_write(ledger, "kept", NULL);
    assert_verifies(ledger, 2);
    ledger_close(ledger);
    ledger = scratch_open(*state);
    assert_verifies(ledger, 2);
    ledger_close(ledger);
}

static void s44_public_text_is_an_id_a_code_or_hex(void **state)
{
    static const char *const refused[] = {"Ghulam Ali", "ghulam ali", "42101-1234567-1", "4210112345671",
        "03001234567", "e-short", "Karachi", "\u0646", "a@b", "x-0123456789abcdefg", "ABCDEF0123456789"};
    static const char *const taken[] = {"", "approved", "e-0123456789abcdef", "no_unit",
        "00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff"};
    struct ledger *ledger = scratch_open(*state);
    struct error err = {0};
    assert_true(ledger_begin(ledger, &err));
    for (size_t i = 0; i < COUNT_OF(refused) + COUNT_OF(taken); i++) {
        bool good = i >= COUNT_OF(refused);
        const char *text = good ? taken[i - COUNT_OF(refused)] : refused[i];
        AUTO(json) json_t *fields = json_pack("{s:[{s:s}]}", "list", "field", text);
        err = (struct error){0};
        bool result = ledger_record(
            ledger, &(struct record){.kind = "tried", .by = "site", .public_fields = fields}, &err);
        if (result != good)
            fail_msg("'%s' was %s", text, result ? "taken" : "refused");
    }
    ledger_abort(ledger);
    ledger_close(ledger);
}

static void s44_public_numbers_are_not_identity_numbers(void **state)
{
    struct ledger *ledger = scratch_open(*state);
    struct error err = {0};
    AUTO(json) json_t *cnic = json_pack("{s:I}", "count", (json_int_t)4210112345671);
    AUTO(json) json_t *own = json_pack("{s:I}", "seq", (json_int_t)1);
    AUTO(json) json_t *real = json_pack("{s:f}", "score", 0.5);
    assert_true(ledger_begin(ledger, &err));
    assert_fails(
        ledger_record(ledger, &(struct record){.kind = "k", .by = "site", .public_fields = cnic}, &err), &err,
        ERROR_INVALID, "count");
    assert_fails(
        ledger_record(ledger, &(struct record){.kind = "k", .by = "site", .public_fields = own}, &err), &err,
        ERROR_INVALID, "seq");
    assert_fails(
        ledger_record(ledger, &(struct record){.kind = "k", .by = "site", .public_fields = real}, &err), &err,
        ERROR_INVALID, "score");
    assert_fails(ledger_record(ledger, &(struct record){.kind = "Kind", .by = "site"}, &err), &err,
        ERROR_INVALID, "kind");
    assert_fails(ledger_record(ledger, &(struct record){.kind = "k", .by = "Ali"}, &err), &err, ERROR_INVALID,
        "officer");
    ledger_abort(ledger);
    ledger_close(ledger);
}

static void s49_private_fields_are_read_back_but_not_in_any_file(void **state)
{
    struct scratch *scratch = *state;
    struct ledger *ledger = scratch_open(scratch);
    struct error err = {0};
    scratch_write(ledger, "entry_proposed", private_text);
    AUTO(json) json_t *fields = ledger_private(ledger, 1, &err);
    assert_string_equal(json_string_value(json_object_get(fields, "name")), private_text);
    assert_true(scratch_holds(scratch, "entry_proposed"));
    assert_false(scratch_holds(scratch, private_text));
    ledger_close(ledger);
    assert_true(scratch_holds(scratch, "entry_proposed"));
    assert_false(scratch_holds(scratch, private_text));
}

static void s40_erased_fields_are_gone_and_the_log_still_verifies(void **state)
{
    struct ledger *ledger = scratch_open(*state);
    struct error err = {0};
    scratch_write(ledger, "entry_proposed", private_text);
    int64_t epoch = keyring_epoch(ledger->keyring);
    assert_true(ledger_begin(ledger, &err));
    assert_true(ledger_erase_private(ledger, "entry/e-1", &err));
    assert_true(ledger_commit(ledger, &err));
    assert_int_equal(keyring_epoch(ledger->keyring), epoch + 1);
    assert_fails(ledger_private(ledger, 1, &err) != NULL, &err, ERROR_MISSING, "record 1");
    assert_fails(
        keyring_key(ledger->keyring, "entry/e-1", false, &err) != NULL, &err, ERROR_MISSING, "entry/e-1");
    assert_verifies(ledger, 4);
    ledger_close(ledger);
}

static void add_records(struct ledger *ledger, size_t count, uint8_t (*roots)[HASH_SIZE], bool kept)
{
    struct error err = {0};
    assert_true(ledger_begin(ledger, &err));
    for (size_t i = 0; i < count; i++) {
        AUTO(json) json_t *fields = json_pack("{s:i}", "count", (int)i);
        assert_true(ledger_record(
            ledger, &(struct record){.kind = "told", .by = "site", .public_fields = fields}, &err));
        tree_root(&ledger->tree->now.tree, roots[ledger->tree->now.tree.size]);
    }
    if (kept)
        assert_true(ledger_commit(ledger, &err));
    else
        ledger_abort(ledger);
}

static void assert_every_beginning_is_proved(struct ledger *ledger, uint8_t (*roots)[HASH_SIZE])
{
    struct error err = {0};
    uint64_t size = ledger->tree->committed.tree.size;
    for (uint64_t old = 1; old <= size; old++) {
        struct tree_proof proof;
        assert_true(ledger_prove_from(ledger, (int64_t)old, &proof, &err));
        if (!tree_check_consistency(&proof, size, old, roots[size], roots[old]))
            fail_msg("%llu of %llu", (unsigned long long)old, (unsigned long long)size);
    }
}

/* Longer than the blocks whose roots are kept, also where an abort threw away the end of one. */
static void s44_every_beginning_of_a_long_log_is_proved(void **state)
{
    static uint8_t roots[1400][HASH_SIZE];
    struct ledger *ledger = scratch_open(*state);
    tree_root(&ledger->tree->committed.tree, roots[1]);
    const size_t steps[] = {200, 56, 254, 1, 2, 600};
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        add_records(ledger, 260, roots, false);
        add_records(ledger, steps[i], roots, true);
        assert_every_beginning_is_proved(ledger, roots);
    }
    assert_verifies(ledger, 1114);
    ledger_close(ledger);
    ledger = scratch_open(*state);
    assert_every_beginning_is_proved(ledger, roots);
    ledger_close(ledger);
}

/* Many leaves, so that it is read in several goes. */
static void s44_a_log_that_is_read_by_and_by_is_the_log_of_when_it_was_asked_for(void **state)
{
    static uint8_t roots[1400][HASH_SIZE];
    struct ledger *ledger = scratch_open(*state);
    struct error err = {0};
    uint64_t size;
    size_t used;
    char piece[1000];
    AUTO(bytes) struct bytes export = {0};
    AUTO(text_buffer) struct text read = {0};
    add_records(ledger, 700, roots, true);
    assert_true(ledger_export(ledger, &export, &err));
    struct log_reader *reader = log_reader_new(ledger, &size, &err);
    do {
        assert_true(log_reader_next(reader, piece, sizeof piece, &used, &err));
        text_add_bytes(&read, piece, used);
        add_records(ledger, read.size < 5000, roots, true);
    } while (used);
    log_reader_free(reader);
    assert_int_equal(size, export.size);
    assert_int_equal(read.size, export.size);
    assert_memory_equal(read.data, export.data, export.size);
    ledger_close(ledger);
}

static void copy_file(const struct scratch *scratch, const char *from, const char *to)
{
    struct error err = {0};
    AUTO(text) char *source = scratch_path(scratch, from);
    AUTO(text) char *target = scratch_path(scratch, to);
    AUTO(bytes) struct bytes content = {0};
    assert_true(file_read(source, 1 << 24, &content, &err));
    assert_true(file_write(target, 0600, content.data, content.size, &err));
}

static void s40_an_older_keyring_is_refused(void **state)
{
    struct ledger *ledger = scratch_open(*state);
    struct error err = {0};
    scratch_write(ledger, "entry_proposed", private_text);
    copy_file(*state, "keyring", "keyring.backup");
    assert_true(ledger_begin(ledger, &err));
    assert_true(ledger_erase_private(ledger, "entry/e-1", &err));
    assert_true(ledger_commit(ledger, &err));
    ledger_close(ledger);
    copy_file(*state, "keyring", "keyring.newest");
    copy_file(*state, "keyring.backup", "keyring");
    assert_refused(*state, ERROR_CONFLICT, "old keyring");
    copy_file(*state, "keyring.newest", "keyring");
    ledger_close(scratch_open(*state));
}

static void an_erasure_that_a_crash_left_waiting_is_done_at_the_start(void **state)
{
    struct ledger *ledger = scratch_open(*state);
    struct error err = {0};
    scratch_write(ledger, "entry_proposed", private_text);
    assert_true(ledger_begin(ledger, &err));
    assert_true(ledger_erase_private(ledger, "entry/e-1", &err));
    /* The change is durable, the destruction has not begun: what a kill between the two leaves. */
    assert_true(ledger_commit_plain(ledger, &err));
    assert_non_null(keyring_key(ledger->keyring, "entry/e-1", false, &err));
    ledger_close(ledger);
    ledger = scratch_open(*state);
    assert_null(keyring_key(ledger->keyring, "entry/e-1", false, &err));
    assert_verifies(ledger, 4);
    ledger_close(ledger);
}

static void s49_a_wrong_site_key_is_refused(void **state)
{
    struct scratch *scratch = *state;
    ledger_close(scratch_open(scratch));
    scratch->site_key[3] ^= 1;
    assert_refused(scratch, ERROR_CORRUPT, "site key");
    scratch->site_key[3] ^= 1;
    ledger_close(scratch_open(scratch));
}

static void another_sites_name_is_refused(void **state)
{
    struct scratch *scratch = *state;
    scratch->options.site = "demo-two";
    assert_refused(scratch, ERROR_CONFLICT, "demo-one");
    scratch->options.site = "Demo Two";
    assert_refused(scratch, ERROR_INVALID, "name");
}

static void a_folder_without_a_site_is_missing(void **state)
{
    struct scratch *scratch = *state;
    AUTO(text) char *path = scratch_path(scratch, "site.db");
    unlink(path);
    assert_refused(scratch, ERROR_MISSING, "restore a backup");
}

static void a_site_is_not_made_over_another(void **state)
{
    struct scratch *scratch = *state;
    struct error err = {0};
    assert_fails(ledger_make(&scratch->options, &err), &err, ERROR_CONFLICT, "there already");
}

static void a_second_desk_is_refused(void **state)
{
    struct ledger *ledger = scratch_open(*state);
    scratch_write(ledger, "entry_proposed", NULL);
    assert_refused(*state, ERROR_CONFLICT, "stop the desk");
    ledger_close(ledger);
}

static void edit(struct scratch *scratch, const char *sql)
{
    static const struct migration there_already[] = {{"0001-ledger", ""}, {"0002-ledger-restored", ""},
        {"0003-ledger-restored-by-the-log", ""}, {"0004-ledger-event-unit", ""}};
    struct error err = {0};
    AUTO(text) char *path = scratch_path(scratch, "site.db");
    AUTO(store)
    struct store *store = store_open(path, there_already, COUNT_OF(there_already), &err);
    assert_non_null(store);
    if (!store_run(store, sql, &err))
        fail_msg("%s", err.text);
    assert_true(store_changes(store) > 0);
}

static void edited_logs_are_found_at_the_start(void **state, const char *sql, const char *words)
{
    struct ledger *ledger = scratch_open(*state);
    for (int i = 0; i < 6; i++)
        scratch_write(ledger, "entry_proposed", NULL);
    ledger_close(ledger);
    edit(*state, sql);
    assert_refused(*state, ERROR_CORRUPT, words);
}

static void s50_an_edited_record_is_found(void **state)
{
    edited_logs_are_found_at_the_start(state,
        "UPDATE ledger_leaf SET leaf = replace(leaf, '\"count\":3', '\"count\":4') WHERE seq = 3",
        "record 3");
}

static void s50_an_edited_last_record_is_found(void **state)
{
    edited_logs_are_found_at_the_start(state,
        "UPDATE ledger_leaf SET leaf = replace(leaf, '\"count\":3', '\"count\":4') WHERE seq = 6",
        "record 6");
}

static void s50_a_deleted_record_is_found(void **state)
{
    edited_logs_are_found_at_the_start(state, "DELETE FROM ledger_leaf WHERE seq = 4", "record 4");
}

static void s50_a_truncated_log_is_found(void **state)
{
    edited_logs_are_found_at_the_start(state, "DELETE FROM ledger_leaf WHERE seq = 6", "record 6");
}

static void s50_an_edited_checkpoint_is_found(void **state)
{
    edited_logs_are_found_at_the_start(state,
        "UPDATE ledger_checkpoint SET note = replace(note, 'keyring 1', 'keyring 2') WHERE size = 7",
        "signature");
}

static void s50_a_log_rolled_back_to_an_older_checkpoint_needs_its_records_to_go_too(void **state)
{
    edited_logs_are_found_at_the_start(state, "DELETE FROM ledger_checkpoint WHERE size = 7", "not signed");
}

static void s40_s50_which_keys_wait_for_their_destruction_is_what_the_log_says(void **state)
{
    static const char *const edits[] = {
        "DELETE FROM ledger_erasure",
        "DELETE FROM ledger_erasure WHERE key_name = 'entry/e-1'",
        "UPDATE ledger_erasure SET key_name = 'entry/e-3' WHERE key_name = 'entry/e-1'",
        "UPDATE ledger_erasure SET key_name = '' WHERE key_name = 'entry/e-1'",
        "INSERT INTO ledger_erasure VALUES ('entry/e-3')",
    };
    struct ledger *ledger = scratch_open(*state);
    struct error err = {0};
    assert_true(ledger_begin(ledger, &err));
    assert_true(ledger_erase_private(ledger, "entry/e-1", &err));
    assert_true(ledger_erase_private(ledger, "entry/e-2", &err));
    assert_true(ledger_commit_plain(ledger, &err));
    ledger_close(ledger);
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        edit(*state, edits[i]);
        assert_refused(*state, ERROR_CORRUPT, "other keys wait");
        edit(*state, "DELETE FROM ledger_erasure WHERE true;"
                     "INSERT INTO ledger_erasure VALUES ('entry/e-2'), ('entry/e-1')");
    }
    ledger_close(scratch_open(*state));
    edit(*state, edits[COUNT_OF(edits) - 1]);
    assert_refused(*state, ERROR_CORRUPT, "other keys wait");
}

static void keys_that_wait_in_a_log_from_before_are_believed(void **state)
{
    struct ledger *ledger = scratch_open(*state);
    struct error err = {0};
    assert_true(store_run(ledger->store, "INSERT INTO ledger_erasure VALUES ('entry/e-1')", &err));
    assert_fails(ledger_check_waiting(ledger, &err), &err, ERROR_CORRUPT, "other keys wait");
    assert_true(
        store_run(ledger->store, "UPDATE ledger_leaf SET leaf = replace(leaf, 'keys_waiting', 'x')", &err));
    assert_true(ledger_check_waiting(ledger, &err));
    ledger_close(ledger);
}

static void events_replay_in_order_after_a_sequence(void **state)
{
    struct ledger *ledger = scratch_open(*state);
    struct event events[8];
    scratch_write(ledger, "a", NULL);
    scratch_write(ledger, "b", NULL);
    scratch_write(ledger, "c", NULL);
    assert_int_equal(ledger_last_event(ledger), 3);
    assert_int_equal(ledger_events(ledger, 1, events, 8), 2);
    assert_int_equal(events[0].seq, 2);
    assert_int_equal(events[0].epoch, 1);
    assert_string_equal(events[1].state, "approved");
    assert_int_equal(ledger_events(ledger, 0, events, 1), 1);
    assert_int_equal(ledger_events(ledger, 3, events, 8), 0);
    ledger_close(ledger);
}

static void a_record_or_an_event_needs_a_transaction(void **state)
{
    struct ledger *ledger = scratch_open(*state);
    struct error err = {0};
    assert_fails(ledger_record(ledger, &(struct record){.kind = "k", .by = "site"}, &err), &err,
        ERROR_CONFLICT, "transaction");
    assert_fails(ledger_event(ledger, "entry", "e-1", "s", &err), &err, ERROR_CONFLICT, "transaction");
    ledger_close(ledger);
}

static void a_clock_before_the_newest_checkpoint_is_refused(void **state)
{
    clock_pass(-1);
    assert_refused(*state, ERROR_UNAVAILABLE, "set the clock");
    clock_pass(1);
    ledger_close(scratch_open(*state));
}

static size_t count_in_log(struct scratch *scratch, const char *kind)
{
    size_t count = 0;
    struct error err = {0};
    AUTO(bytes) struct bytes export = {0};
    AUTO(ledger) struct ledger *ledger = scratch_open(scratch);
    assert_true(ledger_export(ledger, &export, &err));
    for (const char *at = (char *)export.data; (at = strstr(at, kind)); at++)
        count++;
    return count;
}

static void s42_s43_a_clock_far_ahead_opens_no_log_until_somebody_says_the_date(void **state)
{
    struct scratch *scratch = *state;
    char today[21], yesterday[21], before[21];
    clock_pass(LIMIT_PAUSE_S);
    assert_int_equal(count_in_log(scratch, "pause_confirmed"), 0);
    clock_pass(1);
    assert_refused(scratch, ERROR_UNAVAILABLE, "--after-pause");
    clock_write_iso(clock_now_s(), today);
    clock_write_iso(clock_now_s() - 86400, yesterday);
    clock_write_iso(clock_now_s() - LIMIT_PAUSE_S, before);
    today[10] = yesterday[10] = before[10] = '\0';
    static const char *const no_dates[] = {"", "yes", "2026"};
    for (size_t i = 0; i < COUNT_OF(no_dates); i++) {
        scratch->options.today = no_dates[i];
        assert_refused(scratch, ERROR_UNAVAILABLE, "YYYY-MM-DD");
    }
    scratch->options.today = before; /* somebody's calendar, and the clock is wrong */
    assert_refused(scratch, ERROR_UNAVAILABLE, "set the clock");
    scratch->options.today = yesterday; /* where it is not midnight yet */
    assert_int_equal(count_in_log(scratch, "pause_confirmed"), 1);
    scratch->options.today = NULL;
    assert_int_equal(count_in_log(scratch, "pause_confirmed"), 1);
}

static void an_idle_log_says_each_day_that_it_is_kept(void **state)
{
    struct error err = {0};
    struct ledger *ledger = scratch_open(*state);
    for (int hour = 0; hour < 20 * 24; hour++) {
        clock_pass(3600);
        assert_true(ledger_keep_time(ledger, &err));
    }
    ledger_close(ledger);
    assert_int_equal(count_in_log(*state, "time_kept"), 20);
}

static void log_time_never_runs_backwards(void **state)
{
    struct error err = {0};
    struct audit_result result = {0};
    AUTO(bytes) struct bytes export = {0};
    struct ledger *ledger = scratch_open(*state);
    int64_t ahead = clock_now_s() + 3600;
    ledger->tree->now.newest_s = ledger->tree->committed.newest_s = ahead;
    scratch_write(ledger, "a", NULL);
    scratch_write(ledger, "b", NULL);
    assert_true(ledger_export(ledger, &export, &err));
    assert_true(audit_verify(export.data, export.size, ledger_log_public_key(ledger), &result, &err));
    assert_int_equal(result.newest_s, ahead);
    ledger_close(ledger);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, scratch_begin, scratch_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(s44_records_stay_and_verify_after_a_restart),
        EACH(an_aborted_transaction_leaves_no_record),
        EACH(s44_public_text_is_an_id_a_code_or_hex),
        EACH(s44_public_numbers_are_not_identity_numbers),
        EACH(s49_private_fields_are_read_back_but_not_in_any_file),
        EACH(s40_erased_fields_are_gone_and_the_log_still_verifies),
        EACH(s44_every_beginning_of_a_long_log_is_proved),
        EACH(s44_a_log_that_is_read_by_and_by_is_the_log_of_when_it_was_asked_for),
        EACH(s40_an_older_keyring_is_refused),
        EACH(an_erasure_that_a_crash_left_waiting_is_done_at_the_start),
        EACH(s49_a_wrong_site_key_is_refused),
        EACH(another_sites_name_is_refused),
        EACH(a_folder_without_a_site_is_missing),
        EACH(a_site_is_not_made_over_another),
        EACH(a_second_desk_is_refused),
        EACH(s50_an_edited_record_is_found),
        EACH(s50_an_edited_last_record_is_found),
        EACH(s50_a_deleted_record_is_found),
        EACH(s50_a_truncated_log_is_found),
        EACH(s50_an_edited_checkpoint_is_found),
        EACH(s50_a_log_rolled_back_to_an_older_checkpoint_needs_its_records_to_go_too),
        EACH(s40_s50_which_keys_wait_for_their_destruction_is_what_the_log_says),
        EACH(keys_that_wait_in_a_log_from_before_are_believed),
        EACH(events_replay_in_order_after_a_sequence),
        EACH(a_record_or_an_event_needs_a_transaction),
        EACH(a_clock_before_the_newest_checkpoint_is_refused),
        EACH(s42_s43_a_clock_far_ahead_opens_no_log_until_somebody_says_the_date),
        EACH(an_idle_log_says_each_day_that_it_is_kept),
        EACH(log_time_never_runs_backwards),
    };
    return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
