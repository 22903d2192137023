/* The kernels that compute score_canonical (gallery.h): one plain, others for wider machines, the same bits
 * from all. The callers have flush-to-zero on (flush_to_zero_begin). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct score_kernel {
    const char *name;
    bool (*runs_here)(void);
    float (*score)(const float *a, const float *b, size_t length);
    /* The score of the query with each of `count` templates that lie one behind the other. */
    void (*score_rows)(const float *query, const float *rows, size_t count, size_t length, float *scores);
};

/* Best first; the last one runs everywhere. */
const struct score_kernel *score_kernel_at(size_t index); /* NULL past the end */
const struct score_kernel *score_kernel_best(void);

/* Sets flush-to-zero for this thread and returns what was before, for flush_to_zero_end. */
unsigned flush_to_zero_begin(void);
void flush_to_zero_end(unsigned before);
