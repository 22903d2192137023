#include "trial.h"

#include "match/gallery.h"
#include "match/scan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRIES = 12, ROWS = 2 * ENTRIES, BEST = 4, LANES = 16 };

/* What the rows of one list have in common. */
enum kind { ORDINARY, NEAR_TIES, DUPLICATES, VANISHING, SATURATED, KINDS };

struct trial {
    uint64_t state;
    enum kind kind;
    float rows[ROWS][GALLERY_TEMPLATE];
    float query[GALLERY_TEMPLATE];
    float expected[ROWS];
};

static uint32_t next_random(struct trial *trial)
{
    trial->state = trial->state * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(trial->state >> 32);
}

static void fill_unit(struct trial *trial, float *to)
{
    double squares = 0;
    for (size_t i = 0; i < GALLERY_TEMPLATE; i++) {
        to[i] = (float)((double)next_random(trial) / 2147483648.0 - 1);
        if (trial->kind == VANISHING)
            to[i] = ldexpf(to[i], -(int)(next_random(trial) % 90));
        squares += (double)to[i] * (double)to[i];
    }
    for (size_t i = 0; i < GALLERY_TEMPLATE; i++)
        to[i] = (float)((double)to[i] / sqrt(squares));
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
    for (size_t i = 0; i < ROWS; i++)
        if (i && (trial->kind == NEAR_TIES || trial->kind == DUPLICATES) && next_random(trial) % 4)
            fill_beside(trial, trial->rows[i], trial->rows[i - 1]);
        else
            fill_unit(trial, trial->rows[i]);
}

/* A row of the list, something near it, or anything; very small or very large where that is the kind: large
 * enough that a row beside its own signs overflows, too small for two overflows of opposite sign, which would
 * be no number. */
static void fill_query(struct trial *trial)
{
    if (next_random(trial) % 2)
        fill_beside(trial, trial->query, trial->rows[next_random(trial) % ROWS]);
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
    float scores[ROWS];
    bool agree = true;
    for (size_t i = 0; i < ROWS; i++)
        trial->expected[i] = score_by_definition(trial->query, trial->rows[i]);
    for (size_t k = 0; score_kernel_at(k); k++) {
        if (!score_kernel_at(k)->runs_here())
            continue;
        score_kernel_at(k)->score_rows(trial->query, trial->rows[0], ROWS, GALLERY_TEMPLATE, scores);
        for (size_t i = 0; i < ROWS; i++)
            agree = agree && bits_of(scores[i]) == bits_of(trial->expected[i]);
    }
    return agree;
}

static struct gallery *make_gallery(const struct trial *trial)
{
    struct gallery_item *items = memory_allocate(ROWS, sizeof *items);
    for (size_t i = 0; i < ROWS; i++) {
        snprintf(items[i].entry, sizeof items[i].entry, "e-%02zu", i / 2);
        items[i].photo_hash[0] = (uint8_t)(i % 2);
        memcpy(items[i].template, trial->rows[i], sizeof items[i].template);
    }
    struct gallery *gallery = gallery_new(items, ROWS, NULL);
    memory_release(items);
    return gallery;
}

/* The best by the definition: the first of the largest among the entries not yet taken. */
static bool order_agrees(const struct trial *trial, const struct gallery *gallery)
{
    struct candidate best[BEST];
    bool taken[ENTRIES] = {false}, agree = gallery_scan(gallery, trial->query, best, BEST) == BEST;
    for (size_t rank = 0; agree && rank < BEST; rank++) {
        size_t first = ENTRIES;
        float most = 0;
        for (size_t e = 0; e < ENTRIES; e++) {
            float one = trial->expected[2 * e], two = trial->expected[2 * e + 1],
                  score = two > one ? two : one;
            if (!taken[e] && (first == ENTRIES || score > most)) {
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

size_t search_trial(uint64_t seed)
{
    struct trial trial = {.state = seed, .kind = (enum kind)(seed % KINDS)};
    size_t wrong = 0;
    fill_rows(&trial);
    struct gallery *gallery = make_gallery(&trial);
    if (!gallery)
        return TRIAL_QUERIES;
    for (size_t i = 0; i < TRIAL_QUERIES; i++) {
        unsigned before = flush_to_zero_begin();
        fill_query(&trial);
        bool agree = kernels_agree(&trial);
        flush_to_zero_end(before);
        wrong += !(agree && order_agrees(&trial, gallery));
    }
    gallery_free(gallery);
    return wrong;
}
