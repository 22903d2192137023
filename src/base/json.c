#include "base/json.h"

#include "base/text.h"

#include <string.h>

enum { JSON_DEPTH_LIMIT = 32 };

/* jansson recurses once per level, so the depth is bounded on the bytes before it sees them. */
static bool depth_is_bounded(const char *bytes, size_t size)
{
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < size; i++) {
        char c = bytes[i];
        if (quoted && c == '\\') {
            i++;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (!quoted && (c == '[' || c == '{')) {
            if (++depth > JSON_DEPTH_LIMIT)
                return false;
        } else if (!quoted && (c == ']' || c == '}')) {
            depth--;
        }
    }
    return true;
}

json_t *json_read(const char *bytes, size_t size, size_t limit, struct error *err)
{
    if (size > limit) {
        fail(err, ERROR_TOO_LARGE, "JSON of %zu bytes; the limit is %zu", size, limit);
        return NULL;
    }
    if (!depth_is_bounded(bytes, size)) {
        fail(err, ERROR_INVALID, "JSON nested deeper than %d levels", JSON_DEPTH_LIMIT);
        return NULL;
    }
    json_error_t wrong;
    json_t *value = json_loadb(bytes, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &wrong);
    if (!value)
        fail(err, ERROR_INVALID, "not JSON: %s at byte %d", wrong.text, wrong.position);
    return value;
}

static bool holds_a_real(const json_t *value)
{
    if (json_is_real(value))
        return true;
    size_t index;
    const json_t *item;
    if (json_is_array(value)) {
        json_array_foreach (value, index, item) {
            if (holds_a_real(item))
                return true;
        }
    }
    const char *key;
    if (json_is_object(value)) {
        json_object_foreach ((json_t *)(uintptr_t)value, key, item) {
            if (holds_a_real(item))
                return true;
        }
    }
    return false;
}

char *json_canonical(const json_t *value, struct error *err)
{
    if (holds_a_real(value)) {
        fail(err, ERROR_INVALID, "canonical JSON has integers only; scale the number and say so in its name");
        return NULL;
    }
    char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    if (!text)
        fail(err, ERROR_INVALID, "this value cannot be written as JSON");
    return text;
}

static const json_t *field_of(const json_t *object, const char *field, struct error *err)
{
    const json_t *value = json_object_get(object, field);
    if (!value)
        fail(err, ERROR_INVALID, "the field '%s' is missing", field);
    return value;
}

bool json_need_text(const json_t *object, const char *field, const char **out, struct error *err)
{
    const json_t *value = field_of(object, field, err);
    if (!value)
        return false;
    if (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value))
        return fail(err, ERROR_INVALID, "the field '%s' has to be text", field);
    *out = json_string_value(value);
    return true;
}

bool json_need_integer(const json_t *object, const char *field, int64_t *out, struct error *err)
{
    const json_t *value = field_of(object, field, err);
    if (!value)
        return false;
    if (!json_is_integer(value))
        return fail(err, ERROR_INVALID, "the field '%s' has to be a whole number", field);
    *out = json_integer_value(value);
    return true;
}

bool json_need_array(const json_t *object, const char *field, const json_t **out, struct error *err)
{
    const json_t *value = field_of(object, field, err);
    if (!value)
        return false;
    if (!json_is_array(value))
        return fail(err, ERROR_INVALID, "the field '%s' has to be a list", field);
    *out = value;
    return true;
}

bool json_need_object(const json_t *object, const char *field, const json_t **out, struct error *err)
{
    const json_t *value = field_of(object, field, err);
    if (!value)
        return false;
    if (!json_is_object(value))
        return fail(err, ERROR_INVALID, "the field '%s' has to be an object", field);
    *out = value;
    return true;
}

bool json_need_hex(const json_t *object, const char *field, void *bytes, size_t size, struct error *err)
{
    const char *hex = NULL;
    if (!json_need_text(object, field, &hex, err))
        return false;
    if (!hex_read(hex, bytes, size))
        return fail(err, ERROR_INVALID, "the field '%s' has to be %zu hex digits", field, 2 * size);
    return true;
}

bool json_only_fields(const json_t *object, const char *const *names, struct error *err)
{
    const char *key;
    const json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)object, key, value) {
        size_t i = 0;
        while (names[i] && strcmp(names[i], key) != 0)
            i++;
        if (!names[i])
            return fail(err, ERROR_INVALID, "the field '%s' is not known here", key);
    }
    return true;
}
