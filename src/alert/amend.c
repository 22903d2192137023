#include "alert/amend.h"

#include "alert/erase.h"
#include "alert/evidence.h"
#include "alert/outcome.h"
#include "alert/person.h"
#include "alert/redress.h"
#include "alert/slip.h"
#include "base/clock.h"
#include "list/operation.h"
#include "sign/limits.h"

#include <stdio.h>
#include <string.h>

static const char *text_in(const struct envelope *envelope, const char *field)
{
    const char *text = json_string_value(json_object_get(envelope->fields, field));
    return text ? text : "";
}

/* The first of them is of `all`; the second's signer is `officer`. */
static bool are_a_pair(
    const struct statements *all, size_t i, const struct envelope *other, const struct officer *officer)
{
    const struct envelope *one = all->list[i];
    const struct officer *by = all->by[i].officer;
    return strcmp(by->id, officer->id) != 0 && strcmp(by->office, officer->office) != 0 &&
           strcmp(text_in(one, "from"), text_in(other, "from")) == 0 &&
           strcmp(text_in(one, "outcome"), text_in(other, "outcome")) == 0;
}

/* What holds after them. An amendment away from what does not hold counts for nothing.
 */
static void fold(const struct statements *all, char outcome[static 40])
{
    size_t start = 0;
    for (size_t i = 0; i < all->count; i++) {
        for (size_t j = start; j < i; j++) {
            if (strcmp(text_in(all->list[i], "from"), outcome) != 0 ||
                !are_a_pair(all, j, all->list[i], all->by[i].officer))
                continue;
            snprintf(outcome, 40, "%s", text_in(all->list[i], "outcome"));
            start = i + 1;
            break;
        }
    }
}

bool amended_outcome(struct site *site, const struct alert *alert, char out[static 40], struct error *err)
{
    AUTO(statements) struct statements all = {0};
    if (!statements_load(site, alert, "amendment", ROLE_AUTHORISER, &all, err))
        return false;
    snprintf(out, 40, "%s", alert->outcome);
    fold(&all, out);
    return true;
}

static bool took_no_part(struct act *act, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(act->site->ledger->store,
        "SELECT 1 FROM alert_statement WHERE alert = :alert AND officer = :officer", err);
    query_text(query, ":alert", act->alert.id);
    query_text(query, ":officer", act->officer->id);
    bool part = query_next(query);
    if (!query_ok(query, err))
        return false;
    if (part)
        return fail(
            err, ERROR_FORBIDDEN, "%s has signed something of alert %s", act->officer->id, act->alert.id);
    return person_is_no_party(act->site, act->officer->id, &act->alert, err);
}

bool outcome_is_overdue(const struct alert *alert)
{
    return alert->state == ALERT_STOPPED &&
           clock_now_us() - alert->stopped_us > (int64_t)LIMIT_OUTCOME_S * 1000000;
}

/* Somebody said that the crew never recorded anything; of an alert that is closed, two did. */
static bool was_never_recorded(struct act *act, bool *out, struct error *err)
{
    AUTO(statements) struct statements all = {0};
    if (!statements_load(act->site, &act->alert, "amendment", ROLE_AUTHORISER, &all, err))
        return false;
    *out = false;
    for (size_t i = 0; i < all.count; i++)
        *out = *out || strcmp(text_in(all.list[i], "from"), NOT_RECORDED) == 0;
    return true;
}

static bool may_be_amended(struct act *act, const char *from, const char *to, struct error *err)
{
    AUTO(statements) struct statements outcomes = {0};
    char now[40];
    bool never_recorded = false;
    if (!statements_load(act->site, &act->alert, "outcome", ROLE_CREW, &outcomes, err) ||
        !was_never_recorded(act, &never_recorded, err) || !amended_outcome(act->site, &act->alert, now, err))
        return false;
    if (alert_state_is_open(act->alert.state) || (outcomes.count == 0 && !never_recorded))
        return fail(err, ERROR_CONFLICT, "alert %s has no outcome of a crew", act->alert.id);
    if (strcmp(from, now) != 0)
        return fail(err, ERROR_CONFLICT, "the outcome of alert %s is %s, not %s", act->alert.id, now, from);
    if (strcmp(from, to) == 0)
        return fail(err, ERROR_CONFLICT, "that is the outcome already");
    if (strcmp(to, "custody") == 0 || strcmp(to, "other_custody") == 0)
        return fail(err, ERROR_CONFLICT, "custody is recorded by the crew that establishes the identity");
    return true;
}

static bool write_down(struct act *act, const char *from, const char *to, struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(act->site->ledger->store, "UPDATE alert SET amended = :outcome WHERE alert = :alert", err);
    query_text(query, ":outcome", to);
    query_text(query, ":alert", act->alert.id);
    return query_done(query, err) &&
           alert_record(act->site, &act->alert, "outcome_amended", act->officer->id,
               json_pack("{s:s, s:s}", "from", from, "outcome", to), err) &&
           operation_owe_record(act->site, act->alert.operation, err) &&
           redress_alert_changed(act->site, act->alert.id, err) &&
           alert_event(act->site, &act->alert, "alert", "amended", err);
}

/* The station's packet is erased by its receipt. What the crew recorded decides whether it was a wrong
 * custody, whatever was amended in between. */
static bool consequences(struct act *act, const char *to, struct error *err)
{
    if (strcmp(to, "wrong_person") != 0)
        return true;
    if (act->alert.state != ALERT_HANDED_OVER && !erase_now(act->site, act->alert.id, err))
        return false;
    return wrong_person_follows(act, strcmp(act->alert.outcome, "custody") == 0, err);
}

static bool may_be_closed(struct act *act, const char *to, struct error *err)
{
    if (strcmp(to, "identity_not_established") != 0)
        return fail(err, ERROR_CONFLICT,
            "what the crew never recorded ends as identity_not_established; amend it then");
    return outcome_is_overdue(&act->alert) ||
           fail(err, ERROR_CONFLICT, "alert %s is no stop that has had no outcome for a day", act->alert.id);
}

/* With this one. */
static bool two_offices_say_so(struct act *act, bool *out, struct error *err)
{
    AUTO(statements) struct statements all = {0};
    if (!statements_load(act->site, &act->alert, "amendment", ROLE_AUTHORISER, &all, err))
        return false;
    *out = false;
    for (size_t i = 0; i < all.count; i++)
        *out = *out || are_a_pair(&all, i, act->envelope, act->officer);
    return true;
}

/* The crew's word is missing, and the record says so: it counts as an outcome that nobody recorded. */
static json_t *close_unrecorded(struct act *act, const char *to, struct error *err)
{
    bool both = false;
    if (!may_be_closed(act, to, err) || !two_offices_say_so(act, &both, err))
        return NULL;
    AUTO(json)
    json_t *reply = json_pack("{s:s, s:s}", "alert", act->alert.id, "state", both ? "closed" : "stopped");
    if (!act_keep(act, reply, err) ||
        !alert_record(act->site, &act->alert, "amendment_signed", act->officer->id,
            json_pack("{s:s, s:s}", "from", NOT_RECORDED, "outcome", to), err))
        return NULL;
    if (both &&
        (!slip_remember(act->site, &act->alert, err) ||
            !alert_record(act->site, &act->alert, "outcome_not_recorded", act->officer->id, NULL, err) ||
            !alert_close(act->site, &act->alert, to, BY_TWO_OFFICES, act->officer->id, err)))
        return NULL;
    return STEAL(reply);
}

static json_t *amend(struct act *act, struct error *err)
{
    const char *from = text_in(act->envelope, "from");
    const char *to = text_in(act->envelope, "outcome");
    char now[40];
    if (!act->alert.entry[0]) {
        fail(err, ERROR_CONFLICT,
            "alert %s ended too long ago to be amended: whom it was about is not kept any more",
            act->alert.id);
        return NULL;
    }
    if (strcmp(from, NOT_RECORDED) == 0)
        return took_no_part(act, err) ? close_unrecorded(act, to, err) : NULL;
    if (!took_no_part(act, err) || !may_be_amended(act, from, to, err))
        return NULL;
    AUTO(json) json_t *reply = alert_reply(&act->alert);
    if (!act_keep(act, reply, err) ||
        !alert_record(act->site, &act->alert, "amendment_signed", act->officer->id,
            json_pack("{s:s, s:s}", "from", from, "outcome", to), err) ||
        !amended_outcome(act->site, &act->alert, now, err))
        return NULL;
    if (strcmp(now, to) == 0 && (!write_down(act, from, to, err) || !consequences(act, to, err)))
        return NULL;
    return STEAL(reply);
}

json_t *alert_amend(struct site *site, const struct envelope *envelope, struct error *err)
{
    static const struct action action = {"amendment", ROLE_AUTHORISER, amend};
    return act_on(site, envelope, &action, err);
}
