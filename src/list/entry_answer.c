#include "list/entry_answer.h"

#include "list/entry_proof.h"
#include "list/entry_rules.h"
#include "list/row.h"

#include <string.h>

/* Only a number that is found, or a list that is whole, is an answer. */
static bool is_listed(struct site *site, const uint8_t lookup[static HASH_SIZE], bool *out, struct error *err)
{
    struct entry_row row;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT entry FROM entry WHERE cnic_lookup = :lookup AND state IN ('approved', 'suspended')", err);
    query_bytes(query, ":lookup", lookup, HASH_SIZE);
    bool listed = query_next(query);
    if (!query_ok(query, err) || (listed && !entry_load(site, query_get_text(query, 0), &row, err)))
        return false;
    if (!listed && site->listed_rows_differ)
        return fail(err, ERROR_CORRUPT,
            "the list is not what the log says: who is not on it is not known; restore the backup");
    *out = listed;
    return true;
}

bool entry_number_is_listed(struct site *site, const char *cnic, bool *out, struct error *err)
{
    uint8_t lookup[HASH_SIZE];
    const uint8_t *key = keyring_site_key(site->ledger->keyring, "lookup/cnic", err);
    if (!key)
        return false;
    hash_keyed(key, cnic, strlen(cnic), lookup);
    return is_listed(site, lookup, out, err);
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

bool entry_is_missing(struct site *site, const char *entry, bool *missing, bool *adult, struct error *err)
{
    struct entry_row row;
    if (!entry_load(site, entry, &row, err))
        return false;
    AUTO(envelope) struct envelope *proposal = entry_proposal_of(site, &row, err);
    if (!proposal)
        return false;
    const json_t *person = json_object_get(proposal->fields, "person");
    *missing = strcmp(row.ground, "missing_or_at_risk") == 0;
    *adult = !born_is_minor(json_integer_value(json_object_get(person, "born")));
    return true;
}
