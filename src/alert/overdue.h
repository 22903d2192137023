/* Alerts and requests at a counter whose own rows do not bring what is sealed about them to its end. */
#pragma once

#include "list/overdue.h"

/* As overdue_tick: pictures and numbers go when the log says that their time is over, whatever the row says
 * (SAFEGUARDS 41, 43). */
bool overdue_alerts_tick(struct site *site, struct error *err);
