#include "govern/tree.h"

#include <sodium.h>
#include <string.h>

void tree_leaf_hash(const void *leaf, size_t size, uint8_t out[static HASH_SIZE])
{
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const uint8_t[]){0}, 1);
    crypto_hash_sha256_update(&state, leaf, size);
    crypto_hash_sha256_final(&state, out);
}

void tree_node_hash(const uint8_t left[static HASH_SIZE], const uint8_t right[static HASH_SIZE],
    uint8_t out[static HASH_SIZE])
{
    uint8_t joined[1 + 2 * HASH_SIZE] = {1};
    memcpy(joined + 1, left, HASH_SIZE);
    memcpy(joined + 1 + HASH_SIZE, right, HASH_SIZE);
    hash_bytes(joined, sizeof joined, out);
}

void tree_add(struct tree *tree, const uint8_t leaf_hash[static HASH_SIZE])
{
    size_t count = (size_t)__builtin_popcountll(tree->size);
    uint8_t hash[HASH_SIZE];
    memcpy(hash, leaf_hash, HASH_SIZE);
    for (uint64_t size = tree->size; size & 1; size >>= 1)
        tree_node_hash(tree->subtrees[--count], hash, hash);
    memcpy(tree->subtrees[count], hash, HASH_SIZE);
    tree->size++;
}

void tree_root(const struct tree *tree, uint8_t out[static HASH_SIZE])
{
    size_t count = (size_t)__builtin_popcountll(tree->size);
    if (count == 0) {
        hash_bytes("", 0, out);
        return;
    }
    memcpy(out, tree->subtrees[--count], HASH_SIZE);
    while (count > 0)
        tree_node_hash(tree->subtrees[--count], out, out);
}

void tree_block_root(const struct tree *tree, unsigned levels, const uint8_t leaf_hash[static HASH_SIZE],
    uint8_t out[static HASH_SIZE])
{
    size_t count = (size_t)__builtin_popcountll(tree->size);
    memcpy(out, leaf_hash, HASH_SIZE);
    while (levels-- > 0)
        tree_node_hash(tree->subtrees[--count], out, out);
}

void tree_join(const struct tree *tree, uint8_t root[static HASH_SIZE])
{
    for (size_t count = (size_t)__builtin_popcountll(tree->size); count > 0;)
        tree_node_hash(tree->subtrees[--count], root, root);
}

static void root_of(const uint8_t *hashes, uint64_t size, uint8_t out[static HASH_SIZE])
{
    struct tree tree = {0};
    for (uint64_t i = 0; i < size; i++)
        tree_add(&tree, hashes + i * HASH_SIZE);
    tree_root(&tree, out);
}

/* The largest power of two below the size (RFC 6962's k), for size > 1. */
static uint64_t split_of(uint64_t size)
{
    return (uint64_t)1 << (63 - __builtin_clzll(size - 1));
}

static void range_of_hashes(void *context, uint64_t begin, uint64_t end, uint8_t out[static HASH_SIZE])
{
    const uint8_t *hashes = context;
    root_of(hashes + begin * HASH_SIZE, end - begin, out);
}

static void reverse(struct tree_proof *proof)
{
    for (size_t i = 0; i < proof->count / 2; i++) {
        uint8_t kept[HASH_SIZE];
        uint8_t *low = proof->hashes[i], *high = proof->hashes[proof->count - 1 - i];
        memcpy(kept, low, HASH_SIZE);
        memcpy(low, high, HASH_SIZE);
        memcpy(high, kept, HASH_SIZE);
    }
}

/* A node that has none beside it goes up as it is. */
uint8_t *tree_nodes(const uint8_t *leaf_hashes, uint64_t size)
{
    uint8_t *nodes = memory_allocate(2 * size + TREE_PROOF_LIMIT, HASH_SIZE), *at = nodes;
    if (size)
        memcpy(nodes, leaf_hashes, size * HASH_SIZE);
    for (; size > 1; size = (size + 1) / 2) {
        uint8_t *above = at + size * HASH_SIZE;
        for (uint64_t i = 0; i + 1 < size; i += 2)
            tree_node_hash(at + i * HASH_SIZE, at + (i + 1) * HASH_SIZE, above + i / 2 * HASH_SIZE);
        if (size % 2)
            memcpy(above + size / 2 * HASH_SIZE, at + (size - 1) * HASH_SIZE, HASH_SIZE);
        at = above;
    }
    return nodes;
}

void tree_prove_inclusion_by(const uint8_t *nodes, uint64_t size, uint64_t index, struct tree_proof *out)
{
    for (; size > 1; size = (size + 1) / 2) {
        if ((index ^ 1) < size)
            memcpy(out->hashes[out->count++], nodes + (index ^ 1) * HASH_SIZE, HASH_SIZE);
        nodes += size * HASH_SIZE;
        index /= 2;
    }
}

void tree_prove_inclusion(const uint8_t *leaf_hashes, uint64_t size, uint64_t index, struct tree_proof *out)
{
    AUTO(heap) uint8_t *nodes = tree_nodes(leaf_hashes, size);
    out->count = 0;
    tree_prove_inclusion_by(nodes, size, index, out);
}

static void append_range(
    const struct tree_ranges *ranges, uint64_t begin, uint64_t end, struct tree_proof *proof)
{
    ranges->root(ranges->context, begin, end, proof->hashes[proof->count++]);
}

void tree_prove_consistency_by(
    const struct tree_ranges *ranges, uint64_t size, uint64_t old_size, struct tree_proof *out)
{
    out->count = 0;
    uint64_t begin = 0, end = size; /* begin is not 0: the old tree is no subtree that the checker knows */
    while (old_size < end) {
        uint64_t split = begin + split_of(end - begin);
        if (old_size <= split) {
            append_range(ranges, split, end, out);
            end = split;
        } else {
            append_range(ranges, begin, split, out);
            begin = split;
        }
    }
    if (begin > 0)
        append_range(ranges, begin, end, out);
    reverse(out);
}

void tree_prove_consistency(
    const uint8_t *leaf_hashes, uint64_t size, uint64_t old_size, struct tree_proof *out)
{
    const struct tree_ranges ranges = {range_of_hashes, (void *)(uintptr_t)leaf_hashes};
    tree_prove_consistency_by(&ranges, size, old_size, out);
}

bool tree_check_inclusion(const struct tree_proof *proof, uint64_t size, uint64_t index,
    const uint8_t leaf_hash[static HASH_SIZE], const uint8_t root[static HASH_SIZE])
{
    if (index >= size || proof->count > TREE_PROOF_LIMIT)
        return false;
    uint8_t hash[HASH_SIZE];
    memcpy(hash, leaf_hash, HASH_SIZE);
    uint64_t last = size - 1;
    for (size_t i = 0; i < proof->count; i++) {
        if (last == 0)
            return false;
        if ((index & 1) || index == last) {
            tree_node_hash(proof->hashes[i], hash, hash);
            for (; !(index & 1) && index != 0; index >>= 1)
                last >>= 1;
        } else {
            tree_node_hash(hash, proof->hashes[i], hash);
        }
        index >>= 1;
        last >>= 1;
    }
    return last == 0 && memcmp(hash, root, HASH_SIZE) == 0;
}

/* Both roots from a path that starts in the old tree's rightmost subtree. */
static bool climb(const struct tree_proof *proof, size_t from, uint64_t index, uint64_t last,
    uint8_t old_hash[static HASH_SIZE], uint8_t new_hash[static HASH_SIZE])
{
    for (size_t i = from; i < proof->count; i++) {
        if (last == 0)
            return false;
        if ((index & 1) || index == last) {
            tree_node_hash(proof->hashes[i], old_hash, old_hash);
            tree_node_hash(proof->hashes[i], new_hash, new_hash);
            for (; !(index & 1) && index != 0; index >>= 1)
                last >>= 1;
        } else {
            tree_node_hash(new_hash, proof->hashes[i], new_hash);
        }
        index >>= 1;
        last >>= 1;
    }
    return last == 0;
}

bool tree_check_consistency(const struct tree_proof *proof, uint64_t size, uint64_t old_size,
    const uint8_t root[static HASH_SIZE], const uint8_t old_root[static HASH_SIZE])
{
    if (old_size == 0 || old_size > size || proof->count > TREE_PROOF_LIMIT)
        return false;
    if (old_size == size)
        return proof->count == 0 && memcmp(root, old_root, HASH_SIZE) == 0;
    bool power = (old_size & (old_size - 1)) == 0;
    if (!power && proof->count == 0)
        return false;
    uint8_t old_hash[HASH_SIZE], new_hash[HASH_SIZE];
    memcpy(old_hash, power ? old_root : proof->hashes[0], HASH_SIZE);
    memcpy(new_hash, old_hash, HASH_SIZE);
    int shift = __builtin_ctzll(old_size);
    if (!climb(proof, power ? 0 : 1, (old_size - 1) >> shift, (size - 1) >> shift, old_hash, new_hash))
        return false;
    return memcmp(old_hash, old_root, HASH_SIZE) == 0 && memcmp(new_hash, root, HASH_SIZE) == 0;
}
