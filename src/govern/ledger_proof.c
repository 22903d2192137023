#include "govern/ledger_proof.h"

#include "base/text.h"
#include "govern/ledger_private.h"

#include <string.h>

struct proving {
    uint8_t *hashes; /* of all leaves */
    int64_t size;
    json_t *records, *counted;
    json_t *newest; /* value of `of` → its record in `records` */
};

static bool is_about(const json_t *leaf, const struct proof_subject *subject)
{
    const char *found = json_string_value(json_object_get(leaf, subject->field));
    return found && strcmp(found, subject->id) == 0;
}

static bool is_counted(const char *kind, const struct proof_subject *subject)
{
    for (const char *const *counted = subject->counted; *counted; counted++) {
        if (strcmp(*counted, kind) == 0)
            return true;
    }
    return false;
}

static void count(struct proving *proving, const char *kind)
{
    json_int_t so_far = json_integer_value(json_object_get(proving->counted, kind));
    json_object_set_new(proving->counted, kind, json_integer(so_far + 1));
}

/* The record that is the newest now takes the place of the one before. */
static void supersede(struct proving *proving, const char *kind, const char *of, json_t *record)
{
    size_t index;
    const json_t *one, *before = json_object_get(proving->newest, of);
    json_array_foreach (proving->records, index, one) {
        if (one != before)
            continue;
        json_array_remove(proving->records, index);
        count(proving, kind);
        break;
    }
    json_object_set(proving->newest, of, record);
}

static bool add_leaf(struct proving *proving, const struct proof_subject *subject, int64_t seq,
    struct bytes bytes, struct error *err)
{
    const char *text = (const char *)bytes.data;
    if (!memmem(text, bytes.size, subject->id, strlen(subject->id)))
        return true;
    AUTO(json) json_t *leaf = json_read(text, bytes.size, LEAF_LIMIT, NULL);
    const char *kind = json_string_value(json_object_get(leaf, "kind"));
    if (!kind || !is_about(leaf, subject))
        return true;
    if (is_counted(kind, subject)) {
        count(proving, kind);
        return true;
    }
    AUTO(json)
    json_t *record = json_pack("{s:I, s:s#}", "seq", (json_int_t)seq, "leaf", text, (size_t)bytes.size);
    const char *of = json_string_value(json_object_get(leaf, subject->of));
    if (of && strcmp(kind, subject->newest) == 0)
        supersede(proving, kind, of, record);
    if (json_array_size(proving->records) == PROVED_RECORDS)
        return fail(err, ERROR_TOO_LARGE, "more than %d records are about %s", PROVED_RECORDS, subject->id);
    return json_array_append(proving->records, record) == 0;
}

static bool read_leaves(
    struct ledger *ledger, struct proving *proving, const struct proof_subject *subject, struct error *err)
{
    int64_t at = 0;
    AUTO(query)
    struct query *query = query_new(ledger->store, "SELECT leaf FROM ledger_leaf ORDER BY seq", err);
    for (; at < proving->size && query_next(query); at++) {
        struct bytes leaf = query_get_bytes(query, 0);
        tree_leaf_hash(leaf.data, leaf.size, proving->hashes + (size_t)at * HASH_SIZE);
        if (!add_leaf(proving, subject, at, leaf, err))
            return false;
    }
    if (!query_ok(query, err))
        return false;
    return at == proving->size || fail(err, ERROR_CORRUPT, "record %lld is missing", (long long)at);
}

static json_t *proof_json(const struct tree_proof *proof)
{
    json_t *hashes = json_array();
    for (size_t i = 0; i < proof->count; i++) {
        char hex[2 * HASH_SIZE + 1];
        hex_write(proof->hashes[i], HASH_SIZE, hex);
        json_array_append_new(hashes, json_string(hex));
    }
    return hashes;
}

static void add_proofs(struct proving *proving)
{
    size_t index;
    json_t *record;
    json_array_foreach (proving->records, index, record) {
        struct tree_proof proof;
        uint64_t seq = (uint64_t)json_integer_value(json_object_get(record, "seq"));
        tree_prove_inclusion(proving->hashes, (uint64_t)proving->size, seq, &proof);
        json_object_set_new(record, "proof", proof_json(&proof));
    }
}

json_t *ledger_prove_about(struct ledger *ledger, const struct proof_subject *subject, struct error *err)
{
    AUTO(text) char *note = ledger_checkpoint(ledger, err);
    if (!note)
        return NULL;
    struct proving proving = {.size = (int64_t)ledger->tree->committed.tree.size};
    AUTO(heap) uint8_t *hashes = memory_allocate((size_t)proving.size, HASH_SIZE);
    AUTO(json) json_t *records = json_array();
    AUTO(json) json_t *counted = json_object();
    AUTO(json) json_t *newest = json_object();
    proving.hashes = hashes;
    proving.records = records;
    proving.counted = counted;
    proving.newest = newest;
    if (!read_leaves(ledger, &proving, subject, err))
        return NULL;
    add_proofs(&proving);
    return json_pack("{s:s, s:O, s:O}", "checkpoint", note, "records", records, "counted", counted);
}
