#include "match/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 2 << 20 };
enum { BLOCK = 2048, AHEAD = 8, CACHE_LINE = 64 };

struct rows {
    size_t count;
    float *templates;
    uint8_t *upper, *lower; /* QUANTISED_HALF a row */
    float *steps, *errors, *upper_errors;
    const struct score_kernel *score;
    const struct half_kernel *half;
};

struct search {
    const struct rows *rows;
    const float *query;
    rows_take take;
    void *context;
    float least; /* what take returned last */
    struct quantised_query quantised;
    int32_t sums[BLOCK]; /* of the upper halves */
    float most[BLOCK];   /* what the scores cannot exceed, by the upper halves */
};

/* Large planes, as only measurements have them, come from memory a sixth faster in huge pages. */
static uint8_t *plane_new(size_t size)
{
    if (size < (size_t)2 * HUGE_PAGE)
        return memory_allocate_aligned(size);
    size_t rounded = (size + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    uint8_t *plane = aligned_alloc(HUGE_PAGE, rounded);
    if (!plane)
        return memory_allocate_aligned(size);
    madvise(plane, rounded, MADV_HUGEPAGE);
    memset(plane, 0, rounded);
    return plane;
}

struct rows *rows_new(size_t count)
{
    struct rows *rows = memory_allocate(1, sizeof *rows);
    rows->count = count;
    rows->templates = memory_allocate_aligned((count + 1) * GALLERY_TEMPLATE * sizeof(float));
    rows->upper = plane_new((count + 1) * QUANTISED_HALF);
    rows->lower = plane_new((count + 1) * QUANTISED_HALF);
    rows->steps = memory_allocate(count + 1, sizeof(float));
    rows->errors = memory_allocate(count + 1, sizeof(float));
    rows->upper_errors = memory_allocate(count + 1, sizeof(float));
    rows->score = score_kernel_best();
    rows->half = half_kernel_best();
    return rows;
}

void rows_free(struct rows *rows)
{
    if (!rows)
        return;
    rows_wipe(rows, 0, rows->count);
    free(rows->templates);
    free(rows->upper);
    free(rows->lower);
    memory_release(rows->steps);
    memory_release(rows->errors);
    memory_release(rows->upper_errors);
    memory_release(rows);
}

void rows_set(struct rows *rows, size_t row, const float template[static GALLERY_TEMPLATE])
{
    struct quantised_planes planes;
    struct quantised_measure measure;
    quantise_template(template, &planes, &measure);
    memcpy(rows->templates + row * GALLERY_TEMPLATE, template, GALLERY_TEMPLATE * sizeof(float));
    memcpy(rows->upper + row * QUANTISED_HALF, planes.upper, QUANTISED_HALF);
    memcpy(rows->lower + row * QUANTISED_HALF, planes.lower, QUANTISED_HALF);
    rows->steps[row] = measure.step;
    rows->errors[row] = measure.error;
    rows->upper_errors[row] = measure.upper_error;
    memory_wipe(&planes, sizeof planes);
}

/* An error of −infinity keeps a wiped row out of all but searches that have no `least` yet. */
void rows_wipe(struct rows *rows, size_t first, size_t count)
{
    memory_wipe(rows->templates + first * GALLERY_TEMPLATE, count * GALLERY_TEMPLATE * sizeof(float));
    memory_wipe(rows->upper + first * QUANTISED_HALF, count * QUANTISED_HALF);
    memory_wipe(rows->lower + first * QUANTISED_HALF, count * QUANTISED_HALF);
    for (size_t row = first; row < first + count; row++) {
        rows->steps[row] = 0;
        rows->errors[row] = rows->upper_errors[row] = -INFINITY;
    }
}

void rows_use(struct rows *rows, const struct score_kernel *score, const struct half_kernel *half)
{
    rows->score = score;
    rows->half = half;
}

static void take_exact(struct search *search, size_t row)
{
    const struct rows *rows = search->rows;
    float score =
        rows->score->score(search->query, rows->templates + row * GALLERY_TEMPLATE, GALLERY_TEMPLATE);
    search->least = search->take(search->context, row, score);
}

/* Fills sums and most for `count` rows from `first` on; returns the place of the largest most. */
static size_t sum_rows(struct search *search, size_t first, size_t count)
{
    const struct rows *rows = search->rows;
    const struct quantised_query *query = &search->quantised;
    int32_t *sums = search->sums;
    float *most = search->most;
    size_t best = 0;
    rows->half->sums(query->codes, rows->upper + first * QUANTISED_HALF, count, sums);
    for (size_t i = 0; i < count; i++)
        most[i] = quantised_most(query, rows->steps[first + i], rows->upper_errors[first + i],
            quantised_upper_product(query, sums[i]));
    for (size_t i = 1; i < count; i++)
        best = most[i] > most[best] ? i : best;
    return best;
}

/* The upper halves left it open whether the row is of interest. */
static void look_closer(struct search *search, size_t row, int32_t upper)
{
    const struct rows *rows = search->rows;
    const struct quantised_query *query = &search->quantised;
    int32_t lower = 0;
    rows->half->sums(query->codes, rows->lower + row * QUANTISED_HALF, 1, &lower);
    int32_t product = quantised_product(query, upper, lower);
    if (quantised_most(query, rows->steps[row], rows->errors[row], product) >= search->least)
        take_exact(search, row);
}

static void fetch_lower(const struct rows *rows, size_t row)
{
    for (size_t byte = 0; byte < QUANTISED_HALF; byte += CACHE_LINE)
        __builtin_prefetch(rows->lower + row * QUANTISED_HALF + byte);
}

/* What promises most goes first, so that the rest meets a high `least`. */
static void search_block(struct search *search, size_t first, size_t count)
{
    uint16_t open[BLOCK] = {0};
    size_t open_count = 0, best = sum_rows(search, first, count);
    if (!(search->most[best] >= search->least))
        return;
    look_closer(search, first + best, search->sums[best]);
    search->most[best] = NAN; /* taken: never again at least `least` */
    for (size_t i = 0; i < count; i++) {
        open[open_count] = (uint16_t)i;
        open_count += search->most[i] >= search->least;
    }
    for (size_t i = 0; i < open_count; i++) {
        if (i + AHEAD < open_count)
            fetch_lower(search->rows, first + open[i + AHEAD]);
        if (search->most[open[i]] >= search->least)
            look_closer(search, first + open[i], search->sums[open[i]]);
    }
}

void rows_search(
    const struct rows *rows, const float query[static GALLERY_TEMPLATE], rows_take take, void *context)
{
    struct search search;
    search.rows = rows;
    search.query = query;
    search.take = take;
    search.context = context;
    search.least = -INFINITY;
    unsigned before = flush_to_zero_begin();
    if (quantise_query(query, &search.quantised))
        for (size_t first = 0; first < rows->count; first += BLOCK)
            search_block(&search, first, rows->count - first < BLOCK ? rows->count - first : BLOCK);
    else
        for (size_t row = 0; row < rows->count; row++)
            take_exact(&search, row);
    flush_to_zero_end(before);
    memory_wipe(&search, sizeof search);
}
