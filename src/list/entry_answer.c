#include "list/entry_answer.h"

#include "list/entry_proof.h"
#include "list/entry_rules.h"
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
