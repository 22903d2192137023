#include "face/align.h"

#include <math.h>

static const float reference[POINT_COUNT][2] = {
    {38.29f, 51.70f}, {73.53f, 51.50f}, {56.03f, 71.74f}, {41.55f, 92.37f}, {70.73f, 92.20f}};

static void mean_point(const float (*points)[2], float out[static 2])
{
    out[0] = 0.0f;
    out[1] = 0.0f;
    for (int i = 0; i < POINT_COUNT; i++) {
        out[0] += points[i][0] / POINT_COUNT;
        out[1] += points[i][1] / POINT_COUNT;
    }
}

void align_map(const float points[static POINT_COUNT][2], int side, float map[static 4])
{
    float from_mean[2];
    float to_mean[2];
    float dot = 0.0f;
    float cross = 0.0f;
    float size = 0.0f;
    mean_point(points, from_mean);
    mean_point(reference, to_mean);
    for (int i = 0; i < POINT_COUNT; i++) {
        float x = points[i][0] - from_mean[0];
        float y = points[i][1] - from_mean[1];
        float u = reference[i][0] - to_mean[0];
        float v = reference[i][1] - to_mean[1];
        dot += x * u + y * v;
        cross += x * v - y * u;
        size += x * x + y * y;
    }
    float zoom = (float)side / FACE_SIDE;
    map[0] = size > 0.0f ? zoom * dot / size : 0.0f;
    map[1] = size > 0.0f ? zoom * cross / size : 0.0f;
    map[2] = zoom * to_mean[0] - map[0] * from_mean[0] + map[1] * from_mean[1];
    map[3] = zoom * to_mean[1] - map[1] * from_mean[0] - map[0] * from_mean[1];
}

void points_from_68(const float *numbers, const struct box *box, float points[static POINT_COUNT][2])
{
    static const struct {
        int count, members[4];
    } rows[POINT_COUNT] = {
        {4, {37, 38, 40, 41}}, {4, {43, 44, 46, 47}}, {1, {30}}, {2, {48, 60}}, {2, {54, 64}}};
    for (int i = 0; i < POINT_COUNT; i++) {
        float x = 0.0f;
        float y = 0.0f;
        for (int k = 0; k < rows[i].count; k++) {
            const float *point = numbers + 2 * (size_t)rows[i].members[k];
            x += point[0] / (float)rows[i].count;
            y += point[1] / (float)rows[i].count;
        }
        points[i][0] = box->left + x * (box->right - box->left);
        points[i][1] = box->top + y * (box->bottom - box->top);
    }
}

/* The pixels of `from` that the aligned square can touch, in whole steps of `step`. */
static bool needed_part(const struct image *from, const float map[static 4], const struct image *aligned,
    int step, int part[static 4])
{
    float size = map[0] * map[0] + map[1] * map[1];
    float low[2] = {INFINITY, INFINITY};
    float high[2] = {-INFINITY, -INFINITY};
    for (int corner = 0; corner < 4; corner++) {
        float u = (corner & 1 ? (float)aligned->width : 0.0f) - map[2];
        float v = (corner >> 1 ? (float)aligned->height : 0.0f) - map[3];
        float at[2] = {(map[0] * u + map[1] * v) / size, (map[0] * v - map[1] * u) / size};
        for (int i = 0; i < 2; i++) {
            low[i] = fminf(low[i], at[i]);
            high[i] = fmaxf(high[i], at[i]);
        }
    }
    int limits[2] = {from->width, from->height};
    for (int i = 0; i < 2; i++) {
        int first = (int)fmaxf(low[i] - 2.0f * (float)step, 0.0f);
        int last = (int)fminf(high[i] + 2.0f * (float)step, (float)limits[i]);
        part[i] = first;
        part[2 + i] = (last - first) / step;
        if (last <= first || part[2 + i] < 1)
            return false;
    }
    return true;
}

/* A face more than twice the aligned size is averaged down first, since bilinear sampling would skip pixels.
 */
static bool warp_averaged(
    const struct image *from, const float map[static 4], int step, struct image *aligned)
{
    int part[4];
    if (!needed_part(from, map, aligned, step, part))
        return false;
    struct image view = *from;
    view.rgb += (size_t)part[1] * (size_t)from->stride + (size_t)part[0] * 3;
    view.width = part[2] * step;
    view.height = part[3] * step;
    AUTO(image) struct image small = {NULL, 0, 0, 0};
    if (!image_init(&small, part[2], part[3], NULL))
        return false;
    image_scale(&view, &small);
    float left = (float)part[0];
    float top = (float)part[1];
    image_warp(&small,
        (float[]){map[0] * (float)step, map[1] * (float)step, map[2] + map[0] * left - map[1] * top,
            map[3] + map[1] * left + map[0] * top},
        aligned);
    return true;
}

void face_align(const struct image *image, const struct face *face, struct image *aligned)
{
    float map[4];
    align_map(face->points, aligned->width, map);
    float scale = hypotf(map[0], map[1]);
    int step = scale > 1e-4f ? (int)(1.0f / scale) : 1;
    if (step < 2 || !warp_averaged(image, map, step, aligned))
        image_warp(image, map, aligned);
}
