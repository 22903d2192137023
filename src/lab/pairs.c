#include "lab/pairs.h"

#include "lab/lines.h"
#include "lab/statistics.h"
#include "match/gallery.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GRID = 2000 }; /* thresholds tried: −1 to 1 */

static bool pair_parse(
    const char *line, const struct dataset *dataset, bool same, struct pair *pair, struct error *err)
{
    char names[2][DATASET_NAME_SIZE] = {"", ""};
    int numbers[2] = {0, 0};
    char rest = 0;
    bool parsed = same ? sscanf(line, "%127s %9d %9d %c", names[0], &numbers[0], &numbers[1], &rest) == 3
                       : sscanf(line, "%127s %9d %127s %9d %c", names[0], &numbers[0], names[1], &numbers[1],
                             &rest) == 4;
    if (!parsed)
        return fail(err, ERROR_INVALID, "not a %s pair", same ? "matched" : "mismatched");
    pair->same = same;
    pair->first = dataset_find(dataset, names[0], numbers[0]);
    pair->second = dataset_find(dataset, names[same ? 0 : 1], numbers[1]);
    if (!pair->first || !pair->second)
        return fail(err, ERROR_MISSING, "the folder lacks a picture of this pair");
    return true;
}

static bool read_head(struct lines *lines, int *folds, int *each, struct error *err)
{
    bool over = false;
    char rest = 0;
    if (!lines_next(lines, &over, err))
        return false;
    if (over || sscanf(lines->text, "%9d %9d %c", folds, each, &rest) != 2 || *folds < 2 ||
        *folds > FOLDS_LIMIT || *each < 1 || *each > PAIRS_LIMIT / (2 * *folds))
        return fail(err, ERROR_INVALID, "%s: the first line has to be: folds (2 to %d), pairs a fold",
            lines->name, FOLDS_LIMIT);
    return true;
}

bool pairs_parse(const struct bytes *text, const char *name, const struct dataset *dataset, struct pairs *out,
    struct error *err)
{
    int folds = 0, each = 0;
    bool over = false;
    struct lines lines;
    lines_begin(&lines, text, name);
    if (!read_head(&lines, &folds, &each, err))
        return false;
    AUTO(pairs) struct pairs pairs = {NULL, 2 * (size_t)folds * (size_t)each, folds};
    pairs.items = memory_allocate(pairs.count, sizeof *pairs.items);
    for (size_t i = 0; i < pairs.count; i++) {
        struct pair *pair = &pairs.items[i];
        if (!lines_next(&lines, &over, err))
            return false;
        if (over)
            return fail(
                err, ERROR_INVALID, "%s: %zu pairs, and the first line says %zu", name, i, pairs.count);
        pair->fold = (int)(i / (2 * (size_t)each));
        if (!pair_parse(lines.text, dataset, i % (2 * (size_t)each) < (size_t)each, pair, err))
            return fail_within(err, "%s, line %d", name, lines.number);
    }
    if (!lines_next(&lines, &over, err))
        return false;
    if (!over)
        return fail(
            err, ERROR_INVALID, "%s, line %d: more pairs than the first line says", name, lines.number);
    *out = pairs;
    pairs.items = NULL;
    return true;
}

void pairs_done(struct pairs *pairs)
{
    free(pairs->items);
    *pairs = (struct pairs){NULL, 0, 0};
}

static float pair_score(const struct pair *pair)
{
    if (pair->first->acquired == ACQUIRED_NOTHING || pair->second->acquired == ACQUIRED_NOTHING)
        return -1.0f;
    return score_canonical(pair->first->template, pair->second->template, TEMPLATE_LENGTH);
}

void pairs_trials(const struct pairs *pairs, struct trials *out)
{
    struct trials trials = {.count = pairs->count, .lists = 1, .entries = 1};
    trials.items = memory_allocate(pairs->count, sizeof *trials.items);
    for (size_t i = 0; i < pairs->count; i++) {
        const struct pair *pair = &pairs->items[i];
        trials.items[i] = (struct trial){
            .person = pair->first->person, .score = pair_score(pair), .mated = pair->same, .acquired = true};
    }
    *out = trials;
}

static double grid_threshold(double step)
{
    return -1.0 + 2.0 * step / GRID;
}

/* Answers right at a threshold, inside the fold or in all the others. */
static size_t count_right(
    const struct pairs *pairs, const float *scores, int fold, bool inside, double threshold)
{
    size_t right = 0;
    for (size_t i = 0; i < pairs->count; i++)
        if ((pairs->items[i].fold == fold) == inside)
            right += (scores[i] >= threshold) == pairs->items[i].same;
    return right;
}

/* The middle of the thresholds that are best on the other folds. */
static double best_threshold(const struct pairs *pairs, const float *scores, int fold)
{
    size_t best = 0;
    int first = 0;
    int last = 0;
    for (int step = 0; step <= GRID; step++) {
        size_t right = count_right(pairs, scores, fold, false, grid_threshold(step));
        if (right > best)
            first = step;
        if (right >= best) {
            best = right;
            last = step;
        }
    }
    return grid_threshold((first + last) / 2.0);
}

static void evaluate_folds(const struct pairs *pairs, const float *scores, struct pairs_result *out)
{
    double sum = 0.0;
    double squares = 0.0;
    double each = (double)pairs->count / pairs->folds;
    for (int fold = 0; fold < pairs->folds; fold++) {
        double threshold = best_threshold(pairs, scores, fold);
        double accuracy = (double)count_right(pairs, scores, fold, true, threshold) / each;
        sum += accuracy;
        squares += accuracy * accuracy;
        out->threshold += threshold / pairs->folds;
    }
    out->accuracy = sum / pairs->folds;
    double variance = (squares - sum * sum / pairs->folds) / (pairs->folds - 1);
    out->deviation = sqrt(fmax(variance, 0.0) / pairs->folds);
}

bool pairs_evaluate(const struct pairs *pairs, struct pairs_result *out, struct error *err)
{
    float *scores = memory_allocate(pairs->count, sizeof *scores);
    float *genuine = memory_allocate(pairs->count, sizeof *genuine);
    float *impostor = memory_allocate(pairs->count, sizeof *impostor);
    size_t genuine_count = 0;
    size_t impostor_count = 0;
    for (size_t i = 0; i < pairs->count; i++) {
        scores[i] = pair_score(&pairs->items[i]);
        if (pairs->items[i].same)
            genuine[genuine_count++] = scores[i];
        else
            impostor[impostor_count++] = scores[i];
    }
    struct pairs_result result = {.pairs = pairs->count, .folds = pairs->folds};
    bool usable = genuine_count && impostor_count;
    if (usable) {
        evaluate_folds(pairs, scores, &result);
        result.threshold_at_1_percent = threshold_at_rate(impostor, impostor_count, 0.01);
        result.threshold_at_1_per_mille = threshold_at_rate(impostor, impostor_count, 0.001);
        result.tar_at_1_percent = share_at_least(genuine, genuine_count, result.threshold_at_1_percent);
        result.tar_at_1_per_mille = share_at_least(genuine, genuine_count, result.threshold_at_1_per_mille);
        *out = result;
    }
    free(scores);
    free(genuine);
    free(impostor);
    return usable || fail(err, ERROR_INVALID, "pairs of both kinds are needed");
}
