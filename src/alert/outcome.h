/* What follows from a stop that was wrong (SAFEGUARDS 31, 32), whether the crew or an amendment says so. */
#pragma once

#include "alert/action.h"

/* In the caller's transaction: suspends the entry, halts at two wrong stops of the operation, and at one
 * wrong custody. */
bool wrong_person_follows(struct act *act, bool was_custody, struct error *err);
