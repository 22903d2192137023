/* Comma-separated text from outside, a line at a time: RFC 4180, but a field ends on its line, so that one
 * bad line spoils no other. UTF-8; a byte order mark is skipped. */
#pragma once

#include "base/error.h"

#include <stddef.h>

enum { CSV_FIELDS = 32, CSV_LINE_BYTES = 8192 };

struct csv { /* borrows the bytes */
    const char *at, *end;
    size_t number; /* of the last line given */
};

struct csv_line {
    size_t number; /* from 1 */
    size_t count;
    const char *fields[CSV_FIELDS]; /* point into `text` */
    char text[CSV_LINE_BYTES + 1];
};

void csv_start(struct csv *csv, const void *bytes, size_t size);
/* Whether there is another line that is not empty. *well is false for one that cannot be read: the error says
 * why, and the next line is asked for as if nothing had been. */
bool csv_next(struct csv *csv, struct csv_line *out, bool *well, struct error *err);
