/* An outcome is amended by two authorisers of different offices who took no part, and never overwritten
 * (SAFEGUARDS 38): what the crew signed stays, what holds now is read from the signed amendments. */
#pragma once

#include "alert/row.h"

/* The outcome that holds: the row's own, or what the newest pair of amendments says. */
bool amended_outcome(struct site *site, const struct alert *alert, char out[static 40], struct error *err);
