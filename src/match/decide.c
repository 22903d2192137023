#include "match/decide.h"

#include <string.h>

/* One entry's part in a passage. */
struct standing {
    const char *entry;
    float best; /* of all shots */
    float sum;  /* of the agreeing shots */
    size_t agreeing;
    int64_t first_us, last_us; /* of the agreeing shots */
    bool agrees[DECISION_SHOTS];
};

enum { STANDINGS = DECISION_SHOTS * (1 + DECISION_OTHERS) };

static struct standing *standing_of(struct standing *standings, size_t *count, const char *entry)
{
    for (size_t i = 0; i < *count; i++) {
        if (strcmp(standings[i].entry, entry) == 0)
            return &standings[i];
    }
    standings[*count] = (struct standing){.entry = entry, .best = -2};
    return &standings[(*count)++];
}

static void add_score(
    struct standing *standing, size_t shot, int64_t captured_us, float score, float threshold)
{
    if (score > standing->best)
        standing->best = score;
    if (!(score >= threshold) || standing->agrees[shot])
        return;
    if (standing->agreeing == 0 || captured_us < standing->first_us)
        standing->first_us = captured_us;
    if (standing->agreeing == 0 || captured_us > standing->last_us)
        standing->last_us = captured_us;
    standing->agrees[shot] = true;
    standing->agreeing++;
    standing->sum += score;
}

static size_t stand(const struct shot_scores *shots, size_t count, float threshold,
    struct standing standings[static STANDINGS])
{
    size_t used = 0;
    for (size_t shot = 0; shot < count && shot < DECISION_SHOTS; shot++) {
        for (size_t i = 0; i < shots[shot].count && i < 1 + DECISION_OTHERS; i++) {
            const struct candidate *candidate = &shots[shot].best[i];
            add_score(standing_of(standings, &used, candidate->entry), shot, shots[shot].captured_us,
                candidate->score, threshold);
        }
    }
    return used;
}

static float fused_score(const struct standing *standing)
{
    return standing->sum / (float)standing->agreeing;
}

static bool is_match(const struct standing *standing, float threshold)
{
    return standing->agreeing >= 2 && standing->last_us - standing->first_us >= DECISION_GAP_US &&
           fused_score(standing) >= threshold;
}

static bool is_better(const struct standing *a, const struct standing *b)
{
    float lead = fused_score(a) - fused_score(b);
    return lead > 0 || (lead == 0 && strcmp(a->entry, b->entry) < 0);
}

static const struct standing *winner_of(const struct standing *standings, size_t count, float threshold)
{
    const struct standing *winner = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!is_match(&standings[i], threshold))
            continue;
        if (!winner || is_better(&standings[i], winner))
            winner = &standings[i];
    }
    return winner;
}

static bool stands_before(const struct standing *a, const struct candidate *b)
{
    return a->best > b->score || (a->best == b->score && strcmp(a->entry, b->entry) < 0);
}

static void add_other(struct decision *decision, const struct standing *standing)
{
    size_t at = decision->other_count;
    while (at > 0 && stands_before(standing, &decision->others[at - 1]))
        at--;
    if (at >= DECISION_OTHERS)
        return;
    size_t kept =
        decision->other_count < DECISION_OTHERS ? decision->other_count : (size_t)DECISION_OTHERS - 1;
    memmove(decision->others + at + 1, decision->others + at, (kept - at) * sizeof decision->others[0]);
    memcpy(decision->others[at].entry, standing->entry, ENTRY_ID_SIZE);
    decision->others[at].score = standing->best;
    decision->other_count = kept + 1;
}

void passage_decide(const struct shot_scores *shots, size_t count, float threshold, struct decision *out)
{
    struct standing standings[STANDINGS];
    size_t used = stand(shots, count, threshold, standings);
    const struct standing *winner = winner_of(standings, used, threshold);
    *out = (struct decision){0};
    if (winner) {
        out->matched = true;
        memcpy(out->entry, winner->entry, ENTRY_ID_SIZE);
        out->fused_score = fused_score(winner);
        out->agreeing = winner->agreeing;
        memcpy(out->agrees, winner->agrees, sizeof out->agrees);
    }
    for (size_t i = 0; i < used; i++) {
        if (&standings[i] != winner)
            add_other(out, &standings[i]);
    }
}
