#include "list/heartbeat.h"

#include "base/clock.h"
#include "base/log.h"

const char heartbeat_sql[] =
    "CREATE TABLE heartbeat (one INTEGER PRIMARY KEY CHECK (one = 1), at INTEGER NOT NULL) STRICT";

static bool something_runs(struct site *site)
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "SELECT 1 FROM operation WHERE state = 'running' LIMIT 1", NULL);
    return query_next(query);
}

static bool write_beat(struct site *site, struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "INSERT OR REPLACE INTO heartbeat (one, at) VALUES (1, :at)", err);
    query_integer(query, ":at", clock_now_s());
    return query_done(query, err);
}

static bool can_write(struct site *site)
{
    struct error err = {0};
    if (ledger_begin(site->ledger, &err)) {
        if (write_beat(site, &err) && ledger_commit(site->ledger, &err))
            return true;
        ledger_abort(site->ledger);
    }
    log_write(LOG_ERROR, "log_not_writable", "%s", err.text);
    return false;
}

bool heartbeat_hinders(struct site *site)
{
    bool was_down = site->log_is_down;
    if (was_down || something_runs(site))
        site->log_is_down = !can_write(site);
    return was_down || site->log_is_down;
}
