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

enum { TRIALS_LIMIT = 50000000 }; /* searches: a gigabyte of them */

bool search_trials(const struct dataset *dataset, int entries, struct trials *out, struct error *err);
/* search_trials and trials_rate. */
bool search_evaluate(const struct dataset *dataset, const struct search_terms *terms,
    struct search_result *out, struct error *err);

/* The lists themselves, for searches by something else than pictures. */
struct lists {
    int *of;                        /* person → list, −1 for those left over; owned */
    const struct sample **enrolled; /* person → picture, NULL when none was good enough; owned */
    int count;
    int entries;
};

/* ERROR_INVALID when the data set has fewer than two lists of N, ERROR_TOO_LARGE over TRIALS_LIMIT. */
bool lists_possible(const struct dataset *dataset, int entries, struct error *err);
bool lists_draw(const struct dataset *dataset, int entries, struct lists *out, struct error *err);
void lists_done(struct lists *lists);
static inline void lists_auto(struct lists *slot)
{
    lists_done(slot);
}
