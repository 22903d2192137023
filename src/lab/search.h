/* One against N: false alerts and misses of searches in lists of N people (NIST FRTE's FPIR and FNIR at rank
 * 1).
 *
 * The people of a data set, in an order drawn from their places alone, are split into lists of N, each
 * enrolled with the first picture the quality gate takes. Every other picture searches its own person's list
 * (mated); every picture searches the lists its person is not in (non-mated). A picture the gate refuses is a
 * miss of its mated search and is left out of the non-mated ones, where it could only make the rate look
 * better. */
#pragma once

#include "lab/dataset.h"
#include "lab/statistics.h"

enum { IMAGES_CHARGE = 6 }; /* a rate measured on images counts for six times as much on passages */

struct search_terms {
    int entries;      /* N */
    double threshold; /* below 0: the least hundredth whose charged bound meets `most_fpir` */
    double most_fpir;
};

struct search_result {
    int entries;
    int lists;
    int persons;
    double threshold;
    long non_mated;
    long false_alerts;
    double fpir;
    struct interval fpir_interval; /* Wilson, over searches counted as if independent */
    double design_effect;          /* how much less the searches tell than independent ones */
    double fpir_bound;             /* exact one-sided 95 %, over non_mated / design_effect searches */
    double charged_bound;          /* × IMAGES_CHARGE */
    long mated;
    long misses;
    long failures_to_acquire; /* of the mated searches; counted in `misses` */
    double fnir;
    struct interval fnir_interval;
};

/* ERROR_INVALID when the data set has fewer than two lists of N; ERROR_CONFLICT when no threshold meets the
 * bound. */
bool search_evaluate(const struct dataset *dataset, const struct search_terms *terms,
    struct search_result *out, struct error *err);
