#include "list/operation.h"

#include "base/clock.h"
#include "base/text.h"
#include "list/action.h"
#include "list/camera.h"
#include "list/heartbeat.h"
#include "list/operation_build.h"
#include "list/operation_listed.h"
#include "list/operation_passages.h"
#include "list/operation_proof.h"
#include "list/operation_publish.h"
#include "list/operation_reason.h"
#include "list/operation_recorded.h"
#include "list/operation_refused.h"
#include "list/operation_rules.h"
#include "list/operation_run.h"
#include "list/row.h"
#include "sign/limits.h"

#include <string.h>

const struct migration operation_migrations[] = {{"list-0005-operation", operation_sql},
    {"list-0008-heartbeat", heartbeat_sql}, {"list-0010-ratify", operation_ratify_sql},
    {"list-0012-listed", operation_listed_sql}, {"list-0013-publication", operation_publication_sql},
    {"list-0014-status-age", operation_status_sql}, {"list-0016-reason", operation_reason_sql},
    {"list-0036-passages", operation_passages_sql}, {"list-0046-refused", operation_refused_sql}};
const size_t operation_migration_count = COUNT_OF(operation_migrations);

static const char *word_of(const struct envelope *envelope, const char *field)
{
    return json_string_value(json_object_get(envelope->fields, field));
}

static json_t *state_reply(const struct operation_row *row)
{
    return json_pack("{s:s, s:s}", "operation", row->operation, "state", operation_phase_word(row->phase));
}

/* Told before anybody signs: with which camera it would not arm. */
static bool find_cameras(
    struct site *site, const json_t *body, struct camera *out, size_t *count, struct error *err)
{
    const json_t *ids = json_object_get(body, "cameras"), *starts = json_object_get(body, "starts_at");
    int64_t starts_s = starts ? json_integer_value(starts) : clock_now_s();
    size_t index;
    const json_t *id;
    json_array_foreach (ids, index, id) {
        char credentials[128];
        if (!camera_find(site, json_string_value(id), &out[index], credentials, err) ||
            !camera_signs_hold(site, json_string_value(id), starts_s, err))
            return false;
        memory_wipe(credentials, sizeof credentials);
    }
    *count = json_array_size(ids);
    return true;
}

/* A new draft, or this officer's own that is drafted again. */
static bool begin_draft(struct site *site, const struct officer *officer, const char *operation,
    struct operation_row *out, struct error *err)
{
    struct error missing = {0};
    struct operation_row row = {.phase = OPERATION_DRAFT, .drafted_s = clock_now_s()};
    int from = OPERATION_NOWHERE;
    if (operation_load(site, operation, &row, &missing)) {
        from = (int)row.phase;
        if (strcmp(row.requester, officer->id) != 0)
            return fail(err, ERROR_CONFLICT, "operation %s belongs to another officer", operation);
    } else if (missing.code != ERROR_MISSING) {
        return fail_as(err, &missing);
    }
    if (!operation_may_move(from, OPERATION_DRAFT, officer, err))
        return false;
    row_text(row.operation, sizeof row.operation, operation);
    row_text(row.requester, sizeof row.requester, officer->id);
    row.changed_s = clock_now_s();
    *out = row;
    return true;
}

struct list_build *operation_draft_build(struct site *site, const json_t *body, struct error *err)
{
    return operation_draft_check(site, body, err) ? list_build_new(site, operation_draft_entries(body))
                                                  : NULL;
}

static bool record_draft(
    struct site *site, const struct operation_row *row, const struct officer *officer, struct error *err)
{
    AUTO(json)
    json_t *fields = json_pack("{s:s, s:s, s:I}", "operation", row->operation, "list_hash", row->list_hash,
        "list_size", (json_int_t)row->list_size);
    struct record record = {.kind = "operation_drafted", .by = officer->id, .public_fields = fields};
    return ledger_record(site->ledger, &record, err) &&
           ledger_event(site->ledger, "operation", row->operation, "draft", err);
}

static json_t *write_draft(struct site *site, const struct officer *officer, struct operation_row *row,
    const json_t *body, struct list_build *build, struct error *err)
{
    struct camera cameras[LIMIT_OPERATION_CAMERAS];
    size_t count = 0;
    AUTO(operation_list) struct operation_list list = {.items = NULL};
    AUTO(json) json_t *entries = operation_draft_entries(body);
    if (!find_cameras(site, body, cameras, &count, err) ||
        !operation_set_parts(site, row->operation, entries, cameras, count, err) ||
        !list_build_take(site, row->operation, build, &list, err) ||
        !operation_shares_check(site, row->operation, err))
        return NULL;
    hex_write(list.hash, HASH_SIZE, row->list_hash);
    row->list_size = (int64_t)list.entries;
    AUTO(json) json_t *terms = operation_terms(site, row->operation, &list, err);
    if (!terms || !operation_save(site, row, err) || !record_draft(site, row, officer, err))
        return NULL;
    return STEAL(terms);
}

json_t *operation_draft(struct site *site, const struct officer *officer, const json_t *body,
    struct list_build *build, struct error *err)
{
    struct operation_row row;
    if (!operation_draft_check(site, body, err) ||
        !begin_draft(site, officer, json_string_value(json_object_get(body, "operation")), &row, err) ||
        !ledger_begin(site->ledger, err))
        return NULL;
    AUTO(json) json_t *terms = write_draft(site, officer, &row, body, build, err);
    if (!terms || !ledger_commit(site->ledger, err)) {
        ledger_abort(site->ledger);
        return NULL;
    }
    return STEAL(terms);
}

/* The public terms of the request go into the log whole: the public record is made of them. */
static bool record_request(struct site *site, const struct envelope *request, struct error *err)
{
    static const char *const names[] = {"operation", "kind", "purpose", "cameras", "list_hash", "list_size",
        "pack_hash", "report_hash", "threshold_e6", "expected_passages", "assessment_hash",
        "assessment_dated", "starts_at", "ends_at"};
    char hash[HEX_HASH_SIZE], parts[HEX_HASH_SIZE], key[40];
    envelope_hash_hex(request, hash);
    operation_key_name(word_of(request, "operation"), key);
    if (!operation_parts_mark(site, word_of(request, "operation"), parts, err))
        return false;
    AUTO(json) json_t *fields = json_pack("{s:s, s:s}", "request_hash", hash, "parts_mark", parts);
    for (size_t i = 0; i < COUNT_OF(names); i++)
        json_object_set(fields, names[i], json_object_get(request->fields, names[i]));
    /* "kind" is the record's own word. */
    json_object_del(fields, "kind");
    json_object_set(fields, "site_kind", json_object_get(request->fields, "kind"));
    json_object_set_new(fields, "reasons", operation_reasons_counted(request));
    AUTO(json)
    json_t *private_fields = json_pack("{s:O}", "reasons", json_object_get(request->fields, "reasons"));
    struct record record = {.kind = "operation_terms",
        .by = request->by,
        .public_fields = fields,
        .private_fields = private_fields,
        .private_key = key};
    return ledger_record(site->ledger, &record, err);
}

static bool write_request(struct site *site, const struct envelope *envelope, const struct officer *officer,
    struct operation_row *row, struct list_build *build, struct error *err)
{
    AUTO(operation_list) struct operation_list list = {.items = NULL};
    if (!list_build_take(site, row->operation, build, &list, err))
        return false;
    AUTO(json) json_t *terms = operation_terms(site, row->operation, &list, err);
    if (!terms || !operation_request_check(site, envelope, terms, err))
        return false;
    envelope_hash_hex(envelope, row->request_hash);
    hex_write(list.hash, HASH_SIZE, row->list_hash);
    row->list_size = (int64_t)list.entries;
    row->starts_s = json_integer_value(json_object_get(envelope->fields, "starts_at"));
    row->ends_s = json_integer_value(json_object_get(envelope->fields, "ends_at"));
    row_text(row->requester, sizeof row->requester, envelope->by);
    return operation_list_keep(site, row->operation, &list, err) &&
           operation_keep_statement(site, row->operation, "request", officer, envelope, err) &&
           operation_keep_reasons(site, envelope, err) && record_request(site, envelope, err) &&
           operation_move(site, row, OPERATION_REQUESTED, officer, "", err);
}

struct list_build *operation_request_build(struct site *site, const struct envelope *envelope)
{
    struct operation_row row;
    const char *operation = word_of(envelope, "operation");
    if (!operation_load(site, operation, &row, NULL) || row.phase != OPERATION_DRAFT)
        return NULL;
    json_t *entries = operation_parts(site, operation, "entry", NULL);
    return entries ? list_build_new(site, entries) : NULL;
}

/* An alert without an outcome is its office's debt (SAFEGUARDS 38). An operation whose requester has left is
 * everybody's. */
static bool office_owes_nothing(struct site *site, const struct officer *officer, struct error *err)
{
    AUTO(json)
    json_t *overdue = site->overdue_operations ? site->overdue_operations(site, err) : json_array();
    if (!overdue)
        return false;
    size_t index;
    const json_t *id;
    json_array_foreach (overdue, index, id) {
        struct operation_row row;
        if (!operation_load(site, json_string_value(id), &row, err))
            return false;
        const struct officer *requester = roster_officer(site->roster, row.requester);
        if (!requester || strcmp(requester->office, officer->office) == 0)
            return fail(err, ERROR_CONFLICT,
                "an alert of operation %s has had no outcome for a day; its office requests no other before",
                row.operation);
    }
    return true;
}

json_t *operation_request(
    struct site *site, const struct envelope *envelope, struct list_build *build, struct error *err)
{
    struct action action;
    struct operation_row row;
    if (!action_check(site, envelope, "operation_request", ROLE_BIT(ROLE_WATCH_OFFICER), &action, err))
        return NULL;
    if (action.reply)
        return action.reply;
    if (!operation_load(site, word_of(envelope, "operation"), &row, err) ||
        !operation_may_move((int)row.phase, OPERATION_REQUESTED, action.officer, err) ||
        !office_owes_nothing(site, action.officer, err) || !ledger_begin(site->ledger, err))
        return NULL;
    bool done = write_request(site, envelope, action.officer, &row, build, err);
    json_t *reply = state_reply(&row);
    json_object_set_new(reply, "request_hash", json_string(row.request_hash));
    return action_commit(site, envelope, done, reply, err);
}

/* A second signature of the same office adds nothing, so it is refused while it can still be noticed. */
static bool office_is_new(
    struct site *site, const char *operation, const struct officer *officer, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT officer, office FROM operation_statement WHERE operation = :operation AND step = "
        "'authorisation'",
        err);
    query_text(query, ":operation", operation);
    while (query_next(query)) {
        if (strcmp(query_get_text(query, 0), officer->id) == 0)
            return fail(err, ERROR_CONFLICT, "%s has signed operation %s already", officer->id, operation);
        if (strcmp(query_get_text(query, 1), officer->office) == 0)
            return fail(err, ERROR_FORBIDDEN, "an authoriser of %s's office has signed; it takes two offices",
                officer->id);
    }
    return query_ok(query, err);
}

/* Whoever asked is told why, in a closed word: it is a public field of the log. */
static bool has_reason(const struct envelope *envelope, struct error *err)
{
    bool refused = strcmp(word_of(envelope, "answer"), "refused") == 0;
    bool reasoned = json_object_get(envelope->fields, "reason") != NULL;
    return refused == reasoned ||
           fail(err, ERROR_INVALID,
               refused ? "a refusal needs a reason" : "a reason is for a refusal; this is none");
}

static bool may_authorise(struct site *site, const struct envelope *envelope, const struct operation_row *row,
    const struct officer *officer, struct error *err)
{
    if (!operation_may_move((int)row->phase, OPERATION_AUTHORISED, officer, err))
        return false;
    if (strcmp(row->requester, officer->id) == 0)
        return fail(err, ERROR_FORBIDDEN, "%s requested operation %s and cannot authorise it", officer->id,
            row->operation);
    if (strcmp(word_of(envelope, "request_hash"), row->request_hash) != 0)
        return fail(err, ERROR_CONFLICT, "the authorisation is for another request");
    return has_reason(envelope, err) && office_is_new(site, row->operation, officer, err);
}

static bool record_signature(
    struct site *site, const struct operation_row *row, const struct officer *officer, struct error *err)
{
    AUTO(json)
    json_t *fields = json_pack("{s:s, s:s, s:s}", "operation", row->operation, "request_hash",
        row->request_hash, "office", officer->office);
    struct record record = {.kind = "operation_signed", .by = officer->id, .public_fields = fields};
    return ledger_record(site->ledger, &record, err);
}

static bool note_what_is_missing(struct site *site, struct operation_row *row, struct error *err)
{
    struct signatures found = {.urgent = false};
    if (!operation_signatures(site, row, &found, err))
        return false;
    row_text(row->why, sizeof row->why, found.two_offices ? "outside_signer" : "");
    return operation_save(site, row, err);
}

bool operation_settle_signatures(
    struct site *site, struct operation_row *row, const struct officer *officer, struct error *err)
{
    AUTO(text) char *token = NULL;
    bool complete = false;
    if (!operation_token(site, row, &token, &complete, err))
        return false;
    if (!complete)
        return note_what_is_missing(site, row, err) &&
               ledger_event(site->ledger, "operation", row->operation, "requested", err);
    int64_t now = clock_now_s();
    int64_t at = now > row->starts_s ? now : row->starts_s;
    return operation_token_holds(site, row, token, at, err) &&
           operation_move(site, row, OPERATION_AUTHORISED, officer, "", err);
}

static bool write_authorisation(struct site *site, const struct envelope *envelope,
    const struct officer *officer, struct operation_row *row, struct error *err)
{
    if (!operation_keep_statement(site, row->operation, "authorisation", officer, envelope, err))
        return false;
    if (strcmp(word_of(envelope, "answer"), "authorised") != 0)
        return operation_move(site, row, OPERATION_REFUSED, officer, word_of(envelope, "reason"), err);
    return record_signature(site, row, officer, err) && operation_settle_signatures(site, row, officer, err);
}

json_t *operation_authorise(struct site *site, const struct envelope *envelope, struct error *err)
{
    struct action action;
    struct operation_row row;
    uint32_t roles = ROLE_BIT(ROLE_AUTHORISER) | ROLE_BIT(ROLE_OUTSIDE_SIGNER);
    if (!action_check(site, envelope, "authorisation", roles, &action, err))
        return NULL;
    if (action.reply)
        return action.reply;
    if (!operation_load(site, word_of(envelope, "operation"), &row, err) ||
        !may_authorise(site, envelope, &row, action.officer, err) || !ledger_begin(site->ledger, err))
        return NULL;
    bool done = write_authorisation(site, envelope, action.officer, &row, err);
    return action_commit(site, envelope, done, state_reply(&row), err);
}

static bool recall(struct site *site, const char *operation, const char *reason, struct error *err)
{
    return !site->recall_operation || site->recall_operation(site, operation, reason, err);
}

static bool is_armed(enum operation_phase phase)
{
    return phase == OPERATION_RUNNING || phase == OPERATION_PAUSED;
}

/* Halt and end are one shape: a statement, a move, the alerts recalled, then the watches told. */
static json_t *stop_by_statement(struct site *site, const struct envelope *envelope,
    const struct action *action, bool halts, struct error *err)
{
    struct operation_row row;
    if (!operation_load(site, word_of(envelope, "operation"), &row, err))
        return NULL;
    bool was_armed = is_armed(row.phase);
    enum operation_phase over =
        was_armed || row.phase == OPERATION_HALTED ? OPERATION_ENDED : OPERATION_CANCELLED;
    enum operation_phase to = halts ? OPERATION_HALTED : over;
    const char *why = halts ? word_of(envelope, "reason") : "ended_by_officer";
    if (!operation_may_move((int)row.phase, to, action->officer, err))
        return NULL;
    /* Matching stops first; whether it can be written down comes after. */
    if (was_armed && site->supervisor)
        supervisor_pause(site->supervisor, row.operation, true);
    if (!ledger_begin(site->ledger, err))
        return NULL;
    bool done =
        (row.phase == OPERATION_DRAFT || operation_keep_statement(site, row.operation, halts ? "halt" : "end",
                                             action->officer, envelope, err)) &&
        operation_move(site, &row, to, action->officer, why, err) &&
        recall(site, row.operation, operation_phase_word(to), err);
    json_t *reply = action_commit(site, envelope, done, state_reply(&row), err);
    if (reply && was_armed && site->supervisor)
        supervisor_disarm(site->supervisor, row.operation);
    return reply;
}

json_t *operation_halt(struct site *site, const struct envelope *envelope, struct error *err)
{
    struct action action;
    uint32_t roles = ROLE_BIT(ROLE_WATCH_OFFICER) | ROLE_BIT(ROLE_AUTHORISER) | ROLE_BIT(ROLE_REVIEWER) |
                     ROLE_BIT(ROLE_DISPATCHER) | ROLE_BIT(ROLE_INSPECTOR);
    if (!action_check(site, envelope, "halt", roles, &action, err))
        return NULL;
    return action.reply ? action.reply : stop_by_statement(site, envelope, &action, true, err);
}

json_t *operation_end(struct site *site, const struct envelope *envelope, struct error *err)
{
    struct action action;
    uint32_t roles = ROLE_BIT(ROLE_WATCH_OFFICER) | ROLE_BIT(ROLE_AUTHORISER);
    if (!action_check(site, envelope, "operation_end", roles, &action, err))
        return NULL;
    return action.reply ? action.reply : stop_by_statement(site, envelope, &action, false, err);
}

bool operation_halt_by_rule(struct site *site, const char *operation, const char *reason, struct error *err)
{
    struct operation_row row;
    return operation_load(site, operation, &row, err) &&
           operation_move(site, &row, OPERATION_HALTED, NULL, reason, err) &&
           recall(site, operation, "halted", err);
}

const char *operation_state(struct site *site, const char *operation, struct error *err)
{
    struct operation_row row;
    return operation_load(site, operation, &row, err) ? operation_phase_word(row.phase) : NULL;
}
