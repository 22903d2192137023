#include "list/status.h"

#include "base/clock.h"
#include "base/log.h"
#include "list/action.h"
#include "list/entry.h"
#include "list/entry_proof.h"
#include "list/row.h"
#include "sign/limits.h"

#include <string.h>

const char status_sql[] =
    "CREATE TABLE case_status ("
    " case_id TEXT PRIMARY KEY, status TEXT NOT NULL, station TEXT NOT NULL, taken_at INTEGER NOT NULL,"
    " mark BLOB NOT NULL) STRICT";

enum { CLOSED_CASE_KEPT_S = 365 * 86400 };

struct case_status {
    char id[24], status[8], station[24];
    int64_t taken_s;
};

static json_t *marked_fields(const struct case_status *status)
{
    return json_pack("{s:s, s:s, s:s, s:I}", "case", status->id, "status", status->status, "station",
        status->station, "taken_at", (json_int_t)status->taken_s);
}

/* False when there is none, and for an edited row: then nothing is known from a feed. */
static bool find_status(struct site *site, const char *case_id, struct case_status *out)
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
    bool known = find_status(site, case_id, &fed);
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
           (find_status(site, case_id, &fed) && fed.taken_s >= since_s);
}

static bool keep_status(struct site *site, const struct case_status *status, struct error *err)
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

struct feed { /* while it is worked through */
    struct site *site;
    const char *station;
    int64_t taken_s;
    json_t *told;      /* case → status; owned */
    json_t *left;      /* of those, the cases no entry was found for yet; owned */
    json_t *concerned; /* the open entries with such a case: {"entry", "approved", "cases"}; owned */
    json_t *elsewhere; /* of those, what says that the case is another station's: {"case", "entry"}; owned */
    json_t *suspended; /* ids; owned */
    json_t *closed;    /* the cases that are; owned */
    json_t *reopened;  /* that are live and were closed before; owned */
    int64_t refreshed;
};

static void feed_auto(struct feed *feed)
{
    json_decref(feed->told);
    json_decref(feed->left);
    json_decref(feed->concerned);
    json_decref(feed->elsewhere);
    json_decref(feed->suspended);
    json_decref(feed->closed);
    json_decref(feed->reopened);
}

static const char *text_of(const json_t *object, const char *field)
{
    return json_string_value(json_object_get(object, field));
}

/* The log names them, so that a row that is gone is put back at a start. Of several entries with one case the
 * first finds the row of before. */
static void note_change(struct feed *feed, const struct case_status *status)
{
    struct case_status before = {.taken_s = 0};
    if (!json_object_get(feed->left, status->id))
        return;
    bool was_closed = find_status(feed->site, status->id, &before) && strcmp(before.status, "closed") == 0;
    if (strcmp(status->status, "closed") == 0)
        json_array_append_new(feed->closed, json_string(status->id));
    else if (was_closed)
        json_array_append_new(feed->reopened, json_string(status->id));
}

/* Several entries may have one case: each is looked at. */
static bool take_case(
    struct feed *feed, const json_t *legal_case, bool *concerned, bool *live, struct error *err)
{
    struct case_status status = {.taken_s = feed->taken_s};
    const char *id = text_of(legal_case, "case");
    const char *word = text_of(feed->told, id);
    if (!word || strcmp(text_of(legal_case, "station"), feed->station) != 0)
        return true;
    row_text(status.id, sizeof status.id, id);
    row_text(status.status, sizeof status.status, word);
    row_text(status.station, sizeof status.station, feed->station);
    note_change(feed, &status);
    if (!keep_status(feed->site, &status, err))
        return false;
    *concerned = true;
    *live = *live || strcmp(word, "live") == 0;
    if (json_object_del(feed->left, id) == 0)
        feed->refreshed++;
    return true;
}

/* An entry without a case that may still be live waits for people. */
static bool suspend_without_case(struct feed *feed, const char *entry, const json_t *cases, struct error *err)
{
    struct case_status known = {.taken_s = 0};
    struct entry_row row;
    size_t index;
    const json_t *legal_case;
    if (!entry_load(feed->site, entry, &row, err))
        return false;
    if (row.state != ENTRY_APPROVED)
        return true;
    json_array_foreach (cases, index, legal_case) {
        if (!find_status(feed->site, text_of(legal_case, "case"), &known) ||
            strcmp(known.status, "closed") != 0)
            return true;
    }
    json_array_append_new(feed->suspended, json_string(entry));
    return entry_suspend(feed->site, entry, "cases_closed", err) &&
           (!feed->site->recall_entry || feed->site->recall_entry(feed->site, entry, "suspended", err));
}

/* Running operations that have the entry say how old what they rest on is. */
static bool refresh_lists(struct feed *feed, const char *entry, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(feed->site->ledger->store,
        "UPDATE operation_entry SET status_at = :taken WHERE entry = :entry AND status_at BETWEEN 1 AND "
        ":taken",
        err);
    query_text(query, ":entry", entry);
    query_integer(query, ":taken", feed->taken_s);
    return query_done(query, err);
}

static bool take_entry(struct feed *feed, const json_t *one, struct error *err)
{
    const char *entry = text_of(one, "entry");
    const json_t *cases = json_object_get(one, "cases");
    bool concerned = false;
    bool live = false;
    size_t index;
    const json_t *legal_case;
    json_array_foreach (cases, index, legal_case) {
        if (!take_case(feed, legal_case, &concerned, &live, err))
            return false;
    }
    if (live && !refresh_lists(feed, entry, err))
        return false;
    return !concerned || suspend_without_case(feed, entry, cases, err);
}

/* An edited row concerns nobody. */
static bool look_at_entry(struct feed *feed, const char *entry, struct error *err)
{
    AUTO(json) json_t *person = NULL;
    AUTO(json) json_t *cases = NULL;
    struct entry_row row;
    struct error why = {0};
    if (!entry_load(feed->site, entry, &row, &why) || !entry_open(feed->site, entry, &person, &cases, &why))
        return why.code == ERROR_CORRUPT || fail_as(err, &why);
    size_t index;
    const json_t *legal_case;
    json_array_foreach (cases, index, legal_case) {
        if (text_of(feed->told, text_of(legal_case, "case"))) {
            json_array_append_new(feed->concerned, json_pack("{s:s, s:b, s:O}", "entry", entry, "approved",
                                                       row.state != ENTRY_PROPOSED, "cases", cases));
            return true;
        }
    }
    return true;
}

enum { NAMED_ELSEWHERE = 200 };

/* owners: case → {"approved": it stands in an entry that is, "here": they all say this station}. */
static void note_owner(struct feed *feed, json_t *owners, const json_t *one, const json_t *legal_case)
{
    const char *id = text_of(legal_case, "case");
    const json_t *known = json_object_get(owners, id);
    bool here = strcmp(text_of(legal_case, "station"), feed->station) == 0;
    bool approved = json_is_true(json_object_get(one, "approved"));
    bool knows_better = json_is_true(json_object_get(known, "approved"));
    if (!text_of(feed->told, id))
        return;
    if (!here && json_array_size(feed->elsewhere) < NAMED_ELSEWHERE)
        json_array_append_new(
            feed->elsewhere, json_pack("{s:s, s:s}", "case", id, "entry", text_of(one, "entry")));
    if (knows_better && !approved)
        return;
    bool first = !known || knows_better != approved;
    bool agreed = here && (first || json_is_true(json_object_get(known, "here")));
    json_object_set_new(owners, id, json_pack("{s:b, s:b}", "approved", approved, "here", agreed));
}

/* Whose a case is, approved entries say, and proposed ones where there is no other: a proposal keeps no
 * station from telling of its own case, and gives none to another. Of a case that is not this station's alone
 * nothing is taken in, because its status is one for all entries. */
static void leave_to_others(struct feed *feed)
{
    AUTO(json) json_t *owners = json_object();
    size_t index, at;
    const json_t *one, *legal_case;
    const char *id;
    json_t *owner;
    json_array_foreach (feed->concerned, index, one) {
        json_array_foreach (json_object_get(one, "cases"), at, legal_case) {
            note_owner(feed, owners, one, legal_case);
        }
    }
    json_object_foreach (owners, id, owner) {
        if (json_is_true(json_object_get(owner, "here")))
            continue;
        json_object_del(feed->told, id);
        json_object_del(feed->left, id);
    }
}

/* Those that may arm some day, not today's only: what a feed says of their cases is kept for that day. */
static json_t *open_entries(struct site *site, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT entry FROM entry WHERE state IN ('proposed', 'approved', 'suspended') ORDER BY entry", err);
    AUTO(json) json_t *ids = json_array();
    while (query_next(query))
        json_array_append_new(ids, json_string(query_get_text(query, 0)));
    return query_ok(query, err) ? STEAL(ids) : NULL;
}

static bool take_all(struct feed *feed, const json_t *cases, struct error *err)
{
    size_t index;
    const json_t *item;
    json_array_foreach (cases, index, item) {
        if (json_object_get(feed->told, text_of(item, "case")))
            return fail(err, ERROR_INVALID, "case %s is told of twice", text_of(item, "case"));
        json_object_set(feed->told, text_of(item, "case"), json_object_get(item, "status"));
    }
    json_object_update(feed->left, feed->told);
    AUTO(json) json_t *entries = open_entries(feed->site, err);
    if (!entries)
        return false;
    json_array_foreach (entries, index, item) {
        if (!look_at_entry(feed, json_string_value(item), err))
            return false;
    }
    leave_to_others(feed);
    json_array_foreach (feed->concerned, index, item) {
        if (!take_entry(feed, item, err))
            return false;
    }
    return true;
}

static bool record_feed(struct feed *feed, const struct envelope *envelope, struct error *err)
{
    AUTO(json)
    json_t *fields = json_pack("{s:s, s:I, s:I, s:O, s:O, s:O, s:O, s:I}", "station", feed->station,
        "taken_at", (json_int_t)feed->taken_s, "refreshed", (json_int_t)feed->refreshed, "suspended",
        feed->suspended, "closed", feed->closed, "reopened", feed->reopened, "elsewhere", feed->elsewhere,
        "unknown", (json_int_t)json_object_size(feed->left));
    struct record record = {.kind = "status_fed", .by = envelope->by, .public_fields = fields};
    return ledger_record(feed->site->ledger, &record, err);
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
    bool there = find_status(site, id, &found);
    bool over = is_over(&status, clock_now_s());
    if ((there && found.taken_s >= status.taken_s) || (!there && over && strcmp(status.status, "live") == 0))
        return true;
    if (there || !over)
        log_write(LOG_ERROR, "case_status_put_back", "case %s is not as the log says: %s", id, status.status);
    return keep_status(site, &status, err);
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
    AUTO(json) json_t *entries = open_entries(site, err);
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

static bool is_newest(struct site *site, const char *station, int64_t taken_s, struct error *err)
{
    int64_t now = clock_now_s();
    if (taken_s > now || now - taken_s > LIMIT_STATUS_AGE_S)
        return fail(err, ERROR_INVALID, "the feed was taken more than %d hours ago, or in the future",
            LIMIT_STATUS_AGE_S / 3600);
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT 1 FROM case_status WHERE station = :station AND taken_at >= :taken LIMIT 1", err);
    query_text(query, ":station", station);
    query_integer(query, ":taken", taken_s);
    if (query_next(query))
        return fail(err, ERROR_CONFLICT, "a feed of %s that is as new was taken already", station);
    return query_ok(query, err);
}

static void tell_watches(struct site *site, const json_t *suspended)
{
    size_t index;
    const json_t *entry;
    json_array_foreach (suspended, index, entry) {
        entry_tell_watches(site, json_string_value(entry));
    }
}

json_t *status_feed(struct site *site, const struct envelope *envelope, struct error *err)
{
    struct action action;
    if (!action_check(site, envelope, "status_feed", ROLE_BIT(ROLE_STATION), &action, err))
        return NULL;
    if (action.reply)
        return action.reply;
    __attribute__((cleanup(feed_auto))) struct feed feed = {.site = site,
        .station = text_of(envelope->fields, "station"),
        .taken_s = json_integer_value(json_object_get(envelope->fields, "taken_at")),
        .told = json_object(),
        .left = json_object(),
        .concerned = json_array(),
        .elsewhere = json_array(),
        .suspended = json_array(),
        .closed = json_array(),
        .reopened = json_array()};
    if (!officer_is_posted(action.officer, feed.station)) {
        fail(err, ERROR_FORBIDDEN, "the roster does not post %s to %s", action.officer->id, feed.station);
        return NULL;
    }
    if (!is_newest(site, feed.station, feed.taken_s, err) || !ledger_begin(site->ledger, err))
        return NULL;
    bool done =
        take_all(&feed, json_object_get(envelope->fields, "cases"), err) && record_feed(&feed, envelope, err);
    json_t *reply = action_commit(site, envelope, done,
        json_pack("{s:I, s:O, s:O, s:I}", "refreshed", (json_int_t)feed.refreshed, "suspended",
            feed.suspended, "elsewhere", feed.elsewhere, "unknown", (json_int_t)json_object_size(feed.left)),
        err);
    if (reply)
        tell_watches(site, feed.suspended);
    return reply;
}
