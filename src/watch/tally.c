#include "watch/tally.h"

#include <string.h>

static const float no_score = -2.0F;

static struct tally *tallies_row(struct tallies *tallies, uint64_t passage)
{
    for (size_t i = 0; i < PASSAGE_LIMIT; i++)
        if (tallies->each[i].passage == passage)
            return &tallies->each[i];
    return NULL;
}

struct tally *tallies_find(struct tallies *tallies, const struct passage *passage)
{
    struct tally *tally = tallies_row(tallies, passage->id);
    if (tally)
        return tally;
    tally = tallies_row(tallies, 0);
    if (tally)
        *tally = (struct tally){.passage = passage->id, .best = no_score};
    return tally;
}

void tally_score(struct tally *tally, struct shot *shot, const struct gallery *gallery)
{
    struct shot_scores scores = {.captured_us = shot->captured_us};
    scores.count = gallery_scan(gallery, shot->template, scores.best, COUNT_OF(scores.best));
    memory_wipe(shot->template, sizeof shot->template);
    if (scores.count && scores.best[0].score > tally->best)
        tally->best = scores.best[0].score;
    if (tally->count == PASSAGE_SHOTS)
        memmove(tally->scores, tally->scores + 1, --tally->count * sizeof tally->scores[0]);
    tally->scores[tally->count++] = scores;
}

void tally_order(struct tally *tally, const struct passage *passage, struct shot *shots[static PASSAGE_SHOTS])
{
    struct shot_scores ordered[PASSAGE_SHOTS] = {0};
    size_t count = 0;
    for (int i = 0; i < passage->shot_count; i++)
        for (size_t k = 0; k < tally->count; k++)
            if (tally->scores[k].captured_us == passage->shots[i]->captured_us) {
                shots[count] = passage->shots[i];
                ordered[count++] = tally->scores[k];
                break;
            }
    memcpy(tally->scores, ordered, count * sizeof ordered[0]);
    tally->count = count;
}

static void scores_withdraw(struct shot_scores *scores, const char *entry)
{
    size_t kept = 0;
    for (size_t i = 0; i < scores->count; i++)
        if (strcmp(scores->best[i].entry, entry) != 0)
            scores->best[kept++] = scores->best[i];
    scores->count = kept;
}

void tallies_withdraw(struct tallies *tallies, const char *entry)
{
    for (size_t i = 0; i < PASSAGE_LIMIT; i++)
        for (size_t k = 0; k < tallies->each[i].count; k++)
            scores_withdraw(&tallies->each[i].scores[k], entry);
}

float tallies_end(struct tallies *tallies, const struct passage *passage)
{
    struct tally *tally = tallies_row(tallies, passage->id);
    if (!tally)
        return no_score;
    float best = tally->best;
    memory_wipe(tally, sizeof *tally);
    return best;
}
