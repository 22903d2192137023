/* What a hand-over holds (SAFEGUARDS 39): everything that led to the custody, so that a court can check it
 * without the desk. */
#pragma once

#include "alert/action.h"

enum { HANDOVER_STATIONS = 22 }; /* the custody's and one of each case */

struct receivers {                          /* the custody station first */
    const char *station[HANDOVER_STATIONS]; /* borrowed from `cases` and the statement */
    size_t count;
    json_t *without_key; /* of cases, but not in the roster: they get nothing from here */
    json_t *person, *cases;
};
void receivers_done(struct receivers *receivers);
static inline void receivers_auto(struct receivers *slot)
{
    receivers_done(slot);
}

/* ERROR_MISSING when the custody station is not in the roster. */
bool receivers_find(struct act *act, const char *custody, struct receivers *out, struct error *err);
/* The packet without its `station`; `disclosure_hash` is over the canonical bytes of its `disclosure`. A new
 * reference. */
json_t *handover_packet(struct act *act, const struct receivers *receivers,
    char disclosure_hash[static HEX_HASH_SIZE], struct error *err);
