#include "match/gallery.h"

#include "base/text.h"
#include "match/scan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SCORED_AT_ONCE = 256 };
_Static_assert((int)SCORED_AT_ONCE >= (int)GALLERY_PHOTOS, "one entry's templates are scored together");

struct gallery_entry {
    char id[ENTRY_ID_SIZE];
    size_t first, photos; /* in templates */
    bool withdrawn;
};

struct gallery {
    float *templates; /* GALLERY_TEMPLATE each, sorted by entry, then photo hash */
    size_t template_count;
    struct gallery_entry *entries;
    size_t entry_count, armed;
    const struct score_kernel *kernel;
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
    float *template = gallery->templates + gallery->template_count++ * GALLERY_TEMPLATE;
    if (!item->withheld)
        memcpy(template, item->template, sizeof item->template);
}

static struct gallery *build(const struct gallery_item *const *items, size_t count)
{
    struct gallery *gallery = memory_allocate(1, sizeof *gallery);
    gallery->templates = memory_allocate_aligned((count + 1) * GALLERY_TEMPLATE * sizeof(float));
    gallery->entries = memory_allocate(count + 1, sizeof *gallery->entries);
    gallery->kernel = score_kernel_best();
    __attribute__((cleanup(text_buffer_auto))) struct text lines = {0};
    text_add(&lines, "mizan-list-v1\n");
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

void gallery_free(struct gallery *gallery)
{
    if (!gallery)
        return;
    memory_wipe(gallery->templates, gallery->template_count * GALLERY_TEMPLATE * sizeof(float));
    free(gallery->templates);
    memory_release(gallery->entries);
    memory_release(gallery);
}

void gallery_hash(const struct gallery *gallery, uint8_t out[static HASH_SIZE])
{
    memcpy(out, gallery->hash, HASH_SIZE);
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
        memory_wipe(gallery->templates + found->first * GALLERY_TEMPLATE,
            found->photos * GALLERY_TEMPLATE * sizeof(float));
        found->withdrawn = true;
        gallery->armed--;
        return true;
    }
    return false;
}

static float best_of(const float *scores, size_t count)
{
    float best = scores[0];
    for (size_t i = 1; i < count; i++)
        best = scores[i] > best ? scores[i] : best;
    return best;
}

/* The entry after the last one from `first` on whose templates are among the next SCORED_AT_ONCE. */
static size_t group_end(const struct gallery *gallery, size_t first)
{
    size_t begin = gallery->entries[first].first, end = first;
    while (end < gallery->entry_count &&
           gallery->entries[end].first + gallery->entries[end].photos - begin <= SCORED_AT_ONCE)
        end++;
    return end;
}

/* Entries come in order of id, so an equal score stays behind those before it. */
static size_t insert(struct candidate *best, size_t count, size_t limit, const char *id, float score)
{
    size_t at = count;
    while (at > 0 && best[at - 1].score < score)
        at--;
    if (at >= limit)
        return count;
    size_t kept = count < limit ? count : limit - 1;
    memmove(best + at + 1, best + at, (kept - at) * sizeof *best);
    memcpy(best[at].entry, id, ENTRY_ID_SIZE);
    best[at].score = score;
    return kept + 1;
}

/* Withdrawn templates are scored with the others, which is cheaper than stepping over them, and left out. */
static size_t scan_group(const struct gallery *gallery, size_t group, size_t end, const float *template,
    struct candidate *best, size_t count, size_t limit)
{
    float scores[SCORED_AT_ONCE];
    const struct gallery_entry *entries = gallery->entries, *last = &entries[end - 1];
    size_t begin = entries[group].first;
    gallery->kernel->score_rows(template, gallery->templates + begin * GALLERY_TEMPLATE,
        last->first + last->photos - begin, GALLERY_TEMPLATE, scores);
    for (size_t i = group; i < end; i++)
        if (!entries[i].withdrawn)
            count = insert(best, count, limit, entries[i].id,
                best_of(scores + entries[i].first - begin, entries[i].photos));
    return count;
}

size_t gallery_scan(const struct gallery *gallery, const float template[static GALLERY_TEMPLATE],
    struct candidate *best, size_t limit)
{
    size_t count = 0, end = 0;
    unsigned before = flush_to_zero_begin();
    for (size_t group = 0; group < gallery->entry_count; group = end) {
        end = group_end(gallery, group);
        count = scan_group(gallery, group, end, template, best, count, limit);
    }
    flush_to_zero_end(before);
    return count;
}
