#include "alert/action.h"

#include "alert/evidence.h"
#include "base/clock.h"
#include "list/entry.h"
#include "list/operation.h"

#include <string.h>

bool act_keep(struct act *act, const json_t *reply, struct error *err)
{
    act->kept = true;
    return statement_keep(act->site, &act->alert, act->envelope, reply, err);
}

bool operation_breaks(
    struct site *site, const char *operation, const char *reason, bool *halted, struct error *err)
{
    const char *state = operation_state(site, operation, err);
    if (!state)
        return false;
    if (strcmp(state, "running") != 0 && strcmp(state, "paused") != 0)
        return true;
    *halted = true;
    return operation_halt_by_rule(site, operation, reason, err);
}

void settle(struct site *site, bool halted, const char *changed_entry)
{
    if (changed_entry)
        entry_tell_watches(site, changed_entry);
    if (halted)
        operation_disarm_halted(site);
}

static bool is_in_time(const struct envelope *envelope, struct error *err)
{
    int64_t away_s = envelope->at_s - clock_now_s();
    if (away_s > LIMIT_STATEMENT_SKEW_S || away_s < -LIMIT_STATEMENT_SKEW_S)
        return fail(err, ERROR_INVALID,
            "the statement's time lies more than %d s from the desk's; sign it again, or set the device's "
            "clock",
            LIMIT_STATEMENT_SKEW_S);
    return true;
}

static json_t *run(struct act *act, const struct action *action, struct error *err)
{
    const char *id = NULL;
    if (!is_in_time(act->envelope, err) || !json_need_text(act->envelope->fields, "alert", &id, err) ||
        !alert_load(act->site, id, &act->alert, err) ||
        !statement_name(act->envelope, act->alert.accepting, err))
        return NULL;
    act->alert.statements++;
    AUTO(json) json_t *reply = action->run(act, err);
    if (!reply || (!act->kept && !act_keep(act, reply, err)))
        return NULL;
    return STEAL(reply);
}

static const struct officer *check_signer(
    struct site *site, const struct envelope *envelope, const struct action *action, struct error *err)
{
    if (!envelope_is(envelope, action->type, err))
        return NULL;
    if (strcmp(envelope->site, site->name) != 0) {
        fail(err, ERROR_INVALID, "the statement is for site %s", envelope->site);
        return NULL;
    }
    return roster_check(site->roster, envelope, action->role, err);
}

json_t *act_on(
    struct site *site, const struct envelope *envelope, const struct action *action, struct error *err)
{
    return act_on_device(site, envelope, action, "", err);
}

json_t *act_on_device(struct site *site, const struct envelope *envelope, const struct action *action,
    const char *device, struct error *err)
{
    struct act act = {.site = site, .envelope = envelope, .device = device};
    struct error before = {0};
    if (!(act.officer = check_signer(site, envelope, action, err)))
        return NULL;
    AUTO(json) json_t *reply = statement_replay(site, envelope, &before);
    if (reply)
        return STEAL(reply);
    if (before.code != ERROR_NONE) {
        if (err)
            *err = before;
        return NULL;
    }
    if (!ledger_begin(site->ledger, err))
        return NULL;
    if (!(reply = run(&act, action, err))) {
        ledger_abort(site->ledger);
        return NULL;
    }
    if (!ledger_commit(site->ledger, err))
        return NULL;
    settle(site, act.halted, act.entry_changed ? act.alert.entry : NULL);
    return STEAL(reply);
}
