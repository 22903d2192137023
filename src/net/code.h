/* How an 8-bit value's codes mean numbers: number = scale × (code − zero), for each channel its own. */
#pragma once

#include "net/graph.h"
#include "net/ranges.h"

struct code {
    int stride;   /* bytes a pixel: the channels, rounded up */
    float *scale; /* for at least a multiple of PANEL channels; 1 and 0 beyond the real ones */
    int16_t *zero;
};

/* Bytes a pixel of so many channels. */
int code_stride(int channels);

/* Gives the value its code, from the range of its name, the same for all channels; no negative numbers where
 * `positive`. The graph owns the code. */
bool code_from_ranges(struct graph *graph, int value, bool positive, struct error *err);
/* The codes of the parts one after the other. */
void code_join(struct graph *graph, int value, const int *parts, int count);
void code_free(struct code *code);
