/* The lines of a text that people write beside their pictures: labels, pairs. It is foreign: bounded lines of
 * UTF-8 without control characters. */
#pragma once

#include "base/memory.h"

enum { LINE_SIZE = 512 };

struct lines {
    const char *name; /* of the file, for errors; borrowed, as is the text */
    const char *at, *end;
    int number; /* of the line in `text`, from 1 */
    char text[LINE_SIZE];
};

/* A byte order mark at the start is passed over. */
void lines_begin(struct lines *lines, const struct bytes *text, const char *name);
/* The next line that is not blank, without its end; *over instead when there is none. ERROR_INVALID names a
 * line that is too long or not text. */
bool lines_next(struct lines *lines, bool *over, struct error *err);
