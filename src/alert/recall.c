#include "alert/recall.h"

#include "alert/action.h"
#include "alert/redress.h"
#include "alert/unraised.h"
#include "base/clock.h"
#include "base/log.h"
#include "list/presence.h"
#include "list/row.h"

#include <stdio.h>
#include <string.h>

enum { ACKNOWLEDGE_S = 60, ESCALATE_AT_A_TIME = 16 };

static const int64_t second_us = 1000000;

bool recall_expect(struct site *site, const struct alert *alert, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO alert_recall (alert, told_us, state) VALUES (:alert, :now, 'told')"
        " ON CONFLICT (alert) DO UPDATE SET told_us = :now, state = 'told'",
        err);
    query_text(query, ":alert", alert->id);
    query_integer(query, ":now", clock_now_us());
    return !alert->unit[0] || query_done(query, err);
}

bool recall_took_entry_back(const struct alert *alert)
{
    return strncmp(alert->told, "entry_", strlen("entry_")) == 0;
}

/* Who stands before the person is told at once; the stop ends by its own outcome. That the entry was taken
 * back forbids custody for the rest of it: the operation's end afterwards says less and takes no place of it.
 */
static bool tell_crew(
    struct site *site, struct alert *alert, const char *column, const char *reason, struct error *err)
{
    if (recall_took_entry_back(alert) && strcmp(column, "entry") != 0)
        return true;
    snprintf(alert->told, sizeof alert->told, "%s_%s", column, reason);
    return lives_allow(ALERT_STOPPED, ALERT_STOPPED, BY_RULE, "", err) && alert_save(site, alert, err) &&
           alert_record(site, alert, "crew_told", "site", json_pack("{s:s}", "reason", alert->told), err) &&
           recall_expect(site, alert, err) && alert_event(site, alert, "alert", "told", err);
}

static bool recall_one(
    struct site *site, const char *id, const char *column, const char *reason, struct error *err)
{
    struct alert alert;
    if (!alert_load(site, id, &alert, err))
        return false;
    if (alert.state == ALERT_STOPPED)
        return tell_crew(site, &alert, column, reason, err);
    return alert_record(site, &alert, "alert_recalled", "site", json_pack("{s:s}", "reason", reason), err) &&
           recall_expect(site, &alert, err) && alert_close(site, &alert, "recalled", BY_RULE, "site", err);
}

static bool recall_all(
    struct site *site, const char *column, const char *value, const char *reason, struct error *err)
{
    AUTO(json) json_t *ids = alert_open_ids(site, column, value, err);
    if (!ids)
        return false;
    for (size_t i = 0; i < json_array_size(ids); i++) {
        const char *id = json_string_value(json_array_get(ids, i));
        struct error wrong = {0};
        if (recall_one(site, id, column, reason, &wrong))
            continue;
        if (wrong.code != ERROR_CORRUPT) {
            if (err)
                *err = wrong;
            return false;
        }
        /* It moves nowhere any more, and must not keep a withdrawal from taking effect. */
        log_write(LOG_ERROR, "alert_corrupt", "%s: %s", id, wrong.text);
    }
    return true;
}

bool alert_recall_entry(struct site *site, const char *entry, const char *reason, struct error *err)
{
    return redress_entry_changed(site, entry, err) && recall_all(site, "entry", entry, reason, err);
}

bool alert_recall_operation(struct site *site, const char *operation, const char *reason, struct error *err)
{
    return recall_all(site, "operation", operation, reason, err) && unraised_tell(site, operation, err);
}

static bool set_state(struct site *site, const char *alert, const char *state, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "UPDATE alert_recall SET state = :state WHERE alert = :alert AND state <> 'acknowledged'", err);
    query_text(query, ":state", state);
    query_text(query, ":alert", alert);
    return query_done(query, err);
}

static struct query *due(struct site *site, int64_t now_us, struct error *err)
{
    struct query *query = query_new(site->ledger->store,
        "SELECT alert, (SELECT unit FROM alert WHERE alert.alert = alert_recall.alert) FROM alert_recall"
        " WHERE state = 'told' AND told_us < :since ORDER BY told_us LIMIT 16",
        err);
    query_integer(query, ":since", now_us - ACKNOWLEDGE_S * second_us);
    return query;
}

bool recall_is_due(struct site *site, int64_t now_us)
{
    AUTO(query) struct query *query = due(site, now_us, NULL);
    return query_next(query);
}

bool recall_escalate(struct site *site, int64_t now_us, struct error *err)
{
    struct alert late[ESCALATE_AT_A_TIME] = {0};
    size_t count = 0;
    AUTO(query) struct query *query = due(site, now_us, err);
    while (count < ESCALATE_AT_A_TIME && query_next(query)) {
        row_text(late[count].id, sizeof late[0].id, query_get_text(query, 0));
        row_text(late[count++].unit, sizeof late[0].unit, query_get_text(query, 1));
    }
    if (!query_ok(query, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!set_state(site, late[i].id, "escalated", err) ||
            !alert_record(site, &late[i], "recall_unacknowledged", "site", NULL, err) ||
            !alert_event(site, &late[i], "alert", "recall_unacknowledged", err))
            return false;
    }
    return true;
}

void recall_state(struct site *site, const struct alert *alert, char out[static 16])
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "SELECT state FROM alert_recall WHERE alert = :alert", NULL);
    query_text(query, ":alert", alert->id);
    snprintf(out, 16, "%s", query_next(query) ? query_get_text(query, 0) : "");
}

static bool crew_is_awaited(struct act *act, struct error *err)
{
    char state[16];
    recall_state(act->site, &act->alert, state);
    return strcmp(state, "told") == 0 || strcmp(state, "escalated") == 0 ||
           fail(err, ERROR_CONFLICT, "no recall of alert %s waits for the crew", act->alert.id);
}

static json_t *acknowledged(struct act *act, json_t *more, struct error *err)
{
    struct site *site = act->site;
    const struct alert *alert = &act->alert;
    if (!alert_record(site, alert, "recall_acknowledged", act->officer->id, more, err) ||
        !set_state(site, alert->id, "acknowledged", err) ||
        !alert_event(site, alert, "alert", "recall_acknowledged", err))
        return NULL;
    return alert_reply(alert);
}

static json_t *acknowledge(struct act *act, struct error *err)
{
    return crew_has_alert(act->site, act->officer->id, &act->alert, err) && crew_is_awaited(act, err)
               ? acknowledged(act, NULL, err)
               : NULL;
}

static bool was_read_back(struct act *act, struct error *err)
{
    const char *unit = NULL;
    const char *word = NULL;
    if (!json_need_text(act->envelope->fields, "unit", &unit, err) ||
        !json_need_text(act->envelope->fields, "read_back", &word, err))
        return false;
    if (strcmp(unit, act->alert.unit) != 0)
        return fail(
            err, ERROR_CONFLICT, "the recall of alert %s is for unit %s", act->alert.id, act->alert.unit);
    return strcmp(word, radio_word(&act->alert, "recall")) == 0 ||
           fail(err, ERROR_CONFLICT,
               "that is not the recall's word: call the unit again and have it read back");
}

static json_t *acknowledge_by_radio(struct act *act, struct error *err)
{
    if (!presence_is_here(act->site, act->officer->id, "dispatcher")) {
        fail(err, ERROR_FORBIDDEN, "%s is not present as dispatcher", act->officer->id);
        return NULL;
    }
    if (!crew_is_awaited(act, err) || !was_read_back(act, err))
        return NULL;
    return acknowledged(act, json_pack("{s:s, s:s}", "over", "radio", "unit", act->alert.unit), err);
}

json_t *alert_acknowledge(struct site *site, const struct envelope *envelope, struct error *err)
{
    static const struct action action = {"acknowledgement", ROLE_CREW, acknowledge};
    return act_on(site, envelope, &action, err);
}

json_t *alert_acknowledge_by_radio(struct site *site, const struct envelope *envelope, struct error *err)
{
    static const struct action action = {"radio_acknowledgement", ROLE_DISPATCHER, acknowledge_by_radio};
    return act_on(site, envelope, &action, err);
}
