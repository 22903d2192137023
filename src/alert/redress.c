#include "alert/redress_answer.h"

#include "alert/identity.h"
#include "alert/oversight.h"
#include "alert/redress_counter.h"
#include "alert/redress_decision.h"
#include "alert/slip.h"
#include "base/clock.h"
#include "base/text.h"
#include "list/action.h"
#include "list/former_roster.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t second_us = 1000000;

static const char *said(const struct envelope *envelope, const char *field)
{
    const char *text = json_string_value(json_object_get(envelope->fields, field));
    return text ? text : "";
}

static const struct officer *check_signer(
    struct site *site, const struct envelope *envelope, const char *type, uint32_t roles, struct error *err)
{
    const struct officer *officer =
        envelope_is(envelope, type, err) ? roster_check_any(site->roster, envelope, err) : NULL;
    int64_t away_s = envelope->at_s - clock_now_s();
    if (!officer)
        return NULL;
    if (strcmp(envelope->site, site->name) != 0)
        fail(err, ERROR_INVALID, "the statement is for site %s", envelope->site);
    else if (llabs(away_s) > LIMIT_STATEMENT_SKEW_S)
        fail(err, ERROR_INVALID,
            "the statement's time lies more than %d s from the desk's; sign it again, or set the device's "
            "clock",
            LIMIT_STATEMENT_SKEW_S);
    else if (!(officer->roles & roles))
        fail(err, ERROR_FORBIDDEN, "%s has no role that may sign a %s", officer->id, type);
    else
        return officer;
    return NULL;
}

/* A statement counts once; that it was said before is a conflict, because its reply is about a person and is
 * not kept. Under a key: whoever knows the number could try the slip's code on a plain hash. */
static bool use_statement(
    struct site *site, const struct envelope *envelope, const char *request, struct error *err)
{
    uint8_t keyed[HASH_SIZE];
    char hash[HEX_HASH_SIZE];
    const uint8_t *key = keyring_site_key(site->ledger->keyring, "lookup/redress", err);
    if (!key)
        return false;
    hash_keyed(key, envelope->hash, HASH_SIZE, keyed);
    hex_write(keyed, HASH_SIZE, hash);
    AUTO(query)
    struct query *query = query_new(
        site->ledger->store, "INSERT INTO redress_statement (hash, request) VALUES (:hash, :request)", err);
    query_text(query, ":hash", hash);
    query_text(query, ":request", request);
    return query_done(query, err) || fail_within(err, "this statement was used before");
}

static json_t *finish(struct site *site, json_t *reply, struct error *err)
{
    AUTO(json) json_t *kept = reply;
    if (!kept) {
        ledger_abort(site->ledger);
        return NULL;
    }
    return ledger_commit(site->ledger, err) ? STEAL(kept) : NULL;
}

static json_t *state_json(const struct redress *redress)
{
    return json_pack("{s:s, s:s}", "request", redress->id, "state", redress->state);
}

/* Asking. */

static bool count_tries(
    struct site *site, const char *officer, int64_t *all, int64_t *wrong, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT count(*), coalesce(sum(fitted = 0), 0) FROM redress_try"
        " WHERE officer = :officer AND at_us > :since",
        err);
    query_text(query, ":officer", officer);
    query_integer(query, ":since", clock_now_us() - 3600 * second_us);
    if (query_next(query)) {
        *all = query_get_integer(query, 0);
        *wrong = query_get_integer(query, 1);
    }
    return query_ok(query, err);
}

static bool may_try(struct site *site, const char *officer, struct error *err)
{
    int64_t all = 0, wrong = 0;
    if (!count_tries(site, officer, &all, &wrong, err))
        return false;
    if (all >= REDRESS_ASKED_AN_HOUR || wrong >= REDRESS_WRONG_AN_HOUR)
        return fail(err, ERROR_CONFLICT, "%s has asked %lld times this hour, %lld of them wrongly; later",
            officer, (long long)all, (long long)wrong);
    return true;
}

bool redress_keep_try(struct site *site, const char *officer, int64_t at_s, bool fitted, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO redress_try (officer, at_us, fitted) VALUES (:officer, :at, :fitted)", err);
    query_text(query, ":officer", officer);
    query_integer(query, ":at", at_s * second_us);
    query_integer(query, ":fitted", fitted);
    return query_done(query, err);
}

/* A try that did not fit is on the log like any other. */
static void record_misfit(struct site *site, const char *officer)
{
    const struct record record = {.kind = "redress_misfit", .by = officer};
    if (!ledger_begin(site->ledger, NULL))
        return;
    if (!redress_keep_try(site, officer, clock_now_s(), false, NULL) ||
        !ledger_record(site->ledger, &record, NULL) || !ledger_commit(site->ledger, NULL))
        ledger_abort(site->ledger);
}

static bool new_request(struct site *site, const struct envelope *envelope, const char *alert,
    struct redress *out, struct error *err)
{
    *out = (struct redress){.made_us = clock_now_us()};
    out->expires_us = out->made_us + (int64_t)REDRESS_KEPT_DAYS * 86400 * second_us;
    snprintf(out->id, sizeof out->id, "%s", said(envelope, "request"));
    snprintf(out->alert, sizeof out->alert, "%s", alert);
    snprintf(out->kind, sizeof out->kind, "%s", said(envelope, "kind"));
    snprintf(out->state, sizeof out->state, "asked");
    snprintf(out->officer, sizeof out->officer, "%s", envelope->by);
    out->stations = counter_stations(site, roster_officer(site->roster, envelope->by));
    out->statements = json_array();
    json_array_append_new(out->statements, envelope_json(envelope));
    if (strcmp(out->kind, "complaint") != 0)
        return true;
    AUTO(json) json_t *complaint = envelope_json(envelope);
    AUTO(text) char *text = json_canonical(complaint, err);
    return text && oversight_seal(site, out->id, text, REDRESS_KEPT_DAYS, err);
}

static json_t *open_request(
    struct site *site, const struct envelope *envelope, const struct slip_found *slip, struct error *err)
{
    AUTO(redress) struct redress redress = {.statements = NULL};
    const char *alert = slip->alert;
    bool has_slip = alert[0] != 0;
    json_t *more = statement_named(
        json_pack("{s:s, s:b}", "about", said(envelope, "kind"), "with_slip", has_slip), envelope);
    if (has_slip)
        json_object_set_new(more, "alert", json_string(alert));
    if (!redress_is_free(site, said(envelope, "request"), err) ||
        !use_statement(site, envelope, said(envelope, "request"), err) ||
        !redress_keep_try(site, envelope->by, clock_now_s(), true, err) ||
        !new_request(site, envelope, alert, &redress, err)) {
        json_decref(more);
        return NULL;
    }
    if (!redress_add(site, &redress, envelope->by, more, err))
        return NULL;
    AUTO(json) json_t *reply = state_json(&redress);
    json_t *facts = has_slip ? redress_facts(site, said(envelope, "cnic"), alert, slip->bound, err) : NULL;
    if (facts)
        json_object_set_new(reply, "answer", facts);
    return has_slip && !facts ? NULL : STEAL(reply);
}

static bool has_form(const struct envelope *envelope, struct error *err)
{
    char digits[CNIC_DIGITS + 1];
    if (!cnic_digits(said(envelope, "cnic"), digits))
        return fail(err, ERROR_INVALID, "an identity card number has %d digits", CNIC_DIGITS);
    return said(envelope, "slip")[0] || strcmp(said(envelope, "kind"), "access") == 0 ||
           fail(err, ERROR_INVALID, "a complaint or a correction is about a stop: it needs the slip's code");
}

/* Only what did not fit counts as a try; the desk's own failures are told as they are. */
static bool find_slip(struct site *site, const struct envelope *envelope, const uint8_t *slow,
    struct slip_found *out, struct error *err)
{
    struct error wrong = {0};
    const char *code = said(envelope, "slip");
    if (!code[0])
        return true;
    assert(slow);
    if (slip_find(site, code, slow, out, &wrong))
        return true;
    if (wrong.code != ERROR_MISSING && wrong.code != ERROR_FORBIDDEN)
        return fail_as(err, &wrong);
    record_misfit(site, envelope->by);
    /* Which of the two was wrong is for nobody who tries codes. */
    return fail(err, ERROR_MISSING, "no slip with this code was given to the person with this number");
}

static bool may_ask(struct site *site, const struct envelope *envelope, struct error *err)
{
    return check_signer(site, envelope, "redress_request", ROLE_BIT(ROLE_STATION), err) &&
           may_try(site, envelope->by, err) && has_form(envelope, err);
}

bool redress_ask_begin(
    struct site *site, const struct envelope *envelope, struct slip_question *out, struct error *err)
{
    *out = (struct slip_question){.digits = ""};
    if (!may_ask(site, envelope, err))
        return false;
    const char *code = said(envelope, "slip");
    return !code[0] || slip_question(site, code, said(envelope, "cnic"), out, err);
}

json_t *redress_ask(
    struct site *site, const struct envelope *envelope, const uint8_t *slow, struct error *err)
{
    struct slip_found slip = {.bound = false};
    if (!may_ask(site, envelope, err) || !find_slip(site, envelope, slow, &slip, err) ||
        !ledger_begin(site->ledger, err))
        return NULL;
    return finish(site, open_request(site, envelope, &slip, err), err);
}

/* Answering. */

static bool answer_has_form(const struct envelope *envelope, struct error *err)
{
    bool refused = strcmp(said(envelope, "answer"), "refused") == 0;
    bool reasoned = strcmp(said(envelope, "reason"), "none") != 0;
    return refused == reasoned ||
           fail(err, ERROR_INVALID,
               refused ? "a refusal needs a reason" : "a reason is for a refusal; this is none");
}

/* After something has changed, what was not answered yet still is, and a refusal can be taken back. */
static bool may_answer(
    struct site *site, const struct redress *redress, const struct envelope *envelope, struct error *err)
{
    static const char *const changed_states[] = {"to_tell", "told"};
    bool changed = word_is_in(redress->state, changed_states, COUNT_OF(changed_states));
    bool gives = strcmp(said(envelope, "answer"), "given") == 0;
    enum redress_decision decided = redress_decided(site, redress);
    if (strcmp(redress->state, "asked") == 0 ||
        (changed && (decided == REDRESS_UNDECIDED || (gives && decided == REDRESS_REFUSED))))
        return true;
    return fail(err, ERROR_CONFLICT, "request %s is %s", redress->id, redress->state);
}

static const char *state_after(const struct redress *redress, const struct envelope *envelope, bool counts)
{
    if (!counts)
        return redress->state;
    if (strcmp(redress->state, "asked") != 0)
        return "to_tell";
    return strcmp(said(envelope, "answer"), "refused") == 0 ? "refused" : "answered";
}

static json_t *answer_request(
    struct site *site, const struct envelope *envelope, struct redress *redress, struct error *err)
{
    char state[sizeof redress->state];
    if (!may_answer(site, redress, envelope, err))
        return NULL;
    bool counts = redress_counts(site, redress, envelope);
    snprintf(state, sizeof state, "%s", state_after(redress, envelope, counts));
    json_array_append_new(redress->statements, envelope_json(envelope));
    json_t *more = statement_named(
        json_pack("{s:s, s:s}", "answer", said(envelope, "answer"), "reason", said(envelope, "reason")),
        envelope);
    if (!use_statement(site, envelope, redress->id, err)) {
        json_decref(more);
        return NULL;
    }
    return redress_move(site, redress, state, envelope->by, more, err) ? state_json(redress) : NULL;
}

typedef json_t *step(struct site *, const struct envelope *, struct redress *, struct error *);

static json_t *act_on_request(
    struct site *site, const struct envelope *envelope, step *does, struct error *err)
{
    AUTO(redress) struct redress redress = {.statements = NULL};
    if (!redress_load(site, said(envelope, "request"), &redress, err) ||
        !counter_let_in(site, &redress, roster_officer(site->roster, envelope->by), err) ||
        !ledger_begin(site->ledger, err))
        return NULL;
    return finish(site, does(site, envelope, &redress, err), err);
}

json_t *redress_answer(struct site *site, const struct envelope *envelope, struct error *err)
{
    uint32_t roles = ROLE_BIT(ROLE_STATION) | ROLE_BIT(ROLE_AUTHORISER);
    if (!check_signer(site, envelope, "redress_answer", roles, err) || !answer_has_form(envelope, err))
        return NULL;
    return act_on_request(site, envelope, answer_request, err);
}

/* Findings, and what has to be told. */

/* With a slip the facts are told when they are asked for, whatever is signed afterwards. */
static bool has_been_told(const struct redress *redress)
{
    static const char *const states[] = {"answered", "refused", "to_tell", "told"};
    return redress->alert[0] || word_is_in(redress->state, states, COUNT_OF(states));
}

static json_t *find_request(
    struct site *site, const struct envelope *envelope, struct redress *redress, struct error *err)
{
    if (strcmp(redress->kind, "complaint") != 0) {
        fail(err, ERROR_CONFLICT, "request %s is no complaint", redress->id);
        return NULL;
    }
    json_array_append_new(redress->statements, envelope_json(envelope));
    json_t *more = statement_named(json_pack("{s:s}", "finding", said(envelope, "finding")), envelope);
    if (!use_statement(site, envelope, redress->id, err)) {
        json_decref(more);
        return NULL;
    }
    return redress_move(site, redress, "to_tell", envelope->by, more, err) ? state_json(redress) : NULL;
}

json_t *redress_find(struct site *site, const struct envelope *envelope, struct error *err)
{
    if (!check_signer(site, envelope, "redress_finding", ROLE_BIT(ROLE_INSPECTOR), err))
        return NULL;
    return act_on_request(site, envelope, find_request, err);
}

static json_t *tell_request(
    struct site *site, const struct envelope *envelope, struct redress *redress, struct error *err)
{
    if (strcmp(redress->state, "to_tell") != 0) {
        fail(err, ERROR_CONFLICT, "nothing of request %s waits to be told", redress->id);
        return NULL;
    }
    if (!use_statement(site, envelope, redress->id, err))
        return NULL;
    return redress_move(site, redress, "told", envelope->by, NULL, err) ? state_json(redress) : NULL;
}

json_t *redress_tell(struct site *site, const struct envelope *envelope, struct error *err)
{
    if (!check_signer(site, envelope, "redress_told", ROLE_BIT(ROLE_STATION), err))
        return NULL;
    return act_on_request(site, envelope, tell_request, err);
}

static bool is_to_be_told(struct site *site, const char *request, struct error *err)
{
    AUTO(redress) struct redress redress = {.statements = NULL};
    if (!redress_load(site, request, &redress, err))
        return false;
    return !has_been_told(&redress) || redress_move(site, &redress, "to_tell", "site", NULL, err);
}

static bool changed(struct site *site, const char *sql, const char *id, struct error *err)
{
    AUTO(query) struct query *query = query_new(site->ledger->store, sql, err);
    AUTO(json) json_t *requests = json_array();
    size_t index;
    json_t *request;
    query_text(query, ":id", id);
    while (query_next(query))
        json_array_append_new(requests, json_string(query_get_text(query, 0)));
    if (!query_ok(query, err))
        return false;
    json_array_foreach (requests, index, request) {
        struct error wrong = {0};
        /* An edited row must not keep a correction from taking effect. */
        if (is_to_be_told(site, json_string_value(request), &wrong) || wrong.code == ERROR_CORRUPT)
            continue;
        return fail_as(err, &wrong);
    }
    return true;
}

bool redress_alert_changed(struct site *site, const char *alert, struct error *err)
{
    return changed(site, "SELECT request FROM redress WHERE alert = :id ORDER BY request", alert, err);
}

bool redress_entry_changed(struct site *site, const char *entry, struct error *err)
{
    return changed(site,
        "SELECT request FROM redress WHERE alert IN (SELECT alert FROM alert WHERE entry = :id)"
        " ORDER BY request",
        entry, err);
}

bool redress_has_complaint(struct site *site, const char *alert)
{
    AUTO(query)
    struct query *query = query_new(
        site->ledger->store, "SELECT 1 FROM redress WHERE alert = :alert AND kind = 'complaint'", NULL);
    query_text(query, ":alert", alert);
    return query_next(query);
}
