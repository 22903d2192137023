/* The 8-bit form of templates, which says of most of them that they cannot be among the best, so that few
 * canonical scores (gallery.h) have to be computed and none that counts is missed.
 *
 * A template x is written as a byte b for each number, which stands for step × (b − 127.5). Its upper and its
 * lower four bits lie in two planes: the upper ones alone stand for step × (16 × upper − 120). A search reads
 * the upper plane whole, and of the lower one what the upper one leaves open. A query y is written as codes c
 * from −127 to 127, which stand for scale × c.
 *
 * The bound. Let x' be what x's bytes (or their upper halves) stand for, e = ‖x − x'‖, and y', d = ‖y − y'‖
 * the same for the query. Since ⟨y, x⟩ − ⟨y', x'⟩ = ⟨y − y', x⟩ + ⟨y', x − x'⟩, Cauchy and Schwarz give
 *
 *     ⟨y, x⟩ ≤ ⟨y', x'⟩ + d‖x‖ + ‖y'‖e.                                                                (1)
 *
 * ⟨y', x'⟩ is scale × step × a whole number below 2²⁵, exact in 32 bits. With u = 2⁻²⁴, a lane of the
 * canonical score rounds 32 times and the tree 4 times, so it differs from ⟨y, x⟩ by at most γ₃₆ Σ|yᵢxᵢ| ≤
 * γ₃₆ ‖y‖‖x‖ < 2⁻¹⁸·⁸ × 1.001‖y‖ (Higham, Accuracy and Stability, 2002, §3.1), and by less than 2⁻¹¹⁰ where
 * results (or, in some threads, inputs) under 2⁻¹²⁶ become nought, as ‖y‖ is at most 2²⁰. The right side of
 * (1) is computed in float: fewer than 8 roundings, at most 8u = 2⁻²¹ of the sum of its terms' sizes, which
 * are ‖y'‖(1.002 + e), 1.002d ≤ 0.1‖y‖ and ‖y'‖e; ‖y'‖ ≤ 1.1‖y‖. Together these errors stay below 2⁻¹⁸(‖y‖ +
 * ‖y'‖e). To make up for them four times over, e and ‖y'‖ are kept 2⁻¹⁶ of themselves larger, and the slack,
 * which holds 1.002d, 2⁻¹⁶‖y‖ larger. So the canonical score never exceeds quantised_most; ‖x‖ ≤ 1.001 is the
 * gallery's check.
 */
#pragma once

#include "match/gallery.h"

enum { QUANTISED_HALF = GALLERY_TEMPLATE / 2 }; /* the bytes of one template in one plane */

/* Byte j of a plane holds number j in its lower and number j + QUANTISED_HALF in its upper four bits. */
struct quantised_planes {
    uint8_t upper[QUANTISED_HALF];
    uint8_t lower[QUANTISED_HALF];
};

struct quantised_measure {
    float step;
    float error;       /* of the whole bytes: e above */
    float upper_error; /* of the upper halves alone */
};

struct quantised_query {
    int8_t codes[GALLERY_TEMPLATE];
    int32_t code_sum;
    float scale;
    float length; /* ‖y'‖ */
    float slack;
};

/* `template` is of unit length, within 1e-3, or all noughts. */
void quantise_template(const float template[static GALLERY_TEMPLATE], struct quantised_planes *planes,
    struct quantised_measure *measure);
/* False where the bound does not hold: a length outside 2⁻⁴⁰ to 2²⁰, or numbers that are none. The caller
 * wipes the query when it is done. */
bool quantise_query(const float query[static GALLERY_TEMPLATE], struct quantised_query *out);

/* What the canonical score cannot exceed. `product` is quantised_upper_product or quantised_product. */
static inline float quantised_most(
    const struct quantised_query *query, float step, float error, int32_t product)
{
    return 0.5F * query->scale * step * (float)product + (query->length * error + query->slack);
}

/* In halves of what the codes stand for, so that they are whole. `upper`, `lower`: a kernel's sums. */
static inline int32_t quantised_upper_product(const struct quantised_query *query, int32_t upper)
{
    return 32 * upper - 240 * query->code_sum;
}

static inline int32_t quantised_product(const struct quantised_query *query, int32_t upper, int32_t lower)
{
    return 32 * upper + 2 * lower - 255 * query->code_sum;
}

/* The sums of code × half over the numbers, for `count` templates that lie one behind the other in a plane.
 * Whole numbers: every kernel gives the same. */
struct half_kernel {
    const char *name;
    bool (*runs_here)(void);
    void (*sums)(
        const int8_t codes[static GALLERY_TEMPLATE], const uint8_t *halves, size_t count, int32_t *sums);
};

/* Best first; the last one runs everywhere. */
const struct half_kernel *half_kernel_at(size_t index); /* NULL past the end */
const struct half_kernel *half_kernel_best(void);
