#include "alert/action.h"
#include "alert/charge.h"
#include "alert/evidence.h"
#include "alert/packet.h"
#include "alert/passage.h"
#include "alert/timer.h"
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

enum sending {
    SEND_FIRST,
    SEND_ANOTHER, /* instead of the unit that has it */
    SEND_ON,      /* the unit that has it, to a newer place */
};

static bool place_is_newer(struct act *act, struct error *err)
{
    AUTO(statements) struct statements sent = {0};
    if (!statements_load(act->site, &act->alert, "dispatch", ROLE_DISPATCHER, &sent, err))
        return false;
    const char *passage =
        sent.count ? json_string_value(json_object_get(sent.list[sent.count - 1]->fields, "passage")) : NULL;
    if (passage && strcmp(passage, act->alert.passage) == 0)
        return fail(err, ERROR_CONFLICT, "unit %s has alert %s", act->alert.unit, act->alert.id);
    return true;
}

/* A packet of a live site does not say that its person consents to be looked for (SAFEGUARDS 28, 52). */
static bool nobody_consents(struct act *act, struct error *err)
{
    bool trial = false;
    if (act->site->kind == SITE_DEMO)
        return true;
    return operation_is_trial(act->site, act->alert.operation, &trial, err) &&
           (!trial || fail(err, ERROR_CONFLICT,
                          "operation %s is a trial with consenting subjects: on a live site nobody is sent",
                          act->alert.operation));
}

static bool state_allows(struct act *act, enum sending *out, struct error *err)
{
    const struct alert *alert = &act->alert;
    const char *unit = NULL;
    if (!json_need_text(act->envelope->fields, "unit", &unit, err))
        return false;
    bool same_unit = strcmp(alert->unit, unit) == 0;
    *out = !alert->unit[0] ? SEND_FIRST : same_unit ? SEND_ON : SEND_ANOTHER;
    enum alert_state to = *out == SEND_ON ? alert->state : ALERT_DISPATCHED;
    if (!lives_allow(alert->state, to, BY_DISPATCHER, "", err))
        return false;
    const char *state = operation_state(act->site, alert->operation, err);
    if (!state)
        return false;
    if (strcmp(state, "running") != 0 && strcmp(state, "paused") != 0)
        return fail(err, ERROR_CONFLICT, "operation %s is %s", alert->operation, state);
    return *out != SEND_ON || place_is_newer(act, err);
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

static bool seal(struct act *act, struct envelope *reviews[static 2], int64_t captured_us, struct error *err)
{
    return packet_make(act->site, &act->alert, act->envelope, reviews, captured_us, err);
}

/* The unit keeps what it has done so far; its packet is another. */
static bool send_on(
    struct act *act, struct envelope *reviews[static 2], int64_t captured_us, struct error *err)
{
    struct site *site = act->site;
    const struct alert *alert = &act->alert;
    return packet_erase(site, alert, act->officer->id, err) && seal(act, reviews, captured_us, err) &&
           packet_steers(site, alert, err) &&
           (alert->state == ALERT_DISPATCHED || packet_prolong(site, alert, err)) &&
           alert_record_place(
               site, alert, "unit_steered", act->officer->id, json_pack("{s:s}", "unit", alert->unit), err) &&
           alert_event(site, alert, "alert", "steered", err);
}

static bool send_unit(struct act *act, enum sending sending, struct envelope *reviews[static 2],
    int64_t captured_us, struct error *err)
{
    struct site *site = act->site;
    struct alert *alert = &act->alert;
    const char *officer = act->officer->id;
    if (sending == SEND_ON)
        return send_on(act, reviews, captured_us, err);
    if (sending == SEND_ANOTHER &&
        !alert_return_to_dispatcher(site, alert, BY_DISPATCHER, officer, "unit_replaced", err))
        return false;
    return take_unit(act, err) && seal(act, reviews, captured_us, err) &&
           alert_move(site, alert, ALERT_DISPATCHED, "", BY_DISPATCHER, officer, err);
}

static json_t *send(
    struct act *act, enum sending sending, struct envelope *reviews[static 2], struct error *err)
{
    char shown[HEX_HASH_SIZE];
    int64_t captured_us = 0;
    if (!passage_verify(act->site, &act->alert, shown, err) ||
        !evidence_agreed(act->site, &act->alert, shown, TODAY, reviews, err) ||
        !pictures_are_the_reviewed(act, shown, &captured_us, err) ||
        !dispatcher_did_not_review(act, reviews, err) || !send_unit(act, sending, reviews, captured_us, err))
        return NULL;
    return alert_reply(&act->alert);
}

static json_t *dispatch(struct act *act, struct error *err)
{
    enum sending sending = SEND_FIRST;
    if (!state_allows(act, &sending, err) || !nobody_consents(act, err) || !dispatcher_may(act, err))
        return NULL;
    struct envelope *reviews[2] = {NULL, NULL};
    AUTO(json) json_t *reply = send(act, sending, reviews, err);
    envelope_free(reviews[0]);
    envelope_free(reviews[1]);
    return reply && charge_take(act->site, act->alert.id, act->officer->id, err) ? STEAL(reply) : NULL;
}

json_t *alert_dispatch(struct site *site, const struct envelope *envelope, struct error *err)
{
    static const struct action action = {"dispatch", ROLE_DISPATCHER, dispatch};
    return act_on(site, envelope, &action, err);
}
