/* What would hold the desk up is done in turns of its loop: a piece at least in each, and no more once the
 * turn is over. */
#pragma once

#include "base/clock.h"
#include "list/site.h"

/* Whose signature counts: the same as long as the roster is, and who is suspended in it. */
struct standing {
    int64_t roster_number;
    size_t suspended;
};

static inline struct standing standing_now(const struct site *site)
{
    return (struct standing){roster_number(site->roster), json_array_size(roster_suspended(site->roster))};
}

static inline bool standing_is(const struct site *site, const struct standing *then)
{
    struct standing now = standing_now(site);
    return now.roster_number == then->roster_number && now.suspended == then->suspended;
}

struct turn {
    int64_t until_us;
};

static inline struct turn turn_begin(const struct site *site)
{
    return (struct turn){site->turn_us ? clock_monotonic_us() + site->turn_us : INT64_MAX};
}

static inline bool turn_is_over(const struct turn *turn)
{
    return clock_monotonic_us() >= turn->until_us;
}
