/* What officers and alerts see of an entry. */
#include "list/action.h"
#include "list/closed.h"
#include "list/entry.h"
#include "list/entry_proof.h"
#include "list/look_alike.h"
#include "list/photo.h"

#include <string.h>

static bool may_look(const struct officer *viewer, struct error *err)
{
    if (viewer->roles & (ROLE_BIT(ROLE_WATCH_OFFICER) | ROLE_BIT(ROLE_AUTHORISER)))
        return true;
    return fail(err, ERROR_FORBIDDEN, "only watch officers and authorisers see the list");
}

static json_t *outline(const struct entry_row *row)
{
    return json_pack("{s:s, s:s, s:s, s:I, s:s, s:s}", "entry", row->entry, "state",
        entry_state_word(row->state), "ground", row->ground, "expires_at", (json_int_t)row->expires_s,
        "proposal_hash", row->proposal_hash, "reason", row->reason);
}

/* On no operation's list that can match. */
#define IS_CLOSED                                                                                            \
    "state IN ('withdrawn', 'expired') AND entry NOT IN (SELECT entry FROM operation_entry JOIN operation "  \
    "USING (operation) WHERE operation.state IN ('authorised', 'running', 'paused', 'halted'))"

static json_t *open_ids(struct site *site, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT entry FROM entry WHERE NOT (" IS_CLOSED ") ORDER BY proposed_at DESC, entry", err);
    AUTO(json) json_t *ids = json_array();
    while (query_next(query))
        json_array_append_new(ids, json_string(query_get_text(query, 0)));
    return query_ok(query, err) ? STEAL(ids) : NULL;
}

/* Takes the entries' ids. */
static json_t *outline_each(struct site *site, json_t *taken, struct error *err)
{
    AUTO(json) json_t *ids = taken;
    AUTO(json) json_t *entries = json_array();
    size_t index;
    json_t *id;
    json_array_foreach (ids, index, id) {
        struct entry_row row;
        struct error wrong = {0};
        bool loaded = entry_load(site, json_string_value(id), &row, &wrong);
        if (!loaded && wrong.code != ERROR_CORRUPT) {
            fail_as(err, &wrong);
            return NULL;
        }
        json_array_append_new(
            entries, loaded ? outline(&row) : json_pack("{s:O, s:s}", "entry", id, "state", "corrupt"));
    }
    return json_pack("{s:O}", "entries", entries);
}

json_t *entry_list(struct site *site, const struct officer *viewer, struct error *err)
{
    AUTO(closed) struct closed closed = {.ids = NULL};
    if (!may_look(viewer, err))
        return NULL;
    AUTO(json) json_t *ids = open_ids(site, err);
    if (!ids || !closed_list(site, "entry", IS_CLOSED, NULL, &closed, err))
        return NULL;
    json_array_extend(ids, closed.ids);
    json_t *list = outline_each(site, STEAL(ids), err);
    if (list)
        closed_name_older(&closed, list);
    return list;
}

json_t *entry_older(struct site *site, const struct officer *viewer, const char *entry, struct error *err)
{
    AUTO(closed) struct closed closed = {.ids = NULL};
    if (!may_look(viewer, err) || !closed_list(site, "entry", IS_CLOSED, entry, &closed, err))
        return NULL;
    json_t *list = outline_each(site, STEAL(closed.ids), err);
    if (list)
        closed_name_older(&closed, list);
    return list;
}

static bool record_look(struct site *site, const struct officer *viewer, const char *entry, struct error *err)
{
    if (!ledger_begin(site->ledger, err))
        return false;
    AUTO(json) json_t *fields = json_pack("{s:s}", "entry", entry);
    struct record record = {.kind = "entry_viewed", .by = viewer->id, .public_fields = fields};
    if (ledger_record(site->ledger, &record, err) && ledger_commit(site->ledger, err))
        return true;
    ledger_abort(site->ledger);
    return false;
}

/* In the approver's own words, to whoever may see the proposal. */
static bool add_refusal(struct site *site, const struct entry_row *row, json_t *shown, struct error *err)
{
    if (strcmp(row->reason, "refused") != 0)
        return true;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT hash FROM entry_statement WHERE entry = :entry AND step = 'approval'", err);
    query_text(query, ":entry", row->entry);
    if (!query_next(query))
        return query_ok(query, err);
    AUTO(envelope) struct envelope *answer = entry_statement(site, row->entry, query_get_text(query, 0), err);
    return answer && json_object_set(shown, "refusal", json_object_get(answer->fields, "reason")) == 0;
}

/* Approved, and all the same it matches nothing. */
static void add_unproved(struct site *site, const struct entry_row *row, json_t *shown)
{
    struct error why = {0};
    if (row->state != ENTRY_APPROVED || entry_is_proved(site, row->entry, NULL, NULL, &why))
        return;
    json_object_set_new(
        shown, "unproved", json_pack("{s:s, s:o}", "detail", why.text, "says", wording_json(&why.wording)));
}

json_t *entry_show(struct site *site, const struct officer *viewer, const char *entry,
    struct look_alikes *search, struct error *err)
{
    struct entry_row row;
    if (!may_look(viewer, err) || !entry_load(site, entry, &row, err))
        return NULL;
    AUTO(json) json_t *shown = outline(&row);
    if (row.wiped)
        return STEAL(shown);
    AUTO(envelope) struct envelope *proposal = entry_proposal_of(site, &row, err);
    if (!proposal || !record_look(site, viewer, entry, err))
        return NULL;
    /* Whoever signs the proposal's hash reads what that is the hash of. */
    json_object_set_new(shown, "proposal", envelope_json(proposal));
    static const char *const copied[] = {"person", "cases", "photos"};
    for (size_t i = 0; i < COUNT_OF(copied); i++)
        json_object_set(shown, copied[i], json_object_get(proposal->fields, copied[i]));
    json_object_set_new(shown, "proposer", json_string(row.proposer));
    if (row.reinstater[0])
        json_object_set_new(shown, "reinstated_by", json_string(row.reinstater));
    add_unproved(site, &row, shown);
    if (!add_refusal(site, &row, shown, err))
        return NULL;
    if (!look_alikes_are_for(&row, viewer))
        return STEAL(shown);
    json_t *found = look_alikes_show(site, &row, proposal, viewer, search, err);
    if (!found)
        return NULL;
    json_object_set_new(shown, "look_alikes", found);
    json_t *fetched = entry_fetched(site, &row, proposal, viewer->id);
    if (fetched)
        json_object_set_new(shown, "fetched", fetched);
    return STEAL(shown);
}

bool entry_is_party(struct site *site, const char *entry, const char *officer, struct error *err)
{
    struct entry_row row;
    bool has_signed = true;
    return !entry_load(site, entry, &row, err) || !entry_has_signed(site, &row, officer, &has_signed, err) ||
           has_signed;
}

bool entry_open(struct site *site, const char *entry, json_t **person, json_t **cases, struct error *err)
{
    struct entry_row row;
    if (!entry_load(site, entry, &row, err))
        return false;
    AUTO(envelope) struct envelope *proposal = entry_proposal_of(site, &row, err);
    if (!proposal)
        return false;
    *person = json_incref(json_object_get(proposal->fields, "person"));
    *cases = json_incref(json_object_get(proposal->fields, "cases"));
    return true;
}

/* Where among the entry's photographs; 0 is the one that is shown. */
static bool find_photo(const struct envelope *proposal, const char *photo, size_t *out)
{
    const json_t *photos = json_object_get(proposal->fields, "photos");
    for (size_t i = 0; i < json_array_size(photos); i++) {
        const char *there = json_string_value(json_object_get(json_array_get(photos, i), "photo"));
        if (there && strcmp(there, photo) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

bool entry_photo(struct site *site, const char *entry, const char *photo, const char *other,
    struct bytes *out, struct error *err)
{
    struct entry_row row;
    size_t place = 0;
    if (!entry_load(site, entry, &row, err))
        return false;
    AUTO(envelope) struct envelope *proposal = entry_proposal_of(site, &row, err);
    if (!proposal)
        return false;
    if (!find_photo(proposal, photo, &place))
        return fail(err, ERROR_MISSING, "entry %s has no such photograph", entry);
    if (place == 0 && strcmp(entry, other) == 0)
        return fail(err, ERROR_INVALID,
            "this is the photograph that is shown beside it; plant another of entry %s", entry);
    return photo_picture(site, entry, photo, out, err);
}

bool entry_picture(struct site *site, const char *entry, struct bytes *out, struct error *err)
{
    struct entry_row row;
    if (!entry_load(site, entry, &row, err))
        return false;
    AUTO(envelope) struct envelope *proposal = entry_proposal_of(site, &row, err);
    if (!proposal)
        return false;
    const json_t *photo = json_array_get(json_object_get(proposal->fields, "photos"), 0);
    return photo_picture(site, entry, json_string_value(json_object_get(photo, "photo")), out, err);
}
