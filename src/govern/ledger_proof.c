#include "govern/ledger_proof.h"

#include "base/text.h"
#include "govern/ledger_private.h"

#include <string.h>

/* The log's tree is one of whole blocks above, and the rest as the last one: what is proved of a long log
 * needs the leaves of a few blocks and the roots of all. */
struct proving {
    int64_t size;
    uint8_t *above;  /* nodes over the blocks' roots; owned */
    uint8_t *within; /* nodes over the leaves of `block`; owned */
    int64_t block;   /* -1: none yet */
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

static bool add_leaf(struct proving *proving, const struct proof_subject *subject,
    const struct finding *found, struct error *err)
{
    AUTO(json) json_t *leaf = json_read((const char *)found->leaf.data, found->leaf.size, LEAF_LIMIT, NULL);
    const char *kind = json_string_value(json_object_get(leaf, "kind"));
    if (!kind || !is_about(leaf, subject))
        return true;
    if (is_counted(kind, subject)) {
        count(proving, kind);
        return true;
    }
    AUTO(json)
    json_t *record = proved_record(proving, subject, leaf, record_json(found->seq, found->leaf));
    const char *of = json_string_value(json_object_get(leaf, subject->of));
    if (of && strcmp(kind, subject->newest) == 0)
        supersede(proving, kind, of, record);
    if (json_array_size(proving->records) == PROVED_RECORDS && !thin_out(proving))
        return fail(err, ERROR_TOO_LARGE, "more than %d records are about %s", PROVED_RECORDS, subject->id);
    return json_array_append(proving->records, record) == 0;
}

static bool add_subject(
    struct ledger *ledger, struct proving *proving, const struct proof_subject *subject, struct error *err)
{
    AUTO(finding) struct finding found = {.ledger = ledger, .by = subject->by, .value = subject->id};
    while (finding_next(&found) && found.seq < proving->size) {
        if (!add_leaf(proving, subject, &found, err))
            return false;
    }
    return finding_ok(&found, err);
}

static bool add_beside(
    struct ledger *ledger, struct proving *proving, const struct proof_subject *subject, struct error *err)
{
    for (size_t i = 0; i < subject->beside_count; i++) {
        AUTO(query)
        struct query *query =
            query_new(ledger->store, "SELECT leaf FROM ledger_leaf WHERE seq = :seq AND seq < :size", err);
        query_integer(query, ":seq", subject->beside[i]);
        query_integer(query, ":size", proving->size);
        if (!query_next(query))
            return query_ok(query, err) &&
                   fail(err, ERROR_CORRUPT, "record %lld is missing", (long long)subject->beside[i]);
        json_array_append_new(proving->beside, record_json(subject->beside[i], query_get_bytes(query, 0)));
    }
    return true;
}

/* At most BLOCK of them. */
static bool read_hashes(
    struct ledger *ledger, int64_t begin, int64_t end, uint8_t (*out)[HASH_SIZE], struct error *err)
{
    int64_t at = begin;
    AUTO(query)
    struct query *query = query_new(
        ledger->store, "SELECT leaf FROM ledger_leaf WHERE seq >= :begin AND seq < :end ORDER BY seq", err);
    query_integer(query, ":begin", begin);
    query_integer(query, ":end", end);
    for (; query_next(query); at++) {
        struct bytes leaf = query_get_bytes(query, 0);
        tree_leaf_hash(leaf.data, leaf.size, out[at - begin]);
    }
    if (!query_ok(query, err))
        return false;
    return at == end || fail(err, ERROR_CORRUPT, "of the records %lld to %lld one is missing",
                            (long long)begin, (long long)end - 1);
}

/* The root of what is less than a block. */
static bool read_root(
    struct ledger *ledger, int64_t begin, int64_t end, uint8_t out[static HASH_SIZE], struct error *err)
{
    uint8_t hashes[BLOCK][HASH_SIZE];
    struct tree rest = {0};
    if (!read_hashes(ledger, begin, end, hashes, err))
        return false;
    for (int64_t i = 0; i < end - begin; i++)
        tree_add(&rest, hashes[i]);
    tree_root(&rest, out);
    return true;
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

static int64_t leaves_in(const struct proving *proving, int64_t block)
{
    int64_t left = proving->size - block * BLOCK;
    return left < BLOCK ? left : BLOCK;
}

static bool read_block(struct ledger *ledger, struct proving *proving, int64_t block, struct error *err)
{
    uint8_t hashes[BLOCK][HASH_SIZE];
    int64_t count = leaves_in(proving, block);
    if (block == proving->block)
        return true;
    if (!read_hashes(ledger, block * BLOCK, block * BLOCK + count, hashes, err))
        return false;
    memory_release(proving->within);
    proving->within = tree_nodes(hashes[0], (uint64_t)count);
    proving->block = block;
    return true;
}

static bool read_above(struct ledger *ledger, struct proving *proving, struct error *err)
{
    int64_t whole = proving->size / BLOCK, rest = proving->size % BLOCK;
    AUTO(heap) uint8_t *roots = memory_allocate((size_t)whole + 1, HASH_SIZE);
    if (whole)
        memcpy(roots, ledger->tree->blocks, (size_t)whole * HASH_SIZE);
    if (rest && !read_root(ledger, whole * BLOCK, proving->size, roots + whole * HASH_SIZE, err))
        return false;
    proving->above = tree_nodes(roots, (uint64_t)(whole + (rest > 0)));
    return true;
}

static bool add_proofs(struct ledger *ledger, struct proving *proving, json_t *records, struct error *err)
{
    uint64_t blocks = (uint64_t)((proving->size + BLOCK - 1) / BLOCK);
    size_t index;
    json_t *record;
    json_array_foreach (records, index, record) {
        struct tree_proof proof = {.count = 0};
        int64_t seq = json_integer_value(json_object_get(record, "seq")), block = seq / BLOCK;
        if (!read_block(ledger, proving, block, err))
            return false;
        tree_prove_inclusion_by(
            proving->within, (uint64_t)leaves_in(proving, block), (uint64_t)(seq % BLOCK), &proof);
        tree_prove_inclusion_by(proving->above, blocks, (uint64_t)block, &proof);
        json_object_set_new(record, "proof", proof_json(&proof));
        json_object_del(record, "kind");
        json_object_del(record, "kept");
    }
    return true;
}

static bool prove(
    struct ledger *ledger, struct proving *proving, const struct proof_subject *subject, struct error *err)
{
    return add_subject(ledger, proving, subject, err) && add_beside(ledger, proving, subject, err) &&
           read_above(ledger, proving, err) && add_proofs(ledger, proving, proving->records, err) &&
           add_proofs(ledger, proving, proving->beside, err);
}

json_t *ledger_prove_about(struct ledger *ledger, const struct proof_subject *subject, struct error *err)
{
    AUTO(text) char *note = ledger_checkpoint(ledger, err);
    if (!note)
        return NULL;
    AUTO(json) json_t *records = json_array();
    AUTO(json) json_t *beside = json_array();
    AUTO(json) json_t *counted = json_object();
    AUTO(json) json_t *newest = json_object();
    AUTO(json) json_t *seen = json_object();
    struct proving proving = {.size = ledger_size(ledger),
        .block = -1,
        .records = records,
        .beside = beside,
        .counted = counted,
        .newest = newest,
        .seen = seen};
    bool proved = prove(ledger, &proving, subject, err);
    memory_release(proving.within);
    memory_release(proving.above);
    return proved ? json_pack("{s:s, s:O, s:O, s:O}", "checkpoint", note, "records", records, "beside",
                        beside, "counted", counted)
                  : NULL;
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

static void range_of_log(void *context, uint64_t begin, uint64_t end, uint8_t out[static HASH_SIZE])
{
    struct reading *reading = context;
    struct tree blocks = {0};
    uint64_t at = begin;
    for (; begin % BLOCK == 0 && end - at >= BLOCK; at += BLOCK)
        tree_add(&blocks, reading->ledger->tree->blocks[at / BLOCK]);
    if (at == end) {
        tree_root(&blocks, out);
        return;
    }
    if (!read_root(reading->ledger, (int64_t)at, (int64_t)end, out, reading->failed ? NULL : reading->err))
        reading->failed = true;
    tree_join(&blocks, out);
}

bool ledger_prove_from(struct ledger *ledger, int64_t old_size, struct tree_proof *out, struct error *err)
{
    struct reading reading = {ledger, err, false};
    const struct tree_ranges ranges = {range_of_log, &reading};
    int64_t size = ledger_size(ledger);
    if (old_size < 1 || old_size > size)
        return fail(err, ERROR_MISSING, "the log has %lld records and never had %lld", (long long)size,
            (long long)old_size);
    tree_prove_consistency_by(&ranges, (uint64_t)size, (uint64_t)old_size, out);
    return !reading.failed;
}
