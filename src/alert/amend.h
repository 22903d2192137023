/* An outcome is amended by two authorisers of different offices who took no part, and never overwritten
 * (SAFEGUARDS 38): what the crew signed stays, what holds now is read from the signed amendments. */
#pragma once

/* What two authorisers sign as `from` of a stop whose crew recorded no outcome for a day (its unit left, its
 * tablet is broken): the alert closes as identity_not_established, recorded as never recorded, so that no
 * alert is without an end and its pictures are erased. */
#define NOT_RECORDED "not_recorded"

#include "alert/row.h"

/* The outcome that holds: the row's own, or what the newest pair of amendments says. */
bool amended_outcome(struct site *site, const struct alert *alert, char out[static 40], struct error *err);
/* A stop that has had no outcome for LIMIT_OUTCOME_S. */
bool outcome_is_overdue(const struct alert *alert);
