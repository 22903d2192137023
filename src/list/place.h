/* Protected places and dates: protests, worship, hospitals, courts, polling, schools (SAFEGUARDS 19). A
 * signed list in parts. An outside signer signs any; an authoriser adds to what there is. The log has each
 * part's hash, so that a part that was edited or taken away in the database is found. */
#pragma once

#include "list/site.h"

extern const struct migration place_migrations[];
extern const size_t place_migration_count;

/* An action and a view as in list/entry.h. The action halts what runs in such a place unsigned. */
json_t *places_sign(struct site *site, const struct envelope *envelope, struct error *err);
json_t *places_show(struct site *site, struct error *err);

/* The parts as they were signed: a new reference to an array of statements' fields; ERROR_CORRUPT when one is
 * not as the log says. */
json_t *places_signed(struct site *site, struct error *err);
/* Whether one of them covers the point at some time from `starts_s` until before `ends_s`. */
bool places_cover(
    const json_t *parts, int64_t latitude_e7, int64_t longitude_e7, int64_t starts_s, int64_t ends_s);

/* In degrees times 10⁷; for distances within a city. */
double place_distance_m(int64_t latitude, int64_t longitude, int64_t other_latitude, int64_t other_longitude);
