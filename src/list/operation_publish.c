/* The public record of an operation that is over has to be published before the next one arms (SAFEGUARDS
 * 20): an auditor signs which record that is, and the desk takes only the one that its log gives. */
#include "list/operation_publish.h"

#include "base/clock.h"
#include "base/text.h"
#include "govern/leaf.h"
#include "govern/ledger_find.h"
#include "govern/report.h"
#include "list/action.h"
#include "list/operation.h"
#include "list/row.h"

#include <stdio.h>
#include <string.h>

const char operation_publication_sql[] =
    "CREATE TABLE operation_publication (operation TEXT PRIMARY KEY, record_hash TEXT NOT NULL,"
    " through INTEGER NOT NULL, officer TEXT NOT NULL, mark BLOB NOT NULL) STRICT;";

static bool is_over(const struct operation_row *row)
{
    return row->started_s > 0 && (row->phase == OPERATION_ENDED || row->phase == OPERATION_WIPED);
}

/* What is halted does not stand still beside a new one that goes on in its stead: it is resumed by two
 * persons, or ended and its record published. Nor does one wait to be ended whose time is over. */
static bool owes_record(const struct operation_row *row)
{
    return is_over(row) ||
           (row->started_s > 0 && (row->phase == OPERATION_HALTED || row->ends_s <= clock_now_s()));
}

static int64_t number(const json_t *object, const char *field)
{
    return json_integer_value(json_object_get(object, field));
}

/* Nothing of it can happen any more: it has ended, and each alert has. */
static bool is_whole(const json_t *record, struct error *err)
{
    const json_t *outcomes = json_object_get(record, "outcomes"), *events = json_object_get(record, "events");
    int64_t ended_alerts = 0;
    bool ended = false;
    const char *name;
    const json_t *value;
    size_t index;
    json_object_foreach ((json_t *)(uintptr_t)outcomes, name, value)
        ended_alerts += json_integer_value(value);
    json_array_foreach (events, index, value) {
        const char *event = json_string_value(json_object_get(value, "event"));
        ended = ended || (event && strcmp(event, "ended") == 0);
    }
    const char *operation = json_string_value(json_object_get(record, "operation"));
    if (!ended)
        return fail(err, ERROR_CONFLICT, "the record of operation %s stops before its end", operation);
    return ended_alerts == number(record, "alerts") ||
           fail(err, ERROR_CONFLICT, "an alert of operation %s has no outcome yet: publish after it",
               operation);
}

struct public_record {
    char operation[24];
    int64_t end; /* behind the last record that it is made of */
    struct finding found;
    struct report *report;
    json_t *record;           /* when it is made, */
    char hash[HEX_HASH_SIZE]; /* and that of the file which `mizan audit report` writes */
    bool is_amended;          /* what the log says of outcomes is another thing by now */
};

enum { STEP_US = 5000 };

struct public_record *public_record_begin(
    struct site *site, const char *operation, int64_t through, struct error *err)
{
    struct operation_row row;
    if (!operation_load(site, operation, &row, err))
        return NULL;
    if (!is_over(&row)) {
        fail(err, ERROR_CONFLICT, "operation %s is not over: it has no public record yet", row.operation);
        return NULL;
    }
    struct public_record *made = memory_allocate(1, sizeof *made);
    memcpy(made->operation, row.operation, sizeof made->operation);
    made->end = through >= 0 ? through + 1 : ledger_size(site->ledger);
    made->report = report_new(made->operation);
    made->found = (struct finding){
        .ledger = site->ledger, .by = FIND_OPERATION, .value = made->operation, .and_alerts = true};
    return made;
}

static bool make_record(struct public_record *made, struct error *err)
{
    uint8_t bytes[HASH_SIZE];
    made->record = report_made(made->report, err);
    AUTO(text) char *text = made->record ? report_json_text(made->record, err) : NULL;
    if (!text || !is_whole(made->record, err))
        return false;
    hash_bytes(text, strlen(text), bytes);
    hex_write(bytes, HASH_SIZE, made->hash);
    return true;
}

static bool says_the_same(const json_t *one, const json_t *other, const char *group)
{
    return json_equal(json_object_get(one, group), json_object_get(other, group)) != 0;
}

/* What was written since is read, too: a record of before an amendment settles nothing that it owes. */
static bool finish_record(struct public_record *made, struct error *err)
{
    if (!made->record && !make_record(made, err))
        return false;
    AUTO(json) json_t *now = report_made(made->report, err);
    made->is_amended = now && (!says_the_same(made->record, now, "outcomes") ||
                                  !says_the_same(made->record, now, "amended"));
    return now != NULL;
}

static bool add_leaf(struct public_record *made, struct error *err)
{
    struct bytes text = made->found.leaf;
    AUTO(json) json_t *leaf = json_read((const char *)text.data, text.size, LEAF_LIMIT, err);
    if (!leaf || (made->found.seq >= made->end && !made->record && !make_record(made, err)))
        return false;
    report_add(made->report, leaf);
    return true;
}

bool public_record_step(struct public_record *made, bool *done, struct error *err)
{
    int64_t until_us = clock_monotonic_us() + STEP_US;
    bool more = true;
    while (clock_monotonic_us() < until_us && (more = finding_next(&made->found))) {
        if (!add_leaf(made, err))
            return false;
    }
    finding_rest(&made->found);
    *done = !more;
    return finding_ok(&made->found, err) && (more || finish_record(made, err));
}

void public_record_free(struct public_record *made)
{
    if (!made)
        return;
    finding_auto(&made->found);
    report_free(made->report);
    json_decref(made->record);
    memory_release(made);
}

json_t *operation_record(const struct officer *viewer, const struct public_record *made, struct error *err)
{
    if (!officer_has(viewer, ROLE_AUDITOR)) {
        fail(err, ERROR_FORBIDDEN, "only auditors publish records");
        return NULL;
    }
    return json_pack("{s:s, s:I, s:s, s:O}", "operation", made->operation, "through",
        (json_int_t)number(made->record, "last_record"), "record_hash", made->hash, "record", made->record);
}

static json_t *marked_fields(const char *operation, const char *hash, int64_t through, const char *officer)
{
    return json_pack("{s:s, s:s, s:I, s:s}", "operation", operation, "record_hash", hash, "through",
        (json_int_t)through, "officer", officer);
}

static bool keep_publication(
    struct site *site, const char *operation, const struct envelope *envelope, struct error *err)
{
    uint8_t mark[HASH_SIZE];
    const char *hash = json_string_value(json_object_get(envelope->fields, "record_hash"));
    int64_t through = number(envelope->fields, "through");
    AUTO(json) json_t *fields = marked_fields(operation, hash, through, envelope->by);
    if (!row_mark(site, "publication", fields, mark, err))
        return false;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT OR REPLACE INTO operation_publication (operation, record_hash, through, officer, mark)"
        " VALUES (:operation, :hash, :through, :officer, :mark)",
        err);
    query_text(query, ":operation", operation);
    query_text(query, ":hash", hash);
    query_integer(query, ":through", through);
    query_text(query, ":officer", envelope->by);
    query_bytes(query, ":mark", mark, sizeof mark);
    json_object_del(fields, "officer");
    const struct record record = {.kind = "record_published", .by = envelope->by, .public_fields = fields};
    return query_done(query, err) && ledger_record(site->ledger, &record, err) &&
           ledger_event(site->ledger, "operation", operation, "published", err);
}

/* What was signed is what the log gives, to the byte. */
static bool is_the_record(const struct operation_row *row, const struct envelope *envelope,
    const struct public_record *made, struct error *err)
{
    const char *signed_hash = json_string_value(json_object_get(envelope->fields, "record_hash"));
    if (!is_over(row))
        return fail(err, ERROR_CONFLICT, "operation %s is not over", row->operation);
    if (made->is_amended)
        return fail(err, ERROR_CONFLICT,
            "an outcome of operation %s was amended after this record; make it again", row->operation);
    return (strcmp(made->operation, row->operation) == 0 &&
               made->end == number(envelope->fields, "through") + 1 &&
               strcmp(made->hash, signed_hash) == 0) ||
           fail(err, ERROR_CONFLICT,
               "this is not the record that the log gives of operation %s; make it again", row->operation);
}

json_t *operation_publish(
    struct site *site, const struct envelope *envelope, const struct public_record *made, struct error *err)
{
    struct action action;
    struct operation_row row;
    if (!action_check(site, envelope, "publication", ROLE_BIT(ROLE_AUDITOR), &action, err))
        return NULL;
    if (action.reply)
        return action.reply;
    const char *operation = json_string_value(json_object_get(envelope->fields, "operation"));
    if (!operation_load(site, operation, &row, err) || !is_the_record(&row, envelope, made, err) ||
        !ledger_begin(site->ledger, err))
        return NULL;
    bool done = keep_publication(site, row.operation, envelope, err);
    json_t *reply = json_pack("{s:s, s:O}", "operation", row.operation, "record_hash",
        json_object_get(envelope->fields, "record_hash"));
    return action_commit(site, envelope, done, reply, err);
}

bool operation_owe_record(struct site *site, const char *operation, struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "DELETE FROM operation_publication WHERE operation = :operation", err);
    query_text(query, ":operation", operation);
    return query_done(query, err);
}

/* An edited row is none. */
static bool is_published(struct site *site, const char *operation, bool *out, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT record_hash, through, officer, mark FROM operation_publication WHERE operation = :operation",
        err);
    query_text(query, ":operation", operation);
    *out = false;
    if (query_next(query)) {
        struct error edited = {0};
        AUTO(json)
        json_t *fields = marked_fields(
            operation, query_get_text(query, 0), query_get_integer(query, 1), query_get_text(query, 2));
        *out = row_check(site, "publication", operation, fields, query_get_bytes(query, 3), &edited);
    }
    return query_ok(query, err);
}

/* Asked for each operation there ever was, before one arms: the publication first, which costs no signature.
 * Of an operation whose row was edited nobody can tell whether it ran: it is owed, too. */
static bool is_owed(struct site *site, const char *operation, bool *out, struct error *err)
{
    struct operation_row row;
    struct error why = {0};
    bool published = false;
    if (!is_published(site, operation, &published, err))
        return false;
    if (published) {
        *out = false;
        return true;
    }
    bool loaded = operation_load(site, operation, &row, &why);
    *out = !loaded || owes_record(&row);
    return loaded || why.code == ERROR_CORRUPT || fail_as(err, &why);
}

bool operation_unpublished(struct site *site, const char *operation, bool *found, struct error *err)
{
    AUTO(json) json_t *ids = operation_ids(site, "1", err);
    size_t index;
    const json_t *id;
    if (!ids)
        return false;
    *found = false;
    json_array_foreach (ids, index, id) {
        const char *other = json_string_value(id);
        if (strcmp(other, operation) != 0 && !*found && !is_owed(site, other, found, err))
            return false;
    }
    return true;
}
