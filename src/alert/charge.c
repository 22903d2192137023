#include "alert/charge.h"

#include "base/clock.h"
#include "list/row.h"

#include <string.h>

const char charge_sql[] =
    "CREATE TABLE charge (item TEXT PRIMARY KEY, officer TEXT NOT NULL, since INTEGER NOT NULL,"
    " mark BLOB NOT NULL) STRICT;"
    "CREATE INDEX charge_of_officer ON charge (officer);"
    "CREATE TABLE left_open (item TEXT PRIMARY KEY) STRICT;"
    "CREATE TABLE shift (shift TEXT PRIMARY KEY, giver TEXT NOT NULL, taker TEXT NOT NULL,"
    " envelope TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('offered', 'accepted', 'refused')),"
    " at INTEGER NOT NULL) STRICT;"
    "CREATE INDEX shift_of ON shift (state, taker);";

static json_t *marked_fields(const char *item, const char *officer, int64_t since_s)
{
    return json_pack("{s:s, s:s, s:I}", "item", item, "officer", officer, "since", (json_int_t)since_s);
}

bool charge_take(struct site *site, const char *item, const char *officer, struct error *err)
{
    uint8_t mark[HASH_SIZE];
    int64_t now_s = clock_now_s();
    AUTO(json) json_t *fields = marked_fields(item, officer, now_s);
    if (!row_mark(site, "charge", fields, mark, err))
        return false;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT OR REPLACE INTO charge (item, officer, since, mark) VALUES (:item, :officer, :since, :mark)",
        err);
    query_text(query, ":item", item);
    query_text(query, ":officer", officer);
    query_integer(query, ":since", now_s);
    query_bytes(query, ":mark", mark, sizeof mark);
    return query_done(query, err);
}

bool charge_drop(struct site *site, const char *item, struct error *err)
{
    static const char *const sql[] = {
        "DELETE FROM charge WHERE item = :item", "DELETE FROM left_open WHERE item = :item"};
    for (size_t i = 0; i < COUNT_OF(sql); i++) {
        AUTO(query) struct query *query = query_new(site->ledger->store, sql[i], err);
        query_text(query, ":item", item);
        if (!query_done(query, err))
            return false;
    }
    return true;
}

static bool is_as_written(struct site *site, struct query *query)
{
    const char *item = query_get_text(query, 0);
    AUTO(json)
    json_t *fields = marked_fields(item, query_get_text(query, 1), query_get_integer(query, 2));
    return row_check(site, "charge", item, fields, query_get_bytes(query, 3), NULL);
}

bool charge_of(struct site *site, const char *item, char officer[static ALERT_ID_SIZE], struct error *err)
{
    AUTO(query)
    struct query *query = query_new(
        site->ledger->store, "SELECT item, officer, since, mark FROM charge WHERE item = :item", err);
    query_text(query, ":item", item);
    officer[0] = '\0';
    if (query_next(query) && is_as_written(site, query))
        row_text(officer, ALERT_ID_SIZE, query_get_text(query, 1));
    return query_ok(query, err);
}

json_t *charges_of(struct site *site, const char *officer, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT item, officer, since, mark FROM charge WHERE officer = :officer ORDER BY item", err);
    query_text(query, ":officer", officer);
    AUTO(json) json_t *items = json_array();
    while (query_next(query)) {
        if (is_as_written(site, query))
            json_array_append_new(items, json_string(query_get_text(query, 0)));
    }
    return query_ok(query, err) ? STEAL(items) : NULL;
}
