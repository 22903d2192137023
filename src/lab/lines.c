#include "lab/lines.h"

#include "base/text.h"

#include <string.h>

static const char byte_order_mark[] = "\xEF\xBB\xBF";

void lines_begin(struct lines *lines, const struct bytes *text, const char *name)
{
    *lines = (struct lines){.name = name, .at = (const char *)text->data};
    lines->end = lines->at + text->size;
    if (text->size >= 3 && !memcmp(lines->at, byte_order_mark, 3))
        lines->at += 3;
}

static bool is_plain(const char *line, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (((uint8_t)line[i] < 0x20 && line[i] != '\t') || line[i] == 0x7F)
            return false;
    return text_is_utf8(line, size);
}

bool lines_next(struct lines *lines, bool *over, struct error *err)
{
    while (lines->at < lines->end) {
        const char *line = lines->at;
        const char *end = memchr(line, '\n', (size_t)(lines->end - line));
        size_t size = (size_t)((end ? end : lines->end) - line);
        lines->at = end ? end + 1 : lines->end;
        lines->number++;
        size -= size && line[size - 1] == '\r';
        if (size >= sizeof lines->text)
            return fail(err, ERROR_INVALID, "%s, line %d: too long", lines->name, lines->number);
        if (!is_plain(line, size))
            return fail(err, ERROR_INVALID, "%s, line %d: not text in UTF-8", lines->name, lines->number);
        memcpy(lines->text, line, size);
        lines->text[size] = '\0';
        if (lines->text[strspn(lines->text, " \t")]) {
            *over = false;
            return true;
        }
    }
    *over = true;
    return true;
}
