/* Passes over whole blocked values that are no convolutions. One set of kernels a kind of machine, chosen
 * once; all sets give the same bits, the plain one being the definition. Output and inputs may be the same
 * memory. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct pass_kernels {
    const char *name;
    bool (*runs_here)(void);
    /* y = x where x > 0, else 0 (a NaN becomes 0). */
    void (*relu)(const float *x, float *y, size_t count);
    void (*add)(const float *a, const float *b, float *y, size_t count);
    /* y = x where x > 0, else x * slope, over `pixels` blocks of `block` channels (8 or 16); a slope a
     * channel. */
    void (*prelu)(const float *x, const float *slopes, float *y, size_t pixels, size_t block);
};

/* Best first; the last set runs everywhere. NULL past the end. */
const struct pass_kernels *pass_kernels_at(size_t index);
const struct pass_kernels *pass_kernels_best(void);
