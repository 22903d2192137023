/* The approver does not take the proposer's picture for the record's: it is fetched again. */
#include "list/action.h"
#include "list/entry.h"
#include "list/entry_proof.h"
#include "list/photo.h"

#include <string.h>

static const char *text_of(const json_t *object, const char *field)
{
    return json_string_value(json_object_get(object, field));
}

/* From the signed statements, not from a row. What was suspended is looked at anew: an older one is none. */
static bool is_fetched(struct site *site, const struct entry_row *row, const char *photo, const char *officer)
{
    int64_t since_s = row->state == ENTRY_SUSPENDED ? row->changed_s : 0;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT hash FROM entry_statement WHERE entry = :entry AND officer = :officer AND step = 'fetch'",
        NULL);
    query_text(query, ":entry", row->entry);
    query_text(query, ":officer", officer);
    while (query_next(query)) {
        AUTO(envelope)
        struct envelope *fetch = entry_statement(site, row->entry, query_get_text(query, 0), NULL);
        const struct officer *signer =
            fetch ? roster_check(site->roster, fetch, ROLE_AUTHORISER, NULL) : NULL;
        if (signer && envelope_is(fetch, "source_fetch", NULL) && strcmp(signer->id, officer) == 0 &&
            fetch->at_s >= since_s && strcmp(text_of(fetch->fields, "entry"), row->entry) == 0 &&
            strcmp(text_of(fetch->fields, "photo"), photo) == 0)
            return true;
    }
    return false;
}

bool entry_was_fetched(struct site *site, const struct entry_row *row, const struct envelope *proposal,
    const char *officer, struct error *err)
{
    size_t index;
    const json_t *photo;
    if (site->kind == SITE_DEMO)
        return true;
    json_array_foreach (json_object_get(proposal->fields, "photos"), index, photo) {
        if (!is_fetched(site, row, text_of(photo, "photo"), officer))
            return fail(err, ERROR_CONFLICT, "fetch photo %zu again by its record number before you approve",
                index + 1);
    }
    return true;
}

json_t *entry_fetched(
    struct site *site, const struct entry_row *row, const struct envelope *proposal, const char *officer)
{
    size_t index;
    const json_t *photo;
    if (site->kind == SITE_DEMO)
        return NULL;
    json_t *fetched = json_array();
    json_array_foreach (json_object_get(proposal->fields, "photos"), index, photo) {
        if (is_fetched(site, row, text_of(photo, "photo"), officer))
            json_array_append(fetched, json_object_get(photo, "photo"));
    }
    return fetched;
}

static bool photo_has_number(
    const struct envelope *proposal, const char *photo, const char *record_number, struct error *err)
{
    size_t index;
    const json_t *item;
    json_array_foreach (json_object_get(proposal->fields, "photos"), index, item) {
        if (strcmp(text_of(item, "photo"), photo) == 0)
            return strcmp(text_of(item, "record_number"), record_number) == 0 ||
                   fail(err, ERROR_CONFLICT, "the proposal gives the photo another record number");
    }
    return fail(err, ERROR_MISSING, "the proposal has no photo %.12s…", photo);
}

static bool shows_the_same(struct site *site, const struct envelope *envelope, struct error *err)
{
    struct gallery_item enrolled;
    float fetched[GALLERY_TEMPLATE];
    bool same = false;
    if (!photo_item(
            site, text_of(envelope->fields, "entry"), text_of(envelope->fields, "photo"), &enrolled, err) ||
        !photo_take_fetched(site, envelope->by, text_of(envelope->fields, "fetched"), fetched, err))
        return false;
    bool compared = entry_photo_agrees(site, enrolled.template, fetched, &same, err);
    memory_wipe(&enrolled, sizeof enrolled);
    memory_wipe(fetched, sizeof fetched);
    if (!compared)
        return false;
    return same || fail(err, ERROR_INVALID,
                       "the picture of that record shows somebody else; refuse or withdraw the entry");
}

static bool write_fetch(
    struct site *site, const struct envelope *envelope, const struct entry_row *row, struct error *err)
{
    AUTO(json)
    json_t *fields = json_pack("{s:s, s:O, s:O}", "entry", row->entry, "photo",
        json_object_get(envelope->fields, "photo"), "fetched", json_object_get(envelope->fields, "fetched"));
    struct record record = {.kind = "source_fetched", .by = envelope->by, .public_fields = fields};
    return shows_the_same(site, envelope, err) &&
           entry_keep_statement(site, row->entry, "fetch", row->suspensions, envelope, err) &&
           ledger_record(site->ledger, &record, err);
}

json_t *entry_fetch(struct site *site, const struct envelope *envelope, struct error *err)
{
    struct action action;
    struct entry_row row;
    if (!action_check(site, envelope, "source_fetch", ROLE_BIT(ROLE_AUTHORISER), &action, err))
        return NULL;
    if (action.reply)
        return action.reply;
    const char *photo = text_of(envelope->fields, "photo");
    if (!entry_load(site, text_of(envelope->fields, "entry"), &row, err))
        return NULL;
    if (strcmp(row.proposer, envelope->by) == 0 ||
        (row.state != ENTRY_PROPOSED && row.state != ENTRY_SUSPENDED)) {
        fail(err, ERROR_FORBIDDEN,
            "who approves or reinstates an entry fetches its pictures again, not its proposer");
        return NULL;
    }
    AUTO(envelope) struct envelope *proposal = entry_proposal_of(site, &row, err);
    if (!proposal || !photo_has_number(proposal, photo, text_of(envelope->fields, "record_number"), err) ||
        !ledger_begin(site->ledger, err))
        return NULL;
    bool same_file = strcmp(photo, text_of(envelope->fields, "fetched")) == 0;
    bool done = write_fetch(site, envelope, &row, err);
    return action_commit(site, envelope, done,
        json_pack("{s:s, s:s, s:b}", "entry", row.entry, "photo", photo, "same_file", same_file), err);
}
