#include "trial.h"

#include "match/gallery.h"
#include "match/rows.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One trial in LONG_EVERY has a list that is longer than what a search takes at once. */
enum { FEW_ROWS = 24, MANY_ROWS = 2500, LONG_EVERY = 100, BEST = 4, LANES = 16 };

/* What the rows or queries of one list have in common. */
enum kind {
    ORDINARY,
    NEAR_TIES,
    DUPLICATES,
    VANISHING,
    SATURATED,
    SPARSE,       /* one to three numbers are not nought */
    LOPSIDED,     /* one number is large beside all others, so that a byte says little of them */
    ALONG_ERRORS, /* queries point where a row's 8-bit form is wrong: the bound is met as nearly as it can be
                   */
    KINDS
};

struct trial {
    uint64_t state;
    enum kind kind;
    size_t count;
    float (*rows)[GALLERY_TEMPLATE];
    struct quantised_planes *planes;
    struct quantised_measure *measures;
    float *expected;
    float query[GALLERY_TEMPLATE];
};

static uint32_t next_random(struct trial *trial)
{
    trial->state = trial->state * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(trial->state >> 32);
}

static void scale_to_unit(float *numbers)
{
    double squares = 0;
    for (size_t i = 0; i < GALLERY_TEMPLATE; i++)
        squares += (double)numbers[i] * (double)numbers[i];
    for (size_t i = 0; squares > 0 && i < GALLERY_TEMPLATE; i++)
        numbers[i] = (float)((double)numbers[i] / sqrt(squares));
}

static void fill_unit(struct trial *trial, float *to)
{
    size_t kept[3];
    for (size_t i = 0; i < COUNT_OF(kept); i++)
        kept[i] = next_random(trial) % GALLERY_TEMPLATE;
    for (size_t i = 0; i < GALLERY_TEMPLATE; i++) {
        bool keeps = i == kept[0] || i == kept[1] || i == kept[2];
        to[i] = (float)((double)next_random(trial) / 2147483648.0 - 1);
        if (trial->kind == VANISHING)
            to[i] = ldexpf(to[i], -(int)(next_random(trial) % 90));
        if (trial->kind == SPARSE && !keeps)
            to[i] = 0;
        if (trial->kind == LOPSIDED && i == kept[0])
            to[i] = copysignf(200, to[i]);
    }
    scale_to_unit(to);
}

/* A row like the one before it, but for the last bit of one number. */
static void fill_beside(struct trial *trial, float *to, const float *before)
{
    size_t at = next_random(trial) % GALLERY_TEMPLATE;
    memcpy(to, before, GALLERY_TEMPLATE * sizeof *to);
    if (trial->kind == NEAR_TIES)
        to[at] = nextafterf(to[at], next_random(trial) % 2 ? 2.0F : -2.0F);
}

static void fill_rows(struct trial *trial)
{
    for (size_t i = 0; i < trial->count; i++) {
        if (i && (trial->kind == NEAR_TIES || trial->kind == DUPLICATES) && next_random(trial) % 4)
            fill_beside(trial, trial->rows[i], trial->rows[i - 1]);
        else
            fill_unit(trial, trial->rows[i]);
        quantise_template(trial->rows[i], &trial->planes[i], &trial->measures[i]);
    }
}

static unsigned half_at(const uint8_t plane[static QUANTISED_HALF], size_t number)
{
    return number < QUANTISED_HALF ? plane[number] & 15U : plane[number - QUANTISED_HALF] >> 4U;
}

/* What the 8-bit form of a row, or its upper half alone, leaves out. */
static void fill_error(struct trial *trial, float *to, size_t row, bool upper_alone, float sign)
{
    for (size_t i = 0; i < GALLERY_TEMPLATE; i++) {
        unsigned upper = half_at(trial->planes[row].upper, i), lower = half_at(trial->planes[row].lower, i);
        double level = upper_alone ? 16.0 * upper - 120 : 16.0 * upper + lower - 127.5;
        to[i] = sign * (float)((double)trial->rows[row][i] - (double)trial->measures[row].step * level);
    }
    scale_to_unit(to);
}

/* A row of the list, something near it, or anything; very small or very large where that is the kind: large
 * enough that a row beside its own signs overflows, too small for two overflows of opposite sign, which would
 * be no number. */
static void fill_query(struct trial *trial)
{
    size_t row = next_random(trial) % trial->count;
    uint32_t choice = next_random(trial);
    if (trial->kind == ALONG_ERRORS)
        fill_error(trial, trial->query, row, choice % 2, choice % 4 < 2 ? 1.0F : -1.0F);
    else if (choice % 2)
        fill_beside(trial, trial->query, trial->rows[row]);
    else
        fill_unit(trial, trial->query);
    for (size_t i = 0; i < GALLERY_TEMPLATE; i++) {
        if (trial->kind == VANISHING)
            trial->query[i] = ldexpf(trial->query[i], -(int)(next_random(trial) % 60));
        if (trial->kind == SATURATED)
            trial->query[i] = copysignf(0x1p126F, trial->query[i]);
    }
}

/* The header's definition (gallery.h), written down once more. */
static float score_by_definition(const float *a, const float *b)
{
    float lanes[LANES] = {0};
    for (size_t i = 0; i < GALLERY_TEMPLATE; i++)
        lanes[i % LANES] = fmaf(a[i], b[i], lanes[i % LANES]);
    for (size_t half = LANES / 2; half > 0; half /= 2)
        for (size_t lane = 0; lane < half; lane++)
            lanes[lane] = lanes[lane] + lanes[lane + half];
    return lanes[0];
}

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static bool kernels_agree(struct trial *trial)
{
    AUTO(heap) float *scores = memory_allocate(trial->count, sizeof *scores);
    bool agree = true;
    for (size_t i = 0; i < trial->count; i++)
        trial->expected[i] = score_by_definition(trial->query, trial->rows[i]);
    for (size_t k = 0; score_kernel_at(k); k++) {
        if (!score_kernel_at(k)->runs_here())
            continue;
        score_kernel_at(k)->score_rows(trial->query, trial->rows[0], trial->count, GALLERY_TEMPLATE, scores);
        for (size_t i = 0; i < trial->count; i++)
            agree = agree && bits_of(scores[i]) == bits_of(trial->expected[i]);
    }
    return agree;
}

/* The bound, for every row and both halves, with the sums of every kernel. */
static bool bounds_hold(const struct trial *trial)
{
    struct quantised_query query;
    bool hold = true;
    if (!quantise_query(trial->query, &query))
        return true;
    for (size_t k = 0; half_kernel_at(k); k++) {
        if (!half_kernel_at(k)->runs_here())
            continue;
        for (size_t i = 0; i < trial->count; i++) {
            int32_t upper = 0, lower = 0;
            const struct quantised_measure *measure = &trial->measures[i];
            half_kernel_at(k)->sums(query.codes, trial->planes[i].upper, 1, &upper);
            half_kernel_at(k)->sums(query.codes, trial->planes[i].lower, 1, &lower);
            hold = hold && trial->expected[i] <= quantised_most(&query, measure->step, measure->upper_error,
                                                     quantised_upper_product(&query, upper));
            hold = hold && trial->expected[i] <= quantised_most(&query, measure->step, measure->error,
                                                     quantised_product(&query, upper, lower));
        }
    }
    return hold;
}

struct best_rows {
    const struct trial *trial;
    float scores[BEST];
    size_t count;
    bool agree;
};

static float take_row(void *context, size_t row, float score)
{
    struct best_rows *best = context;
    size_t at = best->count;
    best->agree = best->agree && bits_of(score) == bits_of(best->trial->expected[row]);
    while (at > 0 && best->scores[at - 1] < score)
        at--;
    if (at < BEST) {
        best->count += best->count < BEST;
        memmove(best->scores + at + 1, best->scores + at, (best->count - 1 - at) * sizeof best->scores[0]);
        best->scores[at] = score;
    }
    return best->count == BEST ? best->scores[BEST - 1] : -INFINITY;
}

static int compare_scores(const void *left, const void *right)
{
    float a = *(const float *)left, b = *(const float *)right;
    return (a < b) - (a > b);
}

/* A search with every pair of kernels finds the best scores there are. */
static bool searches_agree(const struct trial *trial, struct rows *rows)
{
    bool agree = true;
    AUTO(heap) float *sorted = memory_allocate(trial->count, sizeof *sorted);
    memcpy(sorted, trial->expected, trial->count * sizeof *sorted);
    qsort(sorted, trial->count, sizeof *sorted, compare_scores);
    for (size_t s = 0; score_kernel_at(s); s++)
        for (size_t h = 0; half_kernel_at(h); h++) {
            if (!score_kernel_at(s)->runs_here() || !half_kernel_at(h)->runs_here())
                continue;
            struct best_rows best = {.trial = trial, .agree = true};
            rows_use(rows, score_kernel_at(s), half_kernel_at(h));
            rows_search(rows, trial->query, take_row, &best);
            agree = agree && best.agree && best.count == BEST;
            for (size_t i = 0; agree && i < BEST; i++)
                agree = best.scores[i] == sorted[i];
        }
    return agree;
}

static struct gallery *make_gallery(const struct trial *trial)
{
    struct gallery_item *items = memory_allocate(trial->count, sizeof *items);
    for (size_t i = 0; i < trial->count; i++) {
        snprintf(items[i].entry, sizeof items[i].entry, "e-%05zu", i / 2);
        items[i].photo_hash[0] = (uint8_t)(i % 2);
        memcpy(items[i].template, trial->rows[i], sizeof items[i].template);
    }
    struct gallery *gallery = gallery_new(items, trial->count, NULL);
    memory_release(items);
    return gallery;
}

/* The best by the definition: the first of the largest among the entries not yet taken. */
static bool order_agrees(const struct trial *trial, const struct gallery *gallery)
{
    struct candidate best[BEST];
    size_t entries = trial->count / 2;
    AUTO(heap) bool *taken = memory_allocate(entries, sizeof *taken);
    bool agree = gallery_scan(gallery, trial->query, best, BEST) == BEST;
    for (size_t rank = 0; agree && rank < BEST; rank++) {
        size_t first = entries;
        float most = 0;
        for (size_t e = 0; e < entries; e++) {
            float one = trial->expected[2 * e], two = trial->expected[2 * e + 1],
                  score = two > one ? two : one;
            if (!taken[e] && (first == entries || score > most)) {
                first = e;
                most = score;
            }
        }
        taken[first] = true;
        agree =
            strtoul(best[rank].entry + 2, NULL, 10) == first && bits_of(best[rank].score) == bits_of(most);
    }
    return agree;
}

static size_t run_queries(struct trial *trial, const struct gallery *gallery, struct rows *rows)
{
    size_t wrong = 0;
    for (size_t i = 0; i < TRIAL_QUERIES; i++) {
        unsigned before = flush_to_zero_begin();
        fill_query(trial);
        bool agree = kernels_agree(trial) && bounds_hold(trial);
        flush_to_zero_end(before);
        wrong += !(agree && searches_agree(trial, rows) && order_agrees(trial, gallery));
    }
    return wrong;
}

size_t search_trial(uint64_t seed)
{
    size_t count = seed % LONG_EVERY == LONG_EVERY - 1 ? MANY_ROWS : FEW_ROWS, wrong = TRIAL_QUERIES;
    struct trial trial = {.state = seed, .kind = (enum kind)(seed / LONG_EVERY % KINDS), .count = count};
    if (count == FEW_ROWS)
        trial.kind = (enum kind)(seed % KINDS);
    trial.rows = memory_allocate(count, sizeof *trial.rows);
    trial.planes = memory_allocate(count, sizeof *trial.planes);
    trial.measures = memory_allocate(count, sizeof *trial.measures);
    trial.expected = memory_allocate(count, sizeof *trial.expected);
    fill_rows(&trial);
    AUTO(rows) struct rows *rows = rows_new(count);
    for (size_t i = 0; i < count; i++)
        rows_set(rows, i, trial.rows[i]);
    AUTO(gallery) struct gallery *gallery = make_gallery(&trial);
    if (gallery)
        wrong = run_queries(&trial, gallery, rows);
    free(trial.rows);
    free(trial.planes);
    free(trial.measures);
    free(trial.expected);
    return wrong;
}
