/* Sightings that raise nothing, because their entry is muted on the camera or the camera is halted: never
 * dropped silently (SAFEGUARDS 32), and never so many records that a watch fills the log. The first
 * SIGHTINGS_RECORDED of each stand in a record of their own; of the muted and of halted cameras the others
 * are counted, and told in one when the operation is halted or ends. In the caller's transaction. */
#pragma once

#include "alert/alert.h"

enum { SIGHTINGS_RECORDED = 50 };

bool unraised_is_muted(struct site *site, const struct sighting *sighting, bool *muted, struct error *err);
bool unraised_muted(struct site *site, const struct sighting *sighting, struct error *err);
bool unraised_of_halted_camera(struct site *site, const struct sighting *sighting, struct error *err);
/* That nobody is asked about it, and why; with an event. Beyond the first ones a refused sighting stands only
 * in its count (list/operation_refused.h), which pages read every few seconds: no watch floods log or
 * screens. */
bool unraised_refused(struct site *site, const struct sighting *sighting, const char *why, struct error *err);
bool unraised_tell(struct site *site, const char *operation, struct error *err);
