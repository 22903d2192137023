#include "list/former_roster.h"

#include "base/text.h"
#include "govern/ledger_find.h"

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

json_t *statement_named(json_t *fields, const struct envelope *envelope)
{
    char name[HEX_HASH_SIZE];
    if (statement_name(envelope, name, NULL))
        json_object_set_new(fields, "signed", json_string(name));
    return fields;
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

enum { ROSTERS_KEPT = 16 };

/* Entries are proved by the hundred, and who signed them leaves one after the other: the log is not read
 * through, nor a roster verified, for each. */
struct former_rosters {
    uint8_t authority[HASH_SIZE]; /* the roster in force when this was read */
    size_t suspended;             /* and how many of its keys */
    json_t *standing; /* the records of rosters that came in force and of keys that were suspended; owned */
    struct kept {
        int64_t seq;           /* of its adoption */
        struct roster *roster; /* owned; NULL: none yet */
    } kept[ROSTERS_KEPT];
    size_t next;
};

static void forget_all(struct former_rosters *former)
{
    json_decref(former->standing);
    for (size_t i = 0; i < ROSTERS_KEPT; i++)
        roster_free(former->kept[i].roster);
    *former = (struct former_rosters){.standing = NULL};
}

void former_rosters_free(struct former_rosters *former)
{
    if (!former)
        return;
    forget_all(former);
    memory_release(former);
}

static bool read_all(struct site *site, const char *kind, json_t *standing, struct error *err)
{
    AUTO(finding) struct finding found = {.ledger = site->ledger, .by = FIND_KIND, .value = kind};
    while (finding_next(&found)) {
        json_t *record = json_read((const char *)found.leaf.data, found.leaf.size, STATEMENT_LIMIT, err);
        if (!record)
            return false;
        json_array_append_new(standing, record);
    }
    return finding_ok(&found, err);
}

static json_t *read_standing(struct site *site, struct error *err)
{
    AUTO(json) json_t *standing = json_array();
    bool read =
        read_all(site, "roster_adopted", standing, err) && read_all(site, "key_suspended", standing, err);
    return read ? STEAL(standing) : NULL;
}

/* Read anew when another roster came in force or a key was suspended. NULL when the log cannot be read. */
static struct former_rosters *under_this_roster(struct site *site, struct error *err)
{
    const struct envelope *roster = roster_envelope(site->roster);
    size_t suspended = json_array_size(roster_suspended(site->roster));
    if (!site->former_rosters)
        site->former_rosters = memory_allocate(1, sizeof *site->former_rosters);
    struct former_rosters *former = site->former_rosters;
    if (former->standing && former->suspended == suspended &&
        memcmp(former->authority, roster->hash, HASH_SIZE) == 0)
        return former;
    forget_all(former);
    former->standing = read_standing(site, err);
    former->suspended = suspended;
    memcpy(former->authority, roster->hash, HASH_SIZE);
    return former->standing ? former : NULL;
}

static int64_t seq_of(const json_t *record)
{
    return json_integer_value(json_object_get(record, "seq"));
}

static bool text_is(const json_t *record, const char *field, const char *expected)
{
    const char *value = json_string_value(json_object_get(record, field));
    return value && strcmp(value, expected) == 0;
}

/* The newest adoption before record `before`; borrowed. */
static const json_t *adopted_before(const struct former_rosters *former, int64_t before, struct error *err)
{
    for (size_t i = json_array_size(former->standing); i-- > 0;) {
        const json_t *record = json_array_get(former->standing, i);
        if (seq_of(record) < before && text_is(record, "kind", "roster_adopted"))
            return record;
    }
    fail(err, ERROR_CORRUPT, "no roster was in force before record %lld", (long long)before);
    return NULL;
}

static bool was_suspended(
    const struct former_rosters *former, const struct envelope *envelope, int64_t before)
{
    char key[HEX_HASH_SIZE];
    hex_write(envelope->key, PUBLIC_KEY_SIZE, key);
    size_t index;
    const json_t *record;
    json_array_foreach (former->standing, index, record) {
        if (seq_of(record) < before && text_is(record, "kind", "key_suspended") &&
            text_is(record, "subject", envelope->by) && text_is(record, "key", key))
            return true;
    }
    return false;
}

static struct roster *read_adopted(struct site *site, const json_t *record, struct error *err)
{
    const char *hash = json_string_value(json_object_get(record, "roster_hash"));
    AUTO(envelope)
    struct envelope *envelope =
        former_roster(site, json_integer_value(json_object_get(record, "number")), hash ? hash : "", err);
    return envelope ? roster_read(envelope, site->root_key, site->name, err) : NULL;
}

/* The roster that this record put in force; a share for the caller. */
static struct roster *adopted(
    struct site *site, struct former_rosters *former, const json_t *record, struct error *err)
{
    for (size_t i = 0; i < ROSTERS_KEPT; i++) {
        if (former->kept[i].roster && former->kept[i].seq == seq_of(record))
            return roster_share(former->kept[i].roster);
    }
    struct roster *roster = read_adopted(site, record, err);
    if (!roster)
        return NULL;
    struct kept *place = &former->kept[former->next++ % ROSTERS_KEPT];
    roster_free(place->roster);
    *place = (struct kept){seq_of(record), roster};
    return roster_share(roster);
}

/* As it was when record `seq` was written; a share for the caller. */
static struct roster *roster_of_then(
    struct site *site, const struct envelope *envelope, int64_t seq, struct error *err)
{
    struct former_rosters *former = under_this_roster(site, err);
    const json_t *record = former ? adopted_before(former, seq, err) : NULL;
    if (!record)
        return NULL;
    if (was_suspended(former, envelope, seq)) {
        fail(err, ERROR_UNSIGNED, "the key of %s was suspended before this was signed with it", envelope->by);
        return NULL;
    }
    return adopted(site, former, record, err);
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
    AUTO(roster) struct roster *roster = roster_of_then(site, envelope, seq, err);
    officer = roster ? check(roster, envelope, roles, err) : NULL;
    if (!officer)
        return false;
    *out = (struct signer){officer, STEAL(roster)};
    return true;
}
