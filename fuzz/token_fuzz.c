/* Operation tokens: the input as it comes; and, when it is a JSON list of statements' fields (roster,
 * request, report, then authorisations), a token made of them, each signed with one of a few known keys. */
#include "sign/token.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PARTS = 8 };

static struct envelope *sign_part(const json_t *parts, size_t index)
{
    const uint8_t seed[SEED_SIZE] = {(uint8_t)index};
    uint8_t public_key[PUBLIC_KEY_SIZE], secret[SECRET_KEY_SIZE];
    sign_key_from_seed(seed, public_key, secret);
    const json_t *fields = json_array_get(parts, index);
    struct error err;
    return fields ? envelope_sign(fields, secret, &err) : NULL;
}

static void verify(const char *bytes, size_t size)
{
    static const uint8_t hash[HASH_SIZE];
    const uint8_t seed[SEED_SIZE] = {0};
    uint8_t root[PUBLIC_KEY_SIZE], secret[SECRET_KEY_SIZE];
    sign_key_from_seed(seed, root, secret);
    struct token_context context = {.site = "x",
        .kind = SITE_DEMO,
        .root_key = root,
        .pack_hash = hash,
        .pack_is_demo = true,
        .now_s = 100};
    struct token_terms terms;
    struct error err = {0};
    if (!token_verify(bytes, size, &context, &terms, &err) && err.code == ERROR_NONE)
        __builtin_trap();
}

static void verify_signed(const uint8_t *data, size_t size)
{
    struct error err;
    struct envelope *signed_parts[PARTS] = {0};
    size_t count = 0;
    AUTO(json) json_t *parts = json_read((const char *)data, size, TOKEN_LIMIT, &err);
    while (parts && count < PARTS && (signed_parts[count] = sign_part(parts, count)))
        count++;
    if (count >= 3) {
        AUTO(json)
        json_t *token = token_json(signed_parts[1], (const struct envelope *const *)signed_parts + 3,
            count - 3, signed_parts[2], signed_parts[0]);
        char *text = json_dumps(token, JSON_COMPACT);
        verify(text, strlen(text));
        memory_release(text);
    }
    for (size_t i = 0; i < count; i++)
        envelope_free(signed_parts[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err;
    if (!crypto_start(&err))
        return 0;
    verify((const char *)data, size);
    verify_signed(data, size);
    return 0;
}
