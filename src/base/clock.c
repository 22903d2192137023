#include "base/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t origin_us; /* wall time minus boot time at clock_start */

static int64_t read_us(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void clock_start(void)
{
    origin_us = read_us(CLOCK_REALTIME) - read_us(CLOCK_BOOTTIME);
}

int64_t clock_now_us(void)
{
    if (!origin_us)
        clock_start();
    return origin_us + read_us(CLOCK_BOOTTIME);
}

int64_t clock_now_s(void)
{
    return clock_now_us() / 1000000;
}

int64_t clock_monotonic_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

int64_t clock_drift_us(void)
{
    return read_us(CLOCK_REALTIME) - clock_now_us();
}

void clock_write_iso(int64_t seconds, char out[static 21])
{
    time_t when = (time_t)seconds;
    struct tm parts;
    gmtime_r(&when, &parts);
    strftime(out, 21, "%Y-%m-%dT%H:%M:%SZ", &parts);
}
