/* Who is there: matching runs only while two reviewers of different offices, a dispatcher and a free unit are
 * (SAFEGUARDS 21). Presence is confirmed at least every LIMIT_PRESENCE_S. Kept in the database, so it
 * survives a restart of the desk. */
#pragma once

#include "list/site.h"

extern const struct migration presence_migrations[];
extern const size_t presence_migration_count;

json_t *presence_confirm(
    struct site *site, const struct officer *officer, const char *as, const char *unit, struct error *err);
/* ERROR_CONFLICT while the officer has something open that has to be handed over first. Nothing when their
 * time is over: what they have they keep until they sign out or confirm another presence. */
bool presence_leave(struct site *site, const char *officer, struct error *err);
/* Whatever is open: who has signed out is not there, and what is left is noted and offered to who is. */
bool presence_end(struct site *site, const char *officer, struct error *err);
/* Who is here, counted, and `until` when the viewer is (0: not here). */
json_t *presence_show(struct site *site, const char *viewer, struct error *err);
bool presence_is_enough(struct site *site, struct error *err);
bool presence_is_here(struct site *site, const char *officer, const char *as);
/* The crew officer's unit, NULL when not present with one. Borrowed until the next call. */
const char *presence_unit_of(struct site *site, const char *officer);
/* The same of the crew officer's last presence when it reached beyond `since_s`, also if its time is over by
 * now; NULL once they left or are present otherwise. */
const char *presence_unit_since(struct site *site, const char *officer, int64_t since_s);
/* How many officers are present as the unit's crew. */
size_t presence_crew_of(struct site *site, const char *unit);
/* A unit that holds an open dispatched alert is busy and not free. In the caller's transaction; the alerts
 * say so. */
bool presence_set_busy(struct site *site, const char *unit, bool busy, struct error *err);
/* True also when it cannot be told. */
bool presence_unit_busy(struct site *site, const char *unit);
/* In the caller's transaction, at a start: whom the log has as gone, or as somebody else, is not there,
 * though the row of before, put back, has the desk's mark. */
bool presence_rows_hold_to_log(struct site *site, struct error *err);
