#include "alert/outcome.h"
#include "alert/evidence.h"
#include "alert/identity.h"
#include "alert/recall.h"
#include "alert/slip.h"
#include "base/clock.h"
#include "list/entry.h"
#include "list/entry_answer.h"
#include "list/presence.h"

#include <stdio.h>
#include <string.h>

enum identity_rule {
    IDENTITY_ANY,
    IDENTITY_OWN,     /* shown to be the entry's person, by other means than a face */
    IDENTITY_NOT_OWN, /* the register did not say it is the entry's person */
    IDENTITY_OPEN,    /* nothing was established */
    IDENTITY_SHOWN,   /* whoever it is, by other means than a face */
};

enum case_rule {
    CASE_ANY,
    CASE_LIVE,    /* the one that is named */
    CASES_CLOSED, /* all of the entry's */
};

/* What an outcome of a stop needs (SAFEGUARDS 35, 37). */
struct rule {
    const char *outcome;
    bool needs_slip;
    enum identity_rule identity;
    enum case_rule needs;
};

static const struct rule rules[] = {
    {"wrong_person", true, IDENTITY_NOT_OWN, CASE_ANY},
    {"right_person_not_wanted", true, IDENTITY_OWN, CASES_CLOSED},
    {"identity_not_established", true, IDENTITY_OPEN, CASE_ANY},
    {"right_person_no_action", true, IDENTITY_OWN, CASE_ANY},
    {"other_custody", true, IDENTITY_SHOWN, CASE_ANY},
    {"custody", false, IDENTITY_OWN, CASE_LIVE},
    {"found_safe", true, IDENTITY_OWN, CASE_ANY},
    {"contact_declined", true, IDENTITY_ANY, CASE_ANY},
};

struct said { /* the outcome's fields */
    const char *outcome, *harm, *means, *case_id;
    const char *slip_proof;                /* "" when there is none */
    const char *matter, *matter_reference; /* the other matter of other_custody; "" when there is none */
};

static const char *optional(const json_t *fields, const char *name)
{
    const char *text = json_string_value(json_object_get(fields, name));
    return text ? text : "";
}

static bool said_read(const json_t *fields, struct said *out, struct error *err)
{
    out->slip_proof = optional(fields, "slip_proof");
    out->matter = optional(fields, "matter");
    out->matter_reference = optional(fields, "matter_reference");
    return json_need_text(fields, "outcome", &out->outcome, err) &&
           json_need_text(fields, "harm", &out->harm, err) &&
           json_need_text(fields, "means", &out->means, err) &&
           json_need_text(fields, "case", &out->case_id, err);
}

static const struct rule *rule_find(const char *outcome)
{
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        if (strcmp(rules[i].outcome, outcome) == 0)
            return &rules[i];
    }
    return NULL;
}

static bool means_hold(const struct said *said, const struct identity *identity, struct error *err)
{
    if (strcmp(said->means, "none") == 0)
        return true;
    if (strcmp(said->means, "fingerprint") == 0)
        return fail(err, ERROR_CONFLICT, "the entry holds no fingerprint id a fingerprint could be equal to");
    if (strcmp(said->means, "cnic_verified") == 0) {
        if (!identity->is_entry && !identity->is_another)
            return fail(err, ERROR_CONFLICT, "the register has not verified a number in this stop");
        return true;
    }
    if (identity->asked && !identity->is_entry)
        return fail(err, ERROR_CONFLICT, "the register's answer speaks against the document");
    return true;
}

static bool identity_holds(
    const struct rule *rule, const struct said *said, const struct identity *identity, struct error *err)
{
    bool none = strcmp(said->means, "none") == 0;
    bool is_own = !none && (identity->is_entry || strcmp(said->means, "cnic_verified") != 0);
    switch (rule->identity) {
    case IDENTITY_OWN:
        return is_own || fail(err, ERROR_CONFLICT,
                             "%s needs the identity established by other means than a face", rule->outcome);
    case IDENTITY_NOT_OWN:
        return !identity->is_entry ||
               fail(err, ERROR_CONFLICT, "the register said that this is the entry's person");
    case IDENTITY_OPEN:
        return none || fail(err, ERROR_CONFLICT, "%s is for when nothing was established", rule->outcome);
    case IDENTITY_SHOWN:
        return !none || fail(err, ERROR_CONFLICT,
                            "%s needs the identity established by other means than a face", rule->outcome);
    case IDENTITY_ANY:
        break;
    }
    return true;
}

/* Who is wanted in one case is wanted, whatever became of the others. */
static bool every_case_is_closed(struct act *act, const struct rule *rule, struct error *err)
{
    AUTO(json) json_t *person = NULL;
    AUTO(json) json_t *cases = NULL;
    size_t index;
    json_t *one;
    if (!entry_open(act->site, act->alert.entry, &person, &cases, err))
        return false;
    if (json_array_size(cases) == 0)
        return fail(err, ERROR_CONFLICT, "%s is said of an entry with cases", rule->outcome);
    json_array_foreach (cases, index, one) {
        char status[16];
        const char *case_id = json_string_value(json_object_get(one, "case"));
        if (!case_status_load(act->site, &act->alert, case_id, status, err))
            return false;
        if (strcmp(status, "closed") != 0)
            return fail(err, ERROR_CONFLICT,
                "%s needs every case closed, asked in this stop; the answer about %s is: %s", rule->outcome,
                case_id, status[0] ? status : "not asked");
    }
    return true;
}

static bool case_holds(struct act *act, const struct rule *rule, const char *case_id, struct error *err)
{
    char status[16];
    bool is_named = rule->needs == CASE_LIVE || case_id[0];
    if (is_named && !case_is_of_entry(act->site, &act->alert, case_id, err))
        return false;
    if (rule->needs == CASES_CLOSED)
        return every_case_is_closed(act, rule, err);
    if (rule->needs == CASE_ANY)
        return true;
    if (!case_status_load(act->site, &act->alert, case_id, status, err))
        return false;
    return strcmp(status, "live") == 0 ||
           fail(err, ERROR_CONFLICT, "%s needs the case live, asked in this stop; the answer is: %s",
               rule->outcome, status[0] ? status : "not asked");
}

static bool entry_still_stands(const struct alert *alert, const char *outcome, struct error *err)
{
    if (strcmp(outcome, "custody") == 0 && recall_took_entry_back(alert))
        return fail(err, ERROR_CONFLICT, "the entry was taken back during this stop (%s)", alert->told);
    return true;
}

/* Whatever the crew thinks of the likeness; what else somebody did in the stop is another matter. */
static bool earlier_slip_holds(const struct rule *rule, const struct identity *identity, struct error *err)
{
    static const char *const ends[] = {"wrong_person", "other_custody"};
    return !identity->is_cleared || word_is_in(rule->outcome, ends, COUNT_OF(ends)) ||
           fail(err, ERROR_CONFLICT,
               "the earlier slip says that this is not the entry's person: end the stop as wrong_person");
}

/* Nobody is taken along without a matter that a station and a court find again. */
static bool matter_holds(const struct said *said, struct error *err)
{
    bool is_other = strcmp(said->outcome, "other_custody") == 0;
    if (is_other && (!said->matter[0] || !said->matter_reference[0]))
        return fail(err, ERROR_CONFLICT,
            "other_custody names the other matter: its kind and the number of its FIR, warrant or diary "
            "entry");
    return is_other || (!said->matter[0] && !said->matter_reference[0]) ||
           fail(err, ERROR_INVALID, "another matter is for other_custody, not for %s", said->outcome);
}

static bool rules_hold(struct act *act, const struct said *said, struct error *err)
{
    const struct rule *rule = rule_find(said->outcome);
    struct identity identity;
    if (!rule)
        return fail(err, ERROR_CONFLICT, "a stop does not end as %s", said->outcome);
    if (!entry_still_stands(&act->alert, said->outcome, err) ||
        !identity_load(act->site, &act->alert, &identity, err) || !earlier_slip_holds(rule, &identity, err) ||
        !means_hold(said, &identity, err) || !identity_holds(rule, said, &identity, err) ||
        !case_holds(act, rule, said->case_id, err) || !matter_holds(said, err))
        return false;
    return (!rule->needs_slip && !said->slip_proof[0]) ||
           slip_check(act->site, &act->alert, said->slip_proof, err);
}

static bool nothing_is_claimed(const struct said *said, struct error *err)
{
    if (strcmp(said->means, "none") != 0 || said->case_id[0] || said->slip_proof[0] || said->matter[0])
        return fail(err, ERROR_INVALID, "without a stop there is no identity, case or slip");
    return true;
}

static bool count_wrong_stops(struct site *site, const char *operation, int64_t *count, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT COUNT(*) FROM alert WHERE operation = :operation AND"
        " CASE amended WHEN '' THEN outcome ELSE amended END = 'wrong_person'",
        err);
    query_text(query, ":operation", operation);
    if (query_next(query))
        *count = query_get_integer(query, 0);
    return query_ok(query, err);
}

bool wrong_person_follows(struct act *act, bool was_custody, struct error *err)
{
    int64_t wrong = 0;
    const char *operation = act->alert.operation;
    act->entry_changed = true;
    if (!entry_suspend(act->site, act->alert.entry, "wrong_person", err) ||
        !count_wrong_stops(act->site, operation, &wrong, err))
        return false;
    if (was_custody)
        return operation_breaks(act->site, operation, "wrong_custody", &act->halted, err);
    return wrong < LIMIT_WRONG_STOPS ||
           operation_breaks(act->site, operation, "wrong_person", &act->halted, err);
}

static bool withdrawal_follows(struct act *act, const char *reason, struct error *err)
{
    act->entry_changed = true;
    return entry_withdraw_by_outcome(act->site, act->alert.entry, reason, err);
}

/* After the alert is closed, so that what a withdrawal or a halt recalls is the other alerts. */
static bool consequences(struct act *act, const struct said *said, struct error *err)
{
    if (strcmp(said->outcome, "custody") == 0 && !withdrawal_follows(act, "in_custody", err))
        return false;
    if (strcmp(said->outcome, "found_safe") == 0 && !withdrawal_follows(act, "other", err))
        return false;
    return strcmp(said->outcome, "wrong_person") != 0 || wrong_person_follows(act, false, err);
}

/* When the crew signs, whoever still has to agree; after everything else, because the halt recalls. */
static bool harm_follows(struct act *act, const struct said *said, struct error *err)
{
    bool grave = strcmp(said->harm, "firearm") == 0 || strcmp(said->harm, "death") == 0;
    return !grave || operation_breaks(act->site, act->alert.operation, "harm", &act->halted, err);
}

static bool record_outcome(struct act *act, const struct said *said, const char *by, struct error *err)
{
    json_t *more =
        json_pack("{s:s, s:s, s:s}", "outcome", said->outcome, "harm", said->harm, "means", said->means);
    if (said->case_id[0])
        json_object_set_new(more, "case", json_string(said->case_id));
    if (said->matter[0])
        json_object_set_new(more, "matter", json_string(said->matter));
    return alert_record(act->site, &act->alert, "outcome_given", by, more, err);
}

static json_t *close_as(struct act *act, const struct said *said, enum alert_actor by, struct error *err)
{
    AUTO(json) json_t *reply = json_pack("{s:s, s:s}", "alert", act->alert.id, "state", "closed");
    /* Kept first, so that oversight's copy holds it. */
    if (!act_keep(act, reply, err) ||
        (act->alert.state == ALERT_STOPPED && !slip_remember(act->site, &act->alert, err)) ||
        !record_outcome(act, said, act->officer->id, err) ||
        !alert_close(act->site, &act->alert, said->outcome, by, act->officer->id, err) ||
        !consequences(act, said, err))
        return NULL;
    return STEAL(reply);
}

/* Only somebody missing is found safe, which takes the entry off the list, or declines. */
static bool fits_the_ground(struct act *act, const struct said *said, struct error *err)
{
    bool missing = false, adult = false;
    if (strcmp(said->outcome, "found_safe") != 0 && strcmp(said->outcome, "contact_declined") != 0)
        return true;
    if (!entry_is_missing(act->site, act->alert.entry, &missing, &adult, err))
        return false;
    return missing || fail(err, ERROR_CONFLICT, "%s is for the missing only", said->outcome);
}

static json_t *await_concurrence(struct act *act, const struct said *said, struct error *err)
{
    AUTO(json) json_t *reply = alert_reply(&act->alert);
    envelope_hash_hex(act->envelope, act->alert.pending);
    /* Kept first, so that a halt's recall seals it to oversight with the rest. */
    if (!act_keep(act, reply, err) || !alert_save(act->site, &act->alert, err) ||
        !alert_record(act->site, &act->alert, "concurrence_asked", act->officer->id,
            json_pack("{s:s, s:s}", "outcome", said->outcome, "harm", said->harm), err) ||
        !alert_event(act->site, &act->alert, "alert", "concurrence_asked", err))
        return NULL;
    return STEAL(reply);
}

static json_t *without_a_stop(struct act *act, const struct said *said, struct error *err)
{
    if (!nothing_is_claimed(said, err))
        return NULL;
    if (act->alert.state == ALERT_ON_SCENE) {
        bool may = lives_allow(ALERT_ON_SCENE, ALERT_CLOSED, BY_CREW_CONCURRED, said->outcome, err);
        return may ? await_concurrence(act, said, err) : NULL;
    }
    if (strcmp(said->harm, "none") != 0) {
        fail(err, ERROR_INVALID, "harm is for after the arrival");
        return NULL;
    }
    return close_as(act, said, BY_CREW, err);
}

/* A document is looked at by two. */
static json_t *after_a_stop(struct act *act, const struct said *said, struct error *err)
{
    if (!rules_hold(act, said, err))
        return NULL;
    return strcmp(said->means, "document_and_officer") == 0 ? await_concurrence(act, said, err)
                                                            : close_as(act, said, BY_CREW, err);
}

/* What happened may have happened without it; then the crew says that it used none. */
static bool force_is_explained(struct act *act, const struct said *said, struct error *err)
{
    return strcmp(said->harm, "none") == 0 || json_object_get(act->envelope->fields, "force") ||
           fail(err, ERROR_INVALID, "harm needs the reason for any force; none is an answer");
}

/* The code is the person's: what is signed lies open on the desk's disk. */
static bool code_is_not_told(struct act *act, struct error *err)
{
    const char *code = json_string_value(json_object_get(act->envelope->fields, "slip"));
    return !code || !code[0] ||
           fail(err, ERROR_INVALID, "an outcome does not tell the slip's code: sign its slip_proof instead");
}

static json_t *outcome(struct act *act, struct error *err)
{
    struct said said;
    const struct alert *alert = &act->alert;
    if (!said_read(act->envelope->fields, &said, err) || !code_is_not_told(act, err) ||
        !force_is_explained(act, &said, err) || !crew_has_alert(act->site, act->officer->id, alert, err))
        return NULL;
    if (!alert_state_is_open(alert->state)) {
        fail(err, ERROR_CONFLICT, "alert %s has its outcome", alert->id);
        return NULL;
    }
    if (!evidence_carries(act->site, alert, err) || !fits_the_ground(act, &said, err))
        return NULL;
    AUTO(json)
    json_t *reply =
        alert->state == ALERT_STOPPED ? after_a_stop(act, &said, err) : without_a_stop(act, &said, err);
    return reply && harm_follows(act, &said, err) ? STEAL(reply) : NULL;
}

static bool no_unit_is_free(struct site *site, struct error *err)
{
    const struct device *unit = NULL;
    for (size_t i = 0; (unit = roster_unit_at(site->roster, i)); i++) {
        if (unit_is_free(site, unit->id, NULL))
            return fail(err, ERROR_CONFLICT, "unit %s is free", unit->id);
    }
    return true;
}

static json_t *give_up(struct act *act, struct error *err)
{
    if (!no_unit_is_free(act->site, err) ||
        !alert_close(act->site, &act->alert, "no_unit", BY_DISPATCHER, act->officer->id, err))
        return NULL;
    return alert_reply(&act->alert);
}

/* The word alone would be agreement to whatever the crew signs under it: the harm, the means, the case. */
static bool is_what_was_agreed_with(struct act *act, const struct envelope *pending, struct error *err)
{
    char hash[HEX_HASH_SIZE];
    const char *said = json_string_value(json_object_get(act->envelope->fields, "outcome_hash"));
    envelope_hash_hex(pending, hash);
    if (!said)
        return fail(
            err, ERROR_INVALID, "a concurrence names the outcome's statement: outcome_hash is missing");
    return strcmp(said, hash) == 0 ||
           fail(err, ERROR_CONFLICT, "the crew has signed another outcome since; look at it again");
}

/* Closes with the outcome that waits; by a second officer of the crew everything it needs is asked again. */
static json_t *agree_with(struct act *act, const char *word, enum alert_actor by, struct error *err)
{
    const struct alert *alert = &act->alert;
    AUTO(envelope)
    struct envelope *pending = statement_find(act->site, alert, alert->pending, ROLE_CREW, err);
    struct said said;
    if (!pending || !evidence_carries(act->site, alert, err) || !said_read(pending->fields, &said, err))
        return NULL;
    if (strcmp(said.outcome, word) != 0) {
        fail(err, ERROR_CONFLICT, "the crew said %s", said.outcome);
        return NULL;
    }
    if (by == BY_CREW && strcmp(pending->by, act->officer->id) == 0) {
        fail(err, ERROR_FORBIDDEN, "%s signed the outcome; another officer of the crew agrees", pending->by);
        return NULL;
    }
    if (!is_what_was_agreed_with(act, pending, err))
        return NULL;
    return by != BY_CREW || rules_hold(act, &said, err) ? close_as(act, &said, by, err) : NULL;
}

static json_t *concur(struct act *act, struct error *err)
{
    const char *word = NULL;
    const struct alert *alert = &act->alert;
    if (!json_need_text(act->envelope->fields, "outcome", &word, err) ||
        !person_is_no_party(act->site, act->officer->id, alert, err))
        return NULL;
    if (!presence_is_here(act->site, act->officer->id, "dispatcher")) {
        fail(err, ERROR_FORBIDDEN, "%s is not present as dispatcher", act->officer->id);
        return NULL;
    }
    if (alert->state == ALERT_AGREED && strcmp(word, "no_unit") == 0)
        return give_up(act, err);
    if (alert->state != ALERT_ON_SCENE || !alert->pending[0]) {
        fail(err, ERROR_CONFLICT, "no outcome of alert %s awaits a dispatcher", alert->id);
        return NULL;
    }
    return agree_with(act, word, BY_CREW_CONCURRED, err);
}

static json_t *confirm(struct act *act, struct error *err)
{
    const char *word = NULL;
    const struct alert *alert = &act->alert;
    if (!json_need_text(act->envelope->fields, "outcome", &word, err) ||
        !crew_has_alert(act->site, act->officer->id, alert, err))
        return NULL;
    if (alert->state != ALERT_STOPPED || !alert->pending[0]) {
        fail(err, ERROR_CONFLICT, "no outcome of alert %s awaits another officer of the crew", alert->id);
        return NULL;
    }
    return agree_with(act, word, BY_CREW, err);
}

json_t *alert_outcome(struct site *site, const struct envelope *envelope, struct error *err)
{
    static const struct action action = {"outcome", ROLE_CREW, outcome};
    return act_on(site, envelope, &action, err);
}

json_t *alert_concur(struct site *site, const struct envelope *envelope, struct error *err)
{
    static const struct action dispatchers = {"concurrence", ROLE_DISPATCHER, concur};
    static const struct action crews = {"concurrence", ROLE_CREW, confirm};
    const struct officer *officer = roster_officer(site->roster, envelope->by);
    bool in_a_car =
        officer && officer_has(officer, ROLE_CREW) && !presence_is_here(site, officer->id, "dispatcher");
    return act_on(site, envelope, in_a_car ? &crews : &dispatchers, err);
}
