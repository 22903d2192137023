#include "list/csv.h"

#include "base/text.h"

#include <string.h>

static const char byte_order_mark[] = "\xef\xbb\xbf";

void csv_start(struct csv *csv, const void *bytes, size_t size)
{
    *csv = (struct csv){bytes, (const char *)bytes + size, 0};
    if (size >= 3 && memcmp(bytes, byte_order_mark, 3) == 0)
        csv->at += 3;
}

/* The next line without its end; false after the last. */
static bool take_line(struct csv *csv, const char **line, size_t *size)
{
    if (csv->at >= csv->end)
        return false;
    size_t left = (size_t)(csv->end - csv->at);
    const char *newline = memchr(csv->at, '\n', left);
    *line = csv->at;
    *size = newline ? (size_t)(newline - csv->at) : left;
    csv->at += *size + (newline != NULL);
    if (*size && (*line)[*size - 1] == '\r')
        (*size)--;
    csv->number++;
    return true;
}

/* Takes a quoted field from *at, after its first quote, and writes it to *to. */
static bool take_quoted(const char **at, const char *end, char **to)
{
    while (*at < end) {
        if (**at != '"') {
            *(*to)++ = *(*at)++;
        } else if (*at + 1 < end && (*at)[1] == '"') {
            *(*to)++ = '"';
            *at += 2;
        } else {
            (*at)++;
            return *at == end || **at == ',';
        }
    }
    return false;
}

static bool take_plain(const char **at, const char *end, char **to)
{
    for (; *at < end && **at != ','; (*at)++) {
        if (**at == '"')
            return false;
        *(*to)++ = **at;
    }
    return true;
}

static bool split(const char *at, const char *end, struct csv_line *out, struct error *err)
{
    char *to = out->text;
    for (;;) {
        if (out->count == CSV_FIELDS)
            return fail(err, ERROR_INVALID, "more than %d fields", CSV_FIELDS);
        out->fields[out->count++] = to;
        bool quoted = at < end && *at == '"';
        at += quoted;
        if (!(quoted ? take_quoted(&at, end, &to) : take_plain(&at, end, &to)))
            return fail(err, ERROR_INVALID,
                "field %zu has a quote that does not begin or end it; write a quote inside a field twice",
                out->count);
        *to++ = '\0';
        if (at == end)
            return true;
        at++;
    }
}

static bool read_line(const char *line, size_t size, struct csv_line *out, struct error *err)
{
    /* Each field gets an end of its own, where its comma stood or the line's end. */
    if (size >= CSV_LINE_BYTES)
        return fail(
            err, ERROR_TOO_LARGE, "a line of %zu bytes; at most %d are read", size, CSV_LINE_BYTES - 1);
    if (memchr(line, '\0', size) || !text_is_utf8(line, size))
        return fail(err, ERROR_INVALID, "the line is not UTF-8 text; save the file as UTF-8");
    return split(line, line + size, out, err);
}

bool csv_next(struct csv *csv, struct csv_line *out, bool *well, struct error *err)
{
    const char *line = NULL;
    size_t size = 0;
    do {
        if (!take_line(csv, &line, &size))
            return false;
    } while (size == 0);
    out->number = csv->number;
    out->count = 0;
    *well = read_line(line, size, out, err);
    return true;
}
