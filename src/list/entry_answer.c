#include "list/entry_answer.h"

#include "list/entry_row.h"
#include "list/row.h"

#include <string.h>

bool entry_number_is_listed(struct site *site, const char *cnic, bool *out, struct error *err)
{
    uint8_t lookup[HASH_SIZE];
    const uint8_t *key = keyring_site_key(site->ledger->keyring, "lookup/cnic", err);
    if (!key)
        return false;
    hash_keyed(key, cnic, strlen(cnic), lookup);
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT count(*) FROM entry WHERE cnic_lookup = :lookup AND state IN ('approved', 'suspended')", err);
    query_bytes(query, ":lookup", lookup, sizeof lookup);
    if (query_next(query))
        *out = query_get_integer(query, 0) > 0;
    return query_ok(query, err);
}

bool entry_ground_of(
    struct site *site, const char *entry, char ground[static 32], char state[static 16], struct error *err)
{
    struct entry_row row;
    if (!entry_load(site, entry, &row, err))
        return false;
    row_text(ground, 32, row.ground);
    row_text(state, 16, entry_state_word(row.state));
    return true;
}
