#include "list/entry_copy.h"

#include "base/text.h"
#include "list/photo.h"

#include <string.h>

const char entry_copy_sql[] =
    "CREATE TABLE entry_oversight (entry TEXT PRIMARY KEY, expires_at INTEGER NOT NULL,"
    " sealed BLOB NOT NULL) STRICT";

static json_t *first_photo(struct site *site, const struct envelope *proposal)
{
    AUTO(bytes) struct bytes picture = {0};
    const char *entry = json_string_value(json_object_get(proposal->fields, "entry"));
    const json_t *photo = json_array_get(json_object_get(proposal->fields, "photos"), 0);
    if (!photo_picture(site, entry, json_string_value(json_object_get(photo, "photo")), &picture, NULL))
        return json_null();
    AUTO(text) char *base64 = base64_write(picture.data, picture.size);
    return json_string(base64);
}

static bool seal_copy(struct site *site, const struct envelope *proposal, const struct envelope *approval,
    const char *entry, struct bytes *out, struct error *err)
{
    AUTO(json)
    json_t *copy = json_pack("{s:s, s:s, s:o, s:o, s:o}", "entry", entry, "site", site->name, "proposal",
        envelope_json(proposal), "approval", envelope_json(approval), "photo", first_photo(site, proposal));
    AUTO(text) char *text = json_canonical(copy, err);
    if (!text)
        return false;
    AUTO(text) char *context = text_format("oversight:%s", entry);
    bool sealed = packet_seal(roster_oversight_key(site->roster), context, text, strlen(text), out, err);
    memory_wipe(text, strlen(text));
    return sealed;
}

bool entry_copy_keep(struct site *site, const struct entry_row *row, const struct envelope *proposal,
    const struct envelope *approval, struct error *err)
{
    AUTO(bytes) struct bytes sealed = {0};
    if (!seal_copy(site, proposal, approval, row->entry, &sealed, err))
        return false;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO entry_oversight (entry, expires_at, sealed) VALUES (:entry, :expires, :sealed)", err);
    query_text(query, ":entry", row->entry);
    query_integer(query, ":expires", row->expires_s + ENTRY_COPY_AFTER_S);
    query_bytes(query, ":sealed", sealed.data, sealed.size);
    return query_done(query, err);
}

bool entry_copy_prolong(struct site *site, const struct entry_row *row, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(
        site->ledger->store, "UPDATE entry_oversight SET expires_at = :expires WHERE entry = :entry", err);
    query_text(query, ":entry", row->entry);
    query_integer(query, ":expires", row->expires_s + ENTRY_COPY_AFTER_S);
    return query_done(query, err);
}

json_t *entry_copies(struct site *site, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(
        site->ledger->store, "SELECT entry, expires_at FROM entry_oversight ORDER BY expires_at", err);
    AUTO(json) json_t *copies = json_array();
    while (query_next(query))
        json_array_append_new(copies, json_pack("{s:s, s:I}", "copy", query_get_text(query, 0), "expires_at",
                                          (json_int_t)query_get_integer(query, 1)));
    return query_ok(query, err) ? STEAL(copies) : NULL;
}

bool entry_copy_sealed(struct site *site, const char *entry, struct bytes *out, struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "SELECT sealed FROM entry_oversight WHERE entry = :entry", err);
    query_text(query, ":entry", entry);
    if (!query_next(query))
        return query_ok(query, err) && fail(err, ERROR_MISSING, "no copy of entry %.24s is kept", entry);
    struct bytes sealed = query_get_bytes(query, 0);
    *out = bytes_copy(sealed.data, sealed.size);
    return true;
}

bool entry_copies_expire(struct site *site, int64_t now_s, struct error *err)
{
    static const struct ledger_expiry copies = {
        "entry_oversight", "expires_at", "entry_copies_erased", "copies"};
    return ledger_expire(site->ledger, &copies, now_s, err);
}
