/* Text that grows, hex, base64, and checks on text from outside. */
#pragma once

#include "base/memory.h"

struct text {
    char *data; /* always ends in NUL once something was added; NULL before */
    size_t size;
};

void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_add_bytes(struct text *text, const void *bytes, size_t size);
void text_done(struct text *text);
static inline void text_buffer_auto(struct text *slot)
{
    text_done(slot);
}

/* Heap text; the caller owns it. */
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

bool text_is_utf8(const char *bytes, size_t size);
/* Puts '?' for control characters and for bytes that are no part of UTF-8: one line, wherever it is shown. */
void text_make_plain(char *text);

/* Lower-case hex. `out` has room for 2 × size + 1. Parsing takes exactly 2 × size hex digits and a NUL. */
void hex_write(const void *bytes, size_t size, char *out);
bool hex_read(const char *hex, void *bytes, size_t size);

/* Standard base64 with padding (RFC 4648 §4). */
char *base64_write(const void *bytes, size_t size);
bool base64_read(const char *base64, size_t limit, struct bytes *out, struct error *err);
