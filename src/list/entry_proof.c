#include "list/entry_proof.h"

#include "base/clock.h"
#include "list/action.h"
#include "list/former_roster.h"
#include "list/photo.h"
#include "list/status.h"

#include <string.h>

static bool field_is(const struct envelope *envelope, const char *field, const char *expected)
{
    const char *value = json_string_value(json_object_get(envelope->fields, field));
    return value && strcmp(value, expected) == 0;
}

static bool is_not_as_signed(const char *entry, struct error *err)
{
    return fail(err, ERROR_CORRUPT, "entry %s is not as its signed statements say", entry);
}

static bool hash_is(const struct envelope *envelope, const char *hash)
{
    char own[HEX_HASH_SIZE];
    envelope_hash_hex(envelope, own);
    return strcmp(own, hash) == 0;
}

/* An officer who had the role when it was taken in: an entry does not fall deaf because somebody is
 * transferred. */
static bool is_signed(struct site *site, const struct entry_row *row, const struct envelope *statement,
    enum role role, struct error *err)
{
    struct signer by = {NULL, NULL};
    struct error why = {0};
    bool found = signer_find(site, statement, ROLE_BIT(role), &by, &why);
    signer_done(&by);
    if (found || (why.code != ERROR_UNSIGNED && why.code != ERROR_FORBIDDEN))
        return found || fail_as(err, &why);
    return fail(err, ERROR_CONFLICT,
        "the signature of %s on entry %s counts no more; withdraw the entry and propose it anew",
        statement->by, row->entry);
}

/* Who renewed it is a third person: neither the proposer nor the approver. */
static bool renewal_holds(struct site *site, const struct entry_row *row, struct error *err)
{
    if (!row->renewal_hash[0])
        return is_not_as_signed(row->entry, err);
    AUTO(envelope) struct envelope *renewal = entry_statement(site, row->entry, row->renewal_hash, err);
    if (!renewal || !envelope_is(renewal, "entry_renewal", err))
        return false;
    bool same = hash_is(renewal, row->renewal_hash) && field_is(renewal, "entry", row->entry) &&
                field_is(renewal, "proposal_hash", row->proposal_hash) &&
                strcmp(renewal->by, row->proposer) != 0 && strcmp(renewal->by, row->approver) != 0 &&
                strcmp(renewal->site, site->name) == 0 &&
                json_integer_value(json_object_get(renewal->fields, "expires_at")) == row->expires_s;
    return same || is_not_as_signed(row->entry, err);
}

static bool renewer_is_authoriser(struct site *site, const struct entry_row *row, struct error *err)
{
    if (!row->renewal_hash[0])
        return true;
    AUTO(envelope) struct envelope *renewal = entry_statement(site, row->entry, row->renewal_hash, err);
    return renewal && is_signed(site, row, renewal, ROLE_AUTHORISER, err);
}

struct envelope *entry_proposal_of(struct site *site, const struct entry_row *row, struct error *err)
{
    AUTO(envelope) struct envelope *proposal = entry_statement(site, row->entry, row->proposal_hash, err);
    if (!proposal || !envelope_is(proposal, "entry_proposal", err))
        return NULL;
    int64_t expires = json_integer_value(json_object_get(proposal->fields, "expires_at"));
    bool expiry_is_signed = expires == row->expires_s || renewal_holds(site, row, err);
    if (!expiry_is_signed)
        return NULL;
    if (!hash_is(proposal, row->proposal_hash) || !field_is(proposal, "entry", row->entry) ||
        !field_is(proposal, "ground", row->ground) || strcmp(proposal->by, row->proposer) != 0 ||
        strcmp(proposal->site, site->name) != 0) {
        is_not_as_signed(row->entry, err);
        return NULL;
    }
    return STEAL(proposal);
}

static bool approval_holds(struct site *site, const struct entry_row *row, struct error *err)
{
    AUTO(envelope) struct envelope *approval = entry_statement(site, row->entry, row->approval_hash, err);
    if (!approval || !envelope_is(approval, "entry_approval", err) ||
        !is_signed(site, row, approval, ROLE_AUTHORISER, err))
        return false;
    bool same = hash_is(approval, row->approval_hash) && field_is(approval, "entry", row->entry) &&
                field_is(approval, "proposal_hash", row->proposal_hash) &&
                field_is(approval, "answer", "approved") && strcmp(approval->by, row->approver) == 0 &&
                strcmp(approval->by, row->proposer) != 0 && strcmp(approval->site, site->name) == 0;
    return same || is_not_as_signed(row->entry, err);
}

bool entry_is_proved(struct site *site, const char *entry, struct entry_row *row, struct envelope **proposal,
    struct error *err)
{
    struct entry_row loaded;
    if (!entry_load(site, entry, &loaded, err))
        return false;
    if (loaded.state != ENTRY_APPROVED)
        return fail(
            err, ERROR_CONFLICT, "entry %s is %s, not approved", entry, entry_state_word(loaded.state));
    if (loaded.expires_s <= clock_now_s())
        return fail(err, ERROR_CONFLICT, "entry %s has expired", entry);
    AUTO(envelope) struct envelope *signed_proposal = entry_proposal_of(site, &loaded, err);
    if (!signed_proposal || !is_signed(site, &loaded, signed_proposal, ROLE_WATCH_OFFICER, err) ||
        !approval_holds(site, &loaded, err) || !renewer_is_authoriser(site, &loaded, err))
        return false;
    if (row)
        *row = loaded;
    if (proposal)
        *proposal = STEAL(signed_proposal);
    return true;
}

bool entry_templates(struct site *site, const char *entry, const struct envelope *proposal,
    struct gallery_item *out, size_t *count, struct error *err)
{
    const json_t *photos = json_object_get(proposal->fields, "photos");
    size_t found = json_array_size(photos);
    if (found == 0 || found > GALLERY_PHOTOS)
        return fail(err, ERROR_CORRUPT, "entry %s has %zu photos", entry, found);
    for (size_t i = 0; i < found; i++) {
        const char *photo = json_string_value(json_object_get(json_array_get(photos, i), "photo"));
        if (!photo_item(site, entry, photo, &out[i], err))
            return false;
    }
    *count = found;
    return true;
}

bool entry_items(
    struct site *site, const char *entry, struct gallery_item *out, size_t *count, struct error *err)
{
    AUTO(envelope) struct envelope *proposal = NULL;
    return entry_is_proved(site, entry, NULL, &proposal, err) && proposal &&
           entry_templates(site, entry, proposal, out, count, err);
}

bool entry_photo_agrees(
    struct site *site, const float *enrolled, const float *fetched, bool *out, struct error *err)
{
    int64_t threshold_e6 = 0;
    if (!site->report)
        return fail(
            err, ERROR_UNAVAILABLE, "the site has no evaluation report, so photos cannot be compared");
    if (!json_need_integer(site->report->fields, "threshold_e6", &threshold_e6, err))
        return false;
    *out = score_canonical(enrolled, fetched, GALLERY_TEMPLATE) >= (float)threshold_e6 / 1e6F;
    return true;
}

bool entry_photos_agree(
    struct site *site, const char *entry, const struct envelope *proposal, struct error *err)
{
    struct gallery_item items[GALLERY_PHOTOS];
    size_t count = 0;
    int64_t threshold_e6 = 0;
    if (!site->report)
        return fail(
            err, ERROR_UNAVAILABLE, "the site has no evaluation report, so photos cannot be compared");
    if (!json_need_integer(site->report->fields, "threshold_e6", &threshold_e6, err) ||
        !entry_templates(site, entry, proposal, items, &count, err))
        return false;
    float threshold = (float)threshold_e6 / 1e6F;
    bool agree = true;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            agree =
                agree && score_canonical(items[i].template, items[j].template, GALLERY_TEMPLATE) >= threshold;
    memory_wipe(items, sizeof items);
    return agree ||
           fail(err, ERROR_INVALID, "the photos do not show the same person; check where they came from");
}

bool entry_is_live(struct site *site, const struct envelope *proposal, int64_t *known_s)
{
    size_t index;
    const json_t *legal_case;
    json_array_foreach (json_object_get(proposal->fields, "cases"), index, legal_case) {
        const char *id = json_string_value(json_object_get(legal_case, "case"));
        if (id && case_is_live(site, id, known_s))
            return true;
    }
    return false;
}
