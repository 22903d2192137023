/* One against one: LFW's protocol of pairs in folds (Huang et al. 2007, "unrestricted"). */
#pragma once

#include "lab/dataset.h"
#include "lab/trials.h"

enum { FOLDS_LIMIT = 100, PAIRS_LIMIT = 1000000 };

struct pair {
    int fold;
    bool same;
    const struct sample *first; /* borrowed from the data set */
    const struct sample *second;
};

struct pairs {
    struct pair *items;
    size_t count;
    int folds;
};

/* pairs.txt: "folds pairs", then for each fold that many lines "name n m" (same) and as many "name n other
 * m". ERROR_MISSING for a picture that the data set does not have. */
bool pairs_parse(const struct bytes *text, const char *name, const struct dataset *dataset, struct pairs *out,
    struct error *err);
void pairs_done(struct pairs *pairs);
static inline void pairs_auto(struct pairs *slot)
{
    pairs_done(slot);
}

struct pairs_result {
    size_t pairs;
    int folds;
    double accuracy;  /* mean over folds, each with the threshold that is best on the others */
    double deviation; /* standard error of that mean */
    double threshold; /* mean of the folds' thresholds */
    double tar_at_1_percent;
    double tar_at_1_per_mille;
    float threshold_at_1_percent;
    float threshold_at_1_per_mille;
};

/* Each pair as a search of a list of one, for curves (the receiver operating characteristic is 1 − FNIR over
 * FPIR of these) and histograms. */
void pairs_trials(const struct pairs *pairs, struct trials *out);

/* A pair with a picture in which no face was found scores −1: "different". Faces that the quality gate
 * refuses, covered ones too, are compared all the same, as the protocol wants every pair answered. */
bool pairs_evaluate(const struct pairs *pairs, struct pairs_result *out, struct error *err);
