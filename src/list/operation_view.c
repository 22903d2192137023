/* What people see of operations: states, times, the signed request, the cameras. */
#include "list/camera.h"
#include "list/closed.h"
#include "list/operation.h"
#include "list/operation_refused.h"
#include "list/operation_row.h"

static json_t *camera_states(struct site *site, const struct operation_row *row, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT camera FROM operation_camera WHERE operation = :operation ORDER BY camera", err);
    query_text(query, ":operation", row->operation);
    bool armed = row->phase == OPERATION_RUNNING || row->phase == OPERATION_PAUSED;
    AUTO(json) json_t *cameras = json_array();
    while (query_next(query)) {
        const char *camera = query_get_text(query, 0);
        json_array_append_new(cameras, armed ? camera_health(site, camera)
                                             : json_pack("{s:s, s:s, s:s, s:n}", "camera", camera, "state",
                                                   "off", "reason", "", "health"));
    }
    return query_ok(query, err) ? STEAL(cameras) : NULL;
}

static bool add_signatures(
    struct site *site, const struct operation_row *row, json_t *shown, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT officer, step = 'urgency' FROM operation_statement WHERE operation = :operation"
        " AND step IN ('authorisation', 'urgency') ORDER BY rowid",
        err);
    query_text(query, ":operation", row->operation);
    json_t *signers = json_array();
    bool urgent = false;
    json_object_set_new(shown, "signed_by", signers);
    while (query_next(query)) {
        if (query_get_integer(query, 1))
            urgent = true;
        else
            json_array_append_new(signers, json_string(query_get_text(query, 0)));
    }
    json_object_set_new(shown, "urgent", json_boolean(urgent));
    return query_ok(query, err);
}

/* A request names who is looked for, entry by entry. Who reviews, sends or stops learns that of the alert,
 * once two have said "same" (SAFEGUARDS 29). */
static bool may_read_request(const struct officer *viewer)
{
    return officer_has(viewer, ROLE_WATCH_OFFICER) || officer_has(viewer, ROLE_AUTHORISER) ||
           officer_has(viewer, ROLE_OUTSIDE_SIGNER) || officer_has(viewer, ROLE_AUDITOR) ||
           officer_has(viewer, ROLE_INSPECTOR);
}

/* null after the wipe, too: the request lies under the operation's key. */
static bool add_request(struct site *site, const struct officer *viewer, const struct operation_row *row,
    json_t *shown, struct error *err)
{
    struct envelope *request = NULL;
    size_t count = 0;
    if (may_read_request(viewer) && !row->wiped &&
        !operation_statements(site, row->operation, "request", &request, 1, &count, err))
        return false;
    json_object_set_new(shown, "request", count ? envelope_json(request) : json_null());
    if (count)
        envelope_free(request);
    return true;
}

/* Of the list's entries how many match nothing: withheld when the cameras were armed, or taken out since. Of
 * the others the oldest of what is known of their cases. */
static bool add_list(struct site *site, const struct operation_row *row, json_t *shown, struct error *err)
{
    if (row->phase != OPERATION_RUNNING && row->phase != OPERATION_PAUSED)
        return true;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT coalesce(sum(gone), 0), coalesce(min(iif(gone, NULL, nullif(status_at, 0))), 0) FROM"
        " (SELECT withheld = 1 OR state <> 'approved' AS gone, status_at"
        "  FROM operation_entry JOIN entry USING (entry) WHERE operation = :operation)",
        err);
    query_text(query, ":operation", row->operation);
    if (query_next(query)) {
        json_object_set_new(shown, "withheld", json_integer(query_get_integer(query, 0)));
        if (query_get_integer(query, 1))
            json_object_set_new(shown, "statuses_at", json_integer(query_get_integer(query, 1)));
    }
    return query_ok(query, err);
}

static json_t *show(
    struct site *site, const struct officer *viewer, const struct operation_row *row, struct error *err)
{
    /* It could not be written down that it pauses; the watches were told. */
    bool stopped = site->log_is_down && row->phase == OPERATION_RUNNING;
    AUTO(json)
    json_t *shown = json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:s, s:s, s:s}", "operation", row->operation,
        "state", operation_phase_word(stopped ? OPERATION_PAUSED : row->phase), "why",
        stopped ? "log" : row->why, "starts_at", (json_int_t)row->starts_s, "ends_at",
        (json_int_t)row->ends_s, "list_size", (json_int_t)row->list_size, "list_hash", row->list_hash,
        "request_hash", row->request_hash, "requester", row->requester);
    if (row->ratify_s)
        json_object_set_new(shown, "ratify_until", json_integer(row->ratify_s));
    if (row->phase == OPERATION_HALTED)
        json_object_set_new(shown, "halted_at", json_integer(row->changed_s));
    json_t *cameras = camera_states(site, row, err);
    if (!cameras)
        return NULL;
    json_object_set_new(shown, "cameras", cameras);
    json_t *refused = operation_refused(site, row->operation, err);
    if (!refused)
        return NULL;
    json_object_set_new(shown, "refused", refused);
    if (!add_list(site, row, shown, err) || !add_request(site, viewer, row, shown, err) ||
        !add_signatures(site, row, shown, err))
        return NULL;
    return STEAL(shown);
}

json_t *operation_show(
    struct site *site, const struct officer *viewer, const char *operation, struct error *err)
{
    struct operation_row row;
    if (!roster_officer(site->roster, viewer->id)) {
        fail(err, ERROR_FORBIDDEN, "%s is not in the roster", viewer->id);
        return NULL;
    }
    return operation_load(site, operation, &row, err) ? show(site, viewer, &row, err) : NULL;
}

/* Nothing happens to it any more, and nothing is owed of it. */
#define IS_CLOSED                                                                                            \
    "state IN ('wiped', 'refused', 'cancelled') AND (started_at = 0 OR operation IN (SELECT operation FROM " \
    "operation_publication))"

/* Takes the operations' ids. */
static json_t *show_each(struct site *site, const struct officer *viewer, json_t *taken, struct error *err)
{
    AUTO(json) json_t *ids = taken;
    AUTO(json) json_t *operations = json_array();
    size_t index;
    const json_t *id;
    json_array_foreach (ids, index, id) {
        struct error why = {0};
        json_t *shown = operation_show(site, viewer, json_string_value(id), &why);
        if (!shown && why.code != ERROR_CORRUPT && why.code != ERROR_MISSING) {
            fail_as(err, &why);
            return NULL;
        }
        /* On a restored site the row may be older than the destruction of the operation's key. */
        const char *state = why.code == ERROR_MISSING ? "wiped" : "corrupt";
        json_array_append_new(
            operations, shown ? shown : json_pack("{s:O, s:s}", "operation", id, "state", state));
    }
    return json_pack("{s:O}", "operations", operations);
}

json_t *operation_list(struct site *site, const struct officer *viewer, struct error *err)
{
    AUTO(closed) struct closed closed = {.ids = NULL};
    AUTO(json) json_t *ids = operation_ids(site, "NOT (" IS_CLOSED ")", err);
    if (!ids || !closed_list(site, "operation", IS_CLOSED, NULL, &closed, err))
        return NULL;
    json_array_extend(ids, closed.ids);
    json_t *list = show_each(site, viewer, STEAL(ids), err);
    if (list)
        closed_name_older(&closed, list);
    return list;
}

json_t *operation_older(
    struct site *site, const struct officer *viewer, const char *operation, struct error *err)
{
    AUTO(closed) struct closed closed = {.ids = NULL};
    if (!closed_list(site, "operation", IS_CLOSED, operation, &closed, err))
        return NULL;
    json_t *list = show_each(site, viewer, STEAL(closed.ids), err);
    if (list)
        closed_name_older(&closed, list);
    return list;
}
