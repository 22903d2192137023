#include "match/gallery.h"

#include "match/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct gallery_entry {
    char id[ENTRY_ID_SIZE];
    size_t first, photos; /* in templates */
    bool withdrawn;
};

struct gallery {
    struct rows *rows;            /* sorted by entry, then photo hash */
    struct gallery_entry **owner; /* of each row */
    size_t template_count;
    struct gallery_entry *entries;
    size_t entry_count, armed;
    uint8_t hash[HASH_SIZE];
};

void gallery_item_withhold(struct gallery_item *item)
{
    if (item->withheld)
        return;
    hash_bytes(item->template, sizeof item->template, item->template_hash);
    memory_wipe(item->template, sizeof item->template);
    item->withheld = true;
}

static int compare_items(const void *left, const void *right)
{
    const struct gallery_item *a = *(const struct gallery_item *const *)left;
    const struct gallery_item *b = *(const struct gallery_item *const *)right;
    int order = strcmp(a->entry, b->entry);
    return order ? order : memcmp(a->photo_hash, b->photo_hash, HASH_SIZE);
}

static bool check_item(const struct gallery_item *item, struct error *err)
{
    size_t size = strnlen(item->entry, ENTRY_ID_SIZE);
    if (size == 0 || size == ENTRY_ID_SIZE ||
        strspn(item->entry, "abcdefghijklmnopqrstuvwxyz0123456789-") != size)
        return fail(err, ERROR_INVALID, "a gallery item's entry is not an id");
    if (item->withheld)
        return true;
    double squares = 0;
    for (size_t i = 0; i < GALLERY_TEMPLATE; i++)
        squares += (double)item->template[i] * (double)item -> template[i];
    /* Written so that a NaN fails, too. */
    if (!(fabs(sqrt(squares) - 1) <= 1e-3))
        return fail(err, ERROR_INVALID, "a template of entry %s is not of unit length", item->entry);
    return true;
}

static bool check_sorted(const struct gallery_item *const *items, size_t count, struct error *err)
{
    size_t entries = 0, photos = 0;
    for (size_t i = 0; i < count; i++) {
        bool same = i > 0 && strcmp(items[i - 1]->entry, items[i]->entry) == 0;
        if (same && memcmp(items[i - 1]->photo_hash, items[i]->photo_hash, HASH_SIZE) == 0)
            return fail(err, ERROR_INVALID, "entry %s has one photo twice", items[i]->entry);
        photos = same ? photos + 1 : 1;
        entries += !same;
        if (photos > GALLERY_PHOTOS)
            return fail(
                err, ERROR_TOO_LARGE, "entry %s has more than %d photos", items[i]->entry, GALLERY_PHOTOS);
        if (entries > GALLERY_ENTRIES)
            return fail(err, ERROR_TOO_LARGE, "the list has more than %d entries", GALLERY_ENTRIES);
    }
    return true;
}

#define LIST_HEAD "mizan-list-v1\n"

static void add_line(struct text *lines, const struct gallery_item *item)
{
    uint8_t hash[HASH_SIZE];
    char photo[2 * HASH_SIZE + 1], template[2 * HASH_SIZE + 1];
    if (item->withheld)
        memcpy(hash, item->template_hash, HASH_SIZE);
    else
        hash_bytes(item->template, sizeof item->template, hash);
    hex_write(item->photo_hash, HASH_SIZE, photo);
    hex_write(hash, HASH_SIZE, template);
    text_add(lines, "%s %s %s\n", item->entry, photo, template);
}

static void add_item(struct gallery *gallery, const struct gallery_item *item)
{
    struct gallery_entry *entry =
        gallery->entry_count ? &gallery->entries[gallery->entry_count - 1] : gallery->entries;
    if (gallery->entry_count == 0 || strcmp(entry->id, item->entry) != 0) {
        entry = &gallery->entries[gallery->entry_count++];
        memcpy(entry->id, item->entry, ENTRY_ID_SIZE);
        entry->first = gallery->template_count;
    }
    entry->photos++;
    gallery->owner[gallery->template_count] = entry;
    if (!item->withheld)
        rows_set(gallery->rows, gallery->template_count, item->template);
    gallery->template_count++;
}

static struct gallery *build(const struct gallery_item *const *items, size_t count)
{
    struct gallery *gallery = memory_allocate(1, sizeof *gallery);
    gallery->rows = rows_new(count);
    gallery->owner = memory_allocate(count + 1, sizeof(void *));
    gallery->entries = memory_allocate(count + 1, sizeof *gallery->entries);
    __attribute__((cleanup(text_buffer_auto))) struct text lines = {0};
    text_add(&lines, LIST_HEAD);
    for (size_t i = 0; i < count; i++) {
        add_item(gallery, items[i]);
        add_line(&lines, items[i]);
    }
    hash_bytes(lines.data, lines.size, gallery->hash);
    gallery->armed = gallery->entry_count;
    for (size_t i = 0; i < count; i++)
        if (items[i]->withheld)
            gallery_withdraw(gallery, items[i]->entry);
    return gallery;
}

struct gallery *gallery_new(const struct gallery_item *items, size_t count, struct error *err)
{
    if (count > (size_t)GALLERY_ENTRIES * GALLERY_PHOTOS) {
        fail(err, ERROR_TOO_LARGE, "the list has more than %d photos", GALLERY_ENTRIES * GALLERY_PHOTOS);
        return NULL;
    }
    AUTO(heap) const struct gallery_item **sorted = memory_allocate(count + 1, sizeof(void *));
    for (size_t i = 0; i < count; i++) {
        if (!check_item(&items[i], err))
            return NULL;
        sorted[i] = &items[i];
    }
    qsort(sorted, count, sizeof(void *), compare_items);
    return check_sorted(sorted, count, err) ? build(sorted, count) : NULL;
}

bool gallery_lines_add(
    struct gallery_lines *lines, const struct gallery_item *items, size_t count, struct error *err)
{
    const struct gallery_item *sorted[GALLERY_PHOTOS];
    if (count == 0 || count > GALLERY_PHOTOS || lines->entries == GALLERY_ENTRIES)
        return fail(err, ERROR_TOO_LARGE, "a list has at most %d entries of 1 to %d photos", GALLERY_ENTRIES,
            GALLERY_PHOTOS);
    for (size_t i = 0; i < count; i++) {
        if (!check_item(&items[i], err))
            return false;
        sorted[i] = &items[i];
    }
    qsort(sorted, count, sizeof(void *), compare_items);
    if (!check_sorted(sorted, count, err))
        return false;
    if (strcmp(sorted[0]->entry, sorted[count - 1]->entry) != 0 || strcmp(lines->last, sorted[0]->entry) >= 0)
        return fail(err, ERROR_INVALID, "a list's entries come each once, in their order");
    if (lines->entries++ == 0)
        text_add(&lines->text, LIST_HEAD);
    memcpy(lines->last, sorted[0]->entry, ENTRY_ID_SIZE);
    for (size_t i = 0; i < count; i++)
        add_line(&lines->text, sorted[i]);
    return true;
}

void gallery_lines_hash(const struct gallery_lines *lines, uint8_t out[static HASH_SIZE])
{
    const char *text = lines->entries ? lines->text.data : LIST_HEAD;
    hash_bytes(text, strlen(text), out);
}

void gallery_free(struct gallery *gallery)
{
    if (!gallery)
        return;
    rows_free(gallery->rows);
    memory_release(gallery->owner);
    memory_release(gallery->entries);
    memory_release(gallery);
}

void gallery_hash(const struct gallery *gallery, uint8_t out[static HASH_SIZE])
{
    memcpy(out, gallery->hash, HASH_SIZE);
}

void gallery_entries_hash(const struct gallery *gallery, uint8_t out[static HASH_SIZE])
{
    AUTO(text_buffer) struct text lines = {0};
    text_add(&lines, "mizan-entries-v1\n");
    for (size_t i = 0; i < gallery->entry_count; i++)
        text_add(&lines, "%s\n", gallery->entries[i].id);
    hash_bytes(lines.data, lines.size, out);
}

size_t gallery_listed(const struct gallery *gallery)
{
    return gallery->entry_count;
}

size_t gallery_entries(const struct gallery *gallery)
{
    return gallery->armed;
}

bool gallery_withdraw(struct gallery *gallery, const char *entry)
{
    for (size_t i = 0; i < gallery->entry_count; i++) {
        struct gallery_entry *found = &gallery->entries[i];
        if (found->withdrawn || strcmp(found->id, entry) != 0)
            continue;
        rows_wipe(gallery->rows, found->first, found->photos);
        found->withdrawn = true;
        gallery->armed--;
        return true;
    }
    return false;
}

/* What a search has found so far, best first. */
struct ranking {
    const struct gallery *gallery;
    struct candidate *best;
    size_t count, limit;
};

static size_t place_of(const struct ranking *ranking, const char *entry)
{
    size_t place = 0;
    while (place < ranking->count && strcmp(ranking->best[place].entry, entry) != 0)
        place++;
    return place;
}

static bool stands_behind(const struct candidate *candidate, const char *entry, float score)
{
    return candidate->score < score || (candidate->score == score && strcmp(candidate->entry, entry) > 0);
}

static void ranking_insert(struct ranking *ranking, const char *entry, float score)
{
    struct candidate *best = ranking->best;
    size_t at = ranking->count;
    while (at > 0 && stands_behind(&best[at - 1], entry, score))
        at--;
    if (at >= ranking->limit)
        return;
    size_t kept = ranking->count < ranking->limit ? ranking->count : ranking->limit - 1;
    memmove(best + at + 1, best + at, (kept - at) * sizeof *best);
    memcpy(best[at].entry, entry, ENTRY_ID_SIZE);
    best[at].score = score;
    ranking->count = kept + 1;
}

static void ranking_remove(struct ranking *ranking, size_t place)
{
    ranking->count--;
    memmove(
        ranking->best + place, ranking->best + place + 1, (ranking->count - place) * sizeof *ranking->best);
}

/* An entry stands with the best of its photos. */
static float ranking_take(void *context, size_t row, float score)
{
    struct ranking *ranking = context;
    const struct gallery_entry *entry = ranking->gallery->owner[row];
    size_t place = place_of(ranking, entry->id);
    bool listed = place < ranking->count;
    if (!entry->withdrawn && !(listed && !(score > ranking->best[place].score))) {
        if (listed)
            ranking_remove(ranking, place);
        ranking_insert(ranking, entry->id, score);
    }
    return ranking->count == ranking->limit ? ranking->best[ranking->count - 1].score : -INFINITY;
}

size_t gallery_scan(const struct gallery *gallery, const float template[static GALLERY_TEMPLATE],
    struct candidate *best, size_t limit)
{
    struct ranking ranking = {gallery, best, 0, limit};
    if (limit > 0)
        rows_search(gallery->rows, template, ranking_take, &ranking);
    return ranking.count;
}
