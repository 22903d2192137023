#include "list/status_row.h"

#include "base/clock.h"
#include "list/action.h"
#include "list/entry.h"
#include "list/entry_row.h"
#include "list/row.h"
#include "sign/limits.h"

#include <string.h>

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
    bool was_closed = status_find(feed->site, status->id, &before) && strcmp(before.status, "closed") == 0;
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
    if (!status_keep(feed->site, &status, err))
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
        if (!status_find(feed->site, text_of(legal_case, "case"), &known) ||
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
    AUTO(json) json_t *entries = status_open_entries(feed->site, err);
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
