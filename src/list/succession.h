/* How one roster follows another while the desk runs, and how a key stops counting before that (SAFEGUARDS
 * 11). A new roster takes the root key's signature, the administrator's statement `roster_adoption` and, on a
 * live site, the oversight body's; it counts when roster_counts says so, and never instead of a later one. A
 * key that was lost, or whose owner left, is suspended at once by one signature: that only takes away. */
#pragma once

#include "list/site.h"

/* An administrator brings the next roster. `endorsement` is NULL on a demo site. It is put in force by
 * roster_tick. A new reference as in list/entry.h. */
json_t *roster_bring(struct site *site, const struct envelope *adoption, const json_t *roster,
    const json_t *endorsement, struct error *err);
/* Each second: puts the roster that waits in force when its time has come. Pointers into the one before are
 * over then. */
bool roster_tick(struct site *site, struct error *err);

/* From now on the roster in force answers as if it did not name the officer, unit or station. An inspector or
 * outside signer is suspended by an inspector only (ERROR_FORBIDDEN). A later roster
 * counts for the subject again when it has another key for it. */
json_t *suspension_sign(struct site *site, const struct envelope *envelope, struct error *err);
/* At start: those that the log tells of. */
bool suspension_load(struct site *site, struct error *err);
