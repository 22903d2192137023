/* The templates a watch compares with. Built once, then only withdrawn from. Entry ids are opaque here. */
#pragma once

#include "base/crypto.h"
#include "base/text.h"

enum { GALLERY_ENTRIES = 2000, GALLERY_PHOTOS = 3, GALLERY_TEMPLATE = 512, ENTRY_ID_SIZE = 24 };

struct gallery_item {
    char entry[ENTRY_ID_SIZE]; /* NUL-ended */
    uint8_t photo_hash[HASH_SIZE];
    float template[GALLERY_TEMPLATE];
    /* Of an entry withdrawn already, the hash stands for the template, which is gone: the list keeps its hash
     * and matches nobody by it. */
    bool withheld;
    uint8_t template_hash[HASH_SIZE]; /* when withheld */
};

/* Wipes the template and keeps its hash. */
void gallery_item_withhold(struct gallery_item *item);

struct gallery;

/* Copies the items. ERROR_TOO_LARGE above GALLERY_ENTRIES entries or GALLERY_PHOTOS photos of one entry;
 * ERROR_INVALID for a template that is not finite and of unit length (within 1e-3), or an id that is not an
 * id. */
struct gallery *gallery_new(const struct gallery_item *items, size_t count, struct error *err);
/* Wipes the templates, then frees. */
void gallery_free(struct gallery *gallery);
AUTO_FREE(gallery, struct gallery *, gallery_free)

/* The list's hash (gallery_hash) made entry by entry, so that nobody waits for a long list: all photos of an
 * entry at a time, the entries in their order. Starts as {0}. */
struct gallery_lines {
    struct text text; /* owned: text_done */
    char last[ENTRY_ID_SIZE];
    size_t entries;
};
bool gallery_lines_add(
    struct gallery_lines *lines, const struct gallery_item *items, size_t count, struct error *err);
void gallery_lines_hash(const struct gallery_lines *lines, uint8_t out[static HASH_SIZE]);
/* SHA-256 over "mizan-list-v1\n" and, sorted by entry then photo hash, one line each:
 * entry ' ' hex(photo hash) ' ' hex(SHA-256 of the template's little-endian bytes) '\n'. Withdrawals do not
 * change it. */
void gallery_hash(const struct gallery *gallery, uint8_t out[static HASH_SIZE]);
/* SHA-256 over "mizan-entries-v1\n" and one line an entry, sorted: entry '\n'. Withdrawals do not change it.
 */
void gallery_entries_hash(const struct gallery *gallery, uint8_t out[static HASH_SIZE]);
size_t gallery_listed(const struct gallery *gallery);  /* entries, withdrawn ones included */
size_t gallery_entries(const struct gallery *gallery); /* still armed */

/* Wipes the entry's templates at once; false when it is not there (or was withdrawn already). */
bool gallery_withdraw(struct gallery *gallery, const char *entry);

struct candidate {
    char entry[ENTRY_ID_SIZE];
    float score; /* the best of the entry's photos */
};

/* The `limit` best entries, best first, ties by entry id; returns how many. Exact: scores are
 * score_canonical. */
size_t gallery_scan(const struct gallery *gallery, const float template[static GALLERY_TEMPLATE],
    struct candidate *best, size_t limit);

/* The canonical score: 16 lanes of fused multiply-add, element i in lane i mod 16 in rising order from +0;
 * then lanes l and l+8 are added, l and l+4, l and l+2, l and l+1. Flush-to-zero on. Every kernel gives these
 * bits. */
float score_canonical(const float *a, const float *b, size_t length);
