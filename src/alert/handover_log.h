/* What of the log goes with a hand-over: the records about its alert, and those by which anybody sees which
 * rosters and which suspensions stood when each of its statements was signed (SAFEGUARDS 10, 11, 39). */
#pragma once

#include "alert/action.h"

/* Adds `checkpoint`, `records`, `looks`, `standing` and `former_rosters` to a packet that has its statements.
 * ERROR_CORRUPT when a roster that was in force since the alert was raised is not kept as it was adopted. */
bool handover_add_log(struct act *act, json_t *packet, struct error *err);
