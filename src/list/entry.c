#include "list/entry.h"

#include "base/clock.h"
#include "base/log.h"
#include "list/action.h"
#include "list/entry_copy.h"
#include "list/entry_proof.h"
#include "list/entry_rules.h"
#include "list/former_roster.h"
#include "list/look_alike.h"
#include "list/offence.h"
#include "list/overdue.h"
#include "list/photo.h"
#include "list/row.h"
#include "list/status.h"
#include "sign/limits.h"

#include <stdio.h>
#include <string.h>

const struct migration entry_migrations[] = {
    {"list-0003-entry", entry_sql},
    {"list-0003-accepted", action_sql},
    {"list-0006-offence", offence_sql},
    {"list-0007-near-pair", look_alike_sql},
    {"list-0008-oversight", entry_copy_sql},
    {"list-0012-status", status_sql},
    {"list-0013-renewal", entry_renewal_sql},
};
const size_t entry_migration_count = COUNT_OF(entry_migrations);

enum { DAY_S = 86400 };

static const char *word_of(const struct envelope *envelope, const char *field)
{
    return json_string_value(json_object_get(envelope->fields, field));
}

static bool number_lookup(
    struct site *site, const struct envelope *proposal, uint8_t out[static HASH_SIZE], struct error *err)
{
    const char *cnic =
        json_string_value(json_object_get(json_object_get(proposal->fields, "person"), "cnic"));
    /* A missing person's number may be unknown: then nobody else is looked up by it either. */
    const char *key_text = *cnic ? cnic : word_of(proposal, "entry");
    const uint8_t *key = keyring_site_key(site->ledger->keyring, "lookup/cnic", err);
    if (!key)
        return false;
    hash_keyed(key, key_text, strlen(key_text), out);
    return true;
}

static bool room_for_proposal(
    struct site *site, const char *proposer, const uint8_t lookup[static HASH_SIZE], struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT coalesce(sum(proposer = :proposer AND proposed_at > :yesterday), 0),"
        " coalesce(sum(state IN ('proposed', 'approved', 'suspended')), 0),"
        " coalesce(sum(state IN ('proposed', 'approved', 'suspended') AND cnic_lookup = :lookup), 0) FROM "
        "entry",
        err);
    query_text(query, ":proposer", proposer);
    query_integer(query, ":yesterday", clock_now_s() - DAY_S);
    query_bytes(query, ":lookup", lookup, HASH_SIZE);
    if (!query_next(query))
        return query_ok(query, err);
    if (query_get_integer(query, 0) >= LIMIT_PROPOSALS_A_DAY)
        return fail(err, ERROR_TOO_LARGE, "%s has made %d proposals in a day already", proposer,
            LIMIT_PROPOSALS_A_DAY);
    if (site->kind == SITE_DEMO && query_get_integer(query, 1) >= LIMIT_DEMO_ENTRIES)
        return fail(err, ERROR_TOO_LARGE, "a demo site has at most %d entries", LIMIT_DEMO_ENTRIES);
    if (query_get_integer(query, 2) > 0)
        return fail(err, ERROR_CONFLICT, "an open entry has this CNIC already");
    return true;
}

bool entry_room_today(struct site *site, const char *proposer, int64_t *out, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT count(*) FROM entry WHERE proposer = :proposer AND proposed_at > :yesterday", err);
    query_text(query, ":proposer", proposer);
    query_integer(query, ":yesterday", clock_now_s() - DAY_S);
    if (query_next(query))
        *out = LIMIT_PROPOSALS_A_DAY - query_get_integer(query, 0);
    return query_ok(query, err);
}

typedef bool photo_step(struct site *site, const struct envelope *proposal, const char *photo,
    const char *file, struct error *err);

static bool may_enrol(struct site *site, const struct envelope *proposal, const char *photo, const char *file,
    struct error *err)
{
    return photo_may_enrol(site, proposal->by, photo, file, err);
}

static bool enrol(struct site *site, const struct envelope *proposal, const char *photo, const char *file,
    struct error *err)
{
    return photo_enrol(site, proposal->by, word_of(proposal, "entry"), photo, file, err);
}

static bool each_photo(
    struct site *site, const struct envelope *proposal, photo_step *step, struct error *err)
{
    size_t index;
    const json_t *photo;
    json_array_foreach (json_object_get(proposal->fields, "photos"), index, photo) {
        const char *hash = json_string_value(json_object_get(photo, "photo"));
        const char *file = json_string_value(json_object_get(photo, "file_hash"));
        if (!step(site, proposal, hash, file, err))
            return false;
    }
    return true;
}

static void fill_row(const struct envelope *proposal, struct entry_row *out)
{
    *out = (struct entry_row){
        .state = ENTRY_PROPOSED,
        .proposed_s = clock_now_s(),
        .changed_s = clock_now_s(),
        .expires_s = json_integer_value(json_object_get(proposal->fields, "expires_at")),
    };
    row_text(out->entry, sizeof out->entry, word_of(proposal, "entry"));
    row_text(out->ground, sizeof out->ground, word_of(proposal, "ground"));
    row_text(out->proposer, sizeof out->proposer, proposal->by);
    envelope_hash_hex(proposal, out->proposal_hash);
}

static bool record_proposal(
    struct site *site, const struct envelope *proposal, const struct entry_row *row, struct error *err)
{
    char key[40];
    snprintf(key, sizeof key, "entry/%s", row->entry);
    AUTO(json)
    json_t *public_fields = statement_named(
        json_pack("{s:s, s:s, s:s, s:I, s:I, s:I}", "entry", row->entry, "ground", row->ground,
            "proposal_hash", row->proposal_hash, "expires_at", (json_int_t)row->expires_s, "cases",
            (json_int_t)json_array_size(json_object_get(proposal->fields, "cases")), "photos",
            (json_int_t)json_array_size(json_object_get(proposal->fields, "photos"))),
        proposal);
    AUTO(json)
    json_t *private_fields = json_pack("{s:O, s:O}", "person", json_object_get(proposal->fields, "person"),
        "cases", json_object_get(proposal->fields, "cases"));
    struct record record = {.kind = "entry_proposed",
        .by = proposal->by,
        .public_fields = public_fields,
        .private_fields = private_fields,
        .private_key = key};
    return ledger_record(site->ledger, &record, err) &&
           ledger_event(site->ledger, "entry", row->entry, "proposed", err);
}

static json_t *proposed_reply(const struct entry_row *row)
{
    return json_pack("{s:s, s:s, s:s}", "entry", row->entry, "state", entry_state_word(row->state),
        "proposal_hash", row->proposal_hash);
}

json_t *entry_propose(struct site *site, const struct envelope *envelope, struct error *err)
{
    struct action action;
    if (!action_check(site, envelope, "entry_proposal", ROLE_BIT(ROLE_WATCH_OFFICER), &action, err))
        return NULL;
    if (action.reply)
        return action.reply;
    struct entry_row row;
    fill_row(envelope, &row);
    if (!entry_may_move(ENTRY_NOWHERE, ENTRY_PROPOSED, action.officer, err) ||
        !entry_rules_check(site, envelope, err) || !number_lookup(site, envelope, row.cnic_lookup, err) ||
        !room_for_proposal(site, envelope->by, row.cnic_lookup, err) ||
        !each_photo(site, envelope, may_enrol, err) || !ledger_begin(site->ledger, err))
        return NULL;
    bool done = entry_insert(site, &row, err) &&
                entry_keep_statement(site, row.entry, "proposal", 0, envelope, err) &&
                each_photo(site, envelope, enrol, err) &&
                entry_photos_agree(site, row.entry, envelope, err) &&
                record_proposal(site, envelope, &row, err);
    return action_commit(site, envelope, done, proposed_reply(&row), err);
}

/* Private text goes beside the log, sealed; the log has the codes. */
static bool record_answer(struct site *site, const struct envelope *envelope, const char *kind,
    const struct entry_row *row, struct error *err)
{
    char key[40];
    snprintf(key, sizeof key, "entry/%s", row->entry);
    AUTO(json)
    json_t *public_fields = statement_named(json_pack("{s:s, s:s, s:s}", "entry", row->entry, "proposal_hash",
                                                row->proposal_hash, "state", entry_state_word(row->state)),
        envelope);
    AUTO(json) json_t *private_fields = json_pack("{s:s}", "reason", word_of(envelope, "reason"));
    struct record record = {.kind = kind,
        .by = envelope->by,
        .public_fields = public_fields,
        .private_fields = private_fields,
        .private_key = key};
    return ledger_record(site->ledger, &record, err) &&
           ledger_event(site->ledger, "entry", row->entry, entry_state_word(row->state), err);
}

static json_t *state_reply(const struct entry_row *row)
{
    return json_pack("{s:s, s:s}", "entry", row->entry, "state", entry_state_word(row->state));
}

/* proposed → approved, or withdrawn when the authoriser refuses. */
static bool answer_proposal(struct site *site, const struct envelope *envelope,
    const struct envelope *proposal, struct entry_row *row, struct look_alikes *search, struct error *err)
{
    bool approved = strcmp(word_of(envelope, "answer"), "approved") == 0;
    row->state = approved ? ENTRY_APPROVED : ENTRY_WITHDRAWN;
    row->changed_s = clock_now_s();
    row_text(row->approver, sizeof row->approver, approved ? envelope->by : "");
    row_text(row->reason, sizeof row->reason, approved ? "" : "refused");
    if (approved)
        envelope_hash_hex(envelope, row->approval_hash);
    return entry_keep_statement(site, row->entry, "approval", 0, envelope, err) &&
           entry_save(site, row, err) && (!approved || look_alikes_keep(site, row, proposal, search, err)) &&
           (!approved || entry_copy_keep(site, row, proposal, envelope, err)) &&
           record_answer(site, envelope, approved ? "entry_approved" : "entry_refused", row, err);
}

/* suspended → approved takes two officers who had no part in the entry so far (SAFEGUARDS 31). */
static bool answer_suspension(
    struct site *site, const struct envelope *envelope, struct entry_row *row, struct error *err)
{
    if (strcmp(word_of(envelope, "answer"), "approved") != 0)
        return fail(err, ERROR_CONFLICT, "entry %s is suspended: reinstate or withdraw it", row->entry);
    bool has_signed = true;
    if (!entry_has_signed(site, row, envelope->by, &has_signed, err))
        return false;
    if (has_signed)
        return fail(err, ERROR_FORBIDDEN, "two officers who had no part in entry %s reinstate it; %s had one",
            row->entry, envelope->by);
    bool second = row->reinstater[0] != '\0';
    row_text(row->reinstater, sizeof row->reinstater, second ? "" : envelope->by);
    if (second) {
        row->changed_s = clock_now_s();
        row->state = ENTRY_APPROVED;
        row->reason[0] = '\0';
    }
    return entry_keep_statement(site, row->entry, "reinstatement", row->suspensions, envelope, err) &&
           entry_save(site, row, err) &&
           record_answer(
               site, envelope, second ? "entry_reinstated" : "entry_reinstatement_signed", row, err);
}

static bool may_answer(const struct envelope *envelope, const struct entry_row *row,
    const struct officer *officer, struct error *err)
{
    bool approved = strcmp(word_of(envelope, "answer"), "approved") == 0;
    if (strcmp(row->proposer, officer->id) == 0)
        return fail(
            err, ERROR_FORBIDDEN, "%s proposed entry %s and cannot approve it", officer->id, row->entry);
    if (!entry_may_move((int)row->state, approved ? ENTRY_APPROVED : ENTRY_WITHDRAWN, officer, err))
        return false;
    if (strcmp(word_of(envelope, "proposal_hash"), row->proposal_hash) != 0)
        return fail(err, ERROR_CONFLICT, "the approval is for another proposal of entry %s", row->entry);
    if (row->expires_s <= clock_now_s())
        return fail(err, ERROR_CONFLICT, "entry %s has expired", row->entry);
    return true;
}

struct look_alikes *entry_search(
    struct site *site, const char *entry, const struct officer *viewer, struct error *err)
{
    struct entry_row row;
    if (!entry_load(site, entry, &row, err) || !look_alikes_are_for(&row, viewer))
        return NULL;
    AUTO(envelope) struct envelope *proposal = entry_proposal_of(site, &row, err);
    return proposal ? look_alikes_new(site, &row, proposal, err) : NULL;
}

json_t *entry_approve(
    struct site *site, const struct envelope *envelope, struct look_alikes *search, struct error *err)
{
    struct action action;
    struct entry_row row;
    if (!action_check(site, envelope, "entry_approval", ROLE_BIT(ROLE_AUTHORISER), &action, err))
        return NULL;
    if (action.reply)
        return action.reply;
    if (!entry_load(site, word_of(envelope, "entry"), &row, err) ||
        !may_answer(envelope, &row, action.officer, err))
        return NULL;
    AUTO(envelope) struct envelope *proposal = entry_proposal_of(site, &row, err);
    bool approves = strcmp(word_of(envelope, "answer"), "approved") == 0;
    if (!proposal || (approves && !entry_was_fetched(site, &row, proposal, envelope->by, err)) ||
        !ledger_begin(site->ledger, err))
        return NULL;
    bool done = row.state == ENTRY_SUSPENDED ? answer_suspension(site, envelope, &row, err)
                                             : answer_proposal(site, envelope, proposal, &row, search, err);
    return action_commit(site, envelope, done, state_reply(&row), err);
}

/* In the caller's transaction; `by` is an officer or "site". */
static bool move_by(struct site *site, struct entry_row *row, enum entry_state to, const char *by,
    const char *reason, struct error *err)
{
    char kind[40];
    row->state = to;
    row->changed_s = clock_now_s();
    row_text(row->reason, sizeof row->reason, reason);
    snprintf(kind, sizeof kind, "entry_%s", entry_state_word(to));
    AUTO(json) json_t *fields = json_pack("{s:s, s:s}", "entry", row->entry, "reason", row->reason);
    struct record record = {.kind = kind, .by = by, .public_fields = fields};
    return entry_save(site, row, err) && ledger_record(site->ledger, &record, err) &&
           ledger_event(site->ledger, "entry", row->entry, entry_state_word(to), err);
}

static bool recall(struct site *site, const char *entry, const char *reason, struct error *err)
{
    return !site->recall_entry || site->recall_entry(site, entry, reason, err);
}

static size_t tell_watches(struct site *site, const char *entry)
{
    return site->supervisor ? supervisor_withdraw(site->supervisor, NULL, entry) : 0;
}

json_t *entry_withdraw(struct site *site, const struct envelope *envelope, struct error *err)
{
    struct action action;
    struct entry_row row;
    uint32_t roles = ROLE_BIT(ROLE_WATCH_OFFICER) | ROLE_BIT(ROLE_AUTHORISER);
    if (!action_check(site, envelope, "entry_withdrawal", roles, &action, err))
        return NULL;
    if (action.reply)
        return action.reply;
    if (!entry_load(site, word_of(envelope, "entry"), &row, err) ||
        !entry_may_move((int)row.state, ENTRY_WITHDRAWN, action.officer, err) ||
        !ledger_begin(site->ledger, err))
        return NULL;
    bool done = entry_keep_statement(site, row.entry, "withdrawal", row.suspensions, envelope, err) &&
                move_by(site, &row, ENTRY_WITHDRAWN, envelope->by, word_of(envelope, "reason"), err) &&
                recall(site, row.entry, "withdrawn", err);
    json_t *kept = state_reply(&row);
    AUTO(json) json_t *reply = action_commit(site, envelope, done, kept, err);
    if (!reply)
        return NULL;
    json_object_set_new(reply, "watches", json_integer((json_int_t)tell_watches(site, row.entry)));
    return STEAL(reply);
}

bool entry_withdraw_by_outcome(struct site *site, const char *entry, const char *reason, struct error *err)
{
    struct entry_row row;
    if (!entry_load(site, entry, &row, err))
        return false;
    if (entry_is_over(row.state))
        return true;
    return entry_may_move((int)row.state, ENTRY_WITHDRAWN, NULL, err) &&
           move_by(site, &row, ENTRY_WITHDRAWN, "site", reason, err);
}

void entry_tell_watches(struct site *site, const char *entry)
{
    tell_watches(site, entry);
}

bool entry_suspend(struct site *site, const char *entry, const char *reason, struct error *err)
{
    struct entry_row row;
    if (!entry_load(site, entry, &row, err))
        return false;
    if (row.state != ENTRY_APPROVED)
        return true;
    if (!entry_may_move((int)row.state, ENTRY_SUSPENDED, NULL, err))
        return false;
    row.suspensions++;
    row.reinstater[0] = '\0';
    return move_by(site, &row, ENTRY_SUSPENDED, "site", reason, err);
}

/* One edited row must not keep the others from expiring; it arms nothing and is shown as corrupt. */
static bool is_edited(struct site *site, const char *entry)
{
    struct entry_row row;
    struct error err = {0};
    if (entry_load(site, entry, &row, &err) || err.code != ERROR_CORRUPT)
        return false;
    log_write(LOG_ERROR, "entry_row_edited", "%s", err.text);
    return true;
}

static bool expire_one(struct site *site, const char *entry, struct error *err)
{
    struct entry_row row;
    if (is_edited(site, entry))
        return true;
    if (!entry_load(site, entry, &row, err) || !entry_may_move((int)row.state, ENTRY_EXPIRED, NULL, err) ||
        !ledger_begin(site->ledger, err))
        return false;
    if (!move_by(site, &row, ENTRY_EXPIRED, "site", "expired", err) || !recall(site, entry, "expired", err) ||
        !ledger_commit(site->ledger, err)) {
        ledger_abort(site->ledger);
        return false;
    }
    tell_watches(site, entry);
    return true;
}

static bool delete_statements(struct site *site, const char *entry, struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "DELETE FROM entry_statement WHERE entry = :entry", err);
    query_text(query, ":entry", entry);
    return query_done(query, err);
}

/* A hand-over and a late outcome are told by what the crew was shown; an alert's own pictures are kept no
 * longer. */
static bool is_held(struct site *site, const struct entry_row *row, bool *held, struct error *err)
{
    *held = false;
    return !site->holds_entry || row->changed_s <= overdue_time_s(site) - LIMIT_EVIDENCE_S ||
           site->holds_entry(site, row->entry, held, err);
}

/* The person, the cases and the pictures of an entry that is over for a day: rows and key. */
static bool wipe_one(struct site *site, const char *entry, struct error *err)
{
    struct entry_row row;
    bool held = false;
    char key[40];
    snprintf(key, sizeof key, "entry/%.24s", entry);
    if (is_edited(site, entry))
        return true;
    if (!entry_load(site, entry, &row, err) || !is_held(site, &row, &held, err))
        return false;
    if (held)
        return true;
    if (!ledger_begin(site->ledger, err))
        return false;
    row.wiped = true;
    entry_forget_number(&row);
    AUTO(json) json_t *fields = json_pack("{s:s}", "entry", entry);
    struct record record = {.kind = "entry_wiped", .by = "site", .public_fields = fields};
    if (entry_save(site, &row, err) && photo_forget(site, entry, err) &&
        delete_statements(site, entry, err) && look_alikes_forget(site, err) &&
        ledger_record(site->ledger, &record, err) && ledger_erase_private(site->ledger, key, err) &&
        ledger_commit(site->ledger, err))
        return true;
    ledger_abort(site->ledger);
    return false;
}

bool entry_expire(struct site *site, struct error *err)
{
    return entry_each(site, "state IN ('proposed', 'approved', 'suspended') AND expires_at <= :now",
               expire_one, err) &&
           entry_each(site, "state IN ('withdrawn', 'expired') AND wiped = 0 AND changed_at <= :now - 86400",
               wipe_one, err) &&
           photo_sweep(site, err) && entry_copies_expire(site, overdue_time_s(site), err);
}
