#include "list/import.h"

#include "base/clock.h"
#include "base/text.h"
#include "list/csv.h"
#include "list/entry.h"
#include "list/entry_rules.h"
#include "list/photo.h"
#include "list/turn.h"
#include "sign/limits.h"
#include "sign/types.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct report { /* of one import; owned */
    json_t *lines;
    int64_t good, refused;
};

static const char *cure_of(enum error_code code)
{
    switch (code) {
    case ERROR_CONFLICT:
        return "look at what is there already";
    case ERROR_MISSING:
        return "upload the picture again, then send the line again";
    case ERROR_FORBIDDEN:
        return "leave the line out: nobody may propose this here";
    case ERROR_TOO_LARGE:
        return "send it another day, or make it smaller";
    case ERROR_UNSIGNED:
        return "sign the proposal with your own key, then send the line again";
    case ERROR_UNAVAILABLE:
        return "send the line again later";
    default:
        return "correct the line and send it again";
    }
}

/* What stands behind the semicolon of an error is its cure. */
static void refuse_line(struct report *report, size_t number, const struct error *why)
{
    const char *cut = strstr(why->text, "; ");
    AUTO(text)
    char *reason = text_format("%.*s", cut ? (int)(cut - why->text) : (int)strlen(why->text), why->text);
    json_array_append_new(
        report->lines, json_pack("{s:I, s:s, s:s, s:s, s:o}", "line", (json_int_t)number, "code",
                           error_word(why->code), "reason", reason, "cure",
                           cut ? cut + 2 : cure_of(why->code), "says", wording_json(&why->wording)));
    report->refused++;
}

/* Takes `line`. */
static void accept_line(struct report *report, size_t number, json_t *line)
{
    json_object_set_new(line, "line", json_integer((json_int_t)number));
    json_array_append_new(report->lines, line);
    report->good++;
}

enum column {
    GROUND,
    NAME,
    FATHER,
    CNIC,
    BORN,
    GENDER,
    DESCRIPTION,
    CASE_KIND,
    CASE_NUMBER,
    CASE_SECTION,
    CASE_STATION,
    CASE_DATED,
    CASE_OFFICER,
    PHOTO,
    PHOTO_SOURCE,
    PHOTO_RECORD,
    PHOTO_DATED,
    EXPIRES,
    COLUMNS,
};

static const char *const column_names[COLUMNS] = {"ground", "name", "father", "cnic", "born", "gender",
    "description", "case_kind", "case_number", "case_section", "case_station", "case_dated", "case_officer",
    "photo", "photo_source", "photo_record", "photo_dated", "expires"};

struct table { /* where the columns stand in this file */
    size_t place[COLUMNS];
    size_t count;
};

static bool find_column(const char *name, enum column *out)
{
    for (size_t i = 0; i < COLUMNS; i++) {
        if (strcmp(name, column_names[i]) == 0) {
            *out = (enum column)i;
            return true;
        }
    }
    return false;
}

static bool read_head(const struct csv_line *line, struct table *out, struct error *err)
{
    bool seen[COLUMNS] = {false};
    for (size_t i = 0; i < line->count; i++) {
        enum column column;
        if (!find_column(line->fields[i], &column))
            return fail(err, ERROR_INVALID, "the table has a column '%.40s', which is none of import's",
                line->fields[i]);
        if (seen[column])
            return fail(err, ERROR_INVALID, "the column '%s' is there twice", column_names[column]);
        seen[column] = true;
        out->place[column] = i;
    }
    for (size_t i = 0; i < COLUMNS; i++)
        if (!seen[i])
            return fail(err, ERROR_INVALID, "the table has no column '%s'", column_names[i]);
    out->count = line->count;
    return true;
}

struct row {
    const struct table *table;
    const struct csv_line *line;
};

static const char *cell(const struct row *row, enum column column)
{
    return row->line->fields[row->table->place[column]];
}

static bool read_number(const struct row *row, enum column column, int64_t *out, struct error *err)
{
    const char *text = cell(row, column);
    size_t length = strlen(text);
    if (length == 0 || length > 4 || strspn(text, "0123456789") != length)
        return fail(err, ERROR_INVALID, "'%s' has to be a year", column_names[column]);
    *out = strtol(text, NULL, 10);
    return true;
}

/* YYYY-MM-DD, the first second of that day where the desk stands: in Karachi today began five hours before it
 * does in UTC. */
static bool read_date(const struct row *row, enum column column, int64_t *out, struct error *err)
{
    const char *text = cell(row, column);
    struct tm day = {.tm_isdst = -1}, again;
    char *end = strptime(text, "%Y-%m-%d", &day);
    char written[16] = "";
    time_t at = end && !*end && strlen(text) == 10 ? mktime(&day) : (time_t)-1;
    if (at != (time_t)-1 && localtime_r(&at, &again))
        strftime(written, sizeof written, "%Y-%m-%d", &again);
    if (strcmp(written, text) != 0)
        return fail(err, ERROR_INVALID, "'%s' has to be a date like 2026-11-30", column_names[column]);
    *out = at;
    return true;
}

static json_t *row_proposal(const struct row *row, struct error *err)
{
    int64_t born = 0, case_dated = 0, photo_dated = 0, expires = 0;
    char entry[24], case_id[24];
    if (!read_number(row, BORN, &born, err) || !read_date(row, CASE_DATED, &case_dated, err) ||
        !read_date(row, PHOTO_DATED, &photo_dated, err) || !read_date(row, EXPIRES, &expires, err))
        return NULL;
    random_id("e", entry);
    random_id("k", case_id);
    return json_pack("{s:s, s:s, s:{s:s, s:s, s:s, s:I, s:s, s:s}, s:[{s:s, s:s, s:s, s:s, s:s, s:I, s:s}],"
                     " s:[{s:s, s:s, s:s, s:I}], s:I}",
        "entry", entry, "ground", cell(row, GROUND), "person", "name", cell(row, NAME), "father",
        cell(row, FATHER), "cnic", cell(row, CNIC), "born", (json_int_t)born, "gender", cell(row, GENDER),
        "description", cell(row, DESCRIPTION), "cases", "case", case_id, "kind", cell(row, CASE_KIND),
        "number", cell(row, CASE_NUMBER), "section", cell(row, CASE_SECTION), "station",
        cell(row, CASE_STATION), "dated", (json_int_t)case_dated, "officer", cell(row, CASE_OFFICER),
        "photos", "photo", cell(row, PHOTO), "source", cell(row, PHOTO_SOURCE), "record_number",
        cell(row, PHOTO_RECORD), "dated", (json_int_t)photo_dated, "expires_at", (json_int_t)expires);
}

struct import {
    struct report report;
    size_t lines;
    bool is_table;
    const char *at, *end; /* of signed lines that are not read yet */
    size_t number;        /* of the last one */
    struct csv csv;
    struct table table;
    json_t *numbers; /* CNIC → true: those of the lines before; owned */
    int64_t room;    /* for proposals of this officer today */
};

static struct import *import_new(void)
{
    struct import *import = memory_allocate(1, sizeof *import);
    import->report.lines = json_array();
    import->numbers = json_object();
    return import;
}

void import_free(struct import *import)
{
    if (!import)
        return;
    json_decref(import->report.lines);
    json_decref(import->numbers);
    memory_release(import);
}

size_t import_lines(const struct import *import)
{
    return import->lines;
}

json_t *import_report(const struct import *import)
{
    return json_pack("{s:O, s:I, s:I}", "lines", import->report.lines, "good",
        (json_int_t)import->report.good, "refused", (json_int_t)import->report.refused);
}

struct batch { /* in which a line is judged */
    struct site *site;
    const struct officer *officer;
    struct import *import;
};

static bool is_first_of_number(struct batch *batch, const char *cnic, struct error *err)
{
    if (!*cnic)
        return true;
    if (json_object_get(batch->import->numbers, cnic))
        return fail(err, ERROR_CONFLICT, "a line before has this CNIC; keep one of them");
    json_object_set_new(batch->import->numbers, cnic, json_true());
    return true;
}

static bool name_file(struct batch *batch, const char *photo, json_t *proposal, struct error *err)
{
    char file[HEX_HASH_SIZE];
    if (!photo_is_uploaded(batch->site, batch->officer->id, photo, file, err))
        return false;
    json_t *named = json_array_get(json_object_get(proposal, "photos"), 0);
    return json_object_set_new(named, "file_hash", json_string(file)) == 0;
}

static bool row_is_well(struct batch *batch, const struct row *row, json_t *proposal, struct error *err)
{
    const struct statement_type *type = statement_type_find("entry_proposal");
    const struct envelope unsigned_yet = {.fields = proposal, .by = batch->officer->id};
    if (batch->import->room <= 0)
        return fail(err, ERROR_TOO_LARGE, "an officer makes %d proposals a day; send the line tomorrow",
            LIMIT_PROPOSALS_A_DAY);
    return form_check_fields(proposal, type->fields, NULL, err) &&
           entry_rules_check(batch->site, &unsigned_yet, err) &&
           name_file(batch, cell(row, PHOTO), proposal, err) &&
           is_first_of_number(batch, cell(row, CNIC), err);
}

static void judge_row(struct batch *batch, const struct row *row, struct report *report)
{
    struct error why = {0};
    if (row->line->count != row->table->count) {
        fail(&why, ERROR_INVALID,
            "the line has %zu fields, the table %zu columns; quote commas inside a field", row->line->count,
            row->table->count);
        refuse_line(report, row->line->number, &why);
        return;
    }
    AUTO(json) json_t *proposal = row_proposal(row, &why);
    if (!proposal || !row_is_well(batch, row, proposal, &why)) {
        refuse_line(report, row->line->number, &why);
        return;
    }
    batch->import->room--;
    accept_line(report, row->line->number, json_pack("{s:O}", "proposal", proposal));
}

static bool read_table(struct csv *csv, struct csv_line *line, struct table *table, struct error *err)
{
    bool well = false;
    if (!csv_next(csv, line, &well, err))
        return fail(err, ERROR_INVALID, "the file is empty; its first line names the columns");
    return well && read_head(line, table, err);
}

struct import *import_csv(
    struct site *site, const struct officer *officer, const void *bytes, size_t size, struct error *err)
{
    struct csv_line head;
    AUTO(import) struct import *import = import_new();
    if (size > IMPORT_CSV_BYTES) {
        fail(err, ERROR_TOO_LARGE, "the file has %zu bytes; at most %d are read", size, IMPORT_CSV_BYTES);
        return NULL;
    }
    import->is_table = true;
    csv_start(&import->csv, bytes, size);
    if (!read_table(&import->csv, &head, &import->table, err) ||
        !entry_room_today(site, officer->id, &import->room, err))
        return NULL;
    return STEAL(import);
}

/* False after the last line. */
static bool judge_next(struct batch *batch, bool *done, struct error *err)
{
    struct import *import = batch->import;
    struct csv_line line;
    struct error why = {0};
    bool well = false;
    *done = !csv_next(&import->csv, &line, &well, &why);
    if (*done)
        return true;
    if (import->report.good + import->report.refused == IMPORT_CSV_LINES)
        return fail(err, ERROR_TOO_LARGE, "the file has more than %d lines; split it", IMPORT_CSV_LINES);
    const struct row row = {&import->table, &line};
    if (well)
        judge_row(batch, &row, &import->report);
    else
        refuse_line(&import->report, line.number, &why);
    return true;
}

static bool is_own_proposal(
    struct site *site, const struct officer *officer, const struct envelope *envelope, struct error *err)
{
    if (!envelope_is(envelope, "entry_proposal", err))
        return false;
    const struct officer *signer = roster_check_any(site->roster, envelope, err);
    if (!signer)
        return false;
    if (strcmp(signer->id, officer->id) != 0)
        return fail(
            err, ERROR_UNSIGNED, "the proposal is %s's, and %s is signed in", signer->id, officer->id);
    return json_array_size(json_object_get(envelope->fields, "cases")) == 1 ||
           fail(err, ERROR_INVALID, "a proposal in a file has one case; propose this person by itself");
}

static size_t count_lines(const char *at, const char *end)
{
    size_t lines = 0;
    for (const char *newline; at < end; at = newline + 1) {
        newline = memchr(at, '\n', (size_t)(end - at));
        newline = newline ? newline : end;
        lines++;
    }
    return lines;
}

static void propose_line(struct site *site, const struct officer *officer, const char *line, size_t size,
    size_t number, struct report *report)
{
    struct error why = {0};
    AUTO(envelope) struct envelope *envelope = envelope_parse(line, size, &why);
    bool well = envelope && is_own_proposal(site, officer, envelope, &why);
    json_t *reply = well ? entry_propose(site, envelope, &why) : NULL;
    if (reply)
        accept_line(report, number, reply);
    else
        refuse_line(report, number, &why);
}

struct import *import_signed(const void *bytes, size_t size, struct error *err)
{
    const char *at = bytes, *end = at + size;
    if (size > IMPORT_SIGNED_BYTES) {
        fail(err, ERROR_TOO_LARGE, "the file has %zu bytes; at most %d are read", size, IMPORT_SIGNED_BYTES);
        return NULL;
    }
    size_t lines = count_lines(at, end);
    if (lines > IMPORT_SIGNED_LINES) {
        fail(err, ERROR_TOO_LARGE, "the file has more than %d lines; split it", IMPORT_SIGNED_LINES);
        return NULL;
    }
    struct import *import = import_new();
    import->at = at;
    import->end = end;
    import->lines = lines;
    return import;
}

static void propose_next(struct batch *batch, bool *done)
{
    struct import *import = batch->import;
    *done = import->at >= import->end;
    if (*done)
        return;
    const char *newline = memchr(import->at, '\n', (size_t)(import->end - import->at));
    size_t length = (size_t)((newline ? newline : import->end) - import->at);
    import->number++;
    if (length > 0)
        propose_line(batch->site, batch->officer, import->at, length, import->number, &import->report);
    import->at += length + (newline != NULL);
}

bool import_step(
    struct site *site, const struct officer *officer, struct import *import, bool *done, struct error *err)
{
    struct batch batch = {site, officer, import};
    struct turn turn = turn_begin(site);
    do {
        if (!import->is_table)
            propose_next(&batch, done);
        else if (!judge_next(&batch, done, err))
            return false;
    } while (!*done && !turn_is_over(&turn));
    return true;
}
