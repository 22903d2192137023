#include "list/operation_listed.h"

#include "base/clock.h"
#include "base/text.h"
#include "govern/leaf.h"
#include "govern/ledger_find.h"
#include "list/entry.h"
#include "list/operation.h"
#include "list/row.h"

#include <stdlib.h>
#include <string.h>

const char operation_listed_sql[] =
    "CREATE TABLE operation_listed (operation TEXT PRIMARY KEY, tags BLOB NOT NULL, hash TEXT NOT NULL,"
    " sealed BLOB NOT NULL, expires_at INTEGER NOT NULL) STRICT";

void listed_tag(const uint8_t key[static DATA_KEY_SIZE], const char *text, uint8_t out[static HASH_SIZE])
{
    hash_keyed(key, text, strlen(text), out);
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, HASH_SIZE);
}

/* The tags are as many as the list is long: without a number, and for an entry that was taken back before the
 * start and does not arm, the entry's id stands for it. */
static void add_tag(struct site *site, const char *entry, const uint8_t key[static DATA_KEY_SIZE],
    uint8_t out[static HASH_SIZE])
{
    AUTO(json) json_t *person = NULL;
    AUTO(json) json_t *cases = NULL;
    bool opened = entry_open(site, entry, &person, &cases, NULL);
    const char *cnic = opened ? json_string_value(json_object_get(person, "cnic")) : NULL;
    listed_tag(key, cnic && *cnic ? cnic : entry, out);
}

static struct bytes make_tags(
    struct site *site, const json_t *entries, const uint8_t key[static DATA_KEY_SIZE])
{
    size_t index;
    json_t *entry;
    size_t count = json_array_size(entries);
    struct bytes tags = {memory_allocate(count, HASH_SIZE), count * HASH_SIZE};
    json_array_foreach (entries, index, entry) {
        add_tag(site, json_string_value(entry), key, tags.data + index * HASH_SIZE);
    }
    qsort(tags.data, count, HASH_SIZE, by_bytes); /* so that the order says nothing */
    return tags;
}

static void hash_hex(struct bytes bytes, char out[static HEX_HASH_SIZE])
{
    uint8_t digest[HASH_SIZE];
    hash_bytes(bytes.data, bytes.size, digest);
    hex_write(digest, HASH_SIZE, out);
}

static bool keep_tags(
    struct site *site, const char *operation, struct bytes tags, struct bytes sealed, struct error *err)
{
    char hash[HEX_HASH_SIZE], key_hash[HEX_HASH_SIZE];
    hash_hex(tags, hash);
    hash_hex(sealed, key_hash);
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO operation_listed (operation, tags, hash, sealed, expires_at)"
        " VALUES (:operation, :tags, :hash, :sealed, :expires)",
        err);
    query_text(query, ":operation", operation);
    query_bytes(query, ":tags", tags.data, tags.size);
    query_text(query, ":hash", hash);
    query_bytes(query, ":sealed", sealed.data, sealed.size);
    query_integer(query, ":expires", clock_now_s() + (int64_t)LISTED_KEPT_DAYS * 86400);
    AUTO(json)
    json_t *fields = json_pack("{s:s, s:s, s:s, s:I}", "operation", operation, "listed_hash", hash,
        "sealed_key_hash", key_hash, "listed", (json_int_t)(tags.size / HASH_SIZE));
    const struct record record = {.kind = "operation_listed", .by = "site", .public_fields = fields};
    return query_done(query, err) && ledger_record(site->ledger, &record, err);
}

static bool commit_with_key(struct site *site, const char *operation, const json_t *entries,
    const uint8_t key[static DATA_KEY_SIZE], struct error *err)
{
    AUTO(bytes) struct bytes tags = make_tags(site, entries, key);
    AUTO(bytes) struct bytes sealed = {0};
    AUTO(text) char *context = text_format("listed:%s", operation);
    return packet_seal(roster_oversight_key(site->roster), context, key, DATA_KEY_SIZE, &sealed, err) &&
           keep_tags(site, operation, tags, sealed, err);
}

static bool is_committed(struct site *site, const char *operation, bool *out, struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "SELECT 1 FROM operation_listed WHERE operation = :operation", err);
    query_text(query, ":operation", operation);
    *out = query_next(query);
    return query_ok(query, err);
}

bool operation_commit_listed(
    struct site *site, const struct operation_row *row, const struct operation_list *list, struct error *err)
{
    uint8_t key[DATA_KEY_SIZE];
    bool committed = false;
    if (!is_committed(site, row->operation, &committed, err) || committed)
        return committed;
    AUTO(json) json_t *entries = operation_list_entries(list);
    random_fill(key, sizeof key);
    bool done = commit_with_key(site, row->operation, entries, key, err);
    memory_wipe(key, sizeof key);
    return done;
}

static bool record_look(
    struct site *site, const struct officer *officer, const char *operation, struct error *err)
{
    AUTO(json) json_t *fields = json_pack("{s:s}", "operation", operation);
    const struct record record = {
        .kind = "operation_listed_read", .by = officer->id, .public_fields = fields};
    if (!ledger_begin(site->ledger, err))
        return false;
    if (ledger_record(site->ledger, &record, err) && ledger_commit(site->ledger, err))
        return true;
    ledger_abort(site->ledger);
    return false;
}

/* What the log says of the operation's marks; hashes "" when it says nothing, that of the key in records of
 * before. */
struct recorded {
    char hash[HEX_HASH_SIZE], key_hash[HEX_HASH_SIZE];
    int64_t kept_s;
};

static bool read_recorded(struct site *site, const char *operation, struct recorded *out, struct error *err)
{
    AUTO(finding)
    struct finding found = {.ledger = site->ledger, .by = FIND_OPERATION, .value = operation};
    bool listed = false;
    *out = (struct recorded){.kept_s = 0};
    while (!listed && finding_next(&found))
        listed = strstr((const char *)found.leaf.data, "\"kind\":\"operation_listed\"");
    if (!listed)
        return finding_ok(&found, err);
    struct leaf leaf = {0};
    AUTO(json) json_t *fields = NULL;
    if (!leaf_read((const char *)found.leaf.data, found.leaf.size, &leaf, &fields, err))
        return false;
    row_text(out->hash, HEX_HASH_SIZE, json_string_value(json_object_get(fields, "listed_hash")));
    row_text(out->key_hash, HEX_HASH_SIZE, json_string_value(json_object_get(fields, "sealed_key_hash")));
    out->kept_s = leaf.at_s;
    return true;
}

/* "No" is only worth something of the whole list, and under the key that made its marks: the row is held to
 * the log. `tags` NULL: it is not there. */
static bool check_recorded(struct site *site, const char *operation, const struct bytes *tags,
    struct bytes sealed, struct error *err)
{
    char hash[HEX_HASH_SIZE] = "", key_hash[HEX_HASH_SIZE];
    struct recorded recorded;
    if (!read_recorded(site, operation, &recorded, err))
        return false;
    if (!*recorded.hash || (!tags && recorded.kept_s + (int64_t)LISTED_KEPT_DAYS * 86400 <= clock_now_s()))
        return fail(
            err, ERROR_MISSING, "operation %.24s has not started, or started over a year ago", operation);
    if (tags)
        hash_hex(*tags, hash);
    hash_hex(sealed, key_hash);
    return (tags && strcmp(hash, recorded.hash) == 0 &&
               (!*recorded.key_hash || strcmp(key_hash, recorded.key_hash) == 0)) ||
           fail(err, ERROR_CORRUPT, "the marks of operation %.24s are not those of the log: tell the auditor",
               operation);
}

static json_t *read_listed(struct site *site, const char *operation, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT tags, sealed, hash FROM operation_listed WHERE operation = :operation", err);
    query_text(query, ":operation", operation);
    bool kept = query_next(query);
    struct bytes tags = kept ? query_get_bytes(query, 0) : (struct bytes){0};
    struct bytes sealed = kept ? query_get_bytes(query, 1) : (struct bytes){0};
    if ((!kept && !query_ok(query, err)) ||
        !check_recorded(site, operation, kept ? &tags : NULL, sealed, err))
        return NULL;
    AUTO(text) char *tags_text = base64_write(tags.data, tags.size);
    AUTO(text) char *sealed_text = base64_write(sealed.data, sealed.size);
    AUTO(text) char *context = text_format("listed:%s", operation);
    return json_pack("{s:s, s:s, s:s, s:s, s:s}", "operation", operation, "tags", tags_text, "listed_hash",
        query_get_text(query, 2), "context", context, "sealed_key", sealed_text);
}

json_t *operation_listed(
    struct site *site, const struct officer *officer, const char *operation, struct error *err)
{
    if (!officer_has(officer, ROLE_INSPECTOR)) {
        fail(err, ERROR_FORBIDDEN, "%s is no inspector", officer->id);
        return NULL;
    }
    AUTO(json) json_t *reply = read_listed(site, operation, err);
    return reply && record_look(site, officer, operation, err) ? STEAL(reply) : NULL;
}

bool operation_listed_expire(struct site *site, int64_t now_s, struct error *err)
{
    static const struct ledger_expiry tags = {
        "operation_listed", "expires_at", "listed_tags_erased", "operations"};
    return ledger_expire(site->ledger, &tags, now_s, err);
}
