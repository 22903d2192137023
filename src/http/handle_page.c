#include "base/file.h"
#include "base/text.h"

#include "http/handlers.h"
#include "http/page_file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PICTURE_LIMIT = 1 << 20 };

const struct page_file *page_file_find(const char *path)
{
    for (size_t i = 0; i < page_file_count; i++) {
        if (strcmp(page_files[i].path, path) == 0)
            return &page_files[i];
    }
    return NULL;
}

bool page_file(struct request *request, struct reply *reply, struct error *err)
{
    const struct page_file *file = page_file_find(request->head.path);
    if (!file)
        return fail(err, ERROR_MISSING, "there is no such page");
    /* A page that was opened before an upgrade gets no part of the one after it: two builds do not fit. */
    if (request->head.build && strcmp(request->head.build, page_build) != 0)
        return fail(err, ERROR_MISSING, "this desk has another build of the page; load the page again");
    snprintf(reply->etag, sizeof reply->etag, "%s", file->etag);
    reply->stays = true;
    const char *known = request->head.if_none_match;
    if (known && strstr(known, file->etag)) {
        reply->status = 304;
        reply->type = file->type;
        return true;
    }
    const char *accepted = request->head.accept_encoding;
    reply->is_packed = file->packed && accepted && strstr(accepted, "gzip");
    reply_bytes(reply, file->type,
        reply->is_packed ? bytes_copy(file->packed, file->packed_size) : bytes_copy(file->data, file->size));
    return true;
}

bool reply_png(struct reply *reply, const char *path, size_t limit, struct error *err)
{
    static const uint8_t png[] = {0x89, 'P', 'N', 'G'};
    struct bytes content = {0};
    if (!file_read(path, limit, &content, err))
        return false;
    if (content.size < sizeof png || memcmp(content.data, png, sizeof png) != 0) {
        bytes_free(&content);
        return fail(err, ERROR_CORRUPT, "%s is no PNG", path);
    }
    reply_bytes(reply, "image/png", content);
    return true;
}

/* The documentation's pictures change with every making of them, so they are no part of the program: they lie
 * in the site's folder (the demonstration) or where the package put them. */
bool picture_show(struct request *request, struct reply *reply, struct error *err)
{
    const char *folders[] = {request->site->folder, MIZAN_SHARED};
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        if (!folders[i])
            continue;
        AUTO(text) char *path = text_format("%s/pictures/%s.png", folders[i], request->parameters[0]);
        if (access(path, R_OK) == 0)
            return reply_png(reply, path, PICTURE_LIMIT, err);
    }
    return fail(err, ERROR_MISSING, "this desk has no such picture: tools/screens/tour.mjs makes them");
}
