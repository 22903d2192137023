/* One stage of the line by itself, ready to be run over and over: the one way in which stages are timed. */
#pragma once

#include "base/text.h"
#include "face/pack.h"

struct bench;

/* Names of the stages in the line's order; NULL past the end. `search-N` goes with any N up to 2^20. */
const char *bench_name_at(size_t index);
/* What the stage does, in words. */
const char *bench_words(const char *name);
/* Whether the stage needs a recording. */
bool bench_needs_clip(const char *name);

/* Everything is loaded and run once. `clip` is a recording for `decode` and `colours`, NULL elsewhere.
 * ERROR_USAGE for an unknown name. */
struct bench *bench_open(const char *name, const struct pack *pack, const char *clip, struct error *err);
void bench_close(struct bench *bench);
AUTO_FREE(bench, struct bench *, bench_close)

struct bench_time {
    double wall_us, processor_us;
};

/* One run; stages that are too quick for the clock run several times, and this is the mean. */
struct bench_time bench_run(struct bench *bench);
/* What it is made of: lines with the kernels that were chosen. */
void bench_describe(const struct bench *bench, struct text *out);

struct bench_spread {
    double least, median, p95, largest;
};

/* Sorts. `count` at least 1; nearest rank. */
struct bench_spread bench_spread(double *values, size_t count);
