#include "list/operation_refused.h"

#include "base/clock.h"
#include "list/operation_row.h"

const char operation_refused_sql[] =
    "CREATE TABLE operation_refused ("
    " operation TEXT NOT NULL, why TEXT NOT NULL, count INTEGER NOT NULL, newest_at INTEGER NOT NULL,"
    " PRIMARY KEY (operation, why)) STRICT";

static bool add_one(struct site *site, const char *operation, const char *why, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO operation_refused (operation, why, count, newest_at) VALUES (:operation, :why, 1, :now)"
        " ON CONFLICT (operation, why) DO UPDATE SET count = count + 1, newest_at = :now",
        err);
    query_text(query, ":operation", operation);
    query_text(query, ":why", why);
    query_integer(query, ":now", clock_now_s());
    return query_done(query, err);
}

static bool count_all(struct site *site, const char *operation, int64_t *count, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(
        site->ledger->store, "SELECT sum(count) FROM operation_refused WHERE operation = :operation", err);
    query_text(query, ":operation", operation);
    if (query_next(query))
        *count = query_get_integer(query, 0);
    return query_ok(query, err);
}

bool operation_count_refused(
    struct site *site, const char *operation, const char *why, int64_t *count, struct error *err)
{
    struct operation_row row;
    if (!operation_load(site, operation, &row, err))
        return false;
    if (row.wiped)
        return fail(err, ERROR_CONFLICT, "operation %s is %s", operation, operation_phase_word(row.phase));
    return add_one(site, operation, why, err) && count_all(site, operation, count, err);
}

json_t *operation_refused(struct site *site, const char *operation, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT why, count, newest_at FROM operation_refused WHERE operation = :operation ORDER BY why", err);
    query_text(query, ":operation", operation);
    AUTO(json) json_t *refused = json_array();
    while (query_next(query))
        json_array_append_new(refused, json_pack("{s:s, s:I, s:I}", "why", query_get_text(query, 0), "count",
                                           (json_int_t)query_get_integer(query, 1), "newest_at",
                                           (json_int_t)query_get_integer(query, 2)));
    return query_ok(query, err) ? STEAL(refused) : NULL;
}
