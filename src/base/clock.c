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

int64_t clock_earlier_us(void)
{
    int64_t drift_us = clock_drift_us();
    return clock_now_us() + (drift_us < 0 ? drift_us : 0);
}

bool clock_is_steady(void)
{
    int64_t drift_us = clock_drift_us();
    return drift_us < CLOCK_DRIFT_LIMIT_US && drift_us > -CLOCK_DRIFT_LIMIT_US;
}

/* Not gmtime_r: it may open the time zone's file, and a locked-up process writes log lines too. Days to a
 * date by Hinnant's civil_from_days: years that begin in March, in eras of 400 years (146,097 days). */
void clock_write_iso(int64_t seconds, char out[static 21])
{
    int64_t days = seconds / 86400 - (seconds % 86400 < 0), left = seconds - days * 86400;
    int64_t shifted = days + 719468; /* since 0000-03-01 */
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097, day_of_era = shifted - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t march_month = (5 * day_of_year + 2) / 153, day = day_of_year - (153 * march_month + 2) / 5 + 1;
    int64_t month = march_month < 10 ? march_month + 3 : march_month - 9;
    int64_t year = year_of_era + era * 400 + (month <= 2);
    snprintf(out, 21, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)year % 10000, (unsigned)month % 100,
        (unsigned)day % 100, (unsigned)(left / 3600) % 100, (unsigned)(left / 60) % 60, (unsigned)left % 60);
}
