/* A halted operation runs again by two persons of different offices, each with a reason (SAFEGUARDS 32). */
#include "base/clock.h"
#include "list/action.h"
#include "list/operation.h"
#include "list/operation_run.h"

#include <string.h>

enum { RESUMES_LIMIT = 64 };

struct resumes {
    struct envelope *list[RESUMES_LIMIT];
    size_t count;
};

static void resumes_auto(struct resumes *resumes)
{
    for (size_t i = 0; i < resumes->count; i++)
        envelope_free(resumes->list[i]);
}

/* A signature is for one halt: the moment of it is signed with it. */
static bool is_for_this_halt(const struct operation_row *row, const struct envelope *envelope)
{
    const char *operation = json_string_value(json_object_get(envelope->fields, "operation"));
    return envelope_is(envelope, "resume", NULL) && operation && strcmp(operation, row->operation) == 0 &&
           json_integer_value(json_object_get(envelope->fields, "halted_at")) == row->changed_s;
}

static bool second_signs(struct site *site, const struct operation_row *row, const struct officer *officer,
    bool *complete, struct error *err)
{
    __attribute__((cleanup(resumes_auto))) struct resumes kept = {.count = 0};
    *complete = false;
    if (!operation_statements(site, row->operation, "resume", kept.list, RESUMES_LIMIT, &kept.count, err))
        return false;
    for (size_t i = 0; i < kept.count; i++) {
        const struct envelope *other = kept.list[i];
        const struct officer *first = roster_check(site->roster, other, ROLE_AUTHORISER, NULL);
        if (!first || strcmp(other->site, site->name) != 0 || !is_for_this_halt(row, other))
            continue;
        if (strcmp(first->id, officer->id) == 0)
            return fail(err, ERROR_CONFLICT, "%s has signed this already", officer->id);
        if (strcmp(first->office, officer->office) == 0)
            return fail(err, ERROR_FORBIDDEN, "somebody of %s's office has signed; it takes two offices",
                officer->id);
        *complete = true;
    }
    return true;
}

static bool may_resume(const struct operation_row *row, const struct envelope *envelope,
    const struct officer *officer, struct error *err)
{
    if (row->phase != OPERATION_HALTED)
        return fail(err, ERROR_CONFLICT, "operation %s is %s, not halted", row->operation,
            operation_phase_word(row->phase));
    if (!operation_may_move((int)row->phase, OPERATION_RUNNING, officer, err))
        return false;
    if (strcmp(row->requester, officer->id) == 0)
        return fail(err, ERROR_FORBIDDEN, "%s requested operation %s and cannot resume it", officer->id,
            row->operation);
    if (!is_for_this_halt(row, envelope))
        return fail(err, ERROR_CONFLICT, "this is for another halt than the one of now");
    return true;
}

static bool write_resume(struct site *site, const struct envelope *envelope, const struct officer *officer,
    struct operation_row *row, bool complete, struct rearming *rearming, struct error *err)
{
    AUTO(json)
    json_t *fields = json_pack("{s:s, s:s, s:s}", "operation", row->operation, "office", officer->office,
        "reason", json_string_value(json_object_get(envelope->fields, "reason")));
    struct record record = {.kind = "operation_resume_signed", .by = officer->id, .public_fields = fields};
    if (!operation_keep_statement(site, row->operation, "resume", officer, envelope, err) ||
        !ledger_record(site->ledger, &record, err))
        return false;
    if (!complete)
        return ledger_event(site->ledger, "operation", row->operation, "halted", err);
    return operation_rearm_prepare(site, row, rearming, err) &&
           operation_move(site, row, OPERATION_RUNNING, officer, "resumed", err);
}

json_t *operation_resume(struct site *site, const struct envelope *envelope, struct error *err)
{
    struct action action;
    struct operation_row row;
    bool complete = false;
    __attribute__((cleanup(rearming_auto))) struct rearming rearming = {.withheld = NULL};
    if (!action_check(site, envelope, "resume", ROLE_BIT(ROLE_AUTHORISER), &action, err))
        return NULL;
    if (action.reply)
        return action.reply;
    const char *operation = json_string_value(json_object_get(envelope->fields, "operation"));
    if (!operation_load(site, operation, &row, err) || !may_resume(&row, envelope, action.officer, err) ||
        !second_signs(site, &row, action.officer, &complete, err) ||
        (complete && !operation_may_run_now(site, &row, err)) || !ledger_begin(site->ledger, err))
        return NULL;
    bool done = write_resume(site, envelope, action.officer, &row, complete, &rearming, err);
    json_t *reply = action_commit(site, envelope, done,
        json_pack("{s:s, s:s}", "operation", row.operation, "state", operation_phase_word(row.phase)), err);
    if (reply && complete)
        operation_rearm(site, &row, &rearming);
    return reply;
}
