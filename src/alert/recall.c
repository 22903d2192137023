#include "alert/row.h"

#include "base/log.h"

#include <stdio.h>
#include <string.h>

/* Who stands before the person is told at once; the stop ends by its own outcome. */
static bool tell_crew(
    struct site *site, struct alert *alert, const char *column, const char *reason, struct error *err)
{
    snprintf(alert->told, sizeof alert->told, "%s_%s", column, reason);
    return lives_allow(ALERT_STOPPED, ALERT_STOPPED, BY_RULE, "", err) && alert_save(site, alert, err) &&
           alert_record(site, alert, "crew_told", "site", json_pack("{s:s}", "reason", alert->told), err) &&
           ledger_event(site->ledger, "alert", alert->id, "told", err);
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
           alert_close(site, &alert, "recalled", BY_RULE, "site", err);
}

static bool recall_all(
    struct site *site, const char *column, const char *value, const char *reason, struct error *err)
{
    struct alert_ids ids;
    if (!alert_open_ids(site, column, value, &ids, err))
        return false;
    for (size_t i = 0; i < ids.count; i++) {
        struct error wrong = {0};
        if (recall_one(site, ids.id[i], column, reason, &wrong))
            continue;
        if (wrong.code != ERROR_CORRUPT) {
            if (err)
                *err = wrong;
            return false;
        }
        /* It moves nowhere any more, and must not keep a withdrawal from taking effect. */
        log_write(LOG_ERROR, "alert_corrupt", "%s: %s", ids.id[i], wrong.text);
    }
    return true;
}

bool alert_recall_entry(struct site *site, const char *entry, const char *reason, struct error *err)
{
    return recall_all(site, "entry", entry, reason, err);
}

bool alert_recall_operation(struct site *site, const char *operation, const char *reason, struct error *err)
{
    return recall_all(site, "operation", operation, reason, err);
}
