#include "lab/search.h"

#include "match/rows.h"

#include <math.h>
#include <stdlib.h>

struct searches {
    const struct dataset *dataset;
    int *list_of;
    const struct sample **enrolled;
    int lists;
    int entries;
    struct trials *trials;
};

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

/* Each list's templates; rows of people without one stay noughts and are passed over. */
static struct rows **list_rows(const struct searches *searches, const struct sample *const *members)
{
    size_t entries = (size_t)searches->entries;
    struct rows **lists = memory_allocate((size_t)searches->lists, sizeof(void *));
    for (size_t list = 0; list < (size_t)searches->lists; list++) {
        lists[list] = rows_new(entries);
        for (size_t i = 0; i < entries; i++)
            if (members[list * entries + i])
                rows_set(lists[list], i, members[list * entries + i]->template);
    }
    return lists;
}

/* The best so far; of equal ones the first of the list. */
struct nearest {
    const struct sample *const *members;
    const struct sample *best;
    size_t row;
    float score;
};

static float nearest_take(void *context, size_t row, float score)
{
    struct nearest *nearest = context;
    const struct sample *member = nearest->members[row];
    bool better = score > nearest->score || (score == nearest->score && row < nearest->row);
    if (member && (!nearest->best || better)) {
        nearest->best = member;
        nearest->row = row;
        nearest->score = score;
    }
    return nearest->best ? nearest->score : -INFINITY;
}

static struct trial search_list(const struct searches *searches, const struct rows *rows,
    const struct sample *const *members, const struct sample *probe, int list)
{
    struct trial trial = {probe->person, list, -1.0f, searches->list_of[probe->person] == list, true, false};
    struct nearest nearest = {.members = members + (size_t)list * (size_t)searches->entries};
    rows_search(rows, probe->template, nearest_take, &nearest);
    if (nearest.best && (!trial.mated || nearest.best->person == probe->person))
        trial.score = nearest.score;
    return trial;
}

static void search_all(struct searches *searches)
{
    const struct dataset *dataset = searches->dataset;
    const struct sample **members = list_members(searches);
    struct rows **lists = list_rows(searches, members);
    struct trials *trials = searches->trials;
    trials->items = memory_allocate(dataset->sample_count * (size_t)searches->lists, sizeof *trials->items);
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
                trials->items[trials->count++] = search_list(searches, lists[list], members, probe, list);
            else if (list == own)
                trials->items[trials->count++] = (struct trial){
                    probe->person, list, -1.0f, true, false, probe->acquired == ACQUIRED_COVERED};
        }
    }
    for (int list = 0; list < searches->lists; list++)
        rows_free(lists[list]);
    free(lists);
    free(members);
}

bool lists_possible(const struct dataset *dataset, int entries, struct error *err)
{
    int lists = entries > 0 ? dataset->person_count / entries : 0;
    if (lists < 2)
        return fail(
            err, ERROR_INVALID, "%d persons do not make two lists of %d", dataset->person_count, entries);
    return dataset->sample_count * (size_t)lists <= TRIALS_LIMIT ||
           fail(err, ERROR_TOO_LARGE,
               "%zu pictures searching %d lists are more than %d searches: take longer lists (--entries)",
               dataset->sample_count, lists, TRIALS_LIMIT);
}

bool lists_draw(const struct dataset *dataset, int entries, struct lists *out, struct error *err)
{
    if (!lists_possible(dataset, entries, err))
        return false;
    int lists = dataset->person_count / entries;
    size_t persons = (size_t)dataset->person_count;
    struct searches searches = {.dataset = dataset, .lists = lists, .entries = entries};
    searches.list_of = memory_allocate(persons, sizeof *searches.list_of);
    searches.enrolled = memory_allocate(persons, sizeof(void *));
    draw_lists(&searches);
    enrol(&searches);
    *out = (struct lists){searches.list_of, searches.enrolled, lists, entries};
    return true;
}

void lists_done(struct lists *lists)
{
    free(lists->of);
    free(lists->enrolled);
    *lists = (struct lists){0};
}

bool search_trials(const struct dataset *dataset, int entries, struct trials *out, struct error *err)
{
    AUTO(lists) struct lists lists = {0};
    if (!lists_draw(dataset, entries, &lists, err))
        return false;
    struct trials trials = {NULL, 0, dataset->person_count, lists.count, entries};
    struct searches searches = {dataset, lists.of, lists.enrolled, lists.count, entries, &trials};
    search_all(&searches);
    *out = trials;
    return true;
}

bool search_evaluate(const struct dataset *dataset, const struct search_terms *terms,
    struct search_result *out, struct error *err)
{
    AUTO(trials) struct trials trials = {NULL, 0, 0, 0, 0};
    return search_trials(dataset, terms->entries, &trials, err) && trials_rate(&trials, terms, out, err);
}
