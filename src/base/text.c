#include "base/text.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The room of a text follows from its size, a power of two, so that adding byte by byte copies each byte a
 * few times at most. */
static size_t room_for(size_t size)
{
    size_t room = 64;
    while (room < size + 1)
        room *= 2;
    return room;
}

void text_add_bytes(struct text *text, const void *bytes, size_t size)
{
    size_t room = room_for(text->size + size);
    if (!text->data || room != room_for(text->size))
        text->data = memory_resize(text->data, room, 1);
    if (size)
        memcpy(text->data + text->size, bytes, size);
    text->size += size;
    text->data[text->size] = '\0';
}

void text_add(struct text *text, const char *format, ...)
{
    char *piece = NULL;
    va_list arguments;
    va_start(arguments, format);
    int size = vasprintf(&piece, format, arguments);
    va_end(arguments);
    if (size < 0)
        abort();
    text_add_bytes(text, piece, (size_t)size);
    free(piece);
}

void text_done(struct text *text)
{
    free(text->data);
    *text = (struct text){NULL, 0};
}

char *text_format(const char *format, ...)
{
    char *made = NULL;
    va_list arguments;
    va_start(arguments, format);
    int size = vasprintf(&made, format, arguments);
    va_end(arguments);
    if (size < 0)
        abort();
    return made;
}

/* The shortest-form table of Unicode 15, table 3-7. Returns the sequence's length, 0 when it is malformed. */
static size_t utf8_sequence(const uint8_t *at, size_t left)
{
    static const struct {
        uint8_t first_low, first_high, second_low, second_high, length;
    } rows[] = {
        {0x00, 0x7F, 0, 0, 1},
        {0xC2, 0xDF, 0x80, 0xBF, 2},
        {0xE0, 0xE0, 0xA0, 0xBF, 3},
        {0xE1, 0xEC, 0x80, 0xBF, 3},
        {0xED, 0xED, 0x80, 0x9F, 3},
        {0xEE, 0xEF, 0x80, 0xBF, 3},
        {0xF0, 0xF0, 0x90, 0xBF, 4},
        {0xF1, 0xF3, 0x80, 0xBF, 4},
        {0xF4, 0xF4, 0x80, 0x8F, 4},
    };
    for (size_t row = 0; row < COUNT_OF(rows); row++) {
        if (at[0] < rows[row].first_low || at[0] > rows[row].first_high)
            continue;
        size_t length = rows[row].length;
        if (length > left)
            return 0;
        if (length > 1 && (at[1] < rows[row].second_low || at[1] > rows[row].second_high))
            return 0;
        for (size_t i = 2; i < length; i++)
            if ((at[i] & 0xC0) != 0x80)
                return 0;
        return length;
    }
    return 0;
}

bool text_is_utf8(const char *bytes, size_t size)
{
    const uint8_t *at = (const uint8_t *)bytes;
    while (size) {
        size_t length = utf8_sequence(at, size);
        if (!length)
            return false;
        at += length;
        size -= length;
    }
    return true;
}

void text_make_plain(char *text)
{
    uint8_t *at = (uint8_t *)text;
    for (size_t left = strlen(text); left;) {
        size_t length = utf8_sequence(at, left);
        bool control = at[0] < 0x20 || at[0] == 0x7F || (length == 2 && at[0] == 0xC2 && at[1] < 0xA0);
        size_t size = length ? length : 1;
        if (control || !length)
            memset(at, '?', size);
        at += size;
        left -= size;
    }
}

void hex_write(const void *bytes, size_t size, char *out)
{
    sodium_bin2hex(out, 2 * size + 1, bytes, size);
}

bool hex_read(const char *hex, void *bytes, size_t size)
{
    size_t got = 0;
    const char *end = NULL;
    size_t length = strlen(hex);
    if (length != 2 * size)
        return false;
    return sodium_hex2bin(bytes, size, hex, length, NULL, &got, &end) == 0 && got == size && *end == '\0';
}

char *base64_write(const void *bytes, size_t size)
{
    size_t room = sodium_base64_ENCODED_LEN(size, sodium_base64_VARIANT_ORIGINAL);
    char *out = memory_allocate(room, 1);
    sodium_bin2base64(out, room, bytes, size, sodium_base64_VARIANT_ORIGINAL);
    return out;
}

bool base64_read(const char *base64, size_t limit, struct bytes *out, struct error *err)
{
    size_t length = strlen(base64);
    size_t room = length / 4 * 3 + 3;
    uint8_t *bytes = memory_try_allocate(room, limit + 6, "base64 text", err);
    if (!bytes)
        return false;
    size_t got = 0;
    const char *end = NULL;
    if (sodium_base642bin(bytes, room, base64, length, NULL, &got, &end, sodium_base64_VARIANT_ORIGINAL) !=
            0 ||
        *end != '\0') {
        free(bytes);
        return fail(err, ERROR_INVALID, "not base64 text");
    }
    if (got > limit) {
        free(bytes);
        return fail(err, ERROR_TOO_LARGE, "base64 text of %zu bytes; the limit is %zu", got, limit);
    }
    *out = (struct bytes){bytes, got};
    return true;
}
