#include "cli/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HEAD_LIMIT = 16 * 1024 };

void client_reply_done(struct client_reply *reply)
{
    bytes_free(&reply->body);
    *reply = (struct client_reply){0};
}

/* The head's end, after the empty line; 0 when there is none within the limit. */
static size_t head_size(const char *bytes, size_t size)
{
    size_t most = size < HEAD_LIMIT ? size : HEAD_LIMIT;
    for (size_t i = 0; i + 4 <= most; i++) {
        if (memcmp(bytes + i, "\r\n\r\n", 4) == 0)
            return i + 4;
    }
    return 0;
}

static bool read_status(const char *head, int *status)
{
    if (strncmp(head, "HTTP/1.", 7) != 0 || (head[7] != '0' && head[7] != '1') || head[8] != ' ')
        return false;
    if (strspn(head + 9, "0123456789") != 3)
        return false;
    *status = atoi(head + 9);
    return *status >= 200 && *status <= 599;
}

static const char *find_header(const char *head, const char *name)
{
    size_t length = strlen(name);
    for (const char *line = strstr(head, "\r\n"); line; line = strstr(line, "\r\n")) {
        line += 2;
        if (strncasecmp(line, name, length) == 0 && line[length] == ':')
            return line + length + 1 + strspn(line + length + 1, " ");
    }
    return NULL;
}

/* What was cut off on its way must not pass for the whole. */
static bool check_length(const char *head, size_t got, struct error *err)
{
    const char *length = find_header(head, "Content-Length");
    if (!length || find_header(head, "Transfer-Encoding"))
        return fail(err, ERROR_CORRUPT, "the desk's answer does not say how long it is");
    size_t digits = strspn(length, "0123456789");
    if (digits == 0 || digits > 12 || strtoull(length, NULL, 10) != got)
        return fail(err, ERROR_CORRUPT, "the desk's answer was cut short: %zu bytes came of %.*s", got,
            (int)(digits < 12 ? digits : 12), length);
    return true;
}

bool client_reply_read(const char *bytes, size_t size, struct client_reply *out, struct error *err)
{
    struct client_reply reply = {0};
    size_t end = head_size(bytes, size);
    if (!end || memchr(bytes, '\0', end))
        return fail(err, ERROR_CORRUPT, "what answers there does not speak HTTP");
    char head[HEAD_LIMIT + 1];
    memcpy(head, bytes, end);
    head[end] = '\0';
    if (!read_status(head, &reply.status))
        return fail(err, ERROR_CORRUPT, "what answers there does not speak HTTP");
    if (!check_length(head, size - end, err))
        return false;
    const char *type = find_header(head, "Content-Type");
    if (type)
        snprintf(reply.type, sizeof reply.type, "%.*s", (int)strcspn(type, "; \r\n"), type);
    reply.body = bytes_copy(bytes + end, size - end);
    *out = reply;
    return true;
}
