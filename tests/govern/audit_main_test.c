/* `mizan audit verify` as the command line calls it, on a real export. */
#include "base/file.h"
#include "base/text.h"
#include "cli/commands.h"
#include "scratch.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

int report_failure(const struct error *err)
{
    printf("%s\n", err->text);
    return error_exit_status(err->code);
}

static struct scratch scratch;
static char *export_path, *key_path, *output_path;

static int begin(void **state)
{
    (void)state;
    struct error err = {0};
    AUTO(bytes) struct bytes export = {0};
    scratch_make(&scratch);
    export_path = scratch_path(&scratch, "log.export");
    key_path = scratch_path(&scratch, "log-key.pub");
    output_path = scratch_path(&scratch, "output");
    struct ledger *ledger = scratch_open(&scratch);
    scratch_write(ledger, "alert_agreed", NULL);
    assert_true(ledger_export(ledger, &export, &err));
    assert_true(file_write(export_path, 0600, export.data, export.size, &err));
    ledger_close(ledger);
    return 0;
}

static int end(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    memory_release(export_path);
    memory_release(key_path);
    memory_release(output_path);
    return 0;
}

static void assert_prints(int status, const char *words, const char *const *arguments)
{
    char *list[12] = {0};
    int count = 0;
    while (arguments[count]) {
        list[count] = (char *)(uintptr_t)arguments[count];
        count++;
    }
    fflush(stdout);
    int kept = dup(STDOUT_FILENO);
    int file = open(output_path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_true(kept >= 0 && file >= 0);
    dup2(file, STDOUT_FILENO);
    int is = audit_main(count, list);
    fflush(stdout);
    dup2(kept, STDOUT_FILENO);
    close(kept);
    close(file);
    AUTO(bytes) struct bytes printed = {0};
    assert_true(file_read(output_path, 1 << 16, &printed, NULL));
    if (is != status || !strstr((char *)printed.data, words))
        fail_msg("expected %d and '%s', got %d: %s", status, words, is, (char *)printed.data);
}

#define ASSERT_PRINTS(status, words, ...)                                                                    \
    assert_prints(status, words, (const char *const[]){"audit", __VA_ARGS__, NULL})

static void a_sound_export_is_told_with_its_size(void **state)
{
    (void)state;
    ASSERT_PRINTS(0, "verified: 2 records of the site demo-one", "verify", export_path, "--key", key_path);
    ASSERT_PRINTS(0, "\"records\":2", "verify", "--json", "--key", key_path, export_path);
    ASSERT_PRINTS(0, "Usage", "--help");
}

static void s44_an_edited_export_fails_and_names_the_record(void **state)
{
    (void)state;
    AUTO(bytes) struct bytes export = {0};
    assert_true(file_read(export_path, 1 << 16, &export, NULL));
    char *edited = strstr((char *)export.data, "alert_agreed");
    edited[0] = 'b';
    assert_true(file_write(export_path, 0600, export.data, export.size, NULL));
    ASSERT_PRINTS(65, "record 1", "verify", export_path, "--key", key_path);
}

static void a_wrong_key_or_a_wrong_line_is_refused(void **state)
{
    (void)state;
    AUTO(text) char *other = scratch_path(&scratch, "other.pub");
    static const char hex[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n";
    assert_true(file_write(other, 0600, hex, sizeof hex - 1, NULL));
    ASSERT_PRINTS(65, "checkpoint", "verify", export_path, "--key", other);
    ASSERT_PRINTS(65, "hex digits", "verify", export_path, "--key", export_path);
    ASSERT_PRINTS(66, "No such file", "verify", "/nonexistent", "--key", key_path);
    ASSERT_PRINTS(64, "--key", "verify", export_path);
    ASSERT_PRINTS(64, "--wrong", "verify", export_path, "--wrong");
    ASSERT_PRINTS(64, "verify", "swear");
}

/* The proof that `audit prove` printed last, as a file. */
static void keep_output(const char *path)
{
    AUTO(bytes) struct bytes printed = {0};
    assert_true(file_read(output_path, 1 << 16, &printed, NULL));
    assert_true(file_write(path, 0600, printed.data, printed.size, NULL));
}

static void s44_a_proof_of_a_record_and_of_a_beginning_is_checked_with_the_key_alone(void **state)
{
    (void)state;
    AUTO(text) char *proof = scratch_path(&scratch, "proof");
    ASSERT_PRINTS(0, "\"seq\":1", "prove", export_path, "--key", key_path, "--record", "1");
    keep_output(proof);
    ASSERT_PRINTS(0, "record 1 is in the log of demo-one, of 2", "check", proof, "--key", key_path);
    AUTO(bytes) struct bytes content = {0};
    assert_true(file_read(proof, 1 << 16, &content, NULL));
    strstr((char *)content.data, "alert_agreed")[0] = 'b';
    assert_true(file_write(proof, 0600, content.data, content.size, NULL));
    ASSERT_PRINTS(65, "not proved", "check", proof, "--key", key_path);
    ASSERT_PRINTS(0, "from_root", "prove", export_path, "--key", key_path, "--from", "1");
    keep_output(proof);
    ASSERT_PRINTS(0, "1 records is the beginning", "check", proof, "--key", key_path);
    ASSERT_PRINTS(66, "not number 2", "prove", export_path, "--key", key_path, "--record", "2");
    ASSERT_PRINTS(66, "never had 3", "prove", export_path, "--key", key_path, "--from", "3");
    ASSERT_PRINTS(64, "either", "prove", export_path, "--key", key_path);
}

#define OPERATION "op-0000000000000001"

/* Records with these fields, and what the export is then. `fields` as JSON text with ' for ". */
static void tell(const char *kind, const char *fields)
{
    struct error err = {0};
    char text[256];
    AUTO(bytes) struct bytes export = {0};
    snprintf(text, sizeof text, "%s", fields);
    for (char *at = text; *at; at++)
        *at = *at == '\'' ? '"' : *at;
    AUTO(json) json_t *public_fields = json_read(text, strlen(text), sizeof text, &err);
    struct ledger *ledger = scratch_open(&scratch);
    const struct record record = {.kind = kind, .by = "site", .public_fields = public_fields};
    assert_true(
        ledger_begin(ledger, &err) && ledger_record(ledger, &record, &err) && ledger_commit(ledger, &err));
    assert_true(ledger_export(ledger, &export, &err));
    assert_true(file_write(export_path, 0600, export.data, export.size, &err));
    ledger_close(ledger);
}

/* The checkpoint alone: what stands behind the empty line. */
static void keep_note(const char *path)
{
    AUTO(bytes) struct bytes export = {0};
    assert_true(file_read(export_path, 1 << 16, &export, NULL));
    const char *note = strstr((char *)export.data, "\n\n") + 2;
    assert_true(file_write(path, 0600, note, strlen(note), NULL));
}

static void s44_a_log_that_was_rolled_back_or_forked_since_is_found_with_the_record(void **state)
{
    (void)state;
    struct error err = {0};
    AUTO(text) char *database = scratch_path(&scratch, "site.db");
    AUTO(text) char *copy = scratch_path(&scratch, "site.db.copy");
    AUTO(text) char *kept = scratch_path(&scratch, "kept.export");
    AUTO(text) char *note = scratch_path(&scratch, "kept.note");
    tell("alert_raised", "{'alert':'a-0000000000000009'}");
    assert_true(file_copy(database, copy, 0600, &err));
    tell("alert_raised", "{'alert':'a-0000000000000001'}");
    tell("alert_raised", "{'alert':'a-0000000000000002'}");
    assert_true(file_copy(export_path, kept, 0600, &err));
    keep_note(note);
    tell("alert_raised", "{'alert':'a-0000000000000003'}");
    ASSERT_PRINTS(0, "goes on from the 5 records", "verify", export_path, "--key", key_path, "--since", kept);
    ASSERT_PRINTS(
        0, "\"goes_on_from\":5", "verify", export_path, "--key", key_path, "--since", note, "--json");
    /* The desk's own key signs both of these: each is a sound log by itself. */
    assert_true(file_copy(copy, database, 0600, &err));
    tell("alert_raised", "{'alert':'a-0000000000000004'}");
    ASSERT_PRINTS(0, "verified: 4 records", "verify", export_path, "--key", key_path);
    ASSERT_PRINTS(65, "record 3 is another one", "verify", export_path, "--key", key_path, "--since", kept);
    ASSERT_PRINTS(65, "rolled back: record 4", "verify", export_path, "--key", key_path, "--since", note);
    tell("alert_raised", "{'alert':'a-0000000000000005'}");
    ASSERT_PRINTS(
        65, "forked: record 4 or one before", "verify", export_path, "--key", key_path, "--since", note);
    ASSERT_PRINTS(65, "what was kept", "verify", export_path, "--key", key_path, "--since", key_path);
    unlink(copy);
}

/* The proof that `audit prove` gives of what the export holds now. */
static void keep_proof(const char *path, const char *option, const char *number)
{
    ASSERT_PRINTS(0, "proof", "prove", export_path, "--key", key_path, option, number);
    keep_output(path);
}

static void s44_a_proof_from_a_fork_is_told_apart_from_one_of_the_log(void **state)
{
    (void)state;
    struct error err = {0};
    AUTO(text) char *database = scratch_path(&scratch, "site.db");
    AUTO(text) char *copy = scratch_path(&scratch, "site.db.copy");
    AUTO(text) char *forked = scratch_path(&scratch, "forked.proof");
    AUTO(text) char *begun = scratch_path(&scratch, "begun.proof");
    AUTO(text) char *larger = scratch_path(&scratch, "larger.proof");
    AUTO(text) char *own = scratch_path(&scratch, "own.proof");
    AUTO(text) char *older = scratch_path(&scratch, "older.export");
    assert_true(file_copy(database, copy, 0600, &err));
    tell("alert_raised", "{'alert':'a-0000000000000001'}");
    keep_proof(forked, "--record", "2");
    tell("alert_raised", "{'alert':'a-0000000000000002'}");
    tell("alert_raised", "{'alert':'a-0000000000000003'}");
    keep_proof(begun, "--from", "3");
    keep_proof(larger, "--record", "2");
    assert_true(file_copy(copy, database, 0600, &err));
    tell("alert_raised", "{'alert':'a-0000000000000009'}");
    assert_true(file_copy(export_path, older, 0600, &err));
    tell("alert_raised", "{'alert':'a-0000000000000008'}");
    keep_proof(own, "--record", "2");
    /* Each is sound by itself, and says so; the record is shown. */
    ASSERT_PRINTS(0, "a-0000000000000001", "check", forked, "--key", key_path);
    ASSERT_PRINTS(0, "Not checked", "check", begun, "--key", key_path);
    ASSERT_PRINTS(0, "too", "check", own, "--key", key_path, "--log", export_path);
    ASSERT_PRINTS(69, "newer export", "check", own, "--key", key_path, "--log", older);
    const char *const forks[] = {forked, begun, larger};
    for (size_t i = 0; i < COUNT_OF(forks); i++)
        ASSERT_PRINTS(65, "a fork", "check", forks[i], "--key", key_path, "--log", export_path);
    unlink(copy);
}

static void s46_a_published_report_that_differs_from_the_log_is_found(void **state)
{
    (void)state;
    struct error err = {0};
    tell("operation_running", "{'operation':'" OPERATION "'}");
    for (int i = 0; i < 2; i++)
        ASSERT_PRINTS(0, "what the log gives", "report", export_path, "--key", key_path, "--to",
            scratch.folder, "--operation", OPERATION);
    AUTO(text) char *html = scratch_path(&scratch, OPERATION ".html");
    assert_true(file_write(html, 0600, "none", 4, &err));
    ASSERT_PRINTS(65, "differs from what the log gives", "report", export_path, "--key", key_path, "--to",
        scratch.folder, "--operation", OPERATION);
    ASSERT_PRINTS(64, "either", "report", export_path, "--key", key_path, "--to", scratch.folder);
}

static void assert_year(int status, const char *words, int year)
{
    char number[16];
    snprintf(number, sizeof number, "%d", year);
    ASSERT_PRINTS(
        status, words, "report", export_path, "--key", key_path, "--to", scratch.folder, "--year", number);
}

static void s46_the_year_stands_beside_records_published_before_an_outcome_was_amended(void **state)
{
    (void)state;
    struct tm now;
    time_t seconds = time(NULL);
    gmtime_r(&seconds, &now);
    const int year = now.tm_year + 1900;
    tell("operation_terms", "{'operation':'" OPERATION "','cameras':[]}");
    tell("operation_running", "{'operation':'" OPERATION "'}");
    tell("alert_raised", "{'operation':'" OPERATION "','alert':'a-0000000000000001'}");
    tell("alert_closed", "{'alert':'a-0000000000000001','outcome':'custody'}");
    ASSERT_PRINTS(0, "what the log gives", "report", export_path, "--key", key_path, "--to", scratch.folder,
        "--operation", OPERATION);
    tell("operation_ended", "{'operation':'" OPERATION "'}");
    assert_year(69, ".json: operation " OPERATION " is missing: it has not ended",
        year); /* what was published stops before the end */
    static const char *const endings[] = {"json", "csv", "html"};
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        char name[40];
        snprintf(name, sizeof name, OPERATION ".%s", endings[i]);
        AUTO(text) char *path = scratch_path(&scratch, name);
        assert_int_equal(unlink(path), 0);
    }
    ASSERT_PRINTS(0, "what the log gives", "report", export_path, "--key", key_path, "--to", scratch.folder,
        "--operation", OPERATION);
    tell("outcome_amended", "{'alert':'a-0000000000000001','from':'custody','outcome':'wrong_person'}");
    assert_year(0, "what the log gives", year);
    char name[24];
    snprintf(name, sizeof name, "%d.csv", year);
    AUTO(text) char *path = scratch_path(&scratch, name);
    AUTO(bytes) struct bytes csv = {0};
    assert_true(file_read(path, 1 << 16, &csv, NULL));
    assert_non_null(strstr((char *)csv.data, OPERATION ",amended_custody_to_wrong_person,1"));
    assert_non_null(strstr((char *)csv.data, "all,wrong_stops,1"));
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(a_sound_export_is_told_with_its_size),
        EACH(s44_an_edited_export_fails_and_names_the_record),
        EACH(s44_a_proof_of_a_record_and_of_a_beginning_is_checked_with_the_key_alone),
        EACH(s44_a_log_that_was_rolled_back_or_forked_since_is_found_with_the_record),
        EACH(s44_a_proof_from_a_fork_is_told_apart_from_one_of_the_log),
        EACH(s46_a_published_report_that_differs_from_the_log_is_found),
        EACH(s46_the_year_stands_beside_records_published_before_an_outcome_was_amended),
        EACH(a_wrong_key_or_a_wrong_line_is_refused),
    };
    return cmocka_run_group_tests_name("audit verify", tests, NULL, NULL);
}
