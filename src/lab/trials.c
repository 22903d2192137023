#include "lab/trials.h"

#include <math.h>
#include <stdlib.h>

enum { HUNDREDTHS = 100, LEAST_EVENTS = 50, BOOTSTRAPS = 1000 };

void trials_done(struct trials *trials)
{
    free(trials->items);
    trials->items = NULL;
    trials->count = 0;
}

/* One cell for each person and list: the trials of a person stand together, one list after another. */
static double effect_at(const struct trials *trials, double threshold, long *hits)
{
    int lists = trials->lists;
    size_t room = (size_t)trials->persons * (size_t)lists;
    struct search_cell *cells = memory_allocate(room, sizeof *cells);
    *hits = 0;
    for (size_t i = 0; i < trials->count; i++) {
        const struct trial *trial = &trials->items[i];
        if (trial->mated || !trial->acquired)
            continue;
        struct search_cell *cell = &cells[(size_t)trial->person * (size_t)lists + (size_t)trial->list];
        bool hit = trial->score >= threshold;
        *cell = (struct search_cell){trial->person, trial->list, cell->trials + 1, cell->hits + hit};
        *hits += hit;
    }
    double effect = design_effect(cells, room, trials->persons, lists);
    free(cells);
    return effect;
}

/* Few false alerts say little about how they cluster: the effect is then also taken where there are enough,
 * at a lower threshold, and the larger one counts. */
static double cautious_effect(const struct trials *trials, double threshold)
{
    long hits = 0;
    double effect = effect_at(trials, threshold, &hits);
    for (double lower = threshold - 0.01; hits < LEAST_EVENTS && lower > 0.0; lower -= 0.01) {
        double other = effect_at(trials, lower, &hits);
        if (hits >= LEAST_EVENTS)
            effect = fmax(effect, other);
    }
    return effect;
}

static void count_at(const struct trials *trials, double threshold, struct search_result *result)
{
    for (size_t i = 0; i < trials->count; i++) {
        const struct trial *trial = &trials->items[i];
        bool hit = trial->acquired && trial->score >= threshold;
        if (trial->mated) {
            result->mated++;
            result->misses += !hit;
            result->failures_to_acquire += !trial->acquired;
            result->covered += trial->covered;
        } else if (trial->acquired) {
            result->non_mated++;
            result->false_alerts += hit;
        }
    }
}

static struct search_result rate_at(const struct trials *trials, double threshold)
{
    struct search_result result = {.entries = trials->entries,
        .lists = trials->lists,
        .persons = trials->persons,
        .threshold = threshold};
    count_at(trials, threshold, &result);
    double non_mated = (double)result.non_mated;
    double alerts = (double)result.false_alerts;
    double mated = (double)result.mated;
    result.fpir = non_mated > 0.0 ? alerts / non_mated : 0.0;
    result.fnir = mated > 0.0 ? (double)result.misses / mated : 0.0;
    result.fpir_interval = wilson_interval(alerts, non_mated);
    result.fnir_interval = wilson_interval((double)result.misses, mated);
    result.design_effect = cautious_effect(trials, threshold);
    result.fpir_bound = exact_upper_bound(alerts / result.design_effect, non_mated / result.design_effect);
    result.charged_bound = fmin(IMAGES_CHARGE * result.fpir_bound, 1.0);
    result.worst_bound = result.charged_bound;
    result.worst_group = -1;
    return result;
}

struct search_result trials_rate_group(
    const struct trials *trials, const struct groups *groups, int group, double threshold)
{
    AUTO(trials) struct trials part = *trials;
    part.items = memory_allocate(trials->count + 1, sizeof *part.items);
    part.count = 0;
    for (size_t i = 0; i < trials->count; i++)
        if (groups->of[trials->items[i].person] == group)
            part.items[part.count++] = trials->items[i];
    return rate_at(&part, threshold);
}

/* The rates over all, with the bound of the group that fares worst. */
static struct search_result rate_worst(
    const struct trials *trials, const struct groups *groups, double threshold)
{
    struct search_result result = rate_at(trials, threshold);
    for (int group = 0; groups && group < groups->count; group++) {
        double bound = trials_rate_group(trials, groups, group, threshold).charged_bound;
        if (bound > result.worst_bound) {
            result.worst_bound = bound;
            result.worst_group = group;
        }
    }
    return result;
}

/* Rule of three: no alert in so many searches bounds the rate at 3 / searches, charged IMAGES_CHARGE times.
 */
static double searches_needed(double most_fpir)
{
    return ceil(3.0 * IMAGES_CHARGE / most_fpir);
}

bool trials_rate(const struct trials *trials, const struct search_terms *terms, struct search_result *out,
    struct error *err)
{
    bool chosen = terms->threshold >= 0.0;
    struct search_result result = {0};
    if (chosen)
        result = rate_worst(trials, terms->groups, terms->threshold);
    for (int step = 1; step <= HUNDREDTHS && !chosen; step++) {
        result = rate_worst(trials, terms->groups, (double)step / HUNDREDTHS);
        chosen = result.worst_bound <= terms->most_fpir;
    }
    if (!chosen)
        return fail(err, ERROR_CONFLICT,
            "no threshold keeps the bound of false alerts at %g%s%s%s with this data; without a single false "
            "alert it "
            "takes %.0f independent searches",
            terms->most_fpir, result.worst_group >= 0 ? " in group '" : "",
            result.worst_group >= 0 ? terms->groups->words[result.worst_group] : "",
            result.worst_group >= 0 ? "'" : "", searches_needed(terms->most_fpir));
    trials_bootstrap(trials, result.threshold, &result.fpir_bootstrap, &result.fnir_bootstrap);
    *out = result;
    return true;
}

/* What one person adds to each rate. */
struct share {
    double false_alerts, non_mated, misses, mated;
};

static struct share *shares_at(const struct trials *trials, double threshold)
{
    struct share *shares = memory_allocate((size_t)trials->persons + 1, sizeof *shares);
    for (size_t i = 0; i < trials->count; i++) {
        const struct trial *trial = &trials->items[i];
        struct share *share = &shares[trial->person];
        bool hit = trial->acquired && trial->score >= threshold;
        if (trial->mated) {
            share->mated += 1.0;
            share->misses += !hit;
        } else if (trial->acquired) {
            share->non_mated += 1.0;
            share->false_alerts += hit;
        }
    }
    return shares;
}

/* SplitMix64 (Steele, Lea and Flood 2014). */
static uint64_t next_random(uint64_t *state)
{
    uint64_t value = *state += 0x9E3779B97F4A7C15u;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
    return value ^ (value >> 31);
}

static int rising(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static struct interval middle_95_percent(double *rates)
{
    qsort(rates, BOOTSTRAPS, sizeof *rates, rising);
    return (struct interval){rates[BOOTSTRAPS / 40], rates[BOOTSTRAPS - 1 - BOOTSTRAPS / 40]};
}

void trials_bootstrap(
    const struct trials *trials, double threshold, struct interval *fpir, struct interval *fnir)
{
    struct share *shares = shares_at(trials, threshold);
    double fpirs[BOOTSTRAPS];
    double fnirs[BOOTSTRAPS];
    uint64_t state = 1;
    for (int i = 0; i < BOOTSTRAPS; i++) {
        struct share sum = {0};
        for (int k = 0; k < trials->persons; k++) {
            const struct share *drawn = &shares[next_random(&state) % (uint64_t)trials->persons];
            sum.false_alerts += drawn->false_alerts;
            sum.non_mated += drawn->non_mated;
            sum.misses += drawn->misses;
            sum.mated += drawn->mated;
        }
        fpirs[i] = sum.non_mated > 0.0 ? sum.false_alerts / sum.non_mated : 0.0;
        fnirs[i] = sum.mated > 0.0 ? sum.misses / sum.mated : 0.0;
    }
    free(shares);
    *fpir = middle_95_percent(fpirs);
    *fnir = middle_95_percent(fnirs);
}

void trials_curve(const struct trials *trials, struct curve_point points[static CURVE_POINTS])
{
    for (int i = 0; i < CURVE_POINTS; i++) {
        struct search_result result = {0};
        double threshold = (double)i / (CURVE_POINTS - 1);
        count_at(trials, threshold, &result);
        points[i] = (struct curve_point){threshold,
            result.non_mated ? (double)result.false_alerts / (double)result.non_mated : 0.0,
            result.mated ? (double)result.misses / (double)result.mated : 0.0};
    }
}
