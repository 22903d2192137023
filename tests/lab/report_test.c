/* The report that demo sites use, as it lies in the repository. */
#include "base/file.h"
#include "base/text.h"
#include "sign/limits.h"
#include "sign/statement.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct bytes asset(const char *place)
{
    AUTO(text) char *path = text_format("%s/assets/%s", MIZAN_SOURCE, place);
    struct bytes bytes = {NULL, 0};
    assert_true(file_read(path, 1 << 16, &bytes, NULL));
    return bytes;
}

static void the_demo_report_is_signed_for_this_pack_and_within_the_limit(void **state)
{
    (void)state;
    AUTO(bytes) struct bytes json = asset("reports/demo.json");
    AUTO(bytes) struct bytes key = asset("reports/demo.pub");
    AUTO(bytes) struct bytes pack = asset("pack/pack.ini");
    struct error err = {0};
    AUTO(envelope) struct envelope *report = envelope_parse((const char *)json.data, json.size, &err);
    if (!report)
        fail_msg("%s", err.text);
    assert_true(envelope_is(report, "report", NULL));
    char hex[HEX_HASH_SIZE];
    hex_write(report->key, PUBLIC_KEY_SIZE, hex);
    assert_memory_equal(key.data, hex, 64);
    uint8_t hash[HASH_SIZE];
    uint8_t named[HASH_SIZE];
    hash_bytes(pack.data, pack.size, hash);
    assert_true(json_need_hex(report->fields, "pack_hash", named, HASH_SIZE, NULL));
    assert_memory_equal(named, hash, HASH_SIZE);
    int64_t bound = 0;
    int64_t entries = 0;
    assert_true(json_need_integer(report->fields, "fpir_bound_e9", &bound, NULL));
    assert_true(json_need_integer(report->fields, "n", &entries, NULL));
    assert_in_range(bound, 1, LIMIT_FPIR_E9);
    assert_int_equal(entries, LIMIT_DEMO_ENTRIES);
}

int main(void)
{
    if (!crypto_start(NULL))
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_demo_report_is_signed_for_this_pack_and_within_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
