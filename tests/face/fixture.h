/* Files that a checkout may lack: each test says so and is skipped without them. */
#pragma once

#include "base/file.h"
#include "base/text.h"
#include "face/face.h"
#include "face/pack.h"
#include "video/jpeg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_SKIPPED = 77 };

static inline char *fixture_pack_folder(void)
{
    const char *assets = getenv("MIZAN_ASSETS");
    char *folder = text_format("%s/pack", assets ? assets : "build/assets");
    AUTO(text) char *file = text_format("%s/embed.onnx", folder);
    if (access(file, R_OK) == 0)
        return folder;
    fprintf(stderr, "skipped: no model pack in %s (tools/setup fetches it)\n", folder);
    exit(EXIT_SKIPPED);
}

/* The default pack with every network in float: what other runtimes' values are compared with. NULL on
 * failure. */
static inline struct pack *fixture_float_pack(struct error *err)
{
    static const char *const files[] = {"detect.onnx", "landmarks.onnx", "embed.onnx", "pack.ini"};
    char copy[] = "/tmp/mizan-float-XXXXXX";
    AUTO(text) char *from = fixture_pack_folder();
    AUTO(text) char *folder = realpath(from, NULL);
    AUTO(text) char *ini = text_format("%s/pack.ini", folder);
    AUTO(bytes) struct bytes text = {NULL, 0};
    if (!file_read(ini, 1 << 16, &text, err) || !mkdtemp(copy))
        return NULL;
    const char *end = strstr((const char *)text.data, "\nranges = ");
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        AUTO(text) char *target = text_format("%s/%s", folder, files[i]);
        AUTO(text) char *link = text_format("%s/%s", copy, files[i]);
        bool made =
            strcmp(files[i], "pack.ini") == 0
                ? end && file_write(link, 0644, text.data, (size_t)(end + 1 - (const char *)text.data), err)
                : symlink(target, link) == 0;
        if (!made)
            fprintf(stderr, "%s could not be made\n", link);
    }
    struct pack *pack = pack_open(copy, err);
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        AUTO(text) char *link = text_format("%s/%s", copy, files[i]);
        unlink(link);
    }
    rmdir(copy);
    return pack;
}

/* A picture of LFW, by its place in $MIZAN_SHARED/data/lfw. */
static inline struct image fixture_picture(const char *place)
{
    const char *shared = getenv("MIZAN_SHARED");
    AUTO(text) char *path = text_format("%s/data/lfw/%s", shared ? shared : "../shared", place);
    AUTO(bytes) struct bytes bytes = {NULL, 0};
    struct image image = {NULL, 0, 0, 0};
    if (file_read(path, 1 << 20, &bytes, NULL) && jpeg_read(bytes.data, bytes.size, &image, NULL))
        return image;
    fprintf(stderr, "skipped: no picture %s (MIZAN_SHARED)\n", path);
    exit(EXIT_SKIPPED);
}
