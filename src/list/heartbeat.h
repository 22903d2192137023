/* Whether the desk's log can be written: tried with a real commit while something is armed (SAFEGUARDS 44).
 */
#pragma once

#include "list/site.h"

extern const char heartbeat_sql[];

/* Tries when an operation runs or the log could not be written at the last try, and sets site->log_is_down.
 * True when nothing may match for that reason: while it cannot be written, and once more when it can be
 * again, so that the pause gets into the log. */
bool heartbeat_hinders(struct site *site);
