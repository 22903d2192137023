#include "list/look_alike.h"

#include "base/log.h"
#include "list/entry.h"
#include "list/entry_proof.h"
#include "list/photo.h"
#include "list/row.h"
#include "list/turn.h"

#include <string.h>

const char look_alike_sql[] = "CREATE TABLE near_pair ("
                              " entry TEXT NOT NULL, other TEXT NOT NULL, PRIMARY KEY (entry, other)) STRICT";

struct faces { /* one entry's templates; wiped by faces_auto */
    struct gallery_item items[GALLERY_PHOTOS];
    size_t count;
};

static void faces_auto(struct faces *faces)
{
    memory_wipe(faces, sizeof *faces);
}

bool look_alikes_are_for(const struct entry_row *row, const struct officer *viewer)
{
    return officer_has(viewer, ROLE_AUTHORISER) && strcmp(row->proposer, viewer->id) != 0 && !row->wiped &&
           (row->state == ENTRY_PROPOSED || row->state == ENTRY_SUSPENDED);
}

/* Nothing of it is armed by this, so that the pictures themselves are left unread. */
static bool read_faces(struct site *site, const char *entry, const struct envelope *proposal,
    struct faces *out, struct error *err)
{
    const json_t *photos = json_object_get(proposal->fields, "photos");
    size_t index;
    const json_t *photo;
    out->count = 0;
    json_array_foreach (photos, index, photo) {
        const char *hash = json_string_value(json_object_get(photo, "photo"));
        if (index == GALLERY_PHOTOS || !photo_template(site, entry, hash, out->items[index].template, err))
            return false;
        out->count++;
    }
    return true;
}

static bool read_other(struct site *site, const char *entry, struct faces *out, struct error *err)
{
    struct entry_row row;
    if (!entry_load(site, entry, &row, err))
        return false;
    AUTO(envelope) struct envelope *proposal = entry_proposal_of(site, &row, err);
    return proposal && read_faces(site, entry, proposal, out, err);
}

static bool is_near(const struct faces *one, const struct faces *other, float least)
{
    for (size_t i = 0; i < one->count; i++)
        for (size_t j = 0; j < other->count; j++)
            if (score_canonical(one->items[i].template, other->items[j].template, GALLERY_TEMPLATE) >= least)
                return true;
    return false;
}

/* Those proposed since: 0 for all. */
static json_t *open_entries(struct site *site, const char *but, int64_t since_s, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT entry FROM entry WHERE state IN ('proposed', 'approved', 'suspended') AND wiped = 0"
        " AND entry <> :but AND proposed_at >= :since ORDER BY entry",
        err);
    query_text(query, ":but", but);
    query_integer(query, ":since", since_s);
    AUTO(json) json_t *ids = json_array();
    while (query_next(query))
        json_array_append_new(ids, json_string(query_get_text(query, 0)));
    return query_ok(query, err) ? STEAL(ids) : NULL;
}

struct look_alikes {
    char entry[24];
    struct faces own;
    float least;
    json_t *others, *found; /* ids; owned */
    size_t next;
    int64_t begun_s;
};

void look_alikes_free(struct look_alikes *search)
{
    if (!search)
        return;
    json_decref(search->others);
    json_decref(search->found);
    memory_wipe(search, sizeof *search);
    memory_release(search);
}

struct look_alikes *look_alikes_new(
    struct site *site, const struct entry_row *row, const struct envelope *proposal, struct error *err)
{
    int64_t threshold_e6 = 0;
    AUTO(look_alikes) struct look_alikes *search = memory_allocate(1, sizeof *search);
    row_text(search->entry, sizeof search->entry, row->entry);
    search->begun_s = clock_now_s();
    search->found = json_array();
    search->others = open_entries(site, row->entry, 0, err);
    if (!search->others || !site->report ||
        !json_need_integer(site->report->fields, "threshold_e6", &threshold_e6, err) ||
        !read_faces(site, row->entry, proposal, &search->own, err))
        return NULL;
    search->least = (float)(threshold_e6 - LOOK_ALIKE_MARGIN_E6) / 1e6F;
    return STEAL(search);
}

static void look_at(struct site *site, struct look_alikes *search, const json_t *id)
{
    struct error why = {0};
    AUTO(faces) struct faces other = {.count = 0};
    /* An edited or foreign entry arms nothing; it must not hide the others. */
    if (!read_other(site, json_string_value(id), &other, &why))
        log_write(LOG_WARNING, "look_alike_unread", "%s", why.text);
    else if (is_near(&search->own, &other, search->least))
        json_array_append(search->found, (json_t *)(uintptr_t)id);
}

bool look_alikes_step(struct site *site, struct look_alikes *search)
{
    struct turn turn = turn_begin(site);
    while (search->next < json_array_size(search->others)) {
        look_at(site, search, json_array_get(search->others, search->next++));
        if (turn_is_over(&turn))
            return false;
    }
    return true;
}

static bool names(const json_t *ids, const json_t *id)
{
    size_t index;
    const json_t *one;
    json_array_foreach (ids, index, one) {
        if (json_equal(one, id))
            return true;
    }
    return false;
}

static json_t *finish(struct site *site, struct look_alikes *search, struct error *err)
{
    AUTO(json) json_t *since = open_entries(site, search->entry, search->begun_s, err);
    size_t index;
    const json_t *id;
    json_array_foreach (since, index, id) {
        if (!names(search->others, id))
            look_at(site, search, id);
    }
    return since ? json_incref(search->found) : NULL;
}

json_t *look_alikes_find(struct site *site, const struct entry_row *row, const struct envelope *proposal,
    struct look_alikes *search, struct error *err)
{
    if (search)
        return finish(site, search, err);
    AUTO(look_alikes) struct look_alikes *own = look_alikes_new(site, row, proposal, err);
    while (own && !look_alikes_step(site, own)) {
    }
    return own ? json_incref(own->found) : NULL;
}

json_t *look_alikes_show(struct site *site, const struct entry_row *row, const struct envelope *proposal,
    const struct officer *viewer, struct look_alikes *search, struct error *err)
{
    AUTO(json) json_t *found = look_alikes_find(site, row, proposal, search, err);
    if (!found || !ledger_begin(site->ledger, err))
        return NULL;
    AUTO(json) json_t *fields = json_pack("{s:s, s:O}", "entry", row->entry, "look_alikes", found);
    struct record record = {.kind = "look_alikes_shown", .by = viewer->id, .public_fields = fields};
    if (ledger_record(site->ledger, &record, err) && ledger_commit(site->ledger, err))
        return STEAL(found);
    ledger_abort(site->ledger);
    return NULL;
}

static bool keep_pair(struct site *site, const char *entry, const char *other, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT OR IGNORE INTO near_pair (entry, other) VALUES (:entry, :other), (:other, :entry)", err);
    query_text(query, ":entry", entry);
    query_text(query, ":other", other);
    return query_done(query, err);
}

static bool keep_pairs(struct site *site, const char *entry, const json_t *others, struct error *err)
{
    size_t index;
    const json_t *id;
    json_array_foreach (others, index, id) {
        if (!keep_pair(site, entry, json_string_value(id), err))
            return false;
    }
    return true;
}

bool look_alikes_keep(struct site *site, const struct entry_row *row, const struct envelope *proposal,
    struct look_alikes *search, struct error *err)
{
    AUTO(json) json_t *found = look_alikes_find(site, row, proposal, search, err);
    if (!found || json_array_size(found) == 0)
        return found != NULL;
    AUTO(json) json_t *fields = json_pack("{s:s, s:O}", "entry", row->entry, "look_alikes", found);
    const struct record record = {.kind = "look_alikes_kept", .by = "site", .public_fields = fields};
    return keep_pairs(site, row->entry, found, err) && ledger_record(site->ledger, &record, err);
}

bool look_alikes_put_back(struct site *site, const json_t *leaf, struct error *err)
{
    const char *entry = json_string_value(json_object_get(leaf, "entry"));
    return !entry || keep_pairs(site, entry, json_object_get(leaf, "look_alikes"), err);
}

bool look_alikes_forget(struct site *site, struct error *err)
{
    return store_run(site->ledger->store,
        "DELETE FROM near_pair WHERE entry IN (SELECT entry FROM entry WHERE wiped = 1)"
        " OR other IN (SELECT entry FROM entry WHERE wiped = 1)",
        err);
}

bool entry_has_look_alike(struct site *site, const char *entry, bool *out, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT 1 FROM near_pair JOIN entry ON entry.entry = near_pair.other"
        " WHERE near_pair.entry = :entry AND state IN ('approved', 'suspended') LIMIT 1",
        err);
    query_text(query, ":entry", entry);
    bool found = query_next(query);
    if (!found && !query_ok(query, err))
        return false;
    *out = found;
    return true;
}
