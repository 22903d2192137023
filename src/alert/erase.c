#include "alert/erase.h"

#include "alert/alert.h"
#include "base/clock.h"
#include "list/operation.h"

#include <stdio.h>
#include <string.h>

enum { ERASE_AT_A_TIME = 32 };

static const int64_t second_us = 1000000;
static const int64_t year_us = (int64_t)365 * 86400 * 1000000;

int64_t erase_kept_s(const char *outcome)
{
    static const char *const true_outcomes[] = {"right_person_not_wanted", "right_person_no_action",
        "other_custody", "found_safe", "contact_declined"};
    if (strcmp(outcome, "custody") == 0)
        return LIMIT_EVIDENCE_S;
    return word_is_in(outcome, true_outcomes, COUNT_OF(true_outcomes)) ? 86400 : 0;
}

static bool delete_rows(struct site *site, const char *alert, const char *sql, struct error *err)
{
    AUTO(query) struct query *query = query_new(site->ledger->store, sql, err);
    query_text(query, ":alert", alert);
    return query_done(query, err);
}

bool erase_now(struct site *site, const char *id, struct error *err)
{
    static const char *const statements[] = {
        "DELETE FROM alert_picture WHERE passage IN (SELECT passage FROM alert_passage WHERE alert = :alert)",
        "DELETE FROM alert_look WHERE passage IN (SELECT passage FROM alert_passage WHERE alert = :alert)",
        "DELETE FROM alert_device WHERE passage IN (SELECT passage FROM alert_passage WHERE alert = :alert)",
        "DELETE FROM alert_draw WHERE passage IN (SELECT passage FROM alert_passage WHERE alert = :alert)",
        "DELETE FROM alert_passage WHERE alert = :alert",
        "DELETE FROM alert_note WHERE alert = :alert",
        "DELETE FROM alert_packet WHERE alert = :alert",
        "DELETE FROM alert_packet_seen WHERE alert = :alert",
        "DELETE FROM alert_handover WHERE alert = :alert",
        "UPDATE alert SET erased = 1, erase_us = NULL WHERE alert = :alert",
    };
    for (size_t i = 0; i < COUNT_OF(statements); i++) {
        if (!delete_rows(site, id, statements[i], err))
            return false;
    }
    char key[40];
    struct alert alert = {0};
    alert_key_name(id, key);
    snprintf(alert.id, sizeof alert.id, "%s", id);
    return ledger_erase_private(site->ledger, key, err) &&
           alert_record(site, &alert, "alert_pictures_erased", "site", NULL, err);
}

bool erase_at_outcome(struct site *site, const struct alert *alert, struct error *err)
{
    int64_t kept_s = erase_kept_s(alert->outcome);
    if (kept_s == 0)
        return erase_now(site, alert->id, err);
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "UPDATE alert SET erase_us = :erase WHERE alert = :alert", err);
    query_integer(query, ":erase", clock_now_us() + kept_s * second_us);
    query_text(query, ":alert", alert->id);
    return query_done(query, err);
}

static bool ids_of(struct site *site, const char *operation, char ids[][ALERT_ID_SIZE], size_t *count,
    int64_t *left, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT alert, state IN ('closed', 'handed_over', 'received') FROM alert"
        " WHERE operation = :operation AND erased = 0 ORDER BY alert",
        err);
    query_text(query, ":operation", operation);
    *count = 0;
    *left = 0;
    while (query_next(query)) {
        bool over = query_get_integer(query, 1) != 0 && *count < ERASE_AT_A_TIME;
        if (over)
            snprintf(ids[(*count)++], ALERT_ID_SIZE, "%s", query_get_text(query, 0));
        *left += !over;
    }
    return query_ok(query, err);
}

bool alert_erase_operation(struct site *site, const char *operation, int64_t *left, struct error *err)
{
    char ids[ERASE_AT_A_TIME][ALERT_ID_SIZE];
    size_t count = 0;
    if (!ids_of(site, operation, ids, &count, left, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!erase_now(site, ids[i], err))
            return false;
    }
    return true;
}

bool alert_holds_entry(struct site *site, const char *entry, bool *out, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT 1 FROM alert WHERE entry = :entry AND (state NOT IN ('closed', 'handed_over', 'received')"
        " OR (state = 'closed' AND outcome = 'custody' AND erased = 0))",
        err);
    query_text(query, ":entry", entry);
    *out = query_next(query);
    return query_ok(query, err);
}

static bool due_ids(
    struct site *site, int64_t now_us, char ids[][ALERT_ID_SIZE], size_t *count, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT alert FROM alert WHERE erased = 0 AND erase_us <= :now ORDER BY erase_us LIMIT 32", err);
    query_integer(query, ":now", now_us);
    *count = 0;
    while (*count < ERASE_AT_A_TIME && query_next(query))
        snprintf(ids[(*count)++], ALERT_ID_SIZE, "%s", query_get_text(query, 0));
    return query_ok(query, err);
}

static bool erase_due_pictures(struct site *site, int64_t now_us, struct error *err)
{
    char ids[ERASE_AT_A_TIME][ALERT_ID_SIZE];
    size_t count = 0;
    if (!due_ids(site, now_us, ids, &count, err))
        return false;
    if (count == 0)
        return true;
    if (!ledger_begin(site->ledger, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!erase_now(site, ids[i], err)) {
            ledger_abort(site->ledger);
            return false;
        }
    }
    return ledger_commit(site->ledger, err);
}

static bool forget_statements(struct site *site, const char *id, struct error *err)
{
    return delete_rows(site, id, "DELETE FROM alert_statement WHERE alert = :alert", err) &&
           delete_rows(site, id, "DELETE FROM alert_recall WHERE alert = :alert", err);
}

/* Where a person was seen goes with the operation: its cameras' rates and mutes are counted from these rows
 * until then. Whom an alert was about is asked for longer where somebody may answer for it: a slip counts a
 * year and a request made with it another; amendments and the rejections that a later hand-over tells, a
 * year. With that goes what was signed about it. */
static bool forget_row(struct site *site, const char *id, int64_t now_us, struct error *err)
{
    struct alert alert = {0};
    if (!alert_load(site, id, &alert, err))
        return false;
    bool asked_for = alert.dispatched_us || strcmp(alert.outcome, "rejected") == 0;
    int64_t years = alert.stopped_us ? 2 : asked_for;
    alert.camera[0] = alert.passage[0] = 0;
    if (now_us - alert.closed_us >= years * year_us) {
        alert.entry[0] = 0;
        if (!forget_statements(site, id, err))
            return false;
    }
    return alert_save(site, &alert, err);
}

static bool forget_mutes(struct site *site, const char *operation, struct error *err)
{
    static const char *const statements[] = {"DELETE FROM alert_mute WHERE operation = :operation",
        "DELETE FROM alert_rejection WHERE operation = :operation",
        "DELETE FROM alert_camera_halt WHERE operation = :operation"};
    for (size_t i = 0; i < COUNT_OF(statements); i++) {
        AUTO(query) struct query *query = query_new(site->ledger->store, statements[i], err);
        query_text(query, ":operation", operation);
        if (!query_done(query, err))
            return false;
    }
    return true;
}

static bool is_wiped(struct site *site, const char *operation)
{
    const char *state = operation_state(site, operation, NULL);
    return state && strcmp(state, "wiped") == 0;
}

/* alert → operation, of rows whose pictures and operation are gone and that say more than is asked for. */
static json_t *rows_to_forget(struct site *site, int64_t now_us, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT alert, operation FROM alert WHERE erased = 1 AND entry <> ''"
        " AND (camera <> '' OR closed_us <= CASE WHEN stopped_us > 0 THEN :two ELSE :one END)"
        " ORDER BY operation",
        err);
    query_integer(query, ":one", now_us - year_us);
    query_integer(query, ":two", now_us - 2 * year_us);
    AUTO(json) json_t *rows = json_object();
    char operation[ALERT_ID_SIZE] = "";
    bool wiped = false;
    while (query_next(query)) {
        if (strcmp(operation, query_get_text(query, 1)) != 0) {
            snprintf(operation, sizeof operation, "%s", query_get_text(query, 1));
            wiped = is_wiped(site, operation);
        }
        if (wiped)
            json_object_set_new(rows, query_get_text(query, 0), json_string(operation));
    }
    return query_ok(query, err) ? STEAL(rows) : NULL;
}

/* A row that was edited is left as it is and named at the next start. */
static bool forget_one(
    struct site *site, const char *id, const char *operation, int64_t now_us, struct error *err)
{
    struct error wrong = {0};
    return (forget_row(site, id, now_us, &wrong) && forget_mutes(site, operation, &wrong)) ||
           wrong.code == ERROR_CORRUPT || fail_as(err, &wrong);
}

static bool forget_places(struct site *site, int64_t now_us, struct error *err)
{
    AUTO(json) json_t *rows = rows_to_forget(site, now_us, err);
    const char *id;
    const json_t *operation;
    if (!rows || json_object_size(rows) == 0)
        return rows != NULL;
    if (!ledger_begin(site->ledger, err))
        return false;
    json_object_foreach (rows, id, operation) {
        if (!forget_one(site, id, json_string_value(operation), now_us, err)) {
            ledger_abort(site->ledger);
            return false;
        }
    }
    return ledger_commit(site->ledger, err);
}

bool erase_due(struct site *site, int64_t now_us, struct error *err)
{
    return erase_due_pictures(site, now_us, err) && forget_places(site, now_us, err);
}
