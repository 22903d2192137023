#include "sign/form.h"

#include <inttypes.h>
#include <string.h>

enum { ID_DIGITS = 16, HEX_DIGITS = 64 };

static bool holds_only(const char *text, size_t size, const char *allowed)
{
    return strlen(text) == size && strspn(text, allowed) == size;
}

bool form_is_id(const char *text, const char *prefix)
{
    size_t used = strlen(prefix);
    return strncmp(text, prefix, used) == 0 && text[used] == '-' &&
           holds_only(text + used + 1, ID_DIGITS, "0123456789abcdefghijklmnopqrstuvwxyz");
}

static bool is_one_of(const char *word, const char *words)
{
    size_t size = strlen(word);
    for (const char *at = words; *at;) {
        size_t length = strcspn(at, " ");
        if (length == size && memcmp(at, word, size) == 0)
            return true;
        at += length + (at[length] == ' ');
    }
    return false;
}

static bool is_id_of(const char *text, const char *prefixes)
{
    size_t size = strcspn(text, "-");
    char prefix[8];
    if (size == 0 || size >= sizeof prefix)
        return false;
    memcpy(prefix, text, size);
    prefix[size] = '\0';
    return is_one_of(prefix, prefixes) && form_is_id(text, prefix);
}

static bool text_is_plain(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return false;
    }
    return true;
}

bool form_is_service_number(const char *text)
{
    size_t size = strlen(text);
    return size >= 2 && size < SERVICE_NUMBER_SIZE &&
           holds_only(text, size, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-/");
}

static bool check_text(const json_t *value, const struct form *form, struct error *err)
{
    const char *text = json_string_value(value);
    if (!text)
        return fail(err, ERROR_INVALID, "'%s' has to be text", form->name);
    switch (form->kind) {
    case FORM_ID:
        return is_id_of(text, form->of) ||
               fail(err, ERROR_INVALID, "'%s' has to be an id like %s-…", form->name, form->of);
    case FORM_ID_NONE:
        return !*text || form_is_id(text, form->of) ||
               fail(err, ERROR_INVALID, "'%s' has to be empty or an id like %s-…", form->name, form->of);
    case FORM_HEX:
        return holds_only(text, HEX_DIGITS, "0123456789abcdef") ||
               fail(err, ERROR_INVALID, "'%s' has to be 64 lower-case hex digits", form->name);
    case FORM_SERVICE:
        return form_is_service_number(text) ||
               fail(err, ERROR_INVALID, "'%s' has to be 2 to %d letters, digits, hyphens or slashes",
                   form->name, SERVICE_NUMBER_SIZE - 1);
    case FORM_WORD:
        return is_one_of(text, form->of) ||
               fail(err, ERROR_INVALID, "'%s' has to be one of: %s", form->name, form->of);
    default:
        break;
    }
    int64_t size = (int64_t)json_string_length(value);
    if (size < form->least || size > form->most || !text_is_plain(text))
        return fail(err, ERROR_INVALID,
            "'%s' has to be %" PRId64 " to %" PRId64 " bytes of text without control characters", form->name,
            form->least, form->most);
    return true;
}

static bool check_integer(const json_t *value, const struct form *form, struct error *err)
{
    if (!json_is_integer(value) || json_integer_value(value) < form->least ||
        json_integer_value(value) > form->most)
        return fail(err, ERROR_INVALID, "'%s' has to be a whole number from %" PRId64 " to %" PRId64,
            form->name, form->least, form->most);
    return true;
}

static bool check_order(const json_t *list, size_t index, const struct form *form, struct error *err)
{
    const char *item = json_string_value(json_array_get(list, index));
    for (size_t i = form->kind == FORM_RISING && index > 0 ? index - 1 : 0; item && i < index; i++) {
        int order = strcmp(json_string_value(json_array_get(list, i)), item);
        if (order == 0)
            return fail(err, ERROR_INVALID, "'%s' names '%s' twice", form->name, item);
        if (order > 0 && form->kind == FORM_RISING)
            return fail(err, ERROR_INVALID, "'%s' has to be sorted", form->name);
    }
    return true;
}

static bool check_list(const json_t *value, const struct form *form, struct error *err)
{
    int64_t size = (int64_t)json_array_size(value);
    if (!json_is_array(value) || size < form->least || size > form->most)
        return fail(err, ERROR_INVALID, "'%s' has to be a list of %" PRId64 " to %" PRId64 " items",
            form->name, form->least, form->most);
    for (size_t i = 0; i < (size_t)size; i++) {
        if (!form_check(json_array_get(value, i), form->inner, err))
            return fail_within(err, "'%s' item %zu", form->name, i + 1);
        if (!check_order(value, i, form, err))
            return false;
    }
    return true;
}

bool form_check(const json_t *value, const struct form *form, struct error *err)
{
    switch (form->kind) {
    case FORM_INTEGER:
        return check_integer(value, form, err);
    case FORM_BOOLEAN:
        return json_is_boolean(value) || fail(err, ERROR_INVALID, "'%s' has to be true or false", form->name);
    case FORM_TRUE:
        return json_is_true(value) || fail(err, ERROR_INVALID, "'%s' has to be true", form->name);
    case FORM_LIST:
    case FORM_RISING:
        return check_list(value, form, err);
    case FORM_OBJECT:
        if (!json_is_object(value))
            return fail(err, ERROR_INVALID, "'%s' has to be an object", form->name);
        return form_check_fields(value, form->inner, NULL, err) || fail_within(err, "'%s'", form->name);
    default:
        return check_text(value, form, err);
    }
}

static bool check_known(
    const json_t *object, const struct form *fields, const struct form *also, struct error *err)
{
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)object, key, value) {
        bool known = false;
        for (const struct form *at = fields; at && at->name; at++)
            known = known || strcmp(at->name, key) == 0;
        for (const struct form *at = also; at && at->name; at++)
            known = known || strcmp(at->name, key) == 0;
        if (!known)
            return fail(err, ERROR_INVALID, "the field '%.64s' is not known here", key);
    }
    return true;
}

static bool check_present(const json_t *object, const struct form *fields, struct error *err)
{
    for (const struct form *at = fields; at && at->name; at++) {
        const json_t *value = json_object_get(object, at->name);
        if (!value && (at->may_lack || at->former))
            continue;
        if (!value)
            return fail(err, ERROR_INVALID, "the field '%s' is missing", at->name);
        if (!form_check(value, at, err))
            return false;
    }
    return true;
}

bool form_check_fields(
    const json_t *object, const struct form *fields, const struct form *also, struct error *err)
{
    return check_present(object, fields, err) && check_present(object, also, err) &&
           check_known(object, fields, also, err);
}
