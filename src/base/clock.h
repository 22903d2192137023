/* Time. Wall time is read once at start and then carried by boot time, so a clock that is set back or forward
 * while the program runs changes nothing; the difference can be asked for and is checked by the callers that
 * must. */
#pragma once

#include <stdint.h>

/* Call once, before threads. The wall clock at this moment becomes the origin. */
void clock_start(void);

int64_t clock_now_us(void);       /* microseconds since 1970, carried by boot time (counts suspend) */
int64_t clock_now_s(void);        /* the same in seconds */
int64_t clock_monotonic_us(void); /* for durations */
int64_t clock_drift_us(void);     /* wall clock minus clock_now_us: what somebody changed since the start */

/* "2026-11-22T18:05:07Z". */
void clock_write_iso(int64_t seconds, char out[static 21]);
