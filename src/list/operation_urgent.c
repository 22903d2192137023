/* Urgent operations: threat to life and missing persons do not wait for the outside signer; that signature
 * follows within a day, or everything is destroyed (SAFEGUARDS 18). */
#include "base/clock.h"
#include "base/log.h"
#include "govern/ledger_find.h"
#include "list/action.h"
#include "list/operation.h"
#include "list/operation_run.h"
#include "list/overdue.h"
#include "list/row.h"
#include "sign/limits.h"

#include <string.h>

static const char *word_of(const struct envelope *envelope, const char *field)
{
    return json_string_value(json_object_get(envelope->fields, field));
}

static json_t *state_reply(const struct operation_row *row)
{
    return json_pack("{s:s, s:s}", "operation", row->operation, "state", operation_phase_word(row->phase));
}

static bool is_this_request(
    const struct envelope *envelope, const struct operation_row *row, struct error *err)
{
    return strcmp(word_of(envelope, "request_hash"), row->request_hash) == 0 ||
           fail(err, ERROR_CONFLICT, "the statement is about another request");
}

static bool purpose_is_missing(struct site *site, const char *operation, struct error *err)
{
    AUTO(envelope) struct envelope *request = NULL;
    size_t count = 0;
    if (!operation_statements(site, operation, "request", &request, 1, &count, err))
        return false;
    return (count == 1 && strcmp(word_of(request, "purpose"), "missing_persons") == 0) ||
           fail(err, ERROR_FORBIDDEN, "operation %s is not for missing persons and cannot be urgent for them",
               operation);
}

/* On a live site somebody missing is on the list as missing; a demo site knows consenting subjects only. */
static bool list_is_of_the_missing(
    struct site *site, const char *operation, const char *reason, struct error *err)
{
    if (strcmp(reason, "missing") != 0)
        return true;
    if (!purpose_is_missing(site, operation, err))
        return false;
    if (site->kind == SITE_DEMO)
        return true;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT entry.entry FROM operation_entry JOIN entry ON entry.entry = operation_entry.entry"
        " WHERE operation = :operation AND ground <> 'missing_or_at_risk' LIMIT 1",
        err);
    query_text(query, ":operation", operation);
    if (query_next(query))
        return fail(err, ERROR_FORBIDDEN, "entry %s is nobody missing; leave it out of an urgent operation",
            query_get_text(query, 0));
    return query_ok(query, err);
}

static bool may_declare(struct site *site, const struct envelope *envelope, const struct operation_row *row,
    const struct officer *officer, struct error *err)
{
    struct signatures found = {.urgent = false};
    bool is_protected = true;
    if (row->phase != OPERATION_REQUESTED)
        return fail(err, ERROR_CONFLICT, "operation %s is %s; urgency is declared of a request",
            row->operation, operation_phase_word(row->phase));
    if (strcmp(row->requester, officer->id) == 0)
        return fail(err, ERROR_FORBIDDEN, "%s requested operation %s and cannot declare it urgent",
            officer->id, row->operation);
    if (row->ends_s - row->starts_s > LIMIT_URGENT_S)
        return fail(
            err, ERROR_FORBIDDEN, "an urgent operation lasts at most %d hours", LIMIT_URGENT_S / 3600);
    if (!operation_signatures(site, row, &found, err) ||
        !operation_is_protected(site, row, &is_protected, err))
        return false;
    if (is_protected)
        return fail(err, ERROR_FORBIDDEN,
            "operation %s is in a protected place, where nothing starts without the outside signer",
            row->operation);
    if (found.urgent)
        return fail(err, ERROR_CONFLICT, "operation %s is declared urgent already", row->operation);
    return is_this_request(envelope, row, err) &&
           list_is_of_the_missing(site, row->operation, word_of(envelope, "reason"), err);
}

static bool record_urgency(
    struct site *site, const struct operation_row *row, const struct envelope *envelope, struct error *err)
{
    AUTO(json)
    json_t *fields = json_pack("{s:s, s:s, s:s}", "operation", row->operation, "request_hash",
        row->request_hash, "reason", word_of(envelope, "reason"));
    struct record record = {.kind = "operation_urgent", .by = envelope->by, .public_fields = fields};
    return ledger_record(site->ledger, &record, err);
}

json_t *operation_declare_urgent(struct site *site, const struct envelope *envelope, struct error *err)
{
    struct action action;
    struct operation_row row;
    if (!action_check(site, envelope, "urgency", ROLE_BIT(ROLE_AUTHORISER), &action, err))
        return NULL;
    if (action.reply)
        return action.reply;
    if (!operation_load(site, word_of(envelope, "operation"), &row, err) ||
        !may_declare(site, envelope, &row, action.officer, err) || !ledger_begin(site->ledger, err))
        return NULL;
    bool done = operation_keep_statement(site, row.operation, "urgency", action.officer, envelope, err) &&
                record_urgency(site, &row, envelope, err) &&
                operation_settle_signatures(site, &row, action.officer, err);
    return action_commit(site, envelope, done, state_reply(&row), err);
}

bool operation_owe_ratification(struct site *site, struct operation_row *row, struct error *err)
{
    struct signatures found = {.urgent = false};
    if (!operation_signatures(site, row, &found, err))
        return false;
    if (found.urgent && !found.outside)
        row->ratify_s = clock_now_s() + LIMIT_RATIFY_S;
    return true;
}

/* NULL for an outside signer's part: that makes nobody's office take part. */
static const char *office_in(struct site *site, const json_t *record)
{
    const char *office = json_string_value(json_object_get(record, "office"));
    const char *by = json_string_value(json_object_get(record, "by"));
    const struct officer *officer = by ? roster_officer(site->roster, by) : NULL;
    if (!officer)
        return office;
    return officer_has(officer, ROLE_OUTSIDE_SIGNER) ? NULL : officer->office;
}

/* Who took part is read from the log: the statements are destroyed before the ratification may be due. */
static bool is_part(const char *leaf)
{
    return strstr(leaf, "\"kind\":\"operation_requested\"") ||
           strstr(leaf, "\"kind\":\"operation_signed\"") || strstr(leaf, "\"kind\":\"operation_urgent\"");
}

/* As token_verify asks of an outside signer who authorises. */
static bool is_from_outside(
    struct site *site, const struct operation_row *row, const struct officer *officer, struct error *err)
{
    const struct officer *requester = roster_officer(site->roster, row->requester);
    bool takes_part = requester && strcmp(requester->office, officer->office) == 0;
    AUTO(finding)
    struct finding found = {.ledger = site->ledger, .by = FIND_OPERATION, .value = row->operation};
    while (!takes_part && finding_next(&found)) {
        const char *leaf = (const char *)found.leaf.data;
        if (!is_part(leaf))
            continue;
        AUTO(json) json_t *record = json_read(leaf, strlen(leaf), STATEMENT_LIMIT, err);
        if (!record)
            return false;
        const char *office = office_in(site, record);
        takes_part = office && strcmp(office, officer->office) == 0;
    }
    if (takes_part)
        return fail(err, ERROR_FORBIDDEN,
            "%s is of an office that takes part and ratifies nothing from outside", officer->id);
    return finding_ok(&found, err);
}

/* What is wiped has no key to keep it under any more; the log has the statement's hash all the same. */
static bool keep_ratification(struct site *site, const struct operation_row *row,
    const struct officer *officer, const struct envelope *envelope, struct error *err)
{
    char hash[HEX_HASH_SIZE];
    envelope_hash_hex(envelope, hash);
    AUTO(json)
    json_t *fields = json_pack("{s:s, s:s, s:s, s:s}", "operation", row->operation, "request_hash",
        row->request_hash, "answer", word_of(envelope, "answer"), "ratification_hash", hash);
    struct record record = {.kind = "operation_ratification", .by = officer->id, .public_fields = fields};
    return (row->wiped ||
               operation_keep_statement(site, row->operation, "ratification", officer, envelope, err)) &&
           ledger_record(site->ledger, &record, err);
}

json_t *operation_ratify(struct site *site, const struct envelope *envelope, struct error *err)
{
    struct action action;
    struct operation_row row;
    if (!action_check(site, envelope, "ratification", ROLE_BIT(ROLE_OUTSIDE_SIGNER), &action, err))
        return NULL;
    if (action.reply)
        return action.reply;
    if (!operation_load(site, word_of(envelope, "operation"), &row, err) ||
        !is_this_request(envelope, &row, err))
        return NULL;
    if (row.ratify_s <= clock_now_s()) {
        fail(err, ERROR_CONFLICT, "operation %s owes no ratification any more", row.operation);
        return NULL;
    }
    if (!is_from_outside(site, &row, action.officer, err) || !ledger_begin(site->ledger, err))
        return NULL;
    bool ratified = strcmp(word_of(envelope, "answer"), "ratified") == 0;
    row.ratify_s = ratified ? 0 : clock_now_s(); /* the next tick destroys */
    bool done =
        operation_save(site, &row, err) && keep_ratification(site, &row, action.officer, envelope, err);
    return action_commit(site, envelope, done, state_reply(&row), err);
}

static bool is_wipeable(const struct operation_row *row)
{
    return !row->wiped && row->phase == OPERATION_ENDED;
}

static bool end_for_good(struct site *site, struct operation_row *row, struct error *err)
{
    bool runs =
        row->phase == OPERATION_RUNNING || row->phase == OPERATION_PAUSED || row->phase == OPERATION_HALTED;
    if (!runs)
        return true;
    return operation_move(site, row, OPERATION_ENDED, NULL, "not_ratified", err) &&
           (!site->recall_operation || site->recall_operation(site, row->operation, "ended", err));
}

/* In the caller's transaction. What still is open is over within the hour and is destroyed then. */
static bool destroy(struct site *site, struct operation_row *row, struct error *err)
{
    int64_t left = 0;
    if (!end_for_good(site, row, err) ||
        (site->erase_operation && !site->erase_operation(site, row->operation, &left, err)) ||
        (is_wipeable(row) && !operation_wipe_now(site, row, err)))
        return false;
    if (left > 0)
        return true;
    row->ratify_s = 0;
    row_text(row->why, sizeof row->why, "not_ratified"); /* also of what was over before */
    AUTO(json) json_t *fields = json_pack("{s:s}", "operation", row->operation);
    struct record record = {.kind = "operation_destroyed", .by = "site", .public_fields = fields};
    return operation_save(site, row, err) && ledger_record(site->ledger, &record, err);
}

static bool destroy_one(struct site *site, const char *operation, struct error *err)
{
    struct operation_row row;
    struct error why = {0};
    if (!operation_load(site, operation, &row, &why)) {
        log_write(LOG_ERROR, "operation_row_edited", "%s", why.text);
        return true;
    }
    if (!row.ratify_s || row.ratify_s > overdue_time_s(site))
        return true;
    if (site->supervisor)
        supervisor_disarm(site->supervisor, operation);
    if (!ledger_begin(site->ledger, err))
        return false;
    if (destroy(site, &row, err) && ledger_commit(site->ledger, err))
        return true;
    ledger_abort(site->ledger);
    return false;
}

bool operation_destroy_unratified(struct site *site, struct error *err)
{
    AUTO(json) json_t *ids = operation_ids(site, "ratify_at > 0", err);
    if (!ids)
        return false;
    size_t index;
    const json_t *id;
    json_array_foreach (ids, index, id) {
        if (!destroy_one(site, json_string_value(id), err))
            return false;
    }
    return true;
}
