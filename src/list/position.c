#include "list/position.h"

#include "base/clock.h"

#include <math.h>
#include <string.h>

enum { POSITION_FRESH_S = 300 };

static bool check_place(int64_t latitude_e7, int64_t longitude_e7, struct error *err)
{
    bool on_globe = latitude_e7 >= -900000000 && latitude_e7 <= 900000000 && longitude_e7 >= -1800000000 &&
                    longitude_e7 <= 1800000000;
    return on_globe || fail(err, ERROR_INVALID, "this is no place on the globe");
}

/* The unit's own slot, a free one, or the oldest. */
static struct unit_position *slot_of(struct site *site, const char *unit)
{
    struct unit_position *oldest = &site->positions[0];
    for (size_t i = 0; i < COUNT_OF(site->positions); i++) {
        struct unit_position *at = &site->positions[i];
        if (strcmp(at->unit, unit) == 0)
            return at;
        if (at->at_s < oldest->at_s)
            oldest = at;
    }
    return oldest;
}

json_t *position_put(
    struct site *site, const char *unit, int64_t latitude_e7, int64_t longitude_e7, struct error *err)
{
    const struct device *known = unit && *unit ? roster_unit(site->roster, unit) : NULL;
    if (!known) {
        fail(err, ERROR_INVALID, "only a unit of the roster has a position; sign in with one");
        return NULL;
    }
    if (!check_place(latitude_e7, longitude_e7, err))
        return NULL;
    struct unit_position *slot = slot_of(site, known->id);
    *slot = (struct unit_position){
        .latitude_e7 = latitude_e7, .longitude_e7 = longitude_e7, .at_s = clock_now_s()};
    memcpy(slot->unit, known->id, sizeof slot->unit);
    return json_object();
}

const struct unit_position *position_find(const struct site *site, const char *unit)
{
    for (size_t i = 0; i < COUNT_OF(site->positions); i++) {
        const struct unit_position *at = &site->positions[i];
        if (at->at_s + POSITION_FRESH_S >= clock_now_s() && strcmp(at->unit, unit) == 0)
            return at;
    }
    return NULL;
}

int64_t distance_m(
    int64_t latitude_e7, int64_t longitude_e7, int64_t other_latitude_e7, int64_t other_longitude_e7)
{
    static const double metres_per_e7 = 6371008.8 * M_PI / 180 / 1e7;
    double middle = (double)(latitude_e7 + other_latitude_e7) / 2e7 * M_PI / 180;
    double north = (double)(latitude_e7 - other_latitude_e7) * metres_per_e7;
    double east = (double)(longitude_e7 - other_longitude_e7) * metres_per_e7 * cos(middle);
    return (int64_t)llround(hypot(north, east));
}
