#include "face/face.h"

#include "face/align.h"
#include "face/cover.h"
#include "face/detect.h"
#include "face/model.h"
#include "face/quality.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LANDMARKS_SIDE = 64, DETECT_WIDTH = 320, DETECT_HEIGHT = 240 };

static const float default_least_score = 0.7f;

struct analyser {
    struct detector *detector;
    struct net *landmarks; /* NULL where the detector gives the points */
    struct net *embed;
    struct preparation landmarks_preparation;
    struct preparation embed_preparation;
    struct image landmarks_input;
    uint64_t templates_computed;
};

struct analyser *analyser_new(
    const struct pack *pack, const struct analyser_options *options, struct error *err)
{
    AUTO(analyser) struct analyser *analyser = memory_allocate(1, sizeof *analyser);
    int width = options->detect_width ? options->detect_width : DETECT_WIDTH;
    int height = options->detect_height ? options->detect_height : DETECT_HEIGHT;
    float least = options->least_score > 0.0f ? options->least_score : default_least_score;
    analyser->landmarks_preparation = pack->models[MODEL_LANDMARKS].preparation;
    analyser->embed_preparation = pack->models[MODEL_EMBED].preparation;
    analyser->detector = detector_new(pack, width, height, least, err);
    if (!analyser->detector)
        return NULL;
    if (pack->has_landmarks)
        analyser->landmarks = model_load(pack, MODEL_LANDMARKS, LANDMARKS_SIDE, LANDMARKS_SIDE, err);
    if (pack->has_landmarks && !analyser->landmarks)
        return NULL;
    analyser->embed = model_load(pack, MODEL_EMBED, FACE_SIDE, FACE_SIDE, err);
    if (!analyser->embed || !image_init(&analyser->landmarks_input, LANDMARKS_SIDE, LANDMARKS_SIDE, err))
        return NULL;
    return STEAL(analyser);
}

void analyser_free(struct analyser *analyser)
{
    if (!analyser)
        return;
    detector_free(analyser->detector);
    net_free(analyser->landmarks);
    net_free(analyser->embed);
    image_done(&analyser->landmarks_input);
    free(analyser);
}

int analyser_detect(struct analyser *analyser, const struct image *image, struct face *faces)
{
    return detector_run(analyser->detector, image, faces);
}

/* The part of the picture inside the box, without copying it; false when nothing of it is inside. */
static bool view_of(const struct image *image, const struct box *box, struct image *view, struct box *seen)
{
    float left = fmaxf(floorf(box->left), 0.0f);
    float top = fmaxf(floorf(box->top), 0.0f);
    float right = fminf(ceilf(box->right), (float)image->width);
    float bottom = fminf(ceilf(box->bottom), (float)image->height);
    if (!(right > left && bottom > top))
        return false;
    *seen = (struct box){left, top, right, bottom};
    *view = *image;
    view->rgb += (size_t)top * (size_t)image->stride + (size_t)left * 3;
    view->width = (int)(right - left);
    view->height = (int)(bottom - top);
    return true;
}

static void find_points(struct analyser *analyser, const struct image *image, const struct box *box,
    float points[static POINT_COUNT][2])
{
    struct image view;
    struct box seen;
    memset(points, 0, sizeof(float[POINT_COUNT][2]));
    if (!view_of(image, box, &view, &seen))
        return;
    image_scale(&view, &analyser->landmarks_input);
    preparation_fill(
        &analyser->landmarks_preparation, &analyser->landmarks_input, net_input(analyser->landmarks));
    net_run(analyser->landmarks);
    points_from_68(net_output(analyser->landmarks, 0), &seen, points);
}

static bool points_follow_the_box(struct analyser *analyser, const struct image *image, struct face *face)
{
    float again[POINT_COUNT][2];
    struct box moved = cover_moved(&face->box);
    find_points(analyser, image, &moved, again);
    bool follow = cover_points_follow(face->points, again, face->quality.eye_distance_px);
    memory_wipe(again, sizeof again);
    return follow;
}

void analyser_measure(struct analyser *analyser, const struct image *image, struct face *face)
{
    if (analyser->landmarks)
        find_points(analyser, image, &face->box, face->points);
    face->quality = quality_rate(image, face);
    if (analyser->landmarks && face->quality.verdict == QUALITY_OK &&
        points_follow_the_box(analyser, image, face))
        face->quality.verdict = QUALITY_OCCLUDED;
}

void analyser_embed(
    struct analyser *analyser, const struct image *aligned, float template[static TEMPLATE_LENGTH])
{
    preparation_fill(&analyser->embed_preparation, aligned, net_input(analyser->embed));
    net_run(analyser->embed);
    const float *numbers = net_output(analyser->embed, 0);
    double sum = 0.0;
    for (int i = 0; i < TEMPLATE_LENGTH; i++)
        sum += (double)numbers[i] * numbers[i];
    double length = sqrt(sum);
    /* Without a length there is no direction: zeros match nothing, and a gallery refuses them. */
    bool usable = isfinite(length) && length > 1e-6;
    for (int i = 0; i < TEMPLATE_LENGTH; i++)
        template[i] = usable ? (float)(numbers[i] / length) : 0.0f;
    analyser->templates_computed++;
}

uint64_t analyser_templates_computed(const struct analyser *analyser)
{
    return analyser->templates_computed;
}

void analyser_wipe(struct analyser *analyser)
{
    detector_wipe(analyser->detector);
    if (analyser->landmarks)
        net_wipe(analyser->landmarks);
    net_wipe(analyser->embed);
    memory_wipe(analyser->landmarks_input.rgb, (size_t)LANDMARKS_SIDE * LANDMARKS_SIDE * 3);
}
