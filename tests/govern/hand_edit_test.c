/* Somebody with the disk edits every field of the log's own tables, takes rows away, doubles and exchanges
 * them (SAFEGUARDS 44, 50). The next start refuses with a name, or the log reads to the byte as it did,
 * verifies and goes on; what was private is what it was, or is not shown. */
#include "../list/row_edit.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "govern/audit.h"
#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { FILES = 3, COLUMNS = 32, RECORDS = 4, EVENTS = 8 };

static const char *const files[FILES] = {"site.db", "keyring", "keyring.epoch"};

struct edited {
    struct scratch scratch;
    struct bytes kept[FILES], export;
    struct row_column columns[COLUMNS];
    size_t count, tried, refused;
};

static struct error err;

static void must(bool done)
{
    if (!done)
        fail_msg("%s", err.text);
}

/* The first record says that the log started. */
static bool has_private(int64_t seq)
{
    return seq == 1 || seq == 3;
}

static bool is_the_log_s(const char *table)
{
    return strncmp(table, "ledger", 6) == 0;
}

static void tell_the_story(struct edited *edited)
{
    scratch_make(&edited->scratch);
    AUTO(ledger) struct ledger *ledger = scratch_open(&edited->scratch);
    for (int64_t seq = 1; seq <= RECORDS; seq++)
        scratch_write(
            ledger, seq == 2 ? "entry_approved" : "entry_proposed", has_private(seq) ? "Demo" : NULL);
    must(ledger_export(ledger, &edited->export, &err));
    edited->count = row_edit_columns(ledger->store, is_the_log_s, edited->columns, COLUMNS);
}

static void keep(struct edited *edited)
{
    for (size_t i = 0; i < FILES; i++) {
        AUTO(text) char *path = scratch_path(&edited->scratch, files[i]);
        must(file_read(path, 1 << 24, &edited->kept[i], &err));
    }
}

static void put_back(struct edited *edited)
{
    AUTO(text) char *log = scratch_path(&edited->scratch, "site.db-wal");
    unlink(log);
    for (size_t i = 0; i < FILES; i++) {
        AUTO(text) char *path = scratch_path(&edited->scratch, files[i]);
        must(file_write(path, 0600, edited->kept[i].data, edited->kept[i].size, &err));
    }
}

static void check_private(struct ledger *ledger, const char *edit)
{
    for (int64_t seq = 0; seq <= RECORDS; seq++) {
        struct error why = {0};
        AUTO(json) json_t *fields = ledger_private(ledger, seq, &why);
        const char *name = json_string_value(json_object_get(fields, "name"));
        if (fields && (!has_private(seq) || !name || strcmp(name, "Demo") != 0))
            fail_msg("record %d says something else in private after: %s", (int)seq, edit);
        if (!fields && !why.text[0])
            fail_msg("record %d is not shown and nobody says why after: %s", (int)seq, edit);
    }
}

/* False where the log cannot be written any more, which a running desk shows by pausing (SAFEGUARDS 44). */
static bool goes_on(struct ledger *ledger)
{
    const struct record record = {.kind = "entry_withdrawn", .by = "site"};
    if (ledger_begin(ledger, &err) && ledger_record(ledger, &record, &err) &&
        ledger_event(ledger, "entry", "e-2", "withdrawn", &err) && ledger_commit(ledger, &err))
        return true;
    ledger_abort(ledger);
    return false;
}

static void check_what_comes(struct ledger *ledger, const struct edited *edited, const char *edit)
{
    AUTO(bytes) struct bytes export = {0};
    struct audit_result result;
    int64_t before = 0;
    struct event events[EVENTS];
    must(ledger_export(ledger, &export, &err));
    if (!audit_verify(export.data, export.size, ledger_log_public_key(ledger), &result, &err) ||
        !audit_goes_on(export.data, export.size, edited->export.data, edited->export.size,
            ledger_log_public_key(ledger), &before, &err))
        fail_msg("%s after: %s", err.text, edit);
    /* A screen that has seen everything hears what comes, whatever was done to what came before. */
    const size_t heard = ledger_events(ledger, ledger_last_event(ledger) - 1, events, EVENTS);
    if (heard != 1 || strcmp(events[0].id, "e-2") != 0)
        fail_msg("the newest event is not heard after: %s", edit);
}

static bool check_reading(struct ledger *ledger, const struct edited *edited, const char *edit)
{
    AUTO(bytes) struct bytes export = {0};
    must(ledger_export(ledger, &export, &err));
    if (export.size != edited->export.size || memcmp(export.data, edited->export.data, export.size) != 0)
        fail_msg("the log reads otherwise after: %s", edit);
    check_private(ledger, edit);
    if (!goes_on(ledger))
        return false;
    check_what_comes(ledger, edited, edit);
    return true;
}

/* False where the table's own rules refuse it. */
static bool try_edit(struct edited *edited, const char *edit)
{
    struct ledger *ledger = scratch_open(&edited->scratch);
    const bool done = store_run(ledger->store, edit, &err);
    if (done && store_changes(ledger->store) == 0 && !strstr(edit, "ledger_erasure"))
        fail_msg("tried nothing: %s", edit);
    ledger_close(ledger);
    err = (struct error){0};
    ledger = done ? ledger_open(&edited->scratch.options, &err) : NULL;
    const bool refused = done && (!ledger || !check_reading(ledger, edited, edit));
    if (refused && !err.text[0])
        fail_msg("refused without a word: %s", edit);
    edited->tried += done;
    edited->refused += refused;
    ledger_close(ledger);
    put_back(edited);
    return done;
}

static void try_column(struct edited *edited, const struct row_column *column)
{
    static const char *const numbers[] = {"%s + 1", "0", "7", NULL};
    static const char *const texts[] = {"''", "'entry/e-2'", "'demo-two'", "'alert'", NULL};
    static const char *const blobs[] = {"randomblob(length(%s))", "x''", NULL};
    const char *const *values = strcmp(column->type, "INTEGER") == 0 ? numbers
                                : strcmp(column->type, "TEXT") == 0  ? texts
                                                                     : blobs;
    for (; *values; values++) {
        const char *mark = strstr(*values, "%s");
        AUTO(text)
        char *edit = text_format("UPDATE %s SET %s = %.*s%s%s", column->table, column->name,
            mark ? (int)(mark - *values) : (int)strlen(*values), *values, mark ? column->name : "",
            mark ? mark + 2 : "");
        if (try_edit(edited, edit))
            continue;
        AUTO(text)
        char *one = text_format("%s WHERE rowid = (SELECT max(rowid) FROM %s)", edit, column->table);
        try_edit(edited, one);
    }
}

static void try_rows(struct edited *edited, const char *table)
{
    AUTO(text) char *all = text_format("DELETE FROM %s", table);
    AUTO(text) char *newest = text_format("%s WHERE rowid = (SELECT max(rowid) FROM %s)", all, table);
    AUTO(text) char *oldest = text_format("%s WHERE rowid = (SELECT min(rowid) FROM %s)", all, table);
    struct ledger *ledger = scratch_open(&edited->scratch);
    AUTO(text) char *swap = row_edit_swap(ledger->store, table);
    AUTO(text) char *copy = row_edit_copy(ledger->store, table, 1);
    ledger_close(ledger);
    put_back(edited);
    const char *const edits[] = {all, newest, oldest, copy, swap};
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        if (edits[i])
            try_edit(edited, edits[i]);
    }
}

static void s44_s50_no_edit_of_the_logs_own_tables_reads_as_another_log(void **state)
{
    (void)state;
    static struct edited edited;
    tell_the_story(&edited);
    keep(&edited);
    for (size_t i = 0; i < edited.count; i++) {
        try_column(&edited, &edited.columns[i]);
        if (i == 0 || strcmp(edited.columns[i].table, edited.columns[i - 1].table) != 0)
            try_rows(&edited, edited.columns[i].table);
    }
    assert_in_range(edited.tried, 50, SIZE_MAX);
    assert_in_range(edited.refused, 10, edited.tried - 10);
    for (size_t i = 0; i < FILES; i++)
        bytes_free(&edited.kept[i]);
    bytes_free(&edited.export);
    scratch_remove(&edited.scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s44_s50_no_edit_of_the_logs_own_tables_reads_as_another_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
