/* An ended session's row carries the desk's own mark; that it is over, the log says. */
#include "base/clock.h"
#include "base/log.h"
#include "http/session.h"

/* No row outlives SESSION_S, so older records say nothing of any. */
static bool end_put_back(struct site *site, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "DELETE FROM session WHERE 's-' || substr(id, 1, 16) IN (SELECT ended.value FROM ledger_leaf,"
        " json_each(leaf, '$.ended') AS ended WHERE leaf LIKE '%\"ended\":[%'"
        " AND json_extract(leaf, '$.at') > :since) RETURNING officer",
        err);
    query_integer(query, ":since", clock_now_s() - SESSION_S);
    while (query_next(query))
        log_write(LOG_ERROR, "session_not_as_recorded",
            "a session of %s is over by the log, and its row was there", query_get_text(query, 0));
    return query_ok(query, err);
}

bool session_rows_hold_to_log(struct site *site, struct error *err)
{
    if (!ledger_begin(site->ledger, err))
        return false;
    if (end_put_back(site, err) && ledger_commit(site->ledger, err))
        return true;
    ledger_abort(site->ledger);
    return false;
}
