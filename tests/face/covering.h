/* Painted coverings: each is drawn on a picture at the place that a found face's points give it, in the
 * coordinates of the aligned face, with the folds and the shading of cloth, so that none is a flat patch. */
#pragma once

#include "face/align.h"

#include <math.h>
#include <string.h>

struct covering {
    const char *name;
    /* Whether the point (x, y) of the aligned face is covered. */
    bool (*covers)(float x, float y);
    float colour[3]; /* 0..255 */
    float through;   /* how much of the face is seen through it: 0 for cloth, more for tinted glass */
    float folds;     /* how strongly the cloth is shaded, in grey levels */
};

static inline bool covers_mouth_and_nose(float x, float y)
{
    float top = 64.0f + 0.012f * (x - 56.0f) * (x - 56.0f);
    return y > top && y < 116.0f && x > 16.0f && x < 96.0f;
}

static inline bool covers_up_to_the_eyes(float x, float y)
{
    return y > 60.0f && x > -20.0f && x < 132.0f && y < 140.0f;
}

static inline bool covers_all_but_the_eyes(float x, float y)
{
    return (y > 61.0f || y < 42.0f) && x > -30.0f && x < 142.0f && y > -40.0f && y < 150.0f;
}

static inline bool covers_the_mouth(float x, float y)
{
    return y > 80.0f && y < 112.0f && x > 28.0f && x < 86.0f;
}

static inline bool covers_the_eyes(float x, float y)
{
    float left = (x - 38.0f) / 17.0f;
    float right = (x - 74.0f) / 17.0f;
    float down = (y - 53.0f) / 12.0f;
    bool bridge = x > 50.0f && x < 62.0f && y > 47.0f && y < 52.0f;
    bool temples = (x < 24.0f || x > 88.0f) && x > 6.0f && x < 106.0f && y > 46.0f && y < 51.0f;
    return left * left + down * down < 1.0f || right * right + down * down < 1.0f || bridge || temples;
}

static inline bool covers_the_eye_band(float x, float y)
{
    return y > 40.0f && y < 63.0f && x > 6.0f && x < 106.0f;
}

static inline bool covers_the_upper_face(float x, float y)
{
    return y > 0.0f && y < 72.0f && x > -6.0f && x < 118.0f;
}

static inline bool covers_the_whole_face(float x, float y)
{
    return y > 0.0f && y < 118.0f && x > -6.0f && x < 118.0f;
}

/* A full-face helmet with its visor up. */
static inline bool covers_all_but_the_window(float x, float y)
{
    bool helmet = x > -24.0f && x < 136.0f && y > -30.0f && y < 132.0f;
    return helmet && !(x > 14.0f && x < 98.0f && y > 36.0f && y < 76.0f);
}

static const struct covering coverings[] = {
    {"blue mask", covers_mouth_and_nose, {150, 190, 215}, 0.0f, 14.0f},
    {"black mask", covers_mouth_and_nose, {38, 38, 42}, 0.0f, 8.0f},
    {"white mask", covers_mouth_and_nose, {222, 222, 220}, 0.0f, 14.0f},
    {"scarf", covers_up_to_the_eyes, {140, 40, 45}, 0.0f, 22.0f},
    {"face veil", covers_all_but_the_eyes, {28, 26, 30}, 0.0f, 6.0f},
    {"dark glasses", covers_the_eyes, {22, 22, 26}, 0.0f, 6.0f},
    {"tinted glasses", covers_the_eyes, {20, 18, 16}, 0.25f, 4.0f},
    {"bar", covers_the_eye_band, {0, 0, 0}, 0.0f, 0.0f},
    {"half visor", covers_the_upper_face, {30, 34, 44}, 0.15f, 10.0f},
    {"helmet", covers_all_but_the_window, {40, 42, 48}, 0.0f, 10.0f},
    {"dark visor", covers_the_whole_face, {26, 28, 34}, 0.15f, 8.0f},
    {"hand", covers_the_mouth, {-1, -1, -1}, 0.0f, 18.0f},
    {"skin-coloured mask", covers_mouth_and_nose, {205, 165, 140}, 0.0f, 12.0f},
    {"grey scarf", covers_up_to_the_eyes, {120, 118, 112}, 0.0f, 22.0f},
};

/* The colour of the bridge of the nose, for hands. */
static inline void covering_skin(
    const struct image *image, const struct face *face, const float map[static 4], float out[static 3])
{
    struct box box = {face->points[POINT_NOSE][0] - 3.0f, face->points[POINT_NOSE][1] - 9.0f,
        face->points[POINT_NOSE][0] + 3.0f, face->points[POINT_NOSE][1] - 3.0f};
    AUTO(image) struct image patch = {NULL, 0, 0, 0};
    (void)map;
    out[0] = out[1] = out[2] = 128.0f;
    if (!image_crop(image, &box, &patch, NULL))
        return;
    float count = (float)(patch.width * patch.height);
    memset(out, 0, 3 * sizeof *out);
    for (int y = 0; y < patch.height; y++)
        for (int x = 0; x < patch.width; x++)
            for (int i = 0; i < 3; i++)
                out[i] +=
                    (float)patch.rgb[(size_t)y * (size_t)patch.stride + (size_t)x * 3 + (size_t)i] / count;
}

static inline void cover(struct image *image, const struct face *face, const struct covering *covering)
{
    float map[4];
    float colour[3];
    align_map(face->points, FACE_SIDE, map);
    memcpy(colour, covering->colour, sizeof colour);
    if (colour[0] < 0.0f)
        covering_skin(image, face, map, colour);
    for (int row = 0; row < image->height; row++)
        for (int column = 0; column < image->width; column++) {
            float u = (float)column + 0.5f;
            float v = (float)row + 0.5f;
            float x = map[0] * u - map[1] * v + map[2];
            float y = map[1] * u + map[0] * v + map[3];
            if (!covering->covers(x, y))
                continue;
            float side = fabsf(x - 56.0f) / 56.0f;
            float shade = covering->folds * (sinf(x / 7.0f + 0.6f * sinf(y / 9.0f)) * 0.5f + 0.5f - side);
            /* Grain as a camera adds it, the same on every run. */
            uint32_t mixed = ((uint32_t)row * 2654435761u) ^ ((uint32_t)column * 2246822519u);
            shade += (float)((mixed * 3266489917u) >> 28) - 7.5f;
            uint8_t *pixel = image->rgb + (size_t)row * (size_t)image->stride + (size_t)column * 3;
            for (int i = 0; i < 3; i++) {
                float value = colour[i] + shade + covering->through * ((float)pixel[i] - colour[i]);
                pixel[i] = (uint8_t)fminf(fmaxf(value, 0.0f), 255.0f);
            }
        }
}
