/* Files that a checkout may lack: each test says so and is skipped without them. */
#pragma once

#include "base/file.h"
#include "base/text.h"
#include "face/face.h"
#include "video/jpeg.h"

#include <stdio.h>
#include <stdlib.h>
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
