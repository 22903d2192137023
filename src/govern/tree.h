/* The Merkle tree of RFC 6962 §2.1: leaf hash = SHA-256(0 ‖ leaf), node hash = SHA-256(1 ‖ left ‖ right). */
#pragma once

#include "base/crypto.h"

/* The roots of the perfect subtrees that make up the tree, largest first: adding a leaf and asking for the
 * root take O(log n) hashes and no stored nodes. */
struct tree {
    uint64_t size;
    uint8_t subtrees[64][HASH_SIZE]; /* as many as there are ones in `size` */
};

void tree_leaf_hash(const void *leaf, size_t size, uint8_t out[static HASH_SIZE]);
void tree_node_hash(const uint8_t left[static HASH_SIZE], const uint8_t right[static HASH_SIZE],
    uint8_t out[static HASH_SIZE]);

/* {0} is the empty tree. */
void tree_add(struct tree *tree, const uint8_t leaf_hash[static HASH_SIZE]);
/* The empty tree's root is SHA-256 of nothing. */
void tree_root(const struct tree *tree, uint8_t out[static HASH_SIZE]);

enum { TREE_PROOF_LIMIT = 64 };
struct tree_proof {
    size_t count;
    uint8_t hashes[TREE_PROOF_LIMIT][HASH_SIZE];
};

/* The root of 2^levels leaves whose last one is `leaf_hash`, the others being the newest of `tree`. */
void tree_block_root(const struct tree *tree, unsigned levels, const uint8_t leaf_hash[static HASH_SIZE],
    uint8_t out[static HASH_SIZE]);
/* From the root of what follows a tree's leaves to the root of both; the tree's size is a multiple of a power
 * of two that is no less than what follows. */
void tree_join(const struct tree *tree, uint8_t root[static HASH_SIZE]);

/* Gives the root of the leaves from `begin` to before `end`, which begin at a multiple of a power of two that
 * is no less than their number. */
struct tree_ranges {
    void (*root)(void *context, uint64_t begin, uint64_t end, uint8_t out[static HASH_SIZE]);
    void *context;
};
void tree_prove_consistency_by(
    const struct tree_ranges *ranges, uint64_t size, uint64_t old_size, struct tree_proof *out);

/* From all leaf hashes, n × HASH_SIZE bytes; O(n). index < size; 0 < old_size <= size. */
void tree_prove_inclusion(const uint8_t *leaf_hashes, uint64_t size, uint64_t index, struct tree_proof *out);
/* For many proofs of one tree: all its nodes, heap bytes, O(n) once and O(log n) a proof, which is added to
 * what `out` has. Over the roots of equal blocks of leaves, a power of two each but the last, which may be
 * smaller, it is what follows the proof within the block. */
uint8_t *tree_nodes(const uint8_t *leaf_hashes, uint64_t size);
void tree_prove_inclusion_by(const uint8_t *nodes, uint64_t size, uint64_t index, struct tree_proof *out);
void tree_prove_consistency(
    const uint8_t *leaf_hashes, uint64_t size, uint64_t old_size, struct tree_proof *out);

/* RFC 9162 §2.1.3.2 and §2.1.4.2. */
bool tree_check_inclusion(const struct tree_proof *proof, uint64_t size, uint64_t index,
    const uint8_t leaf_hash[static HASH_SIZE], const uint8_t root[static HASH_SIZE]);
bool tree_check_consistency(const struct tree_proof *proof, uint64_t size, uint64_t old_size,
    const uint8_t root[static HASH_SIZE], const uint8_t old_root[static HASH_SIZE]);
