/* What time does to alerts. */
#pragma once

#include "alert/row.h"

/* alert_tick at a given moment, by which everything is over, too, that alert_tick ends by overdue_time_us. */
bool alert_tick_at(struct site *site, int64_t now_us, struct error *err);
/* Declined or silent: the packet is erased, the unit has the alert no more, nobody else gets it by itself. In
 * the caller's transaction; `why` is the record's kind. */
bool alert_return_to_dispatcher(struct site *site, struct alert *alert, enum alert_actor by,
    const char *officer, const char *why, struct error *err);
