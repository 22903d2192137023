#include "list/status_row.h"

#include "base/clock.h"
#include "base/log.h"
#include "list/entry.h"
#include "list/row.h"
#include "sign/limits.h"

#include <string.h>

const char status_sql[] =
    "CREATE TABLE case_status ("
    " case_id TEXT PRIMARY KEY, status TEXT NOT NULL, station TEXT NOT NULL, taken_at INTEGER NOT NULL,"
    " mark BLOB NOT NULL) STRICT";

enum { CLOSED_CASE_KEPT_S = 365 * 86400 };

static json_t *marked_fields(const struct case_status *status)
{
    return json_pack("{s:s, s:s, s:s, s:I}", "case", status->id, "status", status->status, "station",
        status->station, "taken_at", (json_int_t)status->taken_s);
}

bool status_find(struct site *site, const char *case_id, struct case_status *out)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT case_id, status, station, taken_at, mark FROM case_status WHERE case_id = :case", NULL);
    query_text(query, ":case", case_id);
    if (!query_next(query))
        return false;
    struct case_status found = {.taken_s = query_get_integer(query, 3)};
    row_text(found.id, sizeof found.id, query_get_text(query, 0));
    row_text(found.status, sizeof found.status, query_get_text(query, 1));
    row_text(found.station, sizeof found.station, query_get_text(query, 2));
    AUTO(json) json_t *fields = marked_fields(&found);
    if (!row_check(site, "case_status", found.id, fields, query_get_bytes(query, 4), NULL))
        return false;
    *out = found;
    return true;
}

static enum status_answer status_now(struct site *site, const char *case_id, int64_t *known_s)
{
    struct case_status fed = {.taken_s = 0};
    bool known = status_find(site, case_id, &fed);
    enum status_answer answer = status_of_case(site->ports, case_id);
    if (answer == STATUS_CLOSED || (known && strcmp(fed.status, "closed") == 0))
        return STATUS_CLOSED;
    bool is_fresh = known && clock_now_s() - fed.taken_s <= LIMIT_STATUS_AGE_S;
    if (known_s)
        *known_s = answer == STATUS_LIVE ? clock_now_s() : fed.taken_s;
    return answer == STATUS_LIVE || is_fresh ? STATUS_LIVE : STATUS_UNAVAILABLE;
}

enum status_answer case_status_now(struct site *site, const char *case_id)
{
    return status_now(site, case_id, NULL);
}

bool case_is_live(struct site *site, const char *case_id, int64_t *known_s)
{
    return status_now(site, case_id, known_s) == STATUS_LIVE;
}

bool case_has_answer_since(struct site *site, const char *case_id, int64_t since_s)
{
    struct case_status fed;
    return status_of_case(site->ports, case_id) != STATUS_UNAVAILABLE ||
           (status_find(site, case_id, &fed) && fed.taken_s >= since_s);
}

bool status_keep(struct site *site, const struct case_status *status, struct error *err)
{
    uint8_t mark[HASH_SIZE];
    AUTO(json) json_t *fields = marked_fields(status);
    if (!row_mark(site, "case_status", fields, mark, err))
        return false;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT OR REPLACE INTO case_status (case_id, status, station, taken_at, mark)"
        " VALUES (:case, :status, :station, :taken, :mark)",
        err);
    query_text(query, ":case", status->id);
    query_text(query, ":status", status->status);
    query_text(query, ":station", status->station);
    query_integer(query, ":taken", status->taken_s);
    query_bytes(query, ":mark", mark, sizeof mark);
    return query_done(query, err);
}

static const char *text_of(const json_t *object, const char *field)
{
    return json_string_value(json_object_get(object, field));
}

json_t *status_open_entries(struct site *site, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT entry FROM entry WHERE state IN ('proposed', 'approved', 'suspended') ORDER BY entry", err);
    AUTO(json) json_t *ids = json_array();
    while (query_next(query))
        json_array_append_new(ids, json_string(query_get_text(query, 0)));
    return query_ok(query, err) ? STEAL(ids) : NULL;
}

static void note(json_t *said, const json_t *leaf, const char *list, const char *word)
{
    size_t index;
    const json_t *id;
    json_array_foreach (json_object_get(leaf, list), index, id) {
        json_object_set_new(said, json_string_value(id),
            json_pack("{s:s, s:s, s:I}", "status", word, "station", text_of(leaf, "station"), "taken_at",
                json_integer_value(json_object_get(leaf, "taken_at"))));
    }
}

void status_note(json_t *said, const json_t *leaf)
{
    note(said, leaf, "closed", "closed");
    note(said, leaf, "reopened", "live");
}

/* Whether what a row says of its own has no weight any more; a closed case's may have it still for an entry.
 */
static bool is_over(const struct case_status *status, int64_t now_s)
{
    int64_t kept_s = strcmp(status->status, "closed") == 0 ? CLOSED_CASE_KEPT_S : LIMIT_STATUS_AGE_S;
    return now_s - status->taken_s > kept_s;
}

/* A row whose time was over may have gone; it goes again where nobody needs it. */
static bool put_back(struct site *site, const char *id, const json_t *said, struct error *err)
{
    struct case_status status = {.taken_s = json_integer_value(json_object_get(said, "taken_at"))}, found;
    row_text(status.id, sizeof status.id, id);
    row_text(status.station, sizeof status.station, text_of(said, "station"));
    row_text(status.status, sizeof status.status, text_of(said, "status"));
    bool there = status_find(site, id, &found);
    bool over = is_over(&status, clock_now_s());
    if ((there && found.taken_s >= status.taken_s) || (!there && over && strcmp(status.status, "live") == 0))
        return true;
    if (there || !over)
        log_write(LOG_ERROR, "case_status_put_back", "case %s is not as the log says: %s", id, status.status);
    return status_keep(site, &status, err);
}

bool status_put_back(struct site *site, const json_t *said, struct error *err)
{
    const char *id;
    const json_t *status;
    json_object_foreach ((json_t *)(uintptr_t)said, id, status) {
        if (!put_back(site, id, status, err))
            return false;
    }
    return true;
}

/* case → true, of every entry that may arm. */
static json_t *named_cases(struct site *site, struct error *err)
{
    AUTO(json) json_t *entries = status_open_entries(site, err);
    AUTO(json) json_t *named = json_object();
    size_t index, at;
    const json_t *entry, *legal_case;
    json_array_foreach (entries, index, entry) {
        AUTO(json) json_t *person = NULL;
        AUTO(json) json_t *cases = NULL;
        if (!entry_open(site, json_string_value(entry), &person, &cases, err))
            return NULL;
        json_array_foreach (cases, at, legal_case) {
            json_object_set_new(named, text_of(legal_case, "case"), json_true());
        }
    }
    return entries ? STEAL(named) : NULL;
}

/* Ids of rows whose time is over, but for closed cases that an entry names. */
static json_t *rows_over(struct site *site, int64_t now_s, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT case_id, status FROM case_status WHERE taken_at < CASE status WHEN 'closed' THEN :closed"
        " ELSE :live END",
        err);
    query_integer(query, ":closed", now_s - CLOSED_CASE_KEPT_S);
    query_integer(query, ":live", now_s - LIMIT_STATUS_AGE_S);
    AUTO(json) json_t *over = json_array();
    AUTO(json) json_t *named = NULL;
    while (query_next(query)) {
        const char *id = query_get_text(query, 0);
        bool closed = strcmp(query_get_text(query, 1), "closed") == 0;
        if (closed && !named && !(named = named_cases(site, err)))
            return NULL;
        if (!closed || !json_object_get(named, id))
            json_array_append_new(over, json_string(id));
    }
    return query_ok(query, err) ? STEAL(over) : NULL;
}

static bool delete_rows(struct site *site, const json_t *ids, struct error *err)
{
    size_t index;
    const json_t *id;
    json_array_foreach (ids, index, id) {
        AUTO(query)
        struct query *query =
            query_new(site->ledger->store, "DELETE FROM case_status WHERE case_id = :case", err);
        query_text(query, ":case", json_string_value(id));
        if (!query_done(query, err))
            return false;
    }
    return true;
}

bool status_expire(struct site *site, int64_t now_s, struct error *err)
{
    if (site->ledger->restored_s) /* what was fed since answers for each case */
        return true;
    struct error why = {0};
    AUTO(json) json_t *over = rows_over(site, now_s, &why);
    if (!over) /* an entry that was edited: nobody knows which cases it names */
        return why.code == ERROR_CORRUPT || fail_as(err, &why);
    if (json_array_size(over) == 0)
        return true;
    if (!ledger_begin(site->ledger, err))
        return false;
    if (delete_rows(site, over, err) && ledger_commit(site->ledger, err))
        return true;
    ledger_abort(site->ledger);
    return false;
}
