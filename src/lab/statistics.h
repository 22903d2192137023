/* The statistics of an evaluation. Each formula is named; tests hold known answers. */
#pragma once

#include <stddef.h>

struct interval {
    double low, high;
};

/* Wilson's score interval at 95 % (two-sided) for `hits` of `trials`. 0..1 when there are no trials. */
struct interval wilson_interval(double hits, double trials);

/* The exact one-sided 95 % upper bound of a rate (Clopper and Pearson 1934): the p at which `hits` or fewer
 * of `trials` have a chance of 5 %. With no hits it is 1 − 0.05^(1/trials), about 3 / trials. Takes
 * fractions, for counts divided by a design effect (Korn and Graubard 1998). 1 when there are no trials. */
double exact_upper_bound(double hits, double trials);

/* I_x(a, b), the regularised incomplete beta function (continued fraction, Abramowitz and Stegun 26.5.8). */
double incomplete_beta(double a, double b, double x);

/* The least threshold at which at most `most_rate` of the `count` scores are ≥ it. Sorts the scores, falling.
 */
float threshold_at_rate(float *scores, size_t count, double most_rate);
double share_at_least(const float *scores, size_t count, float threshold);

/* One cell of searches that share the searching person and the gallery. */
struct search_cell {
    int person;
    int gallery;
    int trials;
    int hits;
};

/* How many times the variance of the rate exceeds that of independent trials, clustered by person and by
 * gallery (Cameron, Gelbach and Miller 2011: persons + galleries − both). At least 1; 1 without hits. */
double design_effect(const struct search_cell *cells, size_t count, int persons, int galleries);
