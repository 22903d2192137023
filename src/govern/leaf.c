#include "govern/leaf.h"

#include "base/text.h"

#include <sodium.h>
#include <string.h>

static const char *const own_fields[] = {"at", "by", "commitment", "kind", "previous", "seq", "site", NULL};

enum {
    CODE_LIMIT = 40,
    DIGIT_RUN_LIMIT = 11,
    ID_TAIL = 16,
    HEX_LIMIT = 2 * SIGNATURE_SIZE,
    PUBLIC_DEPTH = 4
};

static const char lower[] = "abcdefghijklmnopqrstuvwxyz";
static const char code_letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
static const char id_letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";

/* A telephone or CNIC number is a long run of digits; a code has none. */
static bool has_a_long_number(const char *text)
{
    size_t run = 0;
    for (; *text && run < DIGIT_RUN_LIMIT; text++)
        run = *text >= '0' && *text <= '9' ? run + 1 : 0;
    return run == DIGIT_RUN_LIMIT;
}

static bool is_code(const char *text, size_t size)
{
    return size <= CODE_LIMIT && strspn(text, code_letters) == size && !has_a_long_number(text);
}

static bool is_id(const char *text, size_t size)
{
    size_t prefix = strspn(text, lower);
    return prefix >= 1 && prefix <= 4 && text[prefix] == '-' && size == prefix + 1 + ID_TAIL &&
           strspn(text + prefix + 1, id_letters) == ID_TAIL;
}

static bool is_hex(const char *text, size_t size)
{
    return size % 2 == 0 && size >= 16 && size <= HEX_LIMIT && strspn(text, "0123456789abcdef") == size &&
           strpbrk(text, "abcdef");
}

static bool is_public_text(const json_t *value)
{
    const char *text = json_string_value(value);
    size_t size = json_string_length(value);
    return strlen(text) == size && (is_code(text, size) || is_id(text, size) || is_hex(text, size));
}

/* 13 digits are a CNIC; the project's times have 10 or 16. */
static bool is_public_number(int64_t number)
{
    int64_t least = 1000000000000, most = 9999999999999;
    return !(number >= least && number <= most) && !(number <= -least && number >= -most);
}

static bool is_public(const json_t *value, int depth)
{
    size_t index;
    const json_t *item;
    const char *key;
    if (json_is_boolean(value))
        return true;
    if (json_is_integer(value))
        return is_public_number(json_integer_value(value));
    if (json_is_string(value))
        return is_public_text(value);
    if (depth == 0 || !(json_is_array(value) || json_is_object(value)))
        return false;
    json_array_foreach (value, index, item) {
        if (!is_public(item, depth - 1))
            return false;
    }
    json_object_foreach ((json_t *)(uintptr_t)value, key, item) {
        if (!is_code(key, strlen(key)) || !is_public(item, depth - 1))
            return false;
    }
    return true;
}

static bool is_own_field(const char *name)
{
    size_t i = 0;
    while (own_fields[i] && strcmp(own_fields[i], name) != 0)
        i++;
    return own_fields[i] != NULL;
}

static bool check_field(const char *key, const json_t *value, struct error *err)
{
    if (!is_code(key, strlen(key)))
        return fail(err, ERROR_INVALID, "a public field's name is a code, not '%.40s'", key);
    if (!is_public(value, PUBLIC_DEPTH))
        return fail(err, ERROR_INVALID,
            "the public field '%s' has to hold ids, codes, hex, counts or times; everything else is private",
            key);
    return true;
}

bool leaf_check_public(const json_t *fields, struct error *err)
{
    const char *key;
    const json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)fields, key, value) {
        if (is_own_field(key))
            return fail(err, ERROR_INVALID, "the field '%s' is the log's own", key);
        if (!check_field(key, value, err))
            return false;
    }
    return true;
}

static bool check_names(const struct leaf *leaf, struct error *err)
{
    size_t by = strlen(leaf->by);
    if (!*leaf->kind || !is_code(leaf->kind, strlen(leaf->kind)))
        return fail(err, ERROR_INVALID, "a record's kind is a code, not '%.40s'", leaf->kind);
    if (!by || !(is_code(leaf->by, by) || is_id(leaf->by, by)))
        return fail(
            err, ERROR_INVALID, "a record is by an officer's id or by the site, not '%.40s'", leaf->by);
    return true;
}

char *leaf_write(const struct leaf *leaf, const json_t *public_fields, struct error *err)
{
    if (!check_names(leaf, err) || !leaf_check_public(public_fields, err))
        return NULL;
    char previous[2 * HASH_SIZE + 1];
    hex_write(leaf->previous, HASH_SIZE, previous);
    AUTO(json)
    json_t *json = json_pack("{s:I, s:s, s:s, s:s, s:s, s:I, s:s}", "at", (json_int_t)leaf->at_s, "by",
        leaf->by, "commitment", leaf->commitment, "kind", leaf->kind, "previous", previous, "seq",
        (json_int_t)leaf->seq, "site", leaf->site);
    if (!json || (public_fields && json_object_update(json, (json_t *)(uintptr_t)public_fields) != 0)) {
        fail(err, ERROR_SYSTEM, "out of memory for a log record");
        return NULL;
    }
    AUTO(text) char *text = json_canonical(json, err);
    if (text && strlen(text) > LEAF_LIMIT) {
        fail(err, ERROR_TOO_LARGE, "a log record of %zu bytes; the limit is %d", strlen(text), LEAF_LIMIT);
        return NULL;
    }
    return STEAL(text);
}

static bool read_own_fields(const json_t *json, struct leaf *out, struct error *err)
{
    uint8_t commitment[HASH_SIZE];
    return json_need_integer(json, "seq", &out->seq, err) && json_need_integer(json, "at", &out->at_s, err) &&
           json_need_text(json, "site", &out->site, err) && json_need_text(json, "by", &out->by, err) &&
           json_need_text(json, "kind", &out->kind, err) &&
           json_need_text(json, "commitment", &out->commitment, err) &&
           (*out->commitment == '\0' || json_need_hex(json, "commitment", commitment, HASH_SIZE, err)) &&
           json_need_hex(json, "previous", out->previous, HASH_SIZE, err) && check_names(out, err);
}

static bool check_others(const json_t *json, struct error *err)
{
    const char *key;
    const json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)json, key, value) {
        if (!is_own_field(key) && !check_field(key, value, err))
            return false;
    }
    return true;
}

bool leaf_read(const char *bytes, size_t size, struct leaf *out, json_t **json, struct error *err)
{
    AUTO(json) json_t *read = json_read(bytes, size, LEAF_LIMIT, err);
    if (!read)
        return false;
    if (!json_is_object(read))
        return fail(err, ERROR_INVALID, "a record is a JSON object");
    AUTO(text) char *canonical = json_canonical(read, err);
    if (!canonical)
        return false;
    if (strlen(canonical) != size || memcmp(canonical, bytes, size) != 0)
        return fail(err, ERROR_INVALID, "not in canonical form");
    struct leaf leaf = {0};
    if (!read_own_fields(read, &leaf, err) || !check_others(read, err))
        return false;
    *out = leaf;
    *json = STEAL(read);
    return true;
}

void leaf_commitment(
    const uint8_t salt[static SALT_SIZE], const char *private_fields, uint8_t out[static HASH_SIZE])
{
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, salt, SALT_SIZE);
    crypto_hash_sha256_update(&state, (const uint8_t *)private_fields, strlen(private_fields));
    crypto_hash_sha256_final(&state, out);
}
