#include "face/cover.h"

#include <math.h>

struct area {
    int left, top, right, bottom;
};

/* In the aligned square. */
static const struct area inner_face = {26, 32, 86, 102};
static const struct area eye_areas[2] = {{28, 45, 49, 59}, {63, 45, 84, 59}};
static const struct area middle_of_nose = {40, 60, 72, 74};
static const struct area lower_face = {36, 92, 76, 106};
enum { LINE_TOP = 84, LINE_BOTTOM = 106, LINE_LEFT = 46, LINE_RIGHT = 67, LINE_REACH = 3 };

/* Set on LFW pictures (docs/pack.md): ordinary glasses, beards and open mouths pass. */
static const float least_eyes = 0.36f;
static const float least_dim_eyes = 0.55f;
static const float least_dim_eye_detail = 0.22f;
static const float least_mouth_line = 0.14f;
static const float least_mouth_lines = 0.055f;
static const float least_lower_light = 0.24f;
static const float least_plain_lower_light = 0.45f;
static const float least_plain_mouth_lines = 0.09f;
static const float most_redder = 26.0f;
static const float least_redder = -40.0f;
static const float most_bluer = 55.0f;
static const float least_contrast = 0.12f;

/* Of the box's height; of the eye distance. A bare mouth follows by 0.03, nine in ten by less than 0.06,
 * beards by more. */
static const float moved_down = 0.10f;
static const float most_follows = 0.15f;

struct light {
    float luma[FACE_SIDE][FACE_SIDE];
};

static float pixel_luma(const uint8_t *pixel)
{
    return 0.299f * (float)pixel[0] + 0.587f * (float)pixel[1] + 0.114f * (float)pixel[2];
}

static void read_light(const struct image *aligned, struct light *light)
{
    for (int y = 0; y < FACE_SIDE; y++) {
        const uint8_t *row = aligned->rgb + (size_t)y * (size_t)aligned->stride;
        for (int x = 0; x < FACE_SIDE; x++, row += 3)
            light->luma[y][x] = pixel_luma(row);
    }
}

/* The grey level that `share` of the area's pixels reach at most. */
static float light_at(const struct light *light, const struct area *area, float share)
{
    int counts[256] = {0};
    int total = (area->right - area->left) * (area->bottom - area->top);
    for (int y = area->top; y < area->bottom; y++)
        for (int x = area->left; x < area->right; x++)
            counts[(int)light->luma[y][x] & 255]++;
    int below = 0;
    for (int level = 0; level < 256; level++) {
        below += counts[level];
        if ((float)below >= share * (float)total)
            return (float)level;
    }
    return 255.0f;
}

struct colour {
    float luma, red, blue; /* red and blue less the luma */
};

static struct colour mean_colour(const struct image *aligned, const struct area *area)
{
    struct colour mean = {0.0f, 0.0f, 0.0f};
    float count = (float)((area->right - area->left) * (area->bottom - area->top));
    for (int y = area->top; y < area->bottom; y++) {
        const uint8_t *row = aligned->rgb + (size_t)y * (size_t)aligned->stride + (size_t)area->left * 3;
        for (int x = area->left; x < area->right; x++, row += 3) {
            float luma = pixel_luma(row);
            mean.luma += luma / count;
            mean.red += ((float)row[0] - luma) / count;
            mean.blue += ((float)row[2] - luma) / count;
        }
    }
    return mean;
}

static void look_at_eyes(const struct light *light, float bright, struct cover_signs *signs)
{
    for (int i = 0; i < 2; i++) {
        float detail = light_at(light, &eye_areas[i], 0.9f) - light_at(light, &eye_areas[i], 0.1f);
        signs->eyes = fmaxf(signs->eyes, light_at(light, &eye_areas[i], 0.75f) / bright);
        signs->eye_detail = fmaxf(signs->eye_detail, detail / bright);
    }
}

/* The middle of the lower face as one column of means: lips, the gap between them and the fold above the chin
 * bend it up and down, cloth does not. */
static void look_at_mouth(const struct light *light, float bright, struct cover_signs *signs)
{
    float column[FACE_SIDE];
    for (int y = 0; y < FACE_SIDE; y++) {
        column[y] = 0.0f;
        for (int x = LINE_LEFT; x < LINE_RIGHT; x++)
            column[y] += light->luma[y][x] / (LINE_RIGHT - LINE_LEFT);
    }
    for (int y = LINE_TOP; y <= LINE_BOTTOM; y++) {
        float bend = fabsf(column[y - LINE_REACH] - 2.0f * column[y] + column[y + LINE_REACH]) / bright;
        signs->mouth_line = fmaxf(signs->mouth_line, bend);
        signs->mouth_lines += bend / (LINE_BOTTOM - LINE_TOP + 1);
    }
}

struct cover_signs cover_look(const struct image *aligned)
{
    struct cover_signs signs = {0};
    struct light light;
    read_light(aligned, &light);
    float bright = 1.0f + light_at(&light, &inner_face, 0.7f);
    struct colour upper = mean_colour(aligned, &middle_of_nose);
    struct colour lower = mean_colour(aligned, &lower_face);
    look_at_eyes(&light, bright, &signs);
    look_at_mouth(&light, bright, &signs);
    signs.lower_light = lower.luma / bright;
    signs.redder = lower.red - upper.red;
    signs.bluer = lower.blue - upper.blue;
    signs.contrast = (light_at(&light, &inner_face, 0.95f) - light_at(&light, &inner_face, 0.05f)) / 255.0f;
    memory_wipe(&light, sizeof light);
    return signs;
}

static bool eyes_are_covered(const struct cover_signs *signs)
{
    return signs->eyes < least_eyes ||
           (signs->eyes < least_dim_eyes && signs->eye_detail < least_dim_eye_detail);
}

static bool mouth_is_covered(const struct cover_signs *signs)
{
    return signs->mouth_line < least_mouth_line || signs->mouth_lines < least_mouth_lines ||
           signs->lower_light < least_lower_light ||
           (signs->lower_light < least_plain_lower_light && signs->mouth_lines < least_plain_mouth_lines);
}

bool cover_is_likely(const struct cover_signs *signs)
{
    return eyes_are_covered(signs) || mouth_is_covered(signs) || signs->redder > most_redder ||
           signs->redder < least_redder || signs->bluer > most_bluer || signs->contrast < least_contrast;
}

struct box cover_moved(const struct box *box)
{
    float down = moved_down * (box->bottom - box->top);
    return (struct box){box->left, box->top + down, box->right, box->bottom + down};
}

static float mean_distance(float points[static POINT_COUNT][2], float again[static POINT_COUNT][2],
    enum face_point one, enum face_point other)
{
    return (hypotf(again[one][0] - points[one][0], again[one][1] - points[one][1]) +
               hypotf(again[other][0] - points[other][0], again[other][1] - points[other][1])) /
           2.0f;
}

bool cover_points_follow(
    float points[static POINT_COUNT][2], float again[static POINT_COUNT][2], float eye_distance_px)
{
    float eyes = mean_distance(points, again, POINT_LEFT_EYE, POINT_RIGHT_EYE);
    float mouth = mean_distance(points, again, POINT_MOUTH_LEFT, POINT_MOUTH_RIGHT);
    /* So that what is no number follows. */
    return !(mouth <= most_follows * eye_distance_px && eyes <= most_follows * eye_distance_px);
}
