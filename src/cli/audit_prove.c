/* Proofs of RFC 6962 out of an export, and checking them with the key alone. */
#include "cli/audit.h"

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "govern/audit.h"
#include "govern/leaf.h"
#include "govern/note.h"
#include "govern/tree.h"

#include <stdio.h>
#include <string.h>

enum { PROOF_LIMIT = 256 * 1024 };

struct leaves {      /* of a verified export */
    uint8_t *hashes; /* owned */
    uint64_t size;
    const char *note; /* borrowed: the checkpoint */
    size_t note_size;
    const char *record; /* borrowed: the leaf asked for; NULL for none */
    size_t record_size;
};

static bool read_leaves(
    const struct audit_input *input, int64_t record, struct leaves *out, struct error *err)
{
    struct audit_result result;
    const char *at = (const char *)input->file.data, *end = at + input->file.size;
    if (!audit_verify(at, input->file.size, input->key, &result, err))
        return false;
    struct leaves leaves = {.hashes = memory_allocate((size_t)result.records + 1, HASH_SIZE)};
    for (; *at != '\n'; leaves.size++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t size = (size_t)(newline - at);
        tree_leaf_hash(at, size, leaves.hashes + leaves.size * HASH_SIZE);
        if ((int64_t)leaves.size == record) {
            leaves.record = at;
            leaves.record_size = size;
        }
        at = newline + 1;
    }
    leaves.note = at + 1;
    leaves.note_size = (size_t)(end - leaves.note);
    *out = leaves;
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

static json_t *prove_record(const struct leaves *leaves, int64_t record, struct error *err)
{
    struct tree_proof proof;
    if (!leaves->record) {
        fail(err, ERROR_MISSING, "the log has %llu records, not number %lld",
            (unsigned long long)leaves->size, (long long)record);
        return NULL;
    }
    tree_prove_inclusion(leaves->hashes, leaves->size, (uint64_t)record, &proof);
    return json_pack("{s:s, s:I, s:s%, s:o, s:s%}", "proof", "inclusion", "seq", (json_int_t)record, "record",
        leaves->record, leaves->record_size, "hashes", proof_json(&proof), "checkpoint", leaves->note,
        leaves->note_size);
}

static void root_of(const struct leaves *leaves, uint64_t size, char hex[static 2 * HASH_SIZE + 1])
{
    struct tree tree = {0};
    uint8_t root[HASH_SIZE];
    for (uint64_t i = 0; i < size; i++)
        tree_add(&tree, leaves->hashes + i * HASH_SIZE);
    tree_root(&tree, root);
    hex_write(root, HASH_SIZE, hex);
}

static json_t *prove_from(const struct leaves *leaves, int64_t from, struct error *err)
{
    struct tree_proof proof;
    char root[2 * HASH_SIZE + 1];
    if (from < 1 || (uint64_t)from > leaves->size) {
        fail(err, ERROR_MISSING, "the log has %llu records and never had %lld",
            (unsigned long long)leaves->size, (long long)from);
        return NULL;
    }
    tree_prove_consistency(leaves->hashes, leaves->size, (uint64_t)from, &proof);
    root_of(leaves, (uint64_t)from, root);
    return json_pack("{s:s, s:I, s:s, s:o, s:s%}", "proof", "consistency", "from", (json_int_t)from,
        "from_root", root, "hashes", proof_json(&proof), "checkpoint", leaves->note, leaves->note_size);
}

bool audit_prove(const struct audit_arguments *arguments, const struct audit_input *input, struct error *err)
{
    struct leaves leaves;
    if ((arguments->record < 0) == (arguments->from < 0))
        return fail(err, ERROR_USAGE, "audit prove takes either --record NUMBER or --from SIZE");
    if (!read_leaves(input, arguments->record, &leaves, err))
        return fail_within(err, "%s", arguments->file);
    AUTO(json)
    json_t *proof = arguments->record >= 0 ? prove_record(&leaves, arguments->record, err)
                                           : prove_from(&leaves, arguments->from, err);
    memory_release(leaves.hashes);
    AUTO(text) char *text = proof ? json_canonical(proof, err) : NULL;
    if (text)
        puts(text);
    return text != NULL;
}

static bool read_hashes(const json_t *json, struct tree_proof *out, struct error *err)
{
    const json_t *list;
    *out = (struct tree_proof){0};
    if (!json_need_array(json, "hashes", &list, err))
        return false;
    if (json_array_size(list) > TREE_PROOF_LIMIT)
        return fail(err, ERROR_TOO_LARGE, "a proof has at most %d hashes", TREE_PROOF_LIMIT);
    for (; out->count < json_array_size(list); out->count++) {
        const char *hex = json_string_value(json_array_get(list, out->count));
        if (!hex || !hex_read(hex, out->hashes[out->count], HASH_SIZE))
            return fail(
                err, ERROR_INVALID, "hash %zu of the proof is not %d hex digits", out->count, 2 * HASH_SIZE);
    }
    return true;
}

struct claim { /* what a proof says */
    const struct checkpoint *checkpoint;
    int64_t size; /* a beginning that it names, with its root; else 0 */
    uint8_t root[HASH_SIZE];
    const char *record; /* borrowed; NULL for none */
    int64_t seq;
};

static bool read_record(
    const json_t *json, const struct tree_proof *proof, struct claim *out, struct error *err)
{
    uint8_t hash[HASH_SIZE];
    struct leaf leaf;
    AUTO(json) json_t *fields = NULL;
    if (!json_need_text(json, "record", &out->record, err) || !json_need_integer(json, "seq", &out->seq, err))
        return false;
    tree_leaf_hash(out->record, strlen(out->record), hash);
    if (out->seq < 0 || out->seq >= out->checkpoint->size ||
        !tree_check_inclusion(
            proof, (uint64_t)out->checkpoint->size, (uint64_t)out->seq, hash, out->checkpoint->root))
        return fail(err, ERROR_CORRUPT, "record %lld is not proved to be in this log", (long long)out->seq);
    if (!leaf_read(out->record, strlen(out->record), &leaf, &fields, err))
        return fail_within(err, "record %lld", (long long)out->seq);
    return (leaf.seq == out->seq && strcmp(leaf.site, out->checkpoint->site) == 0) ||
           fail(err, ERROR_CORRUPT, "record %lld: record %lld of the site %.64s stands in its place",
               (long long)out->seq, (long long)leaf.seq, leaf.site);
}

static bool read_beginning(
    const json_t *json, const struct tree_proof *proof, struct claim *out, struct error *err)
{
    if (!json_need_integer(json, "from", &out->size, err) ||
        !json_need_hex(json, "from_root", out->root, HASH_SIZE, err))
        return false;
    return (out->size >= 1 && out->size <= out->checkpoint->size &&
               tree_check_consistency(proof, (uint64_t)out->checkpoint->size, (uint64_t)out->size,
                   out->checkpoint->root, out->root)) ||
           fail(err, ERROR_CORRUPT, "the log of %lld records is not proved to be the beginning of this one",
               (long long)out->size);
}

/* Whether the log has another root at this size; what is larger than the log cannot be compared. */
static bool is_another(const struct leaves *log, int64_t size, const uint8_t root[static HASH_SIZE])
{
    char has[2 * HASH_SIZE + 1], claimed[2 * HASH_SIZE + 1];
    if ((uint64_t)size > log->size)
        return false;
    root_of(log, (uint64_t)size, has);
    hex_write(root, HASH_SIZE, claimed);
    return strcmp(has, claimed) != 0;
}

static bool compare(const struct claim *claim, const struct leaves *log, const char *name, struct error *err)
{
    const struct checkpoint *checkpoint = claim->checkpoint;
    bool another_record = claim->record && log->record &&
                          (strlen(claim->record) != log->record_size ||
                              memcmp(claim->record, log->record, log->record_size) != 0);
    if (another_record || is_another(log, checkpoint->size, checkpoint->root) ||
        (claim->size && is_another(log, claim->size, claim->root)))
        return fail(err, ERROR_CORRUPT,
            "a fork: this key signed the log of %lld records that the proof is of, and %s, which is another; "
            "keep both",
            (long long)checkpoint->size, name);
    return (uint64_t)checkpoint->size <= log->size ||
           fail(err, ERROR_CONFLICT,
               "the proof is of a log of %lld records, and %s has %llu; compare it with a newer export",
               (long long)checkpoint->size, name, (unsigned long long)log->size);
}

/* That the proof is of the log in this export: whoever holds the key can sign two. */
static bool is_of_export(
    const struct claim *claim, const char *path, const struct audit_input *input, struct error *err)
{
    struct leaves leaves = {0};
    struct audit_input log = {0};
    memcpy(log.key, input->key, sizeof log.key);
    bool read =
        file_read(path, EXPORT_LIMIT, &log.file, err) &&
        (read_leaves(&log, claim->record ? claim->seq : -1, &leaves, err) || fail_within(err, "%s", path));
    bool same = read && compare(claim, &leaves, path, err);
    memory_release(leaves.hashes);
    bytes_free(&log.file);
    return same;
}

static void print_claim(const struct claim *claim)
{
    const struct checkpoint *checkpoint = claim->checkpoint;
    if (claim->record)
        printf("record %lld is in the log of %s, of %lld records:\n%s\n", (long long)claim->seq,
            checkpoint->site, (long long)checkpoint->size, claim->record);
    else
        printf("the log of %lld records is the beginning of the log of %s, of %lld\n", (long long)claim->size,
            checkpoint->site, (long long)checkpoint->size);
}

bool audit_check(const struct audit_arguments *arguments, const struct audit_input *input, struct error *err)
{
    AUTO(json) json_t *json = json_read((const char *)input->file.data, input->file.size, PROOF_LIMIT, err);
    const char *note, *kind;
    struct checkpoint checkpoint;
    struct tree_proof proof;
    struct claim claim = {.checkpoint = &checkpoint};
    if (!json || !json_need_text(json, "checkpoint", &note, err) ||
        !json_need_text(json, "proof", &kind, err) ||
        !note_read(note, strlen(note), input->key, &checkpoint, err) || !read_hashes(json, &proof, err) ||
        !(strcmp(kind, "inclusion") == 0 ? read_record : read_beginning)(json, &proof, &claim, err) ||
        (arguments->log && !is_of_export(&claim, arguments->log, input, err)))
        return false;
    print_claim(&claim);
    puts(arguments->log ? "It is of the log in the export, too."
                        : "Not checked: that this is the log which others were shown (--log EXPORT).");
    return true;
}
