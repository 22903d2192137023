#include "base/text.h"
#include "govern/ledger_private.h"

#include <stdio.h>
#include <string.h>

static bool run_with_name(struct ledger *ledger, const char *sql, const char *name, struct error *err)
{
    AUTO(query) struct query *query = query_new(ledger->store, sql, err);
    query_text(query, ":key", name);
    return query_done(query, err);
}

bool ledger_erase_private(struct ledger *ledger, const char *private_key, struct error *err)
{
    if (!store_in_transaction(ledger->store))
        return fail(err, ERROR_CONFLICT, "an erasure belongs to a transaction");
    ledger->tree->gives_up_keys = true;
    return run_with_name(ledger, "DELETE FROM ledger_private WHERE key_name = :key", private_key, err) &&
           run_with_name(
               ledger, "INSERT OR IGNORE INTO ledger_erasure (key_name) VALUES (:key)", private_key, err);
}

struct names {
    char **items; /* owned, as are the texts */
    size_t count;
};

static void names_auto(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        memory_release(names->items[i]);
    memory_release(names->items);
}

static bool waiting_names(struct ledger *ledger, struct names *out, struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(ledger->store, "SELECT key_name FROM ledger_erasure ORDER BY key_name", err);
    while (query_next(query)) {
        out->items = memory_resize(out->items, out->count + 1, sizeof *out->items);
        out->items[out->count++] = memory_copy_text(query_get_text(query, 0));
    }
    return query_ok(query, err);
}

bool ledger_note_waiting(struct ledger *ledger, json_t *fields, struct error *err)
{
    AUTO(names) struct names names = {0};
    AUTO(json) json_t *list = json_array();
    uint8_t hash[HASH_SIZE];
    char hex[2 * HASH_SIZE + 1];
    if (!waiting_names(ledger, &names, err))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        if (json_array_append_new(list, json_string(names.items[i])) != 0)
            return fail(err, ERROR_CORRUPT, "a key that waits for its destruction has no name");
    }
    AUTO(text) char *text = json_canonical(list, err);
    if (!text)
        return false;
    hash_bytes(text, strlen(text), hash);
    hex_write(hash, sizeof hash, hex);
    return json_object_set_new(fields, "keys_waiting", json_string(hex)) == 0;
}

/* Logs from before this was recorded say nothing. */
bool ledger_check_waiting(struct ledger *ledger, struct error *err)
{
    AUTO(json) json_t *now = json_object();
    AUTO(query)
    struct query *query = query_new(ledger->store,
        "SELECT json_extract(leaf, '$.keys_waiting') FROM ledger_leaf WHERE leaf LIKE '%\"keys_waiting\":%'"
        " ORDER BY seq DESC LIMIT 1",
        err);
    if (!query_next(query))
        return query_ok(query, err);
    if (!ledger_note_waiting(ledger, now, err))
        return false;
    const char *waiting = json_string_value(json_object_get(now, "keys_waiting"));
    return strcmp(waiting, query_get_text(query, 0)) == 0 ||
           fail(err, ERROR_CORRUPT, "other keys wait for their destruction than the log says");
}

static bool record_destruction(struct ledger *ledger, size_t count, struct error *err)
{
    AUTO(json)
    json_t *fields = json_pack(
        "{s:I, s:I}", "keys", (json_int_t)count, "keyring_epoch", (json_int_t)keyring_epoch(ledger->keyring));
    struct record record = {.kind = "keys_destroyed", .by = "site", .public_fields = fields};
    return store_run(ledger->store, "DELETE FROM ledger_erasure", err) &&
           ledger_note_waiting(ledger, fields, err) && ledger_record(ledger, &record, err);
}

bool ledger_settle_erasures(struct ledger *ledger, struct error *err)
{
    AUTO(names) struct names names = {0};
    if (!waiting_names(ledger, &names, err))
        return false;
    if (names.count == 0)
        return true;
    if (!keyring_destroy(ledger->keyring, (const char *const *)names.items, names.count, err) ||
        !ledger_begin(ledger, err))
        return false;
    if (!record_destruction(ledger, names.count, err)) {
        ledger_abort(ledger);
        return false;
    }
    return ledger_commit_plain(ledger, err);
}

static json_t *open_private(
    struct ledger *ledger, int64_t seq, const char *key, struct bytes sealed, struct error *err)
{
    char field[40];
    snprintf(field, sizeof field, "record/%lld", (long long)seq);
    struct bytes plain = {0};
    if (!keyring_unseal(ledger->keyring, key, field, sealed.data, sealed.size, &plain, err))
        return NULL;
    json_t *fields = NULL;
    if (plain.size < SALT_SIZE)
        fail(err, ERROR_CORRUPT, "the private fields of record %lld are too short", (long long)seq);
    else
        fields = json_read((const char *)plain.data + SALT_SIZE, plain.size - SALT_SIZE, plain.size, err);
    memory_wipe(plain.data, plain.size);
    bytes_free(&plain);
    return fields;
}

json_t *ledger_private(struct ledger *ledger, int64_t seq, struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(ledger->store, "SELECT key_name, sealed FROM ledger_private WHERE seq = :seq", err);
    query_integer(query, ":seq", seq);
    if (query_next(query))
        return open_private(ledger, seq, query_get_text(query, 0), query_get_bytes(query, 1), err);
    if (query_ok(query, err))
        fail(err, ERROR_MISSING, "record %lld has no private fields, or they were erased", (long long)seq);
    return NULL;
}

static bool count_expired(
    struct ledger *ledger, const struct ledger_expiry *expiry, int64_t now, int64_t *count, struct error *err)
{
    AUTO(text)
    char *sql = text_format("SELECT count(*) FROM %s WHERE %s <= :now", expiry->table, expiry->until);
    AUTO(query) struct query *query = query_new(ledger->store, sql, err);
    query_integer(query, ":now", now);
    if (query_next(query))
        *count = query_get_integer(query, 0);
    return query_ok(query, err);
}

static bool delete_expired(
    struct ledger *ledger, const struct ledger_expiry *expiry, int64_t now, int64_t count, struct error *err)
{
    AUTO(text) char *sql = text_format("DELETE FROM %s WHERE %s <= :now", expiry->table, expiry->until);
    AUTO(query) struct query *query = query_new(ledger->store, sql, err);
    query_integer(query, ":now", now);
    AUTO(json) json_t *fields = json_pack("{s:I}", expiry->counted, (json_int_t)count);
    const struct record record = {.kind = expiry->kind, .by = "site", .public_fields = fields};
    return query_done(query, err) && ledger_record(ledger, &record, err);
}

bool ledger_expire(struct ledger *ledger, const struct ledger_expiry *expiry, int64_t now, struct error *err)
{
    int64_t count = 0;
    if (!count_expired(ledger, expiry, now, &count, err))
        return false;
    if (count == 0)
        return true;
    if (!ledger_begin(ledger, err))
        return false;
    if (delete_expired(ledger, expiry, now, count, err) && ledger_commit(ledger, err))
        return true;
    ledger_abort(ledger);
    return false;
}
