/* An entry lives on by another authoriser's word, never by the first one's again. */
#include "base/clock.h"
#include "list/action.h"
#include "list/entry.h"
#include "list/entry_copy.h"
#include "list/entry_proof.h"
#include "list/entry_rules.h"
#include "list/former_roster.h"
#include "list/row.h"

#include <string.h>

static bool may_renew(struct site *site, const struct envelope *envelope, const struct entry_row *row,
    int64_t expires_s, struct error *err)
{
    const char *proposal_hash = json_string_value(json_object_get(envelope->fields, "proposal_hash"));
    bool has_signed = true;
    if (row->state != ENTRY_APPROVED)
        return fail(err, ERROR_CONFLICT, "entry %s is %s; what is approved is renewed", row->entry,
            entry_state_word(row->state));
    if (strcmp(proposal_hash, row->proposal_hash) != 0)
        return fail(err, ERROR_CONFLICT, "the renewal is of another proposal of entry %s", row->entry);
    if (expires_s <= row->expires_s)
        return fail(err, ERROR_INVALID, "entry %s would not live longer", row->entry);
    if (!entry_has_signed(site, row, envelope->by, &has_signed, err))
        return false;
    return !has_signed ||
           fail(err, ERROR_FORBIDDEN, "%s had a part in entry %s; another authoriser renews it", envelope->by,
               row->entry);
}

static bool write_renewal(
    struct site *site, const struct envelope *envelope, struct entry_row *row, struct error *err)
{
    envelope_hash_hex(envelope, row->renewal_hash);
    row->renewed_s = clock_now_s();
    row->expires_s = json_integer_value(json_object_get(envelope->fields, "expires_at"));
    AUTO(json)
    json_t *fields = statement_named(json_pack("{s:s, s:s, s:I}", "entry", row->entry, "proposal_hash",
                                         row->proposal_hash, "expires_at", (json_int_t)row->expires_s),
        envelope);
    struct record record = {.kind = "entry_renewed", .by = envelope->by, .public_fields = fields};
    return entry_keep_statement(site, row->entry, "renewal", row->suspensions, envelope, err) &&
           entry_save(site, row, err) && entry_copy_prolong(site, row, err) &&
           ledger_record(site->ledger, &record, err) &&
           ledger_event(site->ledger, "entry", row->entry, "renewed", err);
}

json_t *entry_renew(struct site *site, const struct envelope *envelope, struct error *err)
{
    struct action action;
    struct entry_row row;
    const char *entry = NULL;
    if (!action_check(site, envelope, "entry_renewal", ROLE_BIT(ROLE_AUTHORISER), &action, err))
        return NULL;
    if (action.reply)
        return action.reply;
    int64_t expires_s = json_integer_value(json_object_get(envelope->fields, "expires_at"));
    if (!json_need_text(envelope->fields, "entry", &entry, err) || !entry_load(site, entry, &row, err) ||
        !may_renew(site, envelope, &row, expires_s, err))
        return NULL;
    AUTO(envelope) struct envelope *proposal = entry_proposal_of(site, &row, err);
    if (!proposal || !entry_rules_renew(proposal, expires_s, err) || !ledger_begin(site->ledger, err))
        return NULL;
    bool done = write_renewal(site, envelope, &row, err);
    return action_commit(site, envelope, done,
        json_pack("{s:s, s:s, s:I}", "entry", row.entry, "state", entry_state_word(row.state), "expires_at",
            (json_int_t)row.expires_s),
        err);
}
