#include "http/handlers.h"
#include "http/page_file.h"

#include <stdio.h>
#include <string.h>

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
