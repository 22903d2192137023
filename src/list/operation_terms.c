#include "list/operation_terms.h"

#include "base/text.h"

#include <string.h>

void operation_list_done(struct operation_list *list)
{
    if (list->items)
        memory_wipe(list->items, list->count * sizeof *list->items);
    memory_release(list->items);
    text_done(&list->lines.text);
    *list = (struct operation_list){.items = NULL};
}

bool operation_list_measure_next(struct operation_list *list, struct error *err)
{
    const struct gallery_item *first = &list->items[list->measured];
    size_t photos = 1;
    while (list->measured + photos < list->count && strcmp(first[photos].entry, first->entry) == 0)
        photos++;
    if (!gallery_lines_add(&list->lines, first, photos, err))
        return false;
    list->measured += photos;
    list->entries = list->lines.entries;
    if (list->measured == list->count)
        gallery_lines_hash(&list->lines, list->hash);
    return true;
}

json_t *operation_list_entries(const struct operation_list *list)
{
    json_t *entries = json_array();
    for (size_t i = 0; i < list->count; i++) {
        if (i == 0 || strcmp(list->items[i].entry, list->items[i - 1].entry) != 0)
            json_array_append_new(entries, json_string(list->items[i].entry));
    }
    return entries;
}

bool operation_list_keep(
    struct site *site, const char *operation, const struct operation_list *list, struct error *err)
{
    char key[40];
    operation_key_name(operation, key);
    AUTO(bytes) struct bytes sealed = {0};
    if (!keyring_seal(site->ledger->keyring, key, "gallery", list->items, list->count * sizeof *list->items,
            &sealed, err))
        return false;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO operation_gallery (operation, sealed) VALUES (:operation, :sealed)", err);
    query_text(query, ":operation", operation);
    query_bytes(query, ":sealed", sealed.data, sealed.size);
    return query_done(query, err);
}

static bool unseal_list(struct site *site, const char *operation, struct bytes *out, struct error *err)
{
    char key[40];
    operation_key_name(operation, key);
    AUTO(query)
    struct query *query = query_new(
        site->ledger->store, "SELECT sealed FROM operation_gallery WHERE operation = :operation", err);
    query_text(query, ":operation", operation);
    if (!query_next(query)) {
        if (!query_ok(query, err))
            return false;
        return fail(err, ERROR_CORRUPT, "operation %s has no list any more", operation);
    }
    struct bytes sealed = query_get_bytes(query, 0);
    return keyring_unseal(site->ledger->keyring, key, "gallery", sealed.data, sealed.size, out, err);
}

bool operation_list_open(
    struct site *site, const char *operation, struct operation_list *out, struct error *err)
{
    struct bytes plain = {0};
    if (!unseal_list(site, operation, &plain, err))
        return false;
    struct operation_list list = {.count = plain.size / sizeof *list.items};
    if (!plain.data || plain.size % sizeof *list.items != 0)
        return fail(err, ERROR_CORRUPT, "operation %s: the list has the wrong length", operation);
    list.items = memory_allocate(list.count, sizeof *list.items);
    memcpy(list.items, plain.data, list.count * sizeof *list.items);
    memory_wipe(plain.data, plain.size);
    bytes_free(&plain);
    *out = list;
    return true;
}

json_t *operation_terms(
    struct site *site, const char *operation, const struct operation_list *list, struct error *err)
{
    char list_hex[HEX_HASH_SIZE], pack_hex[HEX_HASH_SIZE], report_hex[HEX_HASH_SIZE];
    int64_t threshold_e6 = 0;
    const char *camera_class = NULL;
    if (!site->report) {
        fail(err, ERROR_UNAVAILABLE, "the site has no evaluation report, so there is no threshold");
        return NULL;
    }
    if (!json_need_integer(site->report->fields, "threshold_e6", &threshold_e6, err) ||
        !json_need_text(site->report->fields, "camera_class", &camera_class, err))
        return NULL;
    json_t *cameras = operation_parts(site, operation, "camera", err);
    if (!cameras)
        return NULL;
    hex_write(list->hash, HASH_SIZE, list_hex);
    hex_write(site->pack_hash, HASH_SIZE, pack_hex);
    envelope_hash_hex(site->report, report_hex);
    return json_pack("{s:s, s:I, s:o, s:s, s:s, s:I, s:s}", "list_hash", list_hex, "list_size",
        (json_int_t)list->entries, "cameras", cameras, "pack_hash", pack_hex, "report_hash", report_hex,
        "threshold_e6", (json_int_t)threshold_e6, "camera_class", camera_class);
}
