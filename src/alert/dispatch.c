#include "alert/action.h"
#include "alert/evidence.h"
#include "alert/packet.h"
#include "alert/passage.h"
#include "base/clock.h"
#include "list/operation.h"
#include "list/presence.h"

#include <stdio.h>
#include <string.h>

static const int64_t second_us = 1000000;

static bool dispatcher_may(struct act *act, struct error *err)
{
    if (!presence_is_here(act->site, act->officer->id, "dispatcher"))
        return fail(err, ERROR_FORBIDDEN, "%s is not present as dispatcher", act->officer->id);
    return person_is_no_party(act->site, act->officer->id, &act->alert, err);
}

static bool state_allows(struct act *act, struct error *err)
{
    const struct alert *alert = &act->alert;
    if (!lives_allow(alert->state, ALERT_DISPATCHED, BY_DISPATCHER, "", err))
        return false;
    if (alert->unit[0])
        return fail(err, ERROR_CONFLICT, "unit %s has alert %s", alert->unit, alert->id);
    const char *state = operation_state(act->site, alert->operation, err);
    if (!state)
        return false;
    if (strcmp(state, "running") != 0 && strcmp(state, "paused") != 0)
        return fail(err, ERROR_CONFLICT, "operation %s is %s", alert->operation, state);
    return true;
}

static bool pictures_are_the_reviewed(
    struct act *act, const char *shown, int64_t *captured_us, struct error *err)
{
    const struct alert *alert = &act->alert;
    const char *passage = NULL;
    const char *hash = NULL;
    if (!json_need_text(act->envelope->fields, "passage", &passage, err) ||
        !json_need_text(act->envelope->fields, "pictures_hash", &hash, err))
        return false;
    if (strcmp(passage, alert->passage) != 0 || strcmp(hash, shown) != 0)
        return fail(err, ERROR_CONFLICT, "these are not the pictures two officers compared");
    if (!passage_captured(act->site, alert, captured_us, err))
        return false;
    if (clock_now_us() - *captured_us > LIMIT_DISPATCH_S * second_us)
        return fail(err, ERROR_CONFLICT, "the passage is older than %d min: too late to send anybody",
            LIMIT_DISPATCH_S / 60);
    return true;
}

static bool dispatcher_did_not_review(
    const struct act *act, struct envelope *const reviews[static 2], struct error *err)
{
    for (size_t i = 0; i < 2; i++) {
        if (strcmp(reviews[i]->by, act->officer->id) == 0)
            return fail(err, ERROR_FORBIDDEN, "%s reviewed alert %s", act->officer->id, act->alert.id);
    }
    return true;
}

static bool take_unit(struct act *act, struct error *err)
{
    const char *unit = NULL;
    if (!json_need_text(act->envelope->fields, "unit", &unit, err) || !unit_is_free(act->site, unit, err))
        return false;
    snprintf(act->alert.unit, sizeof act->alert.unit, "%s", unit);
    return presence_set_busy(act->site, unit, true, err);
}

static json_t *send(struct act *act, struct envelope *reviews[static 2], struct error *err)
{
    char shown[HEX_HASH_SIZE];
    int64_t captured_us = 0;
    if (!passage_verify(act->site, &act->alert, shown, err) ||
        !evidence_agreed(act->site, &act->alert, shown, reviews, err) ||
        !pictures_are_the_reviewed(act, shown, &captured_us, err) ||
        !dispatcher_did_not_review(act, reviews, err) || !take_unit(act, err) ||
        !packet_make(act->site, &act->alert, act->envelope, reviews, captured_us, err) ||
        !alert_move(act->site, &act->alert, ALERT_DISPATCHED, "", BY_DISPATCHER, act->officer->id, err))
        return NULL;
    return alert_reply(&act->alert);
}

static json_t *dispatch(struct act *act, struct error *err)
{
    if (!state_allows(act, err) || !dispatcher_may(act, err))
        return NULL;
    struct envelope *reviews[2] = {NULL, NULL};
    json_t *reply = send(act, reviews, err);
    envelope_free(reviews[0]);
    envelope_free(reviews[1]);
    return reply;
}

json_t *alert_dispatch(struct site *site, const struct envelope *envelope, struct error *err)
{
    static const struct action action = {"dispatch", ROLE_DISPATCHER, dispatch};
    return act_on(site, envelope, &action, err);
}
