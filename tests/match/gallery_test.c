#include "match/gallery.h"

#include "base/text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct error err;

/* A template of unit length that depends on the seed only. */
static void fill_template(uint32_t seed, float out[static GALLERY_TEMPLATE])
{
    double squares = 0;
    for (size_t i = 0; i < GALLERY_TEMPLATE; i++) {
        seed = seed * 1664525U + 1013904223U;
        out[i] = (float)(seed >> 8) / 8388608.0F - 1;
        squares += (double)out[i] * (double)out[i];
    }
    for (size_t i = 0; i < GALLERY_TEMPLATE; i++)
        out[i] = (float)((double)out[i] / sqrt(squares));
}

static struct gallery_item item_of(unsigned entry, uint8_t photo)
{
    struct gallery_item item = {.photo_hash = {photo}};
    snprintf(item.entry, sizeof item.entry, "e-%016u", entry);
    fill_template(entry * 31 + photo, item.template);
    return item;
}

static struct gallery *gallery_of(const struct gallery_item *items, size_t count)
{
    struct gallery *gallery = gallery_new(items, count, &err);
    if (!gallery)
        print_error("%s\n", err.text);
    assert_non_null(gallery);
    return gallery;
}

static void a_search_gives_the_best_entries_with_their_canonical_scores(void **state)
{
    (void)state;
    enum { ITEMS = 60 };
    static struct gallery_item items[ITEMS];
    for (unsigned i = 0; i < ITEMS; i++)
        items[i] = item_of(ITEMS - i / 2, (uint8_t)(i % 2));
    AUTO(gallery) struct gallery *gallery = gallery_of(items, ITEMS);
    assert_int_equal(gallery_entries(gallery), ITEMS / 2);
    float probe[GALLERY_TEMPLATE];
    fill_template(4711, probe);
    struct candidate best[ITEMS];
    assert_int_equal(gallery_scan(gallery, probe, best, ITEMS), ITEMS / 2);
    for (size_t i = 0; i < ITEMS / 2; i++) {
        float expected = -2;
        for (size_t j = 0; j < ITEMS; j++) {
            float score = score_canonical(probe, items[j].template, GALLERY_TEMPLATE);
            if (strcmp(items[j].entry, best[i].entry) == 0 && score > expected)
                expected = score;
        }
        assert_memory_equal(&best[i].score, &expected, sizeof expected);
        assert_true(i == 0 || best[i - 1].score >= best[i].score);
    }
    struct candidate few[4];
    assert_int_equal(gallery_scan(gallery, probe, few, 4), 4);
    assert_memory_equal(few, best, sizeof few);
    assert_int_equal(gallery_scan(gallery, probe, few, 0), 0);
}

/* More templates than are scored at once, one to three an entry, so that groups end at every place in an
 * entry. */
static void a_long_list_with_gaps_gives_every_entry_its_best_score(void **state)
{
    (void)state;
    enum { ENTRIES = 400 };
    static struct gallery_item items[3 * ENTRIES];
    static struct candidate best[ENTRIES];
    size_t count = 0, gone = 0, found = 0;
    for (unsigned e = 0; e < ENTRIES; e++)
        for (unsigned photo = 0; photo < 1 + e * 7 % 3; photo++)
            items[count++] = item_of(e, (uint8_t)photo);
    AUTO(gallery) struct gallery *gallery = gallery_of(items, count);
    for (unsigned e = 0; e < ENTRIES; e += 5, gone++)
        assert_true(gallery_withdraw(gallery, item_of(e, 0).entry));
    float probe[GALLERY_TEMPLATE];
    fill_template(4711, probe);
    assert_int_equal(gallery_scan(gallery, probe, best, ENTRIES), ENTRIES - gone);
    for (size_t j = 0; j < count;) {
        float expected = -2;
        const char *entry = items[j].entry;
        for (; j < count && strcmp(items[j].entry, entry) == 0; j++) {
            float score = score_canonical(probe, items[j].template, GALLERY_TEMPLATE);
            expected = score > expected ? score : expected;
        }
        for (size_t i = 0; i < ENTRIES - gone; i++)
            if (strcmp(best[i].entry, entry) == 0) {
                assert_memory_equal(&best[i].score, &expected, sizeof expected);
                found++;
            }
    }
    assert_int_equal(found, ENTRIES - gone);
}

static void equal_scores_come_in_the_order_of_their_ids(void **state)
{
    (void)state;
    struct gallery_item items[3] = {item_of(3, 0), item_of(1, 0), item_of(2, 0)};
    for (size_t i = 1; i < 3; i++)
        memcpy(items[i].template, items[0].template, sizeof items[0].template);
    AUTO(gallery) struct gallery *gallery = gallery_of(items, 3);
    struct candidate best[2];
    assert_int_equal(gallery_scan(gallery, items[0].template, best, 2), 2);
    assert_string_equal(best[0].entry, items[1].entry);
    assert_string_equal(best[1].entry, items[2].entry);
}

static void the_hash_is_that_of_the_sorted_lines(void **state)
{
    (void)state;
    struct gallery_item items[3] = {item_of(2, 7), item_of(1, 9), item_of(1, 4)};
    const size_t order[3] = {2, 1, 0};
    __attribute__((cleanup(text_buffer_auto))) struct text lines = {0};
    text_add(&lines, "mizan-list-v1\n");
    for (size_t i = 0; i < 3; i++) {
        const struct gallery_item *item = &items[order[i]];
        uint8_t hash[HASH_SIZE];
        char photo[65], template[65];
        hash_bytes(item->template, sizeof item->template, hash);
        hex_write(item->photo_hash, HASH_SIZE, photo);
        hex_write(hash, HASH_SIZE, template);
        text_add(&lines, "%s %s %s\n", item->entry, photo, template);
    }
    uint8_t expected[HASH_SIZE], found[HASH_SIZE];
    hash_bytes(lines.data, lines.size, expected);
    AUTO(gallery) struct gallery *gallery = gallery_of(items, 3);
    gallery_hash(gallery, found);
    assert_memory_equal(found, expected, HASH_SIZE);
    gallery_withdraw(gallery, items[0].entry);
    gallery_hash(gallery, found);
    assert_memory_equal(found, expected, HASH_SIZE);
}

static void s14_any_other_template_photo_or_entry_is_another_hash(void **state)
{
    (void)state;
    struct gallery_item items[2] = {item_of(1, 1), item_of(2, 2)};
    uint8_t whole[HASH_SIZE], found[HASH_SIZE];
    AUTO(gallery) struct gallery *gallery = gallery_of(items, 2);
    gallery_hash(gallery, whole);
    struct gallery_item changed[3][2] = {{items[0], items[1]}, {items[0], items[1]}, {items[0], items[1]}};
    changed[0][1].photo_hash[31] ^= 1;
    changed[1][1].template[511] = -changed[1][1].template[511];
    changed[2][1].entry[17] = '3';
    for (size_t i = 0; i < 3; i++) {
        AUTO(gallery) struct gallery *other = gallery_of(changed[i], 2);
        gallery_hash(other, found);
        assert_memory_not_equal(found, whole, HASH_SIZE);
    }
    AUTO(gallery) struct gallery *fewer = gallery_of(items, 1);
    gallery_hash(fewer, found);
    assert_memory_not_equal(found, whole, HASH_SIZE);
}

static void s03_a_withdrawn_entry_is_never_found_again(void **state)
{
    (void)state;
    struct gallery_item items[3] = {item_of(1, 0), item_of(1, 1), item_of(2, 0)};
    AUTO(gallery) struct gallery *gallery = gallery_of(items, 3);
    struct candidate best[3];
    assert_true(gallery_withdraw(gallery, items[0].entry));
    assert_false(gallery_withdraw(gallery, items[0].entry));
    assert_false(gallery_withdraw(gallery, "e-0000000000000009"));
    assert_int_equal(gallery_entries(gallery), 1);
    assert_int_equal(gallery_scan(gallery, items[0].template, best, 3), 1);
    assert_string_equal(best[0].entry, items[2].entry);
}

static void s09_more_entries_or_photos_than_the_ceiling_are_refused(void **state)
{
    (void)state;
    const size_t most = GALLERY_ENTRIES;
    AUTO(heap) struct gallery_item *items = memory_allocate(most + 1, sizeof *items);
    for (size_t i = 0; i <= most; i++)
        items[i] = item_of((unsigned)i, 0);
    AUTO(gallery) struct gallery *full = gallery_of(items, most);
    assert_int_equal(gallery_entries(full), most);
    assert_null(gallery_new(items, most + 1, &err));
    assert_int_equal(err.code, ERROR_TOO_LARGE);
    struct gallery_item photos[4] = {item_of(1, 0), item_of(1, 1), item_of(1, 2), item_of(1, 3)};
    AUTO(gallery) struct gallery *three = gallery_of(photos, 3);
    assert_int_equal(gallery_entries(three), 1);
    assert_null(gallery_new(photos, 4, &err));
    assert_int_equal(err.code, ERROR_TOO_LARGE);
    assert_null(gallery_new(photos, SIZE_MAX, &err));
}

static void items_that_are_not_well_formed_are_refused(void **state)
{
    (void)state;
    struct gallery_item items[6];
    for (size_t i = 0; i < COUNT_OF(items); i++)
        items[i] = item_of(1, 0);
    items[0].template[3] = NAN;
    items[1].template[3] = INFINITY;
    for (size_t i = 0; i < GALLERY_TEMPLATE; i++)
        items[2].template[i] *= 1.01F;
    memset(items[3].entry, 'e', ENTRY_ID_SIZE);
    items[4].entry[0] = '\0';
    items[5].entry[2] = ' ';
    for (size_t i = 0; i < COUNT_OF(items); i++) {
        err = (struct error){0};
        assert_null(gallery_new(&items[i], 1, &err));
        assert_int_equal(err.code, ERROR_INVALID);
    }
    struct gallery_item twice[2] = {item_of(1, 0), item_of(1, 0)};
    assert_null(gallery_new(twice, 2, &err));
}

static void an_empty_list_finds_nobody(void **state)
{
    (void)state;
    AUTO(gallery) struct gallery *gallery = gallery_of(NULL, 0);
    float probe[GALLERY_TEMPLATE];
    struct candidate best[1];
    fill_template(1, probe);
    assert_int_equal(gallery_entries(gallery), 0);
    assert_int_equal(gallery_scan(gallery, probe, best, 1), 0);
}

static void s3_a_list_keeps_its_hash_without_the_templates_of_withdrawn_entries(void **state)
{
    (void)state;
    static const struct gallery_item nothing;
    struct gallery_item items[] = {item_of(1, 1), item_of(1, 2), item_of(2, 1)};
    uint8_t before[HASH_SIZE], after[HASH_SIZE];
    struct candidate best[2];
    AUTO(gallery) struct gallery *whole = gallery_of(items, COUNT_OF(items));
    gallery_hash(whole, before);
    gallery_item_withhold(&items[0]);
    gallery_item_withhold(&items[0]);
    gallery_item_withhold(&items[1]);
    assert_memory_equal(items[0].template, nothing.template, sizeof nothing.template);
    AUTO(gallery) struct gallery *rest = gallery_of(items, COUNT_OF(items));
    gallery_hash(rest, after);
    assert_memory_equal(after, before, HASH_SIZE);
    assert_int_equal(gallery_listed(rest), 2);
    assert_int_equal(gallery_entries(rest), 1);
    assert_int_equal(gallery_scan(rest, items[2].template, best, COUNT_OF(best)), 1);
    assert_string_equal(best[0].entry, items[2].entry);
    items[1].template_hash[0] ^= 1;
    AUTO(gallery) struct gallery *other = gallery_of(items, COUNT_OF(items));
    gallery_hash(other, after);
    assert_memory_not_equal(after, before, HASH_SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_search_gives_the_best_entries_with_their_canonical_scores),
        cmocka_unit_test(a_long_list_with_gaps_gives_every_entry_its_best_score),
        cmocka_unit_test(equal_scores_come_in_the_order_of_their_ids),
        cmocka_unit_test(the_hash_is_that_of_the_sorted_lines),
        cmocka_unit_test(s14_any_other_template_photo_or_entry_is_another_hash),
        cmocka_unit_test(s03_a_withdrawn_entry_is_never_found_again),
        cmocka_unit_test(s09_more_entries_or_photos_than_the_ceiling_are_refused),
        cmocka_unit_test(items_that_are_not_well_formed_are_refused),
        cmocka_unit_test(an_empty_list_finds_nobody),
        cmocka_unit_test(s3_a_list_keeps_its_hash_without_the_templates_of_withdrawn_entries),
    };
    return crypto_start(NULL) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
