#include "govern/ledger_proof.h"

#include "base/text.h"
#include "govern/ledger_private.h"

#include <string.h>

struct proving {
    uint8_t *hashes; /* of all leaves */
    int64_t size;
    json_t *records, *beside, *counted;
    json_t *newest; /* value of `of` → its record in `records` */
    json_t *seen;   /* values of `signed` that are to be kept, of which one is proved */
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

static json_t *record_json(int64_t seq, struct bytes leaf)
{
    return json_pack("{s:I, s:s#}", "seq", (json_int_t)seq, "leaf", (const char *)leaf.data, leaf.size);
}

static void add_beside(
    struct proving *proving, const struct proof_subject *subject, int64_t seq, struct bytes leaf)
{
    size_t next = json_array_size(proving->beside);
    if (next < subject->beside_count && subject->beside[next] == seq)
        json_array_append_new(proving->beside, record_json(seq, leaf));
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

static bool has_later(const json_t *records, size_t index, const char *kind)
{
    for (size_t i = index + 1; i < json_array_size(records); i++) {
        if (strcmp(json_string_value(json_object_get(json_array_get(records, i), "kind")), kind) == 0)
            return true;
    }
    return false;
}

/* Makes room for one more; who scripts what a button does must not keep a custody from its hand-over. */
static bool thin_out(struct proving *proving)
{
    size_t index;
    const json_t *record;
    json_array_foreach (proving->records, index, record) {
        const char *kind = json_string_value(json_object_get(record, "kind"));
        if (json_is_true(json_object_get(record, "kept")) || !has_later(proving->records, index, kind))
            continue;
        count(proving, kind);
        json_array_remove(proving->records, index);
        return true;
    }
    return false;
}

/* Kind and whether it is kept stand in the record until all are there. */
static json_t *proved_record(
    struct proving *proving, const struct proof_subject *subject, const json_t *leaf, json_t *record)
{
    const char *signed_as = json_string_value(json_object_get(leaf, "signed"));
    bool kept =
        signed_as && json_object_get(subject->kept, signed_as) && !json_object_get(proving->seen, signed_as);
    if (kept)
        json_object_set_new(proving->seen, signed_as, json_true());
    json_object_set(record, "kind", json_object_get(leaf, "kind"));
    json_object_set_new(record, "kept", json_boolean(kept));
    return record;
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
    AUTO(json) json_t *record = proved_record(proving, subject, leaf, record_json(seq, bytes));
    const char *of = json_string_value(json_object_get(leaf, subject->of));
    if (of && strcmp(kind, subject->newest) == 0)
        supersede(proving, kind, of, record);
    if (json_array_size(proving->records) == PROVED_RECORDS && !thin_out(proving))
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
        add_beside(proving, subject, at, leaf);
        if (!add_leaf(proving, subject, at, leaf, err))
            return false;
    }
    if (!query_ok(query, err))
        return false;
    if (at < proving->size)
        return fail(err, ERROR_CORRUPT, "record %lld is missing", (long long)at);
    size_t beside = json_array_size(proving->beside);
    return beside == subject->beside_count ||
           fail(err, ERROR_CORRUPT, "record %lld is missing", (long long)subject->beside[beside]);
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

static void add_proofs(const struct proving *proving, json_t *records)
{
    size_t index;
    json_t *record;
    json_array_foreach (records, index, record) {
        struct tree_proof proof;
        uint64_t seq = (uint64_t)json_integer_value(json_object_get(record, "seq"));
        tree_prove_inclusion(proving->hashes, (uint64_t)proving->size, seq, &proof);
        json_object_set_new(record, "proof", proof_json(&proof));
        json_object_del(record, "kind");
        json_object_del(record, "kept");
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
    AUTO(json) json_t *beside = json_array();
    AUTO(json) json_t *counted = json_object();
    AUTO(json) json_t *newest = json_object();
    AUTO(json) json_t *seen = json_object();
    proving.hashes = hashes;
    proving.records = records;
    proving.beside = beside;
    proving.counted = counted;
    proving.newest = newest;
    proving.seen = seen;
    if (!read_leaves(ledger, &proving, subject, err))
        return NULL;
    add_proofs(&proving, records);
    add_proofs(&proving, beside);
    return json_pack(
        "{s:s, s:O, s:O, s:O}", "checkpoint", note, "records", records, "beside", beside, "counted", counted);
}

void ledger_note_block(struct ledger_tree *tree, const void *leaf, size_t size)
{
    const struct tree *now = &tree->now.tree;
    size_t block = (size_t)(now->size / BLOCK);
    uint8_t hash[HASH_SIZE];
    if (now->size % BLOCK != BLOCK - 1)
        return;
    if (block >= tree->blocks_room) {
        tree->blocks_room = block ? 2 * block : 64;
        tree->blocks = memory_resize(tree->blocks, tree->blocks_room, sizeof *tree->blocks);
    }
    tree_leaf_hash(leaf, size, hash);
    tree_block_root(now, BLOCK_LEVELS, hash, tree->blocks[block]);
}

struct reading {
    struct ledger *ledger;
    struct error *err;
    bool failed;
};

static bool add_leaves(
    struct ledger *ledger, uint64_t begin, uint64_t end, struct tree *out, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(
        ledger->store, "SELECT leaf FROM ledger_leaf WHERE seq >= :begin AND seq < :end ORDER BY seq", err);
    query_integer(query, ":begin", (int64_t)begin);
    query_integer(query, ":end", (int64_t)end);
    while (query_next(query)) {
        uint8_t hash[HASH_SIZE];
        struct bytes leaf = query_get_bytes(query, 0);
        tree_leaf_hash(leaf.data, leaf.size, hash);
        tree_add(out, hash);
    }
    if (!query_ok(query, err))
        return false;
    return out->size == end - begin || fail(err, ERROR_CORRUPT, "of the records %llu to %llu one is missing",
                                           (unsigned long long)begin, (unsigned long long)end - 1);
}

static void range_of_log(void *context, uint64_t begin, uint64_t end, uint8_t out[static HASH_SIZE])
{
    struct reading *reading = context;
    struct tree blocks = {0}, rest = {0};
    uint64_t at = begin;
    for (; begin % BLOCK == 0 && end - at >= BLOCK; at += BLOCK)
        tree_add(&blocks, reading->ledger->tree->blocks[at / BLOCK]);
    if (at == end) {
        tree_root(&blocks, out);
        return;
    }
    if (!add_leaves(reading->ledger, at, end, &rest, reading->failed ? NULL : reading->err))
        reading->failed = true;
    tree_root(&rest, out);
    tree_join(&blocks, out);
}

bool ledger_prove_from(struct ledger *ledger, int64_t old_size, struct tree_proof *out, struct error *err)
{
    struct reading reading = {ledger, err, false};
    const struct tree_ranges ranges = {range_of_log, &reading};
    int64_t size = (int64_t)ledger->tree->committed.tree.size;
    if (old_size < 1 || old_size > size)
        return fail(err, ERROR_MISSING, "the log has %lld records and never had %lld", (long long)size,
            (long long)old_size);
    tree_prove_consistency_by(&ranges, (uint64_t)size, (uint64_t)old_size, out);
    return !reading.failed;
}
