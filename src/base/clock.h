/* Time. Wall time is read once at start and then carried by boot time, so a clock that is set back or forward
 * while the program runs changes nothing; the difference can be asked for and is checked by the callers that
 * must. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Call once, before threads. The wall clock at this moment becomes the origin. */
void clock_start(void);

int64_t clock_now_us(void);       /* microseconds since 1970, carried by boot time (counts suspend) */
int64_t clock_now_s(void);        /* the same in seconds */
int64_t clock_monotonic_us(void); /* for durations */
int64_t clock_drift_us(void);     /* wall clock minus clock_now_us: what somebody changed since the start */
int64_t clock_earlier_us(void); /* the earlier of clock_now_us and the wall clock: time that surely passed */

enum { CLOCK_DRIFT_LIMIT_US = 5000000 };
bool clock_is_steady(void); /* the wall clock is still that of the start, but for so much */

/* "2026-11-22T18:05:07Z". */
void clock_write_iso(int64_t seconds, char out[static 21]);
