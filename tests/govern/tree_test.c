/* The leaves, roots and proofs are those of the Certificate Transparency reference implementation's tests. */
#include "base/text.h"
#include "govern/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LEAVES = 8 };
static const struct {
    const char *hex;
    const char *root; /* of the tree that ends with this leaf */
} known[LEAVES] = {
    {"", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
    {"00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
    {"10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
    {"2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
    {"3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
    {"40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
    {"5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
    {"606162636465666768696a6b6c6d6e6f", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
};

static uint8_t hashes[LEAVES][HASH_SIZE];
static uint8_t roots[LEAVES + 1][HASH_SIZE];

static int read_known(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEAVES; i++) {
        uint8_t leaf[16];
        size_t size = strlen(known[i].hex) / 2;
        assert_true(hex_read(known[i].hex, leaf, size));
        tree_leaf_hash(leaf, size, hashes[i]);
        assert_true(hex_read(known[i].root, roots[i + 1], HASH_SIZE));
    }
    return 0;
}

static void the_roots_are_the_known_ones(void **state)
{
    (void)state;
    struct tree tree = {0};
    uint8_t root[HASH_SIZE], empty[HASH_SIZE];
    tree_root(&tree, root);
    assert_true(
        hex_read("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", empty, HASH_SIZE));
    assert_memory_equal(root, empty, HASH_SIZE);
    for (size_t i = 0; i < LEAVES; i++) {
        tree_add(&tree, hashes[i]);
        tree_root(&tree, root);
        assert_memory_equal(root, roots[i + 1], HASH_SIZE);
    }
}

static void assert_proof(const struct tree_proof *proof, size_t count, const char *const *hex)
{
    assert_int_equal(proof->count, count);
    for (size_t i = 0; i < count; i++) {
        char is[2 * HASH_SIZE + 1];
        hex_write(proof->hashes[i], HASH_SIZE, is);
        assert_string_equal(is, hex[i]);
    }
}

static void the_inclusion_proofs_are_the_known_ones(void **state)
{
    (void)state;
    static const struct {
        uint64_t index, size;
        size_t count;
        const char *hex[3];
    } rows[] = {
        {0, 1, 0, {NULL}},
        {0, 8, 3,
            {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
        {5, 8, 3,
            {"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
        {2, 3, 1, {"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"}},
        {1, 5, 3,
            {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct tree_proof proof;
        tree_prove_inclusion(hashes[0], rows[i].size, rows[i].index, &proof);
        assert_proof(&proof, rows[i].count, rows[i].hex);
    }
}

static void the_consistency_proofs_are_the_known_ones(void **state)
{
    (void)state;
    static const struct {
        uint64_t old_size, size;
        size_t count;
        const char *hex[3];
    } rows[] = {
        {1, 1, 0, {NULL}},
        {1, 8, 3,
            {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
        {6, 8, 3,
            {"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
        {2, 5, 2,
            {"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct tree_proof proof;
        tree_prove_consistency(hashes[0], rows[i].size, rows[i].old_size, &proof);
        assert_proof(&proof, rows[i].count, rows[i].hex);
    }
}

enum { LARGE = 70 };
static uint8_t many[LARGE][HASH_SIZE];
static uint8_t many_roots[LARGE + 1][HASH_SIZE];

static int make_many(void **state)
{
    (void)state;
    struct tree tree = {0};
    for (size_t i = 0; i < LARGE; i++) {
        const uint8_t leaf = (uint8_t)i;
        tree_leaf_hash(&leaf, 1, many[i]);
        tree_add(&tree, many[i]);
        tree_root(&tree, many_roots[i + 1]);
    }
    return 0;
}

static void every_inclusion_proof_holds_and_only_for_its_leaf(void **state)
{
    (void)state;
    for (uint64_t size = 1; size <= LARGE; size++) {
        for (uint64_t index = 0; index < size; index++) {
            struct tree_proof proof;
            tree_prove_inclusion(many[0], size, index, &proof);
            assert_true(tree_check_inclusion(&proof, size, index, many[index], many_roots[size]));
            assert_false(
                tree_check_inclusion(&proof, size, index, many[(index + 1) % LARGE], many_roots[size]));
            if (size > 1)
                assert_false(
                    tree_check_inclusion(&proof, size, (index + 1) % size, many[index], many_roots[size]));
            assert_false(tree_check_inclusion(&proof, size, size, many[index], many_roots[size]));
            proof.count++;
            assert_false(tree_check_inclusion(&proof, size, index, many[index], many_roots[size]));
        }
    }
}

static void every_consistency_proof_holds_and_only_for_its_roots(void **state)
{
    (void)state;
    for (uint64_t size = 2; size <= LARGE; size++) {
        for (uint64_t old = 1; old < size; old++) {
            struct tree_proof proof;
            tree_prove_consistency(many[0], size, old, &proof);
            assert_true(tree_check_consistency(&proof, size, old, many_roots[size], many_roots[old]));
            assert_false(tree_check_consistency(&proof, size, old, many_roots[size - 1], many_roots[old]));
            assert_false(tree_check_consistency(&proof, size, old, many_roots[size], many_roots[old - 1]));
            proof.hashes[proof.count - 1][5] ^= 1;
            assert_false(tree_check_consistency(&proof, size, old, many_roots[size], many_roots[old]));
            proof.hashes[proof.count - 1][5] ^= 1;
            proof.count--;
            assert_false(tree_check_consistency(&proof, size, old, many_roots[size], many_roots[old]));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_roots_are_the_known_ones, read_known),
        cmocka_unit_test_setup(the_inclusion_proofs_are_the_known_ones, read_known),
        cmocka_unit_test_setup(the_consistency_proofs_are_the_known_ones, read_known),
        cmocka_unit_test_setup(every_inclusion_proof_holds_and_only_for_its_leaf, make_many),
        cmocka_unit_test_setup(every_consistency_proof_holds_and_only_for_its_roots, make_many),
    };
    return cmocka_run_group_tests_name("tree", tests, NULL, NULL);
}
