#include "base/wording.h"

#include "base/json.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The length of the conversion that `at`, a '%', begins. */
static size_t conversion_length(const char *at)
{
    size_t length = 1 + strcspn(at + 1, "diuxXcsfge%");
    return at[length] ? length + 1 : length;
}

static void add_value(struct wording *wording, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add_value(struct wording *wording, const char *format, ...)
{
    size_t used = strlen(wording->values), room = sizeof wording->values - used;
    if (room < 2)
        return;
    va_list arguments;
    va_start(arguments, format);
    int wanted = vsnprintf(wording->values + used, room - 1, format, arguments);
    va_end(arguments);
    size_t length = wanted < 0 ? 0 : (size_t)wanted < room - 2 ? (size_t)wanted : room - 2;
    text_make_plain(wording->values + used);
    memcpy(wording->values + used + length, "\n", 2);
}

static int precision_of(const char *conversion, size_t length, va_list *arguments)
{
    const char *dot = memchr(conversion, '.', length);
    if (!dot)
        return -1;
    return dot[1] == '*' ? va_arg(*arguments, int) : atoi(dot + 1);
}

static size_t count_of(const char *conversion, size_t length, char letter)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += conversion[i] == letter;
    return count;
}

static void add_whole(struct wording *wording, const char *conversion, size_t length, va_list *arguments)
{
    size_t longs = count_of(conversion, length, 'l');
    char kind = conversion[length - 1];
    bool is_signed = kind == 'd' || kind == 'i';
    unsigned long long value = count_of(conversion, length, 'z') ? va_arg(*arguments, size_t)
                               : longs >= 2                      ? va_arg(*arguments, unsigned long long)
                               : longs == 1                      ? va_arg(*arguments, unsigned long)
                               : is_signed ? (unsigned long long)(long long)va_arg(*arguments, int)
                                           : va_arg(*arguments, unsigned);
    if (is_signed)
        add_value(wording, "%lld", (long long)value);
    else if (kind == 'u')
        add_value(wording, "%llu", value);
    else
        add_value(wording, "%llx", value);
}

static void add_one(struct wording *wording, const char *conversion, size_t length, va_list *arguments)
{
    int precision = precision_of(conversion, length, arguments);
    switch (conversion[length - 1]) {
    case '%':
        break;
    case 's':
        add_value(wording, "%.*s", precision, va_arg(*arguments, const char *));
        break;
    case 'c':
        add_value(wording, "%c", va_arg(*arguments, int));
        break;
    case 'f':
        add_value(wording, "%.*f", precision < 0 ? 6 : precision, va_arg(*arguments, double));
        break;
    case 'g':
    case 'e':
        add_value(wording, "%.*g", precision < 0 ? 6 : precision, va_arg(*arguments, double));
        break;
    default:
        add_whole(wording, conversion, length, arguments);
    }
}

void wording_anew(struct wording *wording, const char *format, va_list arguments)
{
    *wording = (struct wording){.forms = {format}, .count = 1};
    va_list copy;
    va_copy(copy, arguments);
    for (const char *at = strchr(format, '%'); at; at = strchr(at, '%')) {
        size_t length = conversion_length(at);
        add_one(wording, at, length, &copy);
        at += length;
    }
    va_end(copy);
}

void wording_around(struct wording *wording, const char *format, va_list arguments)
{
    struct wording inner = *wording;
    wording_anew(wording, format, arguments);
    for (size_t i = 0; i < inner.count && wording->count < WORDING_FORMS; i++)
        wording->forms[wording->count++] = inner.forms[i];
    size_t used = strlen(wording->values), more = strlen(inner.values);
    if (used + more < sizeof wording->values)
        memcpy(wording->values + used, inner.values, more + 1);
}

/* The form as a reader of any language has it, {1} for its first value; adds the values. */
static char *form_text(const char *format, const char **values, json_t *out)
{
    struct text text = {0};
    const char *at = format;
    for (const char *next = strchr(at, '%'); next; next = strchr(at, '%')) {
        size_t length = conversion_length(next);
        text_add_bytes(&text, at, (size_t)(next - at));
        at = next + length;
        if (next[length - 1] == '%') {
            text_add(&text, "%%");
            continue;
        }
        size_t size = strcspn(*values, "\n");
        json_array_append_new(out, json_stringn(*values, size));
        *values += (*values)[size] ? size + 1 : size;
        text_add(&text, "{%zu}", json_array_size(out));
    }
    text_add(&text, "%s", at);
    return text.data;
}

json_t *wording_json(const struct wording *wording)
{
    json_t *forms = json_array();
    const char *values = wording->values;
    for (size_t i = 0; i < wording->count; i++) {
        json_t *filled = json_array();
        AUTO(text) char *form = form_text(wording->forms[i], &values, filled);
        json_array_append_new(forms, json_pack("{s:s, s:o}", "form", form, "values", filled));
    }
    return forms;
}
