/* How an error's sentence was put together, so that it can be said in another language: the forms (printf
 * formats, which are literals and therefore live as long as the program), outermost first, and what was
 * filled into them. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

#define WORDING_FORMS 4

struct wording {
    const char *forms[WORDING_FORMS];
    size_t count;
    char values[512]; /* in the order of the conversions, each ends in a newline; what has no room is left out
                       */
};

/* Forgets what was there. */
void wording_anew(struct wording *wording, const char *format, va_list arguments);
/* Puts a form before the others; with WORDING_FORMS of them the innermost is left out. */
void wording_around(struct wording *wording, const char *format, va_list arguments);

/* [{"form": "entry {1} has no photo", "values": ["e-…"]}], outermost first. A new reference. */
struct json_t *wording_json(const struct wording *wording);
