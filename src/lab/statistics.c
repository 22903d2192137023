#include "lab/statistics.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

struct interval wilson_interval(double hits, double trials)
{
    const double z = 1.959963984540054;
    if (!(trials > 0.0))
        return (struct interval){0.0, 1.0};
    double rate = hits / trials;
    double share = z * z / trials;
    double middle = (rate + share / 2.0) / (1.0 + share);
    double half = z * sqrt(rate * (1.0 - rate) / trials + share / (4.0 * trials)) / (1.0 + share);
    return (struct interval){
        hits > 0.0 ? fmax(middle - half, 0.0) : 0.0, hits < trials ? fmin(middle + half, 1.0) : 1.0};
}

/* The continued fraction by Lentz's method; converges fast for x < (a + 1) / (a + b + 2). */
static double beta_fraction(double a, double b, double x)
{
    const double tiny = 1e-300;
    double c = 1.0;
    double d = 1.0 - (a + b) * x / (a + 1.0);
    d = 1.0 / (fabs(d) < tiny ? tiny : d);
    double value = d;
    for (int m = 1; m <= 10000; m++) {
        double even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        for (int part = 0; part < 2; part++) {
            double term = part ? odd : even;
            d = 1.0 + term * d;
            c = 1.0 + term / c;
            d = 1.0 / (fabs(d) < tiny ? tiny : d);
            c = fabs(c) < tiny ? tiny : c;
            value *= c * d;
        }
        if (fabs(c * d - 1.0) < 1e-15)
            break;
    }
    return value;
}

double incomplete_beta(double a, double b, double x)
{
    if (x <= 0.0)
        return 0.0;
    if (x >= 1.0)
        return 1.0;
    double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
    if (x < (a + 1.0) / (a + b + 2.0))
        return front * beta_fraction(a, b, x) / a;
    return 1.0 - front * beta_fraction(b, a, 1.0 - x) / b;
}

double exact_upper_bound(double hits, double trials)
{
    if (!(trials > 0.0) || hits >= trials)
        return 1.0;
    double low = hits / trials;
    double high = 1.0;
    for (int step = 0; step < 200 && high > low; step++) {
        double middle = (low + high) / 2.0;
        /* P(X ≤ hits) = 1 − I_p(hits + 1, trials − hits) */
        if (incomplete_beta(hits + 1.0, trials - hits, middle) < 0.95)
            low = middle;
        else
            high = middle;
    }
    return high;
}

static int falling(const void *left, const void *right)
{
    float a = *(const float *)left;
    float b = *(const float *)right;
    return (a < b) - (a > b);
}

float threshold_at_rate(float *scores, size_t count, double most_rate)
{
    qsort(scores, count, sizeof *scores, falling);
    size_t allowed = (size_t)floor(most_rate * (double)count + 1e-9);
    if (allowed >= count)
        return -1.0f;
    return nextafterf(scores[allowed], INFINITY);
}

double share_at_least(const float *scores, size_t count, float threshold)
{
    size_t hits = 0;
    for (size_t i = 0; i < count; i++)
        hits += scores[i] >= threshold;
    return count ? (double)hits / (double)count : 0.0;
}

/* The sum over clusters of (hits − rate × trials)². */
static double cluster_sum(
    const struct search_cell *cells, size_t count, int clusters, bool by_gallery, double rate)
{
    double *excess = memory_allocate((size_t)clusters, sizeof *excess);
    for (size_t i = 0; i < count; i++)
        excess[by_gallery ? cells[i].gallery : cells[i].person] += cells[i].hits - rate * cells[i].trials;
    double sum = 0.0;
    for (int i = 0; i < clusters; i++)
        sum += excess[i] * excess[i];
    free(excess);
    return clusters > 1 ? sum * clusters / (clusters - 1.0) : sum;
}

double design_effect(const struct search_cell *cells, size_t count, int persons, int galleries)
{
    double trials = 0.0;
    double hits = 0.0;
    double both = 0.0;
    for (size_t i = 0; i < count; i++) {
        trials += cells[i].trials;
        hits += cells[i].hits;
    }
    if (!(hits > 0.0) || hits >= trials)
        return 1.0;
    double rate = hits / trials;
    for (size_t i = 0; i < count; i++)
        both += pow(cells[i].hits - rate * cells[i].trials, 2.0);
    double joined = cluster_sum(cells, count, persons, false, rate) +
                    cluster_sum(cells, count, galleries, true, rate) - both;
    return fmax(joined / (trials * rate * (1.0 - rate)), 1.0);
}
