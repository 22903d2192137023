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
#include "lab/trials.h"

/* ERROR_INVALID when the data set has fewer than two lists of N. */
bool search_trials(const struct dataset *dataset, int entries, struct trials *out, struct error *err);
/* search_trials and trials_rate. */
bool search_evaluate(const struct dataset *dataset, const struct search_terms *terms,
    struct search_result *out, struct error *err);
