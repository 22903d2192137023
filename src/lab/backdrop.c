#include "lab/backdrop.h"

#include "base/file.h"
#include "lab/clip.h"
#include "lab/dataset.h"
#include "video/sampler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WALL_GREY = 0x8c, WALK_STEP = 7 };

static bool add_picture(
    struct backdrop *backdrop, const struct image *from, int width, int height, struct error *err)
{
    struct image *to = &backdrop->pictures[backdrop->count];
    if (!image_init(to, width, height, err))
        return false;
    backdrop->count++;
    memset(to->rgb, WALL_GREY, (size_t)to->stride * (size_t)to->height);
    if (from)
        image_scale(from, to);
    return true;
}

static bool is_jpeg(const char *path, bool *jpeg, struct error *err)
{
    uint8_t begin[2] = {0};
    FILE *file = fopen(path, "re");
    if (!file) {
        fail_errno(err, "%s", path);
        if (err)
            err->code = ERROR_MISSING;
        return false;
    }
    *jpeg = fread(begin, 1, sizeof begin, file) == sizeof begin && begin[0] == 0xFF && begin[1] == 0xD8;
    fclose(file);
    return true;
}

static bool add_recording(
    struct backdrop *backdrop, const char *path, int width, int height, struct error *err)
{
    struct clip_step step;
    struct sampler sampler;
    AUTO(image) struct image image = {NULL, 0, 0, 0};
    AUTO(clip) struct clip *clip = clip_open(path, err);
    if (!clip)
        return false;
    sampler_init(&sampler, SAMPLER_PER_SECOND);
    while (backdrop->count < BACKDROP_LIMIT && clip_step(clip, &step, NULL)) {
        if (step.pictures < 1 || !sampler_wants(&sampler, step.shown_us, false))
            continue;
        if (!clip_image(clip, &image, err) || !add_picture(backdrop, &image, width, height, err))
            return false;
    }
    return backdrop->count || fail(err, ERROR_INVALID, "%s: no picture could be decoded", path);
}

bool backdrop_load(struct backdrop *backdrop, const char *path, int width, int height, struct error *err)
{
    AUTO(backdrop)
    struct backdrop made = {.pictures = memory_allocate(BACKDROP_LIMIT, sizeof *made.pictures)};
    AUTO(image) struct image picture = {NULL, 0, 0, 0};
    bool jpeg = false;
    if (path && !is_jpeg(path, &jpeg, err))
        return false;
    if (jpeg && !picture_read(path, &picture, err))
        return false;
    if (path && !jpeg ? !add_recording(&made, path, width, height, err)
                      : !add_picture(&made, jpeg ? &picture : NULL, width, height, err))
        return false;
    *backdrop = made;
    made = (struct backdrop){NULL, 0};
    return true;
}

void backdrop_done(struct backdrop *backdrop)
{
    for (int i = 0; i < backdrop->count; i++)
        image_done(&backdrop->pictures[i]);
    free(backdrop->pictures);
    *backdrop = (struct backdrop){NULL, 0};
}

const struct image *backdrop_at(const struct backdrop *backdrop, int walk, int frame, int frames)
{
    int starts = backdrop->count > frames ? backdrop->count - frames + 1 : 1;
    return &backdrop->pictures[(walk * WALK_STEP % starts + frame) % backdrop->count];
}
