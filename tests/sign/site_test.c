/* Which build takes a site for a live one. This program is such a build: its issuer is the one below. */
#include "people.h"

#include "sign/site.h"

enum { ISSUER = PEOPLE };

/* The public key of key_of(ISSUER), in place of the library's. */
const char issuer_key[] = "7380a4b28d0b49b46e7ca1e4369949c8eb733ff90b69b3530d7e83f073900979";

static const struct site_keys *plan_keys(void)
{
    static struct site_keys keys = {.has_oversight = true};
    memcpy(keys.root, key_of(ROOT).public_key, PUBLIC_KEY_SIZE);
    memcpy(keys.oversight, key_of(OVERSIGHT).public_key, PUBLIC_KEY_SIZE);
    return &keys;
}

static json_t *certificate_fields(void)
{
    char root[HEX_HASH_SIZE], oversight[HEX_HASH_SIZE];
    hex_write(plan_keys()->root, PUBLIC_KEY_SIZE, root);
    hex_write(plan_keys()->oversight, PUBLIC_KEY_SIZE, oversight);
    return json_pack("{s:s, s:s, s:s, s:I, s:s, s:s, s:I}", "type", "site_certificate", "site", "karachi-one",
        "by", "issuer", "at", (json_int_t)NOW, "root_key", root, "oversight_key", oversight, "expires_at",
        (json_int_t)(NOW + 1000));
}

/* root.pub with a certificate of these fields (taken) by this person; the heap's. */
static char *root_file(json_t *fields, int signer)
{
    struct error err = {0};
    char root[HEX_HASH_SIZE], oversight[HEX_HASH_SIZE];
    hex_write(plan_keys()->root, PUBLIC_KEY_SIZE, root);
    hex_write(plan_keys()->oversight, PUBLIC_KEY_SIZE, oversight);
    AUTO(envelope) struct envelope *envelope = envelope_sign(fields, key_of(signer).secret, &err);
    json_decref(fields);
    assert_non_null(envelope);
    AUTO(json) json_t *json = envelope_json(envelope);
    AUTO(text) char *line = json_canonical(json, &err);
    return text_format("%s\n%s\n%s\n", root, oversight, line);
}

static bool is_live(json_t *fields, int signer, int64_t now_s, struct error *err)
{
    struct site_keys keys;
    AUTO(text) char *text = root_file(fields, signer);
    return site_keys_parse(text, SITE_LIVE, "karachi-one", now_s, &keys, err);
}

static void s52_a_site_with_the_issuer_s_certificate_is_live(void **state)
{
    (void)state;
    struct error err = {0};
    struct site_keys keys = {0};
    AUTO(text) char *text = root_file(certificate_fields(), ISSUER);
    assert_true(site_keys_parse(text, SITE_LIVE, "karachi-one", NOW, &keys, &err));
    assert_memory_equal(&keys, plan_keys(), sizeof keys);
}

static void s52_a_certificate_by_anybody_else_is_refused(void **state)
{
    (void)state;
    for (int signer = 0; signer < PEOPLE; signer++) {
        struct error err = {0};
        assert_false(is_live(certificate_fields(), signer, NOW, &err));
        assert_int_equal(err.code, ERROR_UNSIGNED);
    }
}

static void s52_a_certificate_for_another_site_or_key_is_refused(void **state)
{
    (void)state;
    char other[HEX_HASH_SIZE];
    hex_write(key_of(STRANGER).public_key, PUBLIC_KEY_SIZE, other);
    const struct {
        const char *field, *value;
    } edits[] = {{"site", "lahore-one"}, {"root_key", other}, {"oversight_key", other}};
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        struct error err = {0};
        json_t *fields = certificate_fields();
        json_object_set_new(fields, edits[i].field, json_string(edits[i].value));
        assert_false(is_live(fields, ISSUER, NOW, &err));
        assert_int_equal(err.code, ERROR_UNSIGNED);
    }
}

static void s52_a_certificate_ends(void **state)
{
    (void)state;
    struct error err = {0};
    assert_true(is_live(certificate_fields(), ISSUER, NOW + 999, &err));
    assert_false(is_live(certificate_fields(), ISSUER, NOW + 1000, &err));
    assert_int_equal(err.code, ERROR_FORBIDDEN);
}

static void s52_a_demo_site_s_key_alone_is_never_live(void **state)
{
    (void)state;
    struct error err = {0};
    struct site_keys keys;
    char root[HEX_HASH_SIZE];
    hex_write(plan_keys()->root, PUBLIC_KEY_SIZE, root);
    assert_true(site_keys_parse(root, SITE_DEMO, "karachi-one", NOW, &keys, &err));
    assert_false(site_keys_parse(root, SITE_LIVE, "karachi-one", NOW, &keys, &err));
}

static void a_key_file_that_is_cut_or_garbled_is_refused(void **state)
{
    (void)state;
    AUTO(text) char *whole = root_file(certificate_fields(), ISSUER);
    size_t length = strlen(whole);
    for (size_t cut = 0; cut + 1 < length; cut += 7) {
        struct error err = {0};
        struct site_keys keys;
        char kept = whole[cut];
        whole[cut] = '\0';
        assert_false(site_keys_parse(whole, SITE_LIVE, "karachi-one", NOW, &keys, &err));
        whole[cut] = kept == 'Z' ? 'Y' : 'Z';
        assert_false(site_keys_parse(whole, SITE_LIVE, "karachi-one", NOW, &keys, &err));
        whole[cut] = kept;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s52_a_site_with_the_issuer_s_certificate_is_live),
        cmocka_unit_test(s52_a_certificate_by_anybody_else_is_refused),
        cmocka_unit_test(s52_a_certificate_for_another_site_or_key_is_refused),
        cmocka_unit_test(s52_a_certificate_ends),
        cmocka_unit_test(s52_a_demo_site_s_key_alone_is_never_live),
        cmocka_unit_test(a_key_file_that_is_cut_or_garbled_is_refused),
    };
    return crypto_start(NULL) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
