/* Many templates in a row, with their 8-bit form (quantised.h) in front: an exact search that computes few
 * canonical scores. Filled once; afterwards rows are only wiped. Readable from several threads. */
#pragma once

#include "match/quantised.h"
#include "match/scan.h"

struct rows;

/* Of `count` templates, all of them nought. */
struct rows *rows_new(size_t count);
/* Wipes both forms, then frees. */
void rows_free(struct rows *rows);
AUTO_FREE(rows, struct rows *, rows_free)

/* `template` is of unit length, within 1e-3, or all noughts. */
void rows_set(struct rows *rows, size_t row, const float template[static GALLERY_TEMPLATE]);
/* Both forms of these rows become zeros. A search may still take a wiped row: its caller knows which they
 * are.
 */
void rows_wipe(struct rows *rows, size_t first, size_t count);

/* Kernels other than the best, for comparisons. */
void rows_use(struct rows *rows, const struct score_kernel *score, const struct half_kernel *half);

/* Called with canonical scores, in any order of rows; returns the score under which further rows are of no
 * interest. */
typedef float (*rows_take)(void *context, size_t row, float score);

/* Calls `take` at least for every row whose canonical score is not under what `take` returned last
 * (−infinity before the first). Leaves nothing of the query in memory. */
void rows_search(
    const struct rows *rows, const float query[static GALLERY_TEMPLATE], rows_take take, void *context);
