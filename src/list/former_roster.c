#include "list/former_roster.h"

#include "base/text.h"
#include "govern/ledger_find.h"
#include "list/succession.h"

#include <string.h>

void signer_done(struct signer *signer)
{
    roster_free(signer->former);
    *signer = (struct signer){NULL, NULL};
}

bool statement_name(const struct envelope *envelope, char out[static HEX_HASH_SIZE], struct error *err)
{
    uint8_t hash[HASH_SIZE];
    AUTO(json) json_t *json = envelope_json(envelope);
    AUTO(text) char *text = json_canonical(json, err);
    if (!text)
        return false;
    hash_bytes(text, strlen(text), hash);
    hex_write(hash, HASH_SIZE, out);
    return true;
}

struct envelope *former_roster(struct site *site, int64_t number, const char *hash, struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "SELECT roster FROM roster_paper WHERE number = :number", err);
    query_integer(query, ":number", number);
    const char *text = query_next(query) ? query_get_text(query, 0) : NULL;
    char found[HEX_HASH_SIZE] = "";
    if (!query_ok(query, err))
        return NULL;
    AUTO(envelope) struct envelope *envelope = text ? envelope_parse_roster(text, strlen(text), NULL) : NULL;
    if (envelope)
        envelope_hash_hex(envelope, found);
    if (strcmp(found, hash) != 0) {
        fail(err, ERROR_CORRUPT,
            "roster %lld, which was in force, is not in the database any more: restore the backup",
            (long long)number);
        return NULL;
    }
    return STEAL(envelope);
}

static struct envelope *read_endorsement(struct site *site, int64_t number)
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "SELECT endorsement FROM roster_paper WHERE number = :number", NULL);
    query_integer(query, ":number", number);
    const char *text = query_next(query) ? query_get_text(query, 0) : NULL;
    return text ? envelope_parse(text, strlen(text), NULL) : NULL;
}

static bool counted_then(
    struct site *site, const struct roster *roster, const struct envelope *endorsement, const json_t *record)
{
    int64_t adopted_s = json_integer_value(json_object_get(record, "at"));
    return roster_counts(roster, endorsement, site->endorsement_key, adopted_s, NULL);
}

json_t *former_paper(struct site *site, const json_t *record, struct error *err)
{
    int64_t number = json_integer_value(json_object_get(record, "number"));
    const char *hash = json_string_value(json_object_get(record, "roster_hash"));
    AUTO(envelope) struct envelope *envelope = former_roster(site, number, hash ? hash : "", err);
    AUTO(roster)
    struct roster *roster = envelope ? roster_read(envelope, site->root_key, site->name, err) : NULL;
    if (!roster)
        return NULL;
    AUTO(envelope) struct envelope *endorsement = read_endorsement(site, number);
    if (!counted_then(site, roster, endorsement, record)) {
        fail(err, ERROR_CORRUPT,
            "the oversight body's signature on roster %lld, which was in force, is not in the database any "
            "more: restore the backup",
            (long long)number);
        return NULL;
    }
    return json_pack("{s:o, s:o*}", "roster", envelope_json(envelope), "endorsement",
        endorsement ? envelope_json(endorsement) : NULL);
}

/* The record with which the desk took the statement in; -1 when the log names none. */
static bool find_record(struct site *site, const struct envelope *envelope, int64_t *seq, struct error *err)
{
    char name[HEX_HASH_SIZE];
    if (!statement_name(envelope, name, err))
        return false;
    AUTO(finding) struct finding found = {.ledger = site->ledger, .by = FIND_SIGNED, .value = name};
    *seq = finding_next(&found) ? found.seq : -1;
    return finding_ok(&found, err);
}

static json_t *roster_record(struct site *site, int64_t before, struct error *err)
{
    AUTO(finding) struct finding found = {.ledger = site->ledger, .by = FIND_KIND, .value = "roster_adopted"};
    AUTO(json) json_t *record = NULL;
    while (finding_next(&found) && found.seq < before) {
        json_decref(record);
        record = json_read((const char *)found.leaf.data, found.leaf.size, STATEMENT_LIMIT, err);
        if (!record)
            return NULL;
    }
    if (!finding_ok(&found, err))
        return NULL;
    if (!record)
        fail(err, ERROR_CORRUPT, "no roster was in force before record %lld", (long long)before);
    return STEAL(record);
}

static struct roster *roster_of_then(struct site *site, int64_t seq, struct error *err)
{
    AUTO(json) json_t *record = roster_record(site, seq, err);
    const char *hash = json_string_value(json_object_get(record, "roster_hash"));
    if (!hash)
        return NULL;
    AUTO(envelope)
    struct envelope *envelope =
        former_roster(site, json_integer_value(json_object_get(record, "number")), hash, err);
    AUTO(roster)
    struct roster *roster = envelope ? roster_read(envelope, site->root_key, site->name, err) : NULL;
    return roster && suspension_apply(site, roster, seq, err) ? STEAL(roster) : NULL;
}

static const struct officer *check(
    const struct roster *roster, const struct envelope *envelope, uint32_t roles, struct error *err)
{
    const struct officer *officer = roster_check_any(roster, envelope, err);
    if (officer && !(officer->roles & roles)) {
        fail(err, ERROR_FORBIDDEN, "%s has no role that may sign a statement of type %s", officer->id,
            envelope->type);
        return NULL;
    }
    return officer;
}

bool signer_find(
    struct site *site, const struct envelope *envelope, uint32_t roles, struct signer *out, struct error *err)
{
    int64_t seq = -1;
    const struct officer *officer = check(site->roster, envelope, roles, NULL);
    if (officer) {
        *out = (struct signer){officer, NULL};
        return true;
    }
    if (!find_record(site, envelope, &seq, err))
        return false;
    if (seq < 0)
        return check(site->roster, envelope, roles, err) != NULL;
    AUTO(roster) struct roster *roster = roster_of_then(site, seq, err);
    officer = roster ? check(roster, envelope, roles, err) : NULL;
    if (!officer)
        return false;
    *out = (struct signer){officer, STEAL(roster)};
    return true;
}
