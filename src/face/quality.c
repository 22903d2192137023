#include "face/quality.h"

#include "face/align.h"
#include "face/cover.h"

#include <math.h>
#include <stdlib.h>

/* The thresholds were set on LFW pictures (docs/pack.md) so that ordinary press pictures pass. */
static const float least_eye_distance_px = 24.0f;
static const float least_exposure = 0.12f;
/* Dim light is enough while the face has contrast; behind a dark visor it has none. */
static const float least_flat_exposure = 0.25f;
static const float least_dim_contrast = 0.12f;
static const float most_exposure = 0.90f;
static const float most_yaw = 0.65f;
static const float most_outside = 0.20f;
static const float least_sharpness = 0.29f;

/* Grey levels 0..1 of the aligned face. */
struct greys {
    float at[FACE_SIDE][FACE_SIDE];
};

struct area {
    int left, top, right, bottom;
};

/* In the aligned square: the face without hair and background, and where eyes and mouth come to lie. */
static const struct area inner_face = {26, 32, 86, 102};

static void read_greys(const struct image *image, struct greys *greys)
{
    for (int y = 0; y < FACE_SIDE; y++) {
        const uint8_t *row = image->rgb + (size_t)y * (size_t)image->stride;
        for (int x = 0; x < FACE_SIDE; x++, row += 3)
            greys->at[y][x] =
                (0.299f * (float)row[0] + 0.587f * (float)row[1] + 0.114f * (float)row[2]) / 255.0f;
    }
}

static float mean_grey(const struct greys *greys, const struct area *area)
{
    float sum = 0.0f;
    for (int y = area->top; y < area->bottom; y++)
        for (int x = area->left; x < area->right; x++)
            sum += greys->at[y][x];
    return sum / (float)((area->right - area->left) * (area->bottom - area->top));
}

enum { BLUR_REACH = 4 };

/* The mean of nine pixels along one axis. */
static float smoothed(const struct greys *greys, int y, int x, int down, int right)
{
    float sum = 0.0f;
    for (int i = -BLUR_REACH; i <= BLUR_REACH; i++)
        sum += greys->at[y + i * down][x + i * right];
    return sum / (2 * BLUR_REACH + 1);
}

/* How much of the steps between neighbours a further blur takes away: blurring what is blurred changes little
 * (Crété et al., "The blur effect", 2007). Independent of contrast. */
static float axis_sharpness(const struct greys *greys, int down, int right)
{
    float steps = 1e-6f;
    float lost = 0.0f;
    for (int y = inner_face.top; y < inner_face.bottom; y++)
        for (int x = inner_face.left; x < inner_face.right; x++) {
            float step = fabsf(greys->at[y][x] - greys->at[y - down][x - right]);
            float blurred =
                fabsf(smoothed(greys, y, x, down, right) - smoothed(greys, y - down, x - right, down, right));
            steps += step;
            lost += fmaxf(0.0f, step - blurred);
        }
    return lost / steps;
}

static float outside_share(const struct image *image, const struct box *box)
{
    float width = box->right - box->left;
    float height = box->bottom - box->top;
    float inside_width = fminf(box->right, (float)image->width) - fmaxf(box->left, 0.0f);
    float inside_height = fminf(box->bottom, (float)image->height) - fmaxf(box->top, 0.0f);
    if (!(width > 0.0f && height > 0.0f))
        return 1.0f;
    return 1.0f - fmaxf(inside_width, 0.0f) * fmaxf(inside_height, 0.0f) / (width * height);
}

static void rate_pose(const struct face *face, struct quality *quality)
{
    const float *left = face->points[POINT_LEFT_EYE];
    const float *right = face->points[POINT_RIGHT_EYE];
    const float *nose = face->points[POINT_NOSE];
    float x = right[0] - left[0];
    float y = right[1] - left[1];
    float distance = hypotf(x, y);
    quality->eye_distance_px = distance;
    if (!(distance > 0.0f)) {
        quality->yaw = 1.0f;
        return;
    }
    float nose_x = nose[0] - (left[0] + right[0]) / 2.0f;
    float nose_y = nose[1] - (left[1] + right[1]) / 2.0f;
    float yaw = (nose_x * x + nose_y * y) / (distance * distance);
    quality->yaw = fminf(fmaxf(yaw, -1.0f), 1.0f);
}

static enum quality_verdict decide(
    const struct quality *quality, float outside, const struct cover_signs *signs)
{
    if (outside > most_outside)
        return QUALITY_CUT;
    if (quality->eye_distance_px < least_eye_distance_px)
        return QUALITY_TOO_SMALL;
    bool flat = signs->contrast < least_dim_contrast && quality->exposure < least_flat_exposure;
    if (flat || quality->exposure < least_exposure)
        return QUALITY_TOO_DARK;
    if (quality->exposure > most_exposure)
        return QUALITY_TOO_BRIGHT;
    if (fabsf(quality->yaw) > most_yaw)
        return QUALITY_TURNED;
    if (quality->sharpness < least_sharpness)
        return QUALITY_BLURRED;
    /* Last: a blurred or turned face shows no mouth either. */
    return cover_is_likely(signs) ? QUALITY_OCCLUDED : QUALITY_OK;
}

struct quality quality_rate(const struct image *image, const struct face *face)
{
    struct quality quality = {.verdict = QUALITY_TOO_SMALL};
    AUTO(image) struct image aligned = {NULL, 0, 0, 0};
    if (!image_init(&aligned, FACE_SIDE, FACE_SIDE, NULL))
        return quality;
    struct greys greys;
    face_align(image, face, &aligned);
    read_greys(&aligned, &greys);
    rate_pose(face, &quality);
    quality.exposure = mean_grey(&greys, &inner_face);
    quality.sharpness = fminf(axis_sharpness(&greys, 0, 1), axis_sharpness(&greys, 1, 0));
    struct cover_signs signs = cover_look(&aligned);
    quality.verdict = decide(&quality, outside_share(image, &face->box), &signs);
    quality.overall =
        quality.sharpness * fminf(quality.eye_distance_px / 60.0f, 1.0f) * (1.0f - fabsf(quality.yaw));
    memory_wipe(&greys, sizeof greys);
    return quality;
}

static const struct {
    const char *word;
    const char *advice;
} quality_texts[] = {
    [QUALITY_OK] = {"ok", "The face can be compared."},
    [QUALITY_TOO_SMALL] = {"too_small", "Use a larger picture: at least 24 pixels between the eyes."},
    [QUALITY_BLURRED] = {"blurred", "Use a picture in focus, without motion."},
    [QUALITY_TOO_DARK] = {"too_dark", "Use a picture with more light on the face."},
    [QUALITY_TOO_BRIGHT] = {"too_bright", "Use a picture with less light on the face."},
    [QUALITY_TURNED] = {"turned", "Use a picture in which the person looks towards the camera."},
    [QUALITY_OCCLUDED] = {"occluded", "Use a picture in which nothing covers the face."},
    [QUALITY_CUT] = {"cut", "Use a picture that shows the whole face."},
};

const char *quality_word(enum quality_verdict verdict)
{
    return quality_texts[verdict].word;
}

const char *quality_advice(enum quality_verdict verdict)
{
    return quality_texts[verdict].advice;
}
