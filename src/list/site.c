#include "list/site.h"

#include "base/clock.h"

#include <string.h>

const struct migration roster_migrations[] = {
    {"0100-roster",
        "CREATE TABLE roster (number INTEGER PRIMARY KEY, hash TEXT NOT NULL, adopted_at INTEGER NOT NULL)"},
};
const size_t roster_migration_count = COUNT_OF(roster_migrations);

/* -1 when none was adopted yet. */
static bool newest_roster(
    struct site *site, int64_t *number, char hash[static HEX_HASH_SIZE], struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "SELECT number, hash FROM roster ORDER BY number DESC LIMIT 1", err);
    *number = -1;
    hash[0] = '\0';
    if (query_next(query)) {
        *number = query_get_integer(query, 0);
        const char *stored = query_get_text(query, 1);
        strncat(hash, stored ? stored : "", HEX_HASH_SIZE - 1);
    }
    return query_ok(query, err);
}

static bool keep_roster(struct site *site, const char *hash, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO roster (number, hash, adopted_at) VALUES (:number, :hash, :at)", err);
    query_integer(query, ":number", roster_number(site->roster));
    query_text(query, ":hash", hash);
    query_integer(query, ":at", roster_envelope(site->roster)->at_s);
    if (!query_done(query, err))
        return false;
    AUTO(json)
    json_t *fields = json_pack("{s:I, s:s, s:I}", "number", (json_int_t)roster_number(site->roster),
        "roster_hash", hash, "officers", (json_int_t)roster_officers(site->roster));
    const struct record record = {.kind = "roster_adopted", .by = "site", .public_fields = fields};
    return ledger_record(site->ledger, &record, err);
}

bool roster_adopt(struct site *site, struct error *err)
{
    int64_t number = -1;
    char stored[HEX_HASH_SIZE], hash[HEX_HASH_SIZE];
    envelope_hash_hex(roster_envelope(site->roster), hash);
    if (!newest_roster(site, &number, stored, err))
        return false;
    if (number == roster_number(site->roster) && !strcmp(stored, hash))
        return true;
    if (!roster_counts(site->roster, site->endorsement, site->endorsement_key, clock_now_s(), err))
        return false;
    if (roster_number(site->roster) <= number)
        return fail(err, ERROR_CONFLICT,
            "roster %lld was adopted before; sign the next one with a higher number", (long long)number);
    if (!ledger_begin(site->ledger, err))
        return false;
    if (!keep_roster(site, hash, err)) {
        ledger_abort(site->ledger);
        return false;
    }
    return ledger_commit(site->ledger, err);
}
