#include "govern/ledger_proof.h"

#include "base/text.h"
#include "govern/ledger_private.h"

#include <string.h>

struct proving {
    uint8_t *hashes; /* of all leaves */
    int64_t size;
    json_t *records;
};

static bool is_about(const char *leaf, size_t size, const char *field, const char *id)
{
    AUTO(json) json_t *json = json_read(leaf, size, LEAF_LIMIT, NULL);
    const char *found = json_string_value(json_object_get(json, field));
    return found && strcmp(found, id) == 0;
}

static bool read_leaves(
    struct ledger *ledger, struct proving *proving, const char *field, const char *id, struct error *err)
{
    int64_t at = 0;
    AUTO(query)
    struct query *query = query_new(ledger->store, "SELECT leaf FROM ledger_leaf ORDER BY seq", err);
    for (; at < proving->size && query_next(query); at++) {
        struct bytes leaf = query_get_bytes(query, 0);
        const char *text = (const char *)leaf.data;
        tree_leaf_hash(text, leaf.size, proving->hashes + (size_t)at * HASH_SIZE);
        if (!memmem(text, leaf.size, id, strlen(id)) || !is_about(text, leaf.size, field, id))
            continue;
        if (json_array_size(proving->records) == PROVED_RECORDS)
            return fail(err, ERROR_TOO_LARGE, "more than %d records are about %s", PROVED_RECORDS, id);
        json_array_append_new(proving->records,
            json_pack("{s:I, s:s#}", "seq", (json_int_t)at, "leaf", text, (size_t)leaf.size));
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

json_t *ledger_prove_about(struct ledger *ledger, const char *field, const char *id, struct error *err)
{
    AUTO(text) char *note = ledger_checkpoint(ledger, err);
    if (!note)
        return NULL;
    struct proving proving = {.size = (int64_t)ledger->tree->committed.tree.size};
    AUTO(heap) uint8_t *hashes = memory_allocate((size_t)proving.size, HASH_SIZE);
    AUTO(json) json_t *records = json_array();
    proving.hashes = hashes;
    proving.records = records;
    if (!read_leaves(ledger, &proving, field, id, err))
        return NULL;
    add_proofs(&proving);
    return json_pack("{s:s, s:O}", "checkpoint", note, "records", records);
}
