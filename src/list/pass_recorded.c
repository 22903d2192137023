#include "list/pass_recorded.h"

#include "base/log.h"
#include "list/pass_row.h"

#include <string.h>

bool pass_mark_note(struct site *site, const char *officer, json_t *fields, struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "SELECT lower(hex(mark)) FROM pass WHERE officer = :officer", err);
    query_text(query, ":officer", officer);
    if (query_next(query))
        json_object_set_new(fields, "pass_mark", json_string(query_get_text(query, 0)));
    return query_ok(query, err);
}

/* Records from before there were marks name none. */
static bool hold(struct site *site, const char *officer, const char *recorded, struct error *err)
{
    struct pass pass;
    AUTO(json) json_t *now = json_object();
    bool is_held = pass_find(site, officer, &pass) == PASS_HELD;
    if (!pass_mark_note(site, officer, now, err))
        return false;
    const char *mark = json_string_value(json_object_get(now, "pass_mark"));
    if (is_held && mark && (!recorded || strcmp(mark, recorded) == 0))
        return true;
    log_write(LOG_ERROR, "pass_not_as_recorded", "the pass of %s is not what the log says", officer);
    return pass_break(site, officer, err);
}

/* The newest change of each officer's; of one who has none any more, its end. */
static const char newest_changes[] =
    "SELECT coalesce(json_extract(leaf, '$.officer'), json_extract(leaf, '$.by')) AS whose,"
    " json_extract(leaf, '$.pass_mark'), json_extract(leaf, '$.kind') IN ('pass_reset', 'pass_destroyed'),"
    " max(seq) FROM ledger_leaf WHERE leaf LIKE '%\"pass_mark\":%' OR leaf LIKE '%\"kind\":\"pass_made\"%'"
    " OR leaf LIKE '%\"kind\":\"pass_reset\"%' OR leaf LIKE '%\"kind\":\"pass_destroyed\"%' GROUP BY whose";

bool pass_rows_hold_to_log(struct site *site, struct error *err)
{
    AUTO(query) struct query *query = query_new(site->ledger->store, newest_changes, err);
    while (query_next(query)) {
        bool ended = query_get_integer(query, 2) != 0;
        if (!ended && !hold(site, query_get_text(query, 0), query_get_text(query, 1), err))
            return false;
    }
    return query_ok(query, err);
}
