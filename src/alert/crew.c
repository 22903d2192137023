#include "alert/action.h"
#include "alert/evidence.h"
#include "alert/packet.h"
#include "alert/slip.h"
#include "alert/timer.h"
#include "list/entry_answer.h"

#include <string.h>

/* The crew that has it, and a state that the stored statements carry. */
static bool crew_may(struct act *act, enum alert_state state, struct error *err)
{
    if (!crew_has_alert(act->site, act->officer->id, &act->alert, err))
        return false;
    if (act->alert.state != state)
        return fail(err, ERROR_CONFLICT, "alert %s is %s, not %s", act->alert.id,
            alert_state_word(act->alert.state), alert_state_word(state));
    return evidence_carries(act->site, &act->alert, err);
}

static bool move_on(struct act *act, enum alert_state to, struct error *err)
{
    return alert_move(act->site, &act->alert, to, "", BY_CREW, act->officer->id, err);
}

static json_t *accept(struct act *act, struct error *err)
{
    const char *answer = NULL;
    if (!json_need_text(act->envelope->fields, "answer", &answer, err) ||
        !crew_may(act, ALERT_DISPATCHED, err))
        return NULL;
    bool done = false;
    if (strcmp(answer, "accepted") == 0)
        done = packet_prolong(act->site, &act->alert, err) && move_on(act, ALERT_ACCEPTED, err);
    else if (strcmp(answer, "declined") == 0)
        done = alert_return_to_dispatcher(
            act->site, &act->alert, BY_CREW, act->officer->id, "unit_declined", err);
    else
        fail(err, ERROR_INVALID, "an acceptance is accepted or declined");
    return done ? alert_reply(&act->alert) : NULL;
}

static json_t *arrive(struct act *act, struct error *err)
{
    if (!crew_may(act, ALERT_ACCEPTED, err) || !move_on(act, ALERT_ON_SCENE, err))
        return NULL;
    return alert_reply(&act->alert);
}

/* A missing adult is spoken to, and goes on where they like. */
static bool may_be_stopped(struct act *act, struct error *err)
{
    bool missing = true, adult = true;
    if (!entry_is_missing(act->site, act->alert.entry, &missing, &adult, err))
        return false;
    return !missing || !adult ||
           fail(err, ERROR_FORBIDDEN,
               "a missing adult is not stopped; say found_safe or contact_declined after speaking to them");
}

/* A slip counts longer than an operation keeps who was on its list. */
static bool keep_reason(struct act *act, struct error *err)
{
    struct alert *alert = &act->alert;
    return operation_reason_of(
        act->site, alert->operation, alert->entry, alert->why_here, &alert->why_dated_s, err);
}

static json_t *stop(struct act *act, struct error *err)
{
    act->alert.pending[0] = 0; /* what was said before is no outcome of this stop */
    if (!crew_may(act, ALERT_ON_SCENE, err) || !may_be_stopped(act, err) || !keep_reason(act, err) ||
        !move_on(act, ALERT_STOPPED, err) || !slip_make(act->site, &act->alert, err))
        return NULL;
    return alert_reply(&act->alert);
}

/* Outside of what is kept of the action: a kept reply lies open on the disk. */
static json_t *with_slip(struct site *site, const struct envelope *envelope, json_t *reply, struct error *err)
{
    struct alert alert;
    const char *id = NULL;
    if (!json_need_text(envelope->fields, "alert", &id, err) || !alert_load(site, id, &alert, err))
        return NULL;
    if (alert.state != ALERT_STOPPED) /* said again, after the stop */
        return json_incref(reply);
    AUTO(json) json_t *slip = slip_show(site, &alert, err);
    if (!slip)
        return NULL;
    json_object_update(reply, slip);
    return json_incref(reply);
}

json_t *alert_accept(struct site *site, const struct envelope *envelope, struct error *err)
{
    static const struct action action = {"acceptance", ROLE_CREW, accept};
    return act_on(site, envelope, &action, err);
}

json_t *alert_arrive(struct site *site, const struct envelope *envelope, struct error *err)
{
    static const struct action action = {"arrival", ROLE_CREW, arrive};
    return act_on(site, envelope, &action, err);
}

json_t *alert_stop(struct site *site, const struct envelope *envelope, struct error *err)
{
    static const struct action action = {"stop", ROLE_CREW, stop};
    AUTO(json) json_t *reply = act_on(site, envelope, &action, err);
    return reply ? with_slip(site, envelope, reply, err) : NULL;
}
