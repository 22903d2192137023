#include "alert/timer.h"

#include "alert/action.h"
#include "alert/erase.h"
#include "alert/oversight.h"
#include "alert/packet.h"
#include "alert/passage.h"
#include "alert/recall.h"
#include "alert/redress.h"
#include "alert/review.h"
#include "alert/shift.h"
#include "alert/waiting.h"
#include "base/clock.h"
#include "base/log.h"
#include "list/overdue.h"
#include "list/presence.h"

#include <string.h>

enum { SILENT_S = 60 };

static const int64_t second_us = 1000000;

bool alert_return_to_dispatcher(struct site *site, struct alert *alert, enum alert_actor by,
    const char *officer, const char *why, struct error *err)
{
    if (!packet_erase(site, alert, officer, err) ||
        !alert_record(site, alert, why, officer, json_pack("{s:s}", "unit", alert->unit), err) ||
        !presence_set_busy(site, alert->unit, false, err))
        return false;
    alert->unit[0] = 0;
    return alert_move(site, alert, ALERT_DISPATCHED, "", by, officer, err);
}

static bool tick_agreed(struct site *site, struct alert *alert, int64_t now_us, struct error *err)
{
    int64_t captured_us = 0;
    if (!passage_captured(site, alert, &captured_us, err))
        return false;
    return now_us - captured_us <= LIMIT_DISPATCH_S * second_us ||
           alert_close(site, alert, "lapsed", BY_TIMER, "site", err);
}

static bool tick_dispatched(struct site *site, struct alert *alert, int64_t now_us, struct error *err)
{
    int64_t captured_us = 0;
    if (!passage_captured(site, alert, &captured_us, err))
        return false;
    int64_t limit_s = alert->unit[0] ? LIMIT_PACKET_S : LIMIT_DISPATCH_S;
    if (now_us - captured_us > limit_s * second_us)
        return alert_close(site, alert, "lapsed", BY_TIMER, "site", err);
    if (alert->unit[0] && now_us - alert->dispatched_us > SILENT_S * second_us)
        return alert_return_to_dispatcher(site, alert, BY_TIMER, "site", "unit_silent", err);
    return true;
}

static bool say_overrun_once(struct site *site, const struct alert *alert, int64_t now_us, struct error *err)
{
    if (now_us - alert->stopped_us <= LIMIT_STOP_S * second_us)
        return true;
    AUTO(query)
    struct query *query = query_new(
        site->ledger->store, "UPDATE alert SET overrun = 1 WHERE alert = :alert AND overrun = 0", err);
    query_text(query, ":alert", alert->id);
    if (!query_done(query, err))
        return false;
    return store_changes(site->ledger->store) == 0 ||
           (alert_record(site, alert, "stop_overrun", "site", NULL, err) &&
               alert_event(site, alert, "alert", "stop_overrun", err));
}

static bool tick_one(struct site *site, const char *id, int64_t now_us, bool *halted, struct error *err)
{
    struct alert alert;
    if (!alert_load(site, id, &alert, err) || !shift_note_left(site, &alert, err))
        return false;
    if (alert.state == ALERT_STOPPED)
        return say_overrun_once(site, &alert, now_us, err);
    if (now_us - alert.raised_us > LIMIT_ALERT_S * second_us)
        return recall_expect(site, &alert, err) && alert_close(site, &alert, "lapsed", BY_TIMER, "site", err);
    if (!waiting_continue(site, &alert, now_us, halted, err))
        return false;
    if (*halted)
        return true;
    if (alert.state == ALERT_RAISED)
        return review_continue(site, &alert, now_us, halted, err);
    if (alert.state == ALERT_AGREED)
        return tick_agreed(site, &alert, now_us, err);
    return alert.state != ALERT_DISPATCHED || tick_dispatched(site, &alert, now_us, err);
}

json_t *alert_overdue_operations(struct site *site, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT DISTINCT operation FROM alert WHERE state = 'stopped' AND stopped_us < :since", err);
    query_integer(query, ":since", clock_now_us() - LIMIT_OUTCOME_S * second_us);
    AUTO(json) json_t *operations = json_array();
    while (query_next(query))
        json_array_append_new(operations, json_string(query_get_text(query, 0)));
    return query_ok(query, err) ? STEAL(operations) : NULL;
}

static int64_t changes_so_far(struct site *site)
{
    AUTO(query) struct query *query = query_new(site->ledger->store, "SELECT total_changes()", NULL);
    return query_next(query) ? query_get_integer(query, 0) : -1;
}

/* One alert whose row was tampered with must not keep the others waiting; one on which nothing is due must
 * not cost a checkpoint each second. */
static bool tick_in_transaction(
    struct site *site, const char *id, int64_t now_us, bool *halted, struct error *err)
{
    int64_t before = changes_so_far(site);
    if (!ledger_begin(site->ledger, err))
        return false;
    struct error wrong = {0};
    bool well = tick_one(site, id, now_us, halted, &wrong);
    if (well && changes_so_far(site) != before)
        return ledger_commit(site->ledger, err);
    ledger_abort(site->ledger);
    *halted = false;
    if (!well)
        log_write(LOG_ERROR, "alert_tick_failed", "%s: %s", id, wrong.text);
    return true;
}

static bool escalate_recalls(struct site *site, int64_t now_us, struct error *err)
{
    if (!recall_is_due(site, now_us))
        return true;
    if (!ledger_begin(site->ledger, err))
        return false;
    if (recall_escalate(site, now_us, err))
        return ledger_commit(site->ledger, err);
    ledger_abort(site->ledger);
    return false;
}

/* `over_us`: the time by which things are destroyed. */
static bool tick(struct site *site, int64_t now_us, int64_t over_us, struct error *err)
{
    AUTO(json) json_t *ids = alert_open_ids(site, NULL, NULL, err);
    if (!ids)
        return false;
    for (size_t i = 0; i < json_array_size(ids); i++) {
        bool halted = false;
        if (!tick_in_transaction(site, json_string_value(json_array_get(ids, i)), now_us, &halted, err))
            return false;
        settle(site, halted, NULL);
    }
    return escalate_recalls(site, now_us, err) && erase_due(site, over_us, err) &&
           oversight_expire(site, over_us, err) && redress_expire(site, over_us, err) &&
           shifts_expire(site, over_us, err) && alert_halt_cameras(site, err);
}

bool alert_tick_at(struct site *site, int64_t now_us, struct error *err)
{
    return tick(site, now_us, now_us, err);
}

bool alert_tick(struct site *site, struct error *err)
{
    return tick(site, clock_now_us(), overdue_time_us(site), err);
}
