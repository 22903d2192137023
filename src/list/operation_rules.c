#include "list/operation_rules.h"

#include "base/clock.h"
#include "list/camera.h"
#include "list/place.h"
#include "sign/limits.h"
#include "sign/reasons.h"
#include "sign/types.h"

#include <ctype.h>
#include <string.h>

enum { ID_DIGITS = 16, PLACE_M = 50 };

static bool is_id(const char *text, const char *prefix)
{
    size_t length = strlen(prefix);
    if (strlen(text) != length + ID_DIGITS || strncmp(text, prefix, length) != 0)
        return false;
    for (const char *at = text + length; *at; at++)
        if (!isdigit((unsigned char)*at) && !(islower((unsigned char)*at) && strchr("ilou", *at) == NULL))
            return false;
    return true;
}

static bool check_ids(
    const json_t *ids, const char *field, const char *prefix, int64_t most, struct error *err)
{
    if (json_array_size(ids) == 0)
        return fail(err, ERROR_INVALID, "the operation names no %s", field);
    if ((int64_t)json_array_size(ids) > most)
        return fail(
            err, ERROR_TOO_LARGE, "an operation of this site has at most %lld %s", (long long)most, field);
    AUTO(json) json_t *seen = json_object();
    size_t index;
    const json_t *id;
    json_array_foreach (ids, index, id) {
        const char *text = json_string_value(id);
        if (!text || !is_id(text, prefix))
            return fail(err, ERROR_INVALID, "the field '%s' holds something that is not an id", field);
        if (json_object_get(seen, text))
            return fail(err, ERROR_INVALID, "%s is named twice", text);
        json_object_set_new(seen, text, json_true());
    }
    return true;
}

json_t *operation_draft_entries(const json_t *body)
{
    json_t *entries = json_array();
    size_t index;
    const json_t *reason;
    json_array_foreach (json_object_get(body, "reasons"), index, reason) {
        json_array_extend(entries, json_object_get(reason, "entries"));
    }
    return entries;
}

/* What will happen only is no reason, however late the start. */
static bool are_fresh(const json_t *reasons, int64_t starts_s, struct error *err)
{
    int64_t now = clock_now_s();
    return reasons_are_fresh(reasons, starts_s < now ? starts_s : now, err) &&
           reasons_are_fresh(reasons, starts_s, err);
}

/* An entry that no reason names is in no draft; one whose reason is stale is told before anybody signs. */
static bool check_drafted_reasons(const json_t *body, struct error *err)
{
    const json_t *reasons = json_object_get(body, "reasons");
    int64_t starts = clock_now_s();
    if (json_object_get(body, "starts_at") && !json_need_integer(body, "starts_at", &starts, err))
        return false;
    if (!reasons)
        return fail(err, ERROR_INVALID,
            "the draft has no 'reasons': each entry needs one for the place, with code, reference and date");
    if (!form_check(reasons, &statement_reasons, err))
        return false;
    AUTO(json) json_t *by_entry = reasons_by_entry(reasons, err);
    return by_entry && are_fresh(reasons, starts, err);
}

bool operation_draft_check(struct site *site, const json_t *body, struct error *err)
{
    static const char *const names[] = {"operation", "reasons", "starts_at", "cameras", NULL};
    bool demo = site->kind == SITE_DEMO;
    const char *operation = NULL;
    const json_t *cameras = NULL;
    if (!json_is_object(body))
        return fail(err, ERROR_INVALID, "a draft has to be an object");
    if (!json_only_fields(body, names, err) || !json_need_text(body, "operation", &operation, err))
        return false;
    if (!is_id(operation, "op-"))
        return fail(err, ERROR_INVALID, "'%.24s' is not an operation's id", operation);
    if (!check_drafted_reasons(body, err) || !json_need_array(body, "cameras", &cameras, err))
        return false;
    AUTO(json) json_t *entries = operation_draft_entries(body);
    return check_ids(entries, "entries", "e-", demo ? LIMIT_DEMO_ENTRIES : LIMIT_OPERATION_ENTRIES, err) &&
           check_ids(cameras, "cameras", "c-", demo ? LIMIT_DEMO_CAMERAS : LIMIT_OPERATION_CAMERAS, err);
}

static bool equals_terms(const json_t *fields, const json_t *terms, struct error *err)
{
    const char *name;
    const json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)terms, name, value) {
        if (!json_equal(value, json_object_get(fields, name)))
            return fail(err, ERROR_CONFLICT,
                "the request's %s is not the draft's; draft again, entries may have been withdrawn", name);
    }
    return true;
}

static bool check_times(const struct envelope *request, struct error *err)
{
    int64_t starts = 0, ends = 0, now = clock_now_s();
    if (!json_need_integer(request->fields, "starts_at", &starts, err) ||
        !json_need_integer(request->fields, "ends_at", &ends, err))
        return false;
    if (ends <= starts)
        return fail(err, ERROR_INVALID, "the operation ends before it starts");
    if (ends - starts > LIMIT_OPERATION_S)
        return fail(err, ERROR_FORBIDDEN, "an operation lasts at most %d hours", LIMIT_OPERATION_S / 3600);
    if (starts < now - LIMIT_STATEMENT_SKEW_S)
        return fail(err, ERROR_INVALID, "the operation would have started already");
    if (ends <= now)
        return fail(err, ERROR_INVALID, "the operation would be over already");
    if (starts > now + OPERATION_MONTH_S)
        return fail(err, ERROR_INVALID, "the operation starts more than 30 days from now");
    return true;
}

/* No entry inherits another's reason: what is drafted is named, one by one, in what is signed. */
static bool check_named(struct site *site, const char *operation, const json_t *by_entry, struct error *err)
{
    AUTO(json) json_t *drafted = operation_parts(site, operation, "entry", err);
    if (!drafted)
        return false;
    size_t index;
    const json_t *entry;
    json_array_foreach (drafted, index, entry) {
        if (!json_object_get(by_entry, json_string_value(entry)))
            return fail(err, ERROR_FORBIDDEN,
                "entry %s has no reason for the place; give it one, or draft again without it",
                json_string_value(entry));
    }
    return json_object_size(by_entry) == json_array_size(drafted) ||
           fail(err, ERROR_CONFLICT, "a reason names an entry that is not in the draft; draft again");
}

static bool check_reasons(struct site *site, const struct envelope *request, struct error *err)
{
    static const char *const before[] = {"why_here", "why_reference", "why_dated"};
    const json_t *reasons = json_object_get(request->fields, "reasons");
    int64_t starts = json_integer_value(json_object_get(request->fields, "starts_at"));
    for (size_t i = 0; i < COUNT_OF(before); i++) {
        if (!reasons || json_object_get(request->fields, before[i]))
            return fail(err, ERROR_INVALID,
                "the request gives one reason for all; give 'reasons', which name each entry");
    }
    AUTO(json) json_t *by_entry = reasons_by_entry(reasons, err);
    return by_entry && are_fresh(reasons, starts, err) &&
           check_named(site, json_string_value(json_object_get(request->fields, "operation")), by_entry, err);
}

static bool check_words(struct site *site, const struct envelope *request, struct error *err)
{
    const char *kind = NULL;
    uint8_t assessment[HASH_SIZE];
    int64_t assessed = 0;
    static const uint8_t nothing[HASH_SIZE];
    if (!json_need_text(request->fields, "kind", &kind, err) ||
        !json_need_hex(request->fields, "assessment_hash", assessment, HASH_SIZE, err) ||
        !json_need_integer(request->fields, "assessment_dated", &assessed, err))
        return false;
    if (strcmp(kind, site->kind == SITE_DEMO ? "demo" : "live") != 0)
        return fail(err, ERROR_FORBIDDEN, "the request is for another kind of site");
    if (bytes_equal(assessment, nothing, HASH_SIZE))
        return fail(err, ERROR_INVALID, "there is no impact assessment");
    if (assessed > clock_now_s() ||
        json_integer_value(json_object_get(request->fields, "starts_at")) - assessed > LIMIT_ASSESSMENT_AGE_S)
        return fail(
            err, ERROR_FORBIDDEN, "the impact assessment has to be at most 12 months old at the start");
    if (!json_is_true(json_object_get(request->fields, "notice_confirmed")))
        return fail(err, ERROR_FORBIDDEN, "the notice at the cameras is not confirmed");
    return true;
}

/* An FIR alone is the weakest ground: it never makes up a list. The entries' rows are proved when the list is
 * built; an edited ground is found there. */
bool operation_shares_check(struct site *site, const char *operation, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT coalesce(sum(ground = 'suspect_fir_only'), 0), count(*) FROM operation_entry"
        " JOIN entry ON entry.entry = operation_entry.entry WHERE operation = :operation",
        err);
    query_text(query, ":operation", operation);
    if (query_next(query) &&
        query_get_integer(query, 0) * 100 > query_get_integer(query, 1) * LIMIT_FIR_ONLY_PERCENT)
        return fail(err, ERROR_FORBIDDEN, "at most %d %% of a list are suspects named in an FIR alone",
            LIMIT_FIR_ONLY_PERCENT);
    return query_ok(query, err);
}

/* On a live site consenting subjects are in trials, which measure the reviewers (SAFEGUARDS 28), and trials
 * are of nobody else. A demo site knows only them, and plays everything with them. */
static bool check_trial(
    struct site *site, const char *operation, const struct envelope *request, struct error *err)
{
    bool trial = strcmp(json_string_value(json_object_get(request->fields, "purpose")), "trial") == 0;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT coalesce(sum(ground = 'consenting_test_subject'), 0), count(*) FROM operation_entry"
        " JOIN entry ON entry.entry = operation_entry.entry WHERE operation = :operation",
        err);
    query_text(query, ":operation", operation);
    if (site->kind == SITE_LIVE && query_next(query) &&
        query_get_integer(query, 0) != (trial ? query_get_integer(query, 1) : 0))
        return fail(err, ERROR_FORBIDDEN,
            "a trial is of consenting subjects alone, and they are in nothing else: choose entries that fit");
    return query_ok(query, err);
}

#define WAS_ASKED_FOR                                                                                        \
    "(operation.started_at > 0 OR operation.state IN ('requested', 'authorised', 'running', 'paused', "      \
    "'halted'))"

static bool check_entry_use(struct site *site, const char *operation, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT mine.entry, count(*) FROM operation_entry AS mine"
        " JOIN operation_entry AS other ON other.entry = mine.entry AND other.operation <> mine.operation"
        " JOIN operation ON operation.operation = other.operation"
        " JOIN entry ON entry.entry = mine.entry AND operation.drafted_at >= entry.renewed_at"
        " WHERE mine.operation = :operation AND operation.starts_at > :month AND " WAS_ASKED_FOR
        " GROUP BY mine.entry ORDER BY count(*) DESC LIMIT 1",
        err);
    query_text(query, ":operation", operation);
    query_integer(query, ":month", clock_now_s() - OPERATION_MONTH_S);
    if (query_next(query) && query_get_integer(query, 1) >= LIMIT_ENTRY_OPERATIONS_30_DAYS)
        return fail(err, ERROR_FORBIDDEN, "entry %s was in %d operations in 30 days; it needs a new approval",
            query_get_text(query, 0), LIMIT_ENTRY_OPERATIONS_30_DAYS);
    return query_ok(query, err);
}

/* How long other operations watched, or will watch, within 50 m of the camera in 30 days. What is halted may
 * go on to its end. */
static bool seconds_at(struct site *site, const char *operation, int64_t latitude, int64_t longitude,
    int64_t *out, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT operation.operation, latitude_e7, longitude_e7, CASE WHEN ended_at > 0 AND started_at > 0"
        " AND state <> 'halted' THEN ended_at - started_at ELSE ends_at - starts_at END"
        " FROM operation_camera JOIN operation ON operation.operation = operation_camera.operation"
        " WHERE operation.operation <> :operation AND starts_at > :month AND " WAS_ASKED_FOR
        " ORDER BY operation.operation",
        err);
    query_text(query, ":operation", operation);
    query_integer(query, ":month", clock_now_s() - OPERATION_MONTH_S);
    char counted[24] = "";
    int64_t total = 0;
    while (query_next(query)) {
        const char *other = query_get_text(query, 0);
        if (strncmp(counted, other, sizeof counted - 1) == 0 ||
            place_distance_m(latitude, longitude, query_get_integer(query, 1), query_get_integer(query, 2)) >
                PLACE_M)
            continue;
        total += query_get_integer(query, 3);
        strncpy(counted, other, sizeof counted - 1);
    }
    *out = total;
    return query_ok(query, err);
}

static bool check_places(struct site *site, const char *operation, int64_t own_s, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT camera, latitude_e7, longitude_e7 FROM operation_camera WHERE operation = :operation", err);
    query_text(query, ":operation", operation);
    while (query_next(query)) {
        int64_t used_s = 0;
        if (!seconds_at(
                site, operation, query_get_integer(query, 1), query_get_integer(query, 2), &used_s, err))
            return false;
        if (used_s + own_s > LIMIT_PLACE_S_30_DAYS)
            return fail(err, ERROR_FORBIDDEN,
                "the place of camera %s would be watched for more than %d h in 30 days",
                query_get_text(query, 0), LIMIT_PLACE_S_30_DAYS / 3600);
    }
    return query_ok(query, err);
}

static bool check_notices(struct site *site, const char *operation, int64_t starts_s, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(
        site->ledger->store, "SELECT camera FROM operation_camera WHERE operation = :operation", err);
    query_text(query, ":operation", operation);
    while (query_next(query)) {
        if (!camera_signs_hold(site, query_get_text(query, 0), starts_s, err))
            return false;
    }
    return query_ok(query, err);
}

bool operation_request_check(
    struct site *site, const struct envelope *request, const json_t *terms, struct error *err)
{
    const char *operation = json_string_value(json_object_get(request->fields, "operation"));
    int64_t starts_s = json_integer_value(json_object_get(request->fields, "starts_at"));
    int64_t own_s = json_integer_value(json_object_get(request->fields, "ends_at")) - starts_s;
    return check_words(site, request, err) && check_times(request, err) &&
           check_reasons(site, request, err) && equals_terms(request->fields, terms, err) &&
           check_notices(site, operation, starts_s, err) && check_entry_use(site, operation, err) &&
           check_trial(site, operation, request, err) && check_places(site, operation, own_s, err);
}
