/* An operation's list and terms: the templates of its entries, their hash, and what the officers sign for. */
#pragma once

#include "list/operation_row.h"

struct operation_list { /* sorted as the entries are; owned, wiped when released */
    struct gallery_item *items;
    size_t count;
    size_t entries;
    uint8_t hash[HASH_SIZE]; /* once all is measured */
    size_t measured;         /* items */
    struct gallery_lines lines;
};
void operation_list_done(struct operation_list *list);
static inline void operation_list_auto(struct operation_list *list)
{
    operation_list_done(list);
}

/* Whose templates are in it, each once, in its order. */
json_t *operation_list_entries(const struct operation_list *list);
/* The next entry's photos, of those that are not measured yet; with the last one the list has its hash.
 * Refuses what is no list. */
bool operation_list_measure_next(struct operation_list *list, struct error *err);
/* The copy sealed under the operation's key at its request; keep in the caller's transaction. */
bool operation_list_keep(
    struct site *site, const char *operation, const struct operation_list *list, struct error *err);
/* Not measured. */
bool operation_list_open(
    struct site *site, const char *operation, struct operation_list *out, struct error *err);

/* {"list_hash", "list_size", "cameras", "pack_hash", "report_hash", "threshold_e6", "camera_class"}: a new
 * reference. */
json_t *operation_terms(
    struct site *site, const char *operation, const struct operation_list *list, struct error *err);
