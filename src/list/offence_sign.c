/* Whether counsel has signed the offence table that this program has. */
#include "base/clock.h"
#include "base/text.h"
#include "list/action.h"
#include "list/former_roster.h"
#include "list/offence.h"

#include <string.h>

const char offence_sql[] =
    "CREATE TABLE offence_signature ("
    " table_hash TEXT PRIMARY KEY, envelope TEXT NOT NULL, at INTEGER NOT NULL) STRICT";

/* Nobody of the force, whose suspects the table lets in. */
static const uint32_t counsel = ROLE_BIT(ROLE_OUTSIDE_SIGNER);

static void own_hash(char out[static HEX_HASH_SIZE])
{
    uint8_t hash[HASH_SIZE];
    hash_bytes(offence_table, strlen(offence_table), hash);
    hex_write(hash, HASH_SIZE, out);
}

static const char *signed_hash(const struct envelope *envelope)
{
    return json_string_value(json_object_get(envelope->fields, "table_hash"));
}

/* A row in the database proves nothing; the statement in it is verified each time, against the roster of when
 * counsel signed: the law is not another one because its reader left. Whatever else lies there leaves the
 * table unconfirmed, so that counsel may sign it again. */
static bool signature_holds(
    struct site *site, const char *text, const char *hash, bool *counts, struct error *err)
{
    struct signer by = {NULL, NULL};
    struct error why = {0};
    AUTO(envelope) struct envelope *envelope = envelope_parse(text, strlen(text), &why);
    *counts = envelope && envelope_is(envelope, "offence_table", &why) &&
              strcmp(signed_hash(envelope), hash) == 0 && signer_find(site, envelope, counsel, &by, &why);
    signer_done(&by);
    return why.code != ERROR_SYSTEM || fail_as(err, &why);
}

static bool is_signed(struct site *site, bool *out, struct error *err)
{
    char hash[HEX_HASH_SIZE];
    own_hash(hash);
    AUTO(query)
    struct query *query = query_new(
        site->ledger->store, "SELECT envelope FROM offence_signature WHERE table_hash = :hash", err);
    query_text(query, ":hash", hash);
    *out = false;
    if (!query_next(query))
        return query_ok(query, err);
    return signature_holds(site, query_get_text(query, 0), hash, out, err);
}

bool offence_table_counts(struct site *site, struct error *err)
{
    bool confirmed = false;
    if (site->kind == SITE_DEMO)
        return true;
    if (!is_signed(site, &confirmed, err))
        return false;
    return confirmed ||
           fail(err, ERROR_UNAVAILABLE, "the offence table is unconfirmed; an outside signer signs it first");
}

static bool keep_signature(
    struct site *site, const struct envelope *envelope, const char *hash, struct error *err)
{
    AUTO(json) json_t *json = envelope_json(envelope);
    AUTO(text) char *text = json_canonical(json, err);
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT OR REPLACE INTO offence_signature (table_hash, envelope, at) VALUES (:hash, :envelope, :at)",
        err);
    if (!text)
        return false;
    query_text(query, ":hash", hash);
    query_text(query, ":envelope", text);
    query_integer(query, ":at", clock_now_s());
    if (!query_done(query, err))
        return false;
    AUTO(json) json_t *fields = statement_named(json_pack("{s:s}", "table_hash", hash), envelope);
    struct record record = {.kind = "offence_table_signed", .by = envelope->by, .public_fields = fields};
    return ledger_record(site->ledger, &record, err);
}

json_t *offence_confirm(struct site *site, const struct envelope *envelope, struct error *err)
{
    struct action action;
    char hash[HEX_HASH_SIZE];
    if (!action_check(site, envelope, "offence_table", counsel, &action, err))
        return NULL;
    if (action.reply)
        return action.reply;
    own_hash(hash);
    if (strcmp(signed_hash(envelope), hash) != 0) {
        fail(err, ERROR_CONFLICT, "the signed hash is of another offence table; this one is %.12s…", hash);
        return NULL;
    }
    if (!ledger_begin(site->ledger, err))
        return NULL;
    bool done = keep_signature(site, envelope, hash, err);
    return action_commit(
        site, envelope, done, json_pack("{s:s, s:b}", "table_hash", hash, "confirmed", 1), err);
}

json_t *offence_show(struct site *site, struct error *err)
{
    char hash[HEX_HASH_SIZE];
    bool confirmed = false;
    if (!is_signed(site, &confirmed, err))
        return NULL;
    own_hash(hash);
    return json_pack("{s:s, s:b, s:s}", "table_hash", hash, "confirmed", confirmed, "table", offence_table);
}
