#include "lab/search.h"

#include "match/gallery.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HUNDREDTHS = 100, LEAST_EVENTS = 50 };

/* The best score of one picture in one list, and whether it is the list of the picture's own person. */
struct trial {
    int person;
    int list;
    float score; /* mated: of the own entry, or −1 when another one is better */
    bool mated;
    bool acquired;
};

struct searches {
    const struct dataset *dataset;
    int *list_of;                   /* person → list, −1 for those left over */
    const struct sample **enrolled; /* person → picture, NULL when none was good enough */
    int lists;
    int entries;
    struct trial *trials;
    size_t trial_count;
};

static inline void searches_auto(struct searches *slot)
{
    free(slot->list_of);
    free(slot->enrolled);
    free(slot->trials);
}

struct place {
    uint32_t key;
    int person;
};

static int by_key(const void *left, const void *right)
{
    const struct place *a = left;
    const struct place *b = right;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return (a->person > b->person) - (a->person < b->person);
}

/* Mixes the bits of a place (the finaliser of MurmurHash3), so that neighbours in the alphabet,
 * who may be relatives, land in different lists, the same on every run. */
static uint32_t mixed(uint32_t value)
{
    value += 0x9E3779B9u;
    value = (value ^ (value >> 16)) * 0x85EBCA6Bu;
    value = (value ^ (value >> 13)) * 0xC2B2AE35u;
    return value ^ (value >> 16);
}

static void draw_lists(struct searches *searches)
{
    int persons = searches->dataset->person_count;
    struct place *places = memory_allocate((size_t)persons, sizeof *places);
    for (int person = 0; person < persons; person++)
        places[person] = (struct place){mixed((uint32_t)person), person};
    qsort(places, (size_t)persons, sizeof *places, by_key);
    for (int i = 0; i < persons; i++) {
        int list = i / searches->entries;
        searches->list_of[places[i].person] = list < searches->lists ? list : -1;
    }
    free(places);
}

static void enrol(struct searches *searches)
{
    const struct dataset *dataset = searches->dataset;
    for (size_t i = 0; i < dataset->sample_count; i++) {
        const struct sample *sample = &dataset->samples[i];
        if (sample->acquired == ACQUIRED && !searches->enrolled[sample->person])
            searches->enrolled[sample->person] = sample;
    }
}

/* Members of each list, so that a search touches only its list. */
static const struct sample **list_members(const struct searches *searches)
{
    size_t room = (size_t)searches->lists * (size_t)searches->entries;
    const struct sample **members = memory_allocate(room, sizeof(void *));
    int *filled = memory_allocate((size_t)searches->lists, sizeof *filled);
    for (int person = 0; person < searches->dataset->person_count; person++) {
        int list = searches->list_of[person];
        if (list >= 0)
            members[(size_t)list * (size_t)searches->entries + (size_t)filled[list]++] =
                searches->enrolled[person];
    }
    free(filled);
    return members;
}

static struct trial search_list(const struct searches *searches, const struct sample *const *members,
    const struct sample *probe, int list)
{
    struct trial trial = {probe->person, list, -1.0f, searches->list_of[probe->person] == list, true};
    const struct sample *best = NULL;
    for (int i = 0; i < searches->entries; i++) {
        const struct sample *entry = members[(size_t)list * (size_t)searches->entries + (size_t)i];
        if (!entry)
            continue;
        float score = score_canonical(probe->template, entry->template, TEMPLATE_LENGTH);
        if (!best || score > trial.score) {
            best = entry;
            trial.score = score;
        }
    }
    if (trial.mated && (!best || best->person != probe->person))
        trial.score = -1.0f;
    return trial;
}

static void search_all(struct searches *searches)
{
    const struct dataset *dataset = searches->dataset;
    const struct sample **members = list_members(searches);
    searches->trials =
        memory_allocate(dataset->sample_count * (size_t)searches->lists, sizeof *searches->trials);
    for (size_t i = 0; i < dataset->sample_count; i++) {
        const struct sample *probe = &dataset->samples[i];
        int own = searches->list_of[probe->person];
        bool is_first = i == 0 || dataset->samples[i - 1].person != probe->person;
        bool is_enrolled =
            searches->enrolled[probe->person] == probe || (!searches->enrolled[probe->person] && is_first);
        for (int list = 0; list < searches->lists; list++) {
            if (list == own && is_enrolled)
                continue;
            if (probe->acquired == ACQUIRED)
                searches->trials[searches->trial_count++] = search_list(searches, members, probe, list);
            else if (list == own)
                searches->trials[searches->trial_count++] =
                    (struct trial){probe->person, list, -1.0f, true, false};
        }
    }
    free(members);
}

/* One cell for each person and list: the trials of a person stand together, one list after another. */
static double effect_at(const struct searches *searches, double threshold, long *hits)
{
    int lists = searches->lists;
    size_t room = (size_t)searches->dataset->person_count * (size_t)lists;
    struct search_cell *cells = memory_allocate(room, sizeof *cells);
    *hits = 0;
    for (size_t i = 0; i < searches->trial_count; i++) {
        const struct trial *trial = &searches->trials[i];
        if (trial->mated)
            continue;
        struct search_cell *cell = &cells[(size_t)trial->person * (size_t)lists + (size_t)trial->list];
        bool hit = trial->score >= threshold;
        *cell = (struct search_cell){trial->person, trial->list, cell->trials + 1, cell->hits + hit};
        *hits += hit;
    }
    double effect = design_effect(cells, room, searches->dataset->person_count, lists);
    free(cells);
    return effect;
}

/* Few false alerts say little about how they cluster: the effect is then also taken where there are enough,
 * at a lower threshold, and the larger one counts. */
static double cautious_effect(const struct searches *searches, double threshold)
{
    long hits = 0;
    double effect = effect_at(searches, threshold, &hits);
    for (double lower = threshold - 0.01; hits < LEAST_EVENTS && lower > 0.0; lower -= 0.01) {
        double other = effect_at(searches, lower, &hits);
        if (hits >= LEAST_EVENTS)
            effect = fmax(effect, other);
    }
    return effect;
}

static void count_at(const struct searches *searches, double threshold, struct search_result *result)
{
    for (size_t i = 0; i < searches->trial_count; i++) {
        const struct trial *trial = &searches->trials[i];
        bool hit = trial->acquired && trial->score >= threshold;
        if (trial->mated) {
            result->mated++;
            result->misses += !hit;
            result->failures_to_acquire += !trial->acquired;
        } else {
            result->non_mated++;
            result->false_alerts += hit;
        }
    }
}

static struct search_result rate_at(const struct searches *searches, double threshold)
{
    struct search_result result = {.entries = searches->entries,
        .lists = searches->lists,
        .persons = searches->dataset->person_count,
        .threshold = threshold};
    count_at(searches, threshold, &result);
    double non_mated = (double)result.non_mated;
    double alerts = (double)result.false_alerts;
    double mated = (double)result.mated;
    result.fpir = non_mated > 0.0 ? alerts / non_mated : 0.0;
    result.fnir = mated > 0.0 ? (double)result.misses / mated : 0.0;
    result.fpir_interval = wilson_interval(alerts, non_mated);
    result.fnir_interval = wilson_interval((double)result.misses, mated);
    result.design_effect = cautious_effect(searches, threshold);
    result.fpir_bound = exact_upper_bound(alerts / result.design_effect, non_mated / result.design_effect);
    result.charged_bound = fmin(IMAGES_CHARGE * result.fpir_bound, 1.0);
    return result;
}

bool search_evaluate(const struct dataset *dataset, const struct search_terms *terms,
    struct search_result *out, struct error *err)
{
    int lists = terms->entries > 0 ? dataset->person_count / terms->entries : 0;
    if (lists < 2)
        return fail(err, ERROR_INVALID, "%d persons do not make two lists of %d", dataset->person_count,
            terms->entries);
    AUTO(searches) struct searches searches = {.dataset = dataset, .lists = lists, .entries = terms->entries};
    size_t persons = (size_t)dataset->person_count;
    searches.list_of = memory_allocate(persons, sizeof *searches.list_of);
    searches.enrolled = memory_allocate(persons, sizeof(void *));
    draw_lists(&searches);
    enrol(&searches);
    search_all(&searches);
    if (terms->threshold >= 0.0) {
        *out = rate_at(&searches, terms->threshold);
        return true;
    }
    for (int step = 1; step <= HUNDREDTHS; step++) {
        struct search_result result = rate_at(&searches, (double)step / HUNDREDTHS);
        if (result.charged_bound <= terms->most_fpir) {
            *out = result;
            return true;
        }
    }
    return fail(err, ERROR_CONFLICT, "no threshold keeps the bound of false alerts at %g with this data",
        terms->most_fpir);
}
