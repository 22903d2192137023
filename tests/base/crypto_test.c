#include "base/crypto.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const char context[] = "packet:a-0000000000000001";

static void a_packet_opens_on_its_device_only_and_in_its_context_only(void **state)
{
    (void)state;
    uint8_t device[32], secret[32], other[32], other_secret[32];
    device_key_new(device, secret);
    device_key_new(other, other_secret);
    AUTO(bytes) struct bytes sealed = {NULL, 0}, opened = {NULL, 0}, none = {NULL, 0};
    struct error err = {0};
    assert_true(packet_seal(device, context, "hello", 5, &sealed, &err));
    assert_int_equal(sealed.size, 5 + PACKET_OVERHEAD);
    assert_true(packet_open(secret, context, sealed.data, sealed.size, &opened, &err));
    assert_memory_equal(opened.data, "hello", 5);
    assert_false(packet_open(other_secret, context, sealed.data, sealed.size, &none, &err));
    assert_false(packet_open(secret, "packet:a-0000000000000002", sealed.data, sealed.size, &none, &err));
    for (size_t i = 0; i < sealed.size; i++) {
        sealed.data[i] ^= 1;
        assert_false(packet_open(secret, context, sealed.data, sealed.size, &none, &err));
        sealed.data[i] ^= 1;
        assert_false(packet_open(secret, context, sealed.data, i, &none, &err));
    }
}

static void sealed_bytes_do_not_move_between_contexts(void **state)
{
    (void)state;
    uint8_t key[DATA_KEY_SIZE];
    random_fill(key, sizeof key);
    AUTO(bytes) struct bytes sealed = seal_bytes(key, "entry/one/person", "name", 4);
    AUTO(bytes) struct bytes opened = {NULL, 0}, none = {NULL, 0};
    struct error err = {0};
    assert_true(seal_open(key, "entry/one/person", sealed.data, sealed.size, &opened, &err));
    assert_false(seal_open(key, "entry/two/person", sealed.data, sealed.size, &none, &err));
    assert_int_equal(err.code, ERROR_CORRUPT);
    AUTO(bytes) struct bytes again = seal_bytes(key, "entry/one/person", "name", 4);
    assert_memory_not_equal(sealed.data, again.data, sealed.size);
}

/* RFC 8032 §7.1, test 2. */
static void signatures_are_those_of_the_standard(void **state)
{
    (void)state;
    uint8_t seed[SEED_SIZE], expected[SIGNATURE_SIZE], public_key[PUBLIC_KEY_SIZE], secret[SECRET_KEY_SIZE],
        signature[SIGNATURE_SIZE];
    assert_true(hex_read("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", seed, 32));
    assert_true(hex_read("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                         "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        expected, 64));
    sign_key_from_seed(seed, public_key, secret);
    sign_bytes("\x72", 1, secret, signature);
    assert_memory_equal(signature, expected, 64);
    assert_true(sign_verify("\x72", 1, public_key, signature));
    assert_false(sign_verify("\x73", 1, public_key, signature));
}

static void ids_are_a_prefix_and_sixteen_characters(void **state)
{
    (void)state;
    char id[24], next[24];
    random_id("op", id);
    random_id("op", next);
    assert_int_equal(strlen(id), 19);
    assert_int_equal(strncmp(id, "op-", 3), 0);
    assert_string_not_equal(id, next);
}

static int start(void **state)
{
    (void)state;
    return crypto_start(NULL) ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packet_opens_on_its_device_only_and_in_its_context_only),
        cmocka_unit_test(sealed_bytes_do_not_move_between_contexts),
        cmocka_unit_test(signatures_are_those_of_the_standard),
        cmocka_unit_test(ids_are_a_prefix_and_sixteen_characters),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
