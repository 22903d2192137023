/* Where the units are, as their devices last said. In memory only: no disk and no log learns where a car was.
 */
#pragma once

#include "list/site.h"

/* Replaces the unit's position. ERROR_INVALID for a unit that is not in the roster or a place off the globe.
 */
json_t *position_put(
    struct site *site, const char *unit, int64_t latitude_e7, int64_t longitude_e7, struct error *err);
/* The unit's position while it is fresh and somebody is present with it; NULL otherwise. Borrowed. */
const struct unit_position *position_find(const struct site *site, const char *unit);
/* Whole metres between two places (equirectangular: exact enough within a city). */
int64_t distance_m(
    int64_t latitude_e7, int64_t longitude_e7, int64_t other_latitude_e7, int64_t other_longitude_e7);
