/* The ranges that a network's values take: found by running it in float over pictures (calibration), kept as
 * text, read again for the 8-bit network.
 *
 * The text has a line a tensor: its name, its least and its most number, a blank between. */
#pragma once

#include "net/graph.h"

struct text;

struct ranges;

/* Bytes from outside: bounded by their own size; every number finite. */
struct ranges *ranges_parse(const char *text, size_t size, struct error *err);
void ranges_free(struct ranges *ranges);
AUTO_FREE(ranges, struct ranges *, ranges_free)

/* ERROR_MISSING names a tensor without a range. */
bool ranges_find(const struct ranges *ranges, const char *name, float *least, float *most, struct error *err);

/* For each value of a float network, what it held in the runs so far. */
struct observed;

struct observed *observed_new(const struct graph *graph);
void observed_free(struct observed *observed);

/* The value holds its result of this run. */
void observed_add(struct observed *observed, const struct graph *graph, int value);
/* The ranges as text, rounded outwards to three digits. */
void observed_write(const struct observed *observed, const struct graph *graph, struct text *out);
