#include "fake_clock.h"

#include <stdio.h>
#include <time.h>

static int64_t now_us = FAKE_START_S * 1000000LL;
static int64_t drift_us;

void clock_pass(int64_t seconds)
{
    now_us += seconds * 1000000;
}

void clock_drift_by(int64_t microseconds)
{
    drift_us = microseconds;
}

void clock_start(void)
{
}

int64_t clock_now_us(void)
{
    return now_us;
}

int64_t clock_now_s(void)
{
    return now_us / 1000000;
}

int64_t clock_monotonic_us(void)
{
    return now_us - FAKE_START_S * 1000000LL;
}

int64_t clock_drift_us(void)
{
    return drift_us;
}

int64_t clock_earlier_us(void)
{
    return now_us + (drift_us < 0 ? drift_us : 0);
}

bool clock_is_steady(void)
{
    return drift_us < CLOCK_DRIFT_LIMIT_US && drift_us > -CLOCK_DRIFT_LIMIT_US;
}

void clock_write_iso(int64_t seconds, char out[static 21])
{
    time_t time = (time_t)seconds;
    struct tm when;
    gmtime_r(&time, &when);
    strftime(out, 21, "%Y-%m-%dT%H:%M:%SZ", &when);
}
