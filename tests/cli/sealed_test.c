#include "cli/sealed.h"

#include "base/text.h"
#include "cli/keyfile.h"
#include "list/operation_listed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct office_command command_of(const char *noun, const char *verb)
{
    struct office_command command;
    assert_true(command_find(noun, verb, &command));
    return command;
}

static json_t *seal_text(const uint8_t key[static PUBLIC_KEY_SIZE], const char *context, const char *text)
{
    struct error err = {0};
    AUTO(bytes) struct bytes sealed = {NULL, 0};
    assert_true(packet_seal(key, context, text, strlen(text), &sealed, &err));
    AUTO(text) char *base64 = base64_write(sealed.data, sealed.size);
    return json_string(base64);
}

static const char *case_in(const json_t *object, const char *field)
{
    return json_string_value(json_object_get(json_object_get(object, field), "case"));
}

static void s39_a_station_opens_its_own_packets_and_no_other_station_s(void **state)
{
    (void)state;
    struct error err = {0};
    uint8_t own_key[32], own[32], other_key[32], other[32];
    struct office_command command = command_of("handover", "show");
    device_key_new(own_key, own);
    device_key_new(other_key, other);
    AUTO(json)
    json_t *answer = json_pack("{s:o, s:[{s:o}, {s:o}]}", "packet",
        seal_text(own_key, "handover:a-1", "{\"case\":\"k-1\"}"), "packets", "packet",
        seal_text(own_key, "handover:a-1", "{\"case\":\"k-1\"}"), "packet",
        seal_text(other_key, "handover:a-1", "{\"case\":\"k-2\"}"));
    if (!sealed_open(&command, "a-1", own, answer, &err))
        fail_msg("%s", err.text);
    const json_t *packets = json_object_get(answer, "packets");
    assert_string_equal(case_in(answer, "packet"), "k-1");
    assert_string_equal(case_in(json_array_get(packets, 0), "packet"), "k-1");
    assert_true(json_is_string(json_object_get(json_array_get(packets, 1), "packet")));
    uint8_t nobody_key[32], nobody[32];
    device_key_new(nobody_key, nobody);
    assert_false(sealed_open(&command, "a-1", nobody, answer, &err));
    assert_int_equal(err.code, ERROR_CORRUPT);
}

static void s39_a_receipt_is_signed_for_a_packet_that_opened_and_lies_in_a_file(void **state)
{
    (void)state;
    struct error err = {0};
    uint8_t own_key[32], own[32], other_key[32], other[32], digest[HASH_SIZE];
    char hash[HEX_HASH_SIZE], folder[] = "/tmp/mizan-sealed-XXXXXX";
    struct office_command command = command_of("alert", "receive");
    assert_true(sealed_is_signed_for(&command) && sealed_is_for_device(&command));
    assert_non_null(mkdtemp(folder));
    AUTO(text) char *file = text_format("%s/packet.json", folder);
    device_key_new(own_key, own);
    device_key_new(other_key, other);
    AUTO(json) json_t *packet = seal_text(own_key, "handover:a-1", "{\"case\":\"k-1\"}");
    AUTO(bytes) struct bytes sealed = {NULL, 0};
    assert_true(base64_read(json_string_value(packet), 4096, &sealed, &err));
    hash_bytes(sealed.data, sealed.size, digest);
    hex_write(digest, HASH_SIZE, hash);
    AUTO(json)
    json_t *shown = json_pack("{s:s, s:[{s:O, s:s}, {s:s, s:s}]}", "handover_hash", hash, "packets", "packet",
        packet, "handover_hash", hash, "packet", "AAAA", "handover_hash", "00");
    assert_false(sealed_receive("a-1", "00", own, file, shown, &err)); /* another packet than its hash */
    assert_false(sealed_receive("a-1", "11", own, file, shown, &err)); /* none */
    assert_false(sealed_receive("a-2", hash, own, file, shown, &err)); /* another alert's */
    assert_false(sealed_receive("a-1", hash, other, file, shown, &err));
    assert_int_equal(access(file, F_OK), -1);
    assert_false(sealed_receive("a-1", hash, own, "/nowhere/at/all", shown, &err));
    assert_true(sealed_receive("a-1", hash, own, file, shown, &err));
    assert_string_equal(case_in(shown, "packet"), "k-1");
    AUTO(json) json_t *saved = json_load_file(file, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(saved, "handover_hash")), hash);
    assert_true(json_equal(json_object_get(saved, "packet"), packet));
    unlink(file);
    rmdir(folder);
}

static void s45_a_copy_opens_as_the_one_that_was_asked_for_only(void **state)
{
    (void)state;
    struct error err = {0};
    uint8_t key[32], secret[32];
    struct office_command command = command_of("copy", "open");
    device_key_new(key, secret);
    AUTO(json)
    json_t *answer = json_pack("{s:o}", "sealed", seal_text(key, "oversight:e-1", "{\"case\":\"k-1\"}"));
    assert_false(sealed_open(&command, "e-2", secret, answer, &err));
    assert_true(sealed_open(&command, "e-1", secret, answer, &err));
    assert_string_equal(case_in(answer, "sealed"), "k-1");
    AUTO(json) json_t *empty = json_object();
    assert_false(sealed_open(&command, "e-1", secret, empty, &err));
    assert_non_null(strstr(err.text, "nothing sealed"));
}

/* Two marks as a desk makes them, and the key that made them, sealed to oversight. */
static json_t *marks_of(const uint8_t oversight[static PUBLIC_KEY_SIZE], const char *const numbers[2])
{
    struct error err = {0};
    uint8_t key[DATA_KEY_SIZE], marks[2 * HASH_SIZE], digest[HASH_SIZE];
    char hash[HEX_HASH_SIZE];
    AUTO(bytes) struct bytes sealed = {NULL, 0};
    random_fill(key, sizeof key);
    listed_tag(key, numbers[0], marks);
    listed_tag(key, numbers[1], marks + HASH_SIZE);
    hash_bytes(marks, sizeof marks, digest);
    hex_write(digest, HASH_SIZE, hash);
    assert_true(packet_seal(oversight, "listed:op-1", key, sizeof key, &sealed, &err));
    AUTO(text) char *tags = base64_write(marks, sizeof marks);
    AUTO(text) char *text = base64_write(sealed.data, sealed.size);
    return json_pack(
        "{s:s, s:s, s:s, s:s}", "operation", "op-1", "tags", tags, "listed_hash", hash, "sealed_key", text);
}

/* Of what was looked at, whatever the desk says of it. */
static void expect_hash(const json_t *answer, const char *field, const json_t *base64)
{
    struct error err = {0};
    uint8_t digest[HASH_SIZE];
    char hash[HEX_HASH_SIZE];
    AUTO(bytes) struct bytes bytes = {NULL, 0};
    assert_true(base64_read(json_string_value(base64), 1 << 20, &bytes, &err));
    hash_bytes(bytes.data, bytes.size, digest);
    hex_write(digest, HASH_SIZE, hash);
    assert_string_equal(json_string_value(json_object_get(answer, field)), hash);
}

static void s40_whether_a_number_was_listed_is_found_on_oversight_s_machine(void **state)
{
    (void)state;
    struct error err = {0};
    uint8_t key[32], secret[32], other_key[32], other[32];
    static const char *const numbers[] = {"42101-0000001-1", "42101-0000002-2"};
    device_key_new(key, secret);
    device_key_new(other_key, other);
    for (int place = 0; place < 3; place++) {
        AUTO(json) json_t *answer = marks_of(key, numbers);
        AUTO(json) json_t *given = json_deep_copy(answer);
        const char *asked = place < 2 ? numbers[place] : "42101-0000003-3";
        assert_true(sealed_look_up("op-1", asked, secret, answer, &err));
        assert_int_equal(json_is_true(json_object_get(answer, "listed")), place < 2);
        assert_null(json_object_get(answer, "tags"));
        expect_hash(answer, "listed_hash", json_object_get(given, "tags"));
        expect_hash(answer, "sealed_key_hash", json_object_get(given, "sealed_key"));
    }
    AUTO(json) json_t *answer = marks_of(key, numbers);
    assert_false(sealed_look_up("op-1", numbers[0], other, answer, &err));
    assert_false(sealed_look_up("op-2", numbers[0], secret, answer, &err));
    json_object_set_new(answer, "tags", json_string("AAAA"));
    assert_false(sealed_look_up("op-1", numbers[0], secret, answer, &err));
    assert_non_null(strstr(err.text, "that the desk names"));
}

static void s33_a_unit_s_packet_opens_on_the_unit_s_page_only(void **state)
{
    (void)state;
    struct office_command command = command_of("packet", "show");
    assert_false(sealed_is_for_device(&command));
}

static void s10_a_device_s_key_signs_nothing_and_a_signing_key_opens_nothing(void **state)
{
    (void)state;
    struct error err = {0};
    char folder[] = "/tmp/mizan-sealed-XXXXXX";
    uint8_t device_key[32], secret[32], signing[32], signing_secret[SECRET_KEY_SIZE];
    assert_non_null(mkdtemp(folder));
    AUTO(text) char *device = text_format("%s/device.key", folder);
    AUTO(text) char *officer = text_format("%s/officer.key", folder);
    assert_true(keyfile_make_device(device, "words", device_key, &err));
    assert_true(keyfile_make_officer(officer, "words", "o-0000000000000001", signing, &err));
    AUTO(json)
    json_t *answer =
        json_pack("{s:o}", "sealed", seal_text(device_key, "oversight:e-1", "{\"case\":\"k-1\"}"));
    struct office_command command = command_of("copy", "open");
    if (!keyfile_open_device(device, "words", secret, &err))
        fail_msg("%s", err.text);
    assert_true(sealed_open(&command, "e-1", secret, answer, &err));
    assert_false(keyfile_open(device, "words", signing_secret, &err));
    assert_non_null(strstr(err.text, "signs nothing"));
    assert_false(keyfile_open_device(officer, "words", secret, &err));
    assert_non_null(strstr(err.text, "mizan key device"));
    assert_false(keyfile_open_device(device, "other words", secret, &err));
    assert_int_equal(err.code, ERROR_UNSIGNED);
    assert_false(keyfile_make_device(device, "words", device_key, &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
    unlink(device);
    unlink(officer);
    rmdir(folder);
}

int main(void)
{
    struct error err = {0};
    if (!crypto_start(&err))
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s39_a_station_opens_its_own_packets_and_no_other_station_s),
        cmocka_unit_test(s39_a_receipt_is_signed_for_a_packet_that_opened_and_lies_in_a_file),
        cmocka_unit_test(s45_a_copy_opens_as_the_one_that_was_asked_for_only),
        cmocka_unit_test(s40_whether_a_number_was_listed_is_found_on_oversight_s_machine),
        cmocka_unit_test(s33_a_unit_s_packet_opens_on_the_unit_s_page_only),
        cmocka_unit_test(s10_a_device_s_key_signs_nothing_and_a_signing_key_opens_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
