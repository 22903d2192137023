/* Trials and their rates: false alerts and misses at a threshold, with what they are worth (NIST FRTE's FPIR
 * and FNIR at rank 1). A trial is one search of one list: by a picture (search.h) or by a passage (walk.h).
 */
#pragma once

#include "lab/groups.h"
#include "lab/statistics.h"

enum { IMAGES_CHARGE = 6 }; /* a rate measured on images counts for six times as much on passages */

struct trial {
    int person;
    int list;
    float score; /* the list's best; mated: of the own entry, or −1 when another one is better */
    bool mated;
    bool acquired;
    bool covered; /* why it was not acquired */
};

struct trials {
    struct trial *items; /* owned */
    size_t count;
    int persons; /* of the data set */
    int lists;
    int entries; /* N */
};

void trials_done(struct trials *trials);
static inline void trials_auto(struct trials *slot)
{
    trials_done(slot);
}

struct search_terms {
    int entries;      /* N */
    double threshold; /* below 0: the least hundredth whose charged bound meets `most_fpir`, in every group */
    double most_fpir;
    const struct groups *groups; /* NULL: none; borrowed */
};

struct search_result {
    int entries;
    int lists;
    int persons;
    double threshold;
    long non_mated;
    long false_alerts;
    double fpir;
    struct interval fpir_interval;  /* Wilson, over searches counted as if independent */
    struct interval fpir_bootstrap; /* by person */
    double design_effect;           /* how much less the searches tell than independent ones */
    double fpir_bound;              /* exact one-sided 95 %, over non_mated / design_effect searches */
    double charged_bound;           /* × IMAGES_CHARGE */
    double worst_bound;             /* the largest charged bound of all and of each group */
    int worst_group;                /* −1: all together */
    long mated;
    long misses;
    long failures_to_acquire; /* of the mated searches; counted in `misses` */
    long covered;             /* of those: covered faces */
    double fnir;
    struct interval fnir_interval;
    struct interval fnir_bootstrap;
};

/* At the terms' threshold, or at the one it chooses. ERROR_CONFLICT when no threshold meets the bound. */
bool trials_rate(const struct trials *trials, const struct search_terms *terms, struct search_result *out,
    struct error *err);
/* The rates of one group alone, its members searching. */
struct search_result trials_rate_group(
    const struct trials *trials, const struct groups *groups, int group, double threshold);

/* 95 % of the rates when persons are drawn anew with replacement (Efron 1979), 1,000 times, the same on every
 * run. */
void trials_bootstrap(
    const struct trials *trials, double threshold, struct interval *fpir, struct interval *fnir);

enum { CURVE_POINTS = 101 };

struct curve_point {
    double threshold, fpir, fnir;
};

/* The detection error trade-off at the thresholds 0, 0.01, …, 1. */
void trials_curve(const struct trials *trials, struct curve_point points[static CURVE_POINTS]);
