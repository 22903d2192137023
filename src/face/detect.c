#include "face/detect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct found {
    struct box box;
    float score;
};

struct detector {
    struct net *net;
    struct preparation preparation;
    struct rfb rfb;
    float least_score;
    struct image canvas; /* the network's input as a picture; the frame lies in its top left corner */
    size_t anchor_count;
    struct anchor *anchors;
    struct found *found; /* room for every anchor */
};

static int cells(int size, int stride)
{
    return (size + stride - 1) / stride;
}

static float at_most_one(float value)
{
    return fminf(value, 1.0f);
}

size_t rfb_anchors(const struct rfb *rfb, int width, int height, struct anchor *out)
{
    size_t count = 0;
    for (int s = 0; s < rfb->stride_count; s++) {
        int stride = rfb->strides[s];
        int columns = cells(width, stride);
        int rows = cells(height, stride);
        for (int i = 0; i < columns * rows * rfb->box_counts[s]; i++, count++) {
            if (!out)
                continue;
            int cell = i / rfb->box_counts[s];
            int row = cell / columns;
            float box = rfb->box_sizes[s][i % rfb->box_counts[s]];
            /* Cells share the side evenly, also where the last one is cut: the network was trained so. */
            float x = ((float)(cell % columns) + 0.5f) / (float)columns;
            float y = ((float)row + 0.5f) / (float)rows;
            out[count] =
                (struct anchor){x, y, at_most_one(box / (float)width), at_most_one(box / (float)height)};
        }
    }
    return count;
}

struct box rfb_decode(const struct rfb *rfb, const struct anchor *anchor, const float regression[static 4])
{
    float x = anchor->x + regression[0] * rfb->centre_variance * anchor->width;
    float y = anchor->y + regression[1] * rfb->centre_variance * anchor->height;
    float half_width = anchor->width * expf(regression[2] * rfb->size_variance) / 2.0f;
    float half_height = anchor->height * expf(regression[3] * rfb->size_variance) / 2.0f;
    return (struct box){x - half_width, y - half_height, x + half_width, y + half_height};
}

static float box_area(const struct box *box)
{
    return fmaxf(box->right - box->left, 0.0f) * fmaxf(box->bottom - box->top, 0.0f);
}

float box_overlap(const struct box *a, const struct box *b)
{
    struct box shared = {fmaxf(a->left, b->left), fmaxf(a->top, b->top), fminf(a->right, b->right),
        fminf(a->bottom, b->bottom)};
    float area = box_area(&shared);
    float joined = box_area(a) + box_area(b) - area;
    return joined > 0.0f ? area / joined : 0.0f;
}

struct detector *detector_new(
    const struct pack *pack, int width, int height, float least_score, struct error *err)
{
    AUTO(detector) struct detector *detector = memory_allocate(1, sizeof *detector);
    detector->preparation = pack->models[MODEL_DETECT].preparation;
    detector->rfb = pack->rfb;
    detector->least_score = least_score;
    if (!image_init(&detector->canvas, width, height, err))
        return NULL;
    detector->net = model_load(pack, MODEL_DETECT, height, width, err);
    if (!detector->net)
        return NULL;
    const struct net_shape *scores = net_output_shape(detector->net, 0);
    detector->anchor_count = rfb_anchors(&detector->rfb, width, height, NULL);
    if (scores->count < 2 || (size_t)scores->dims[1] != detector->anchor_count) {
        fail(err, ERROR_INVALID, "%s: its scores do not belong to pack.ini's strides and boxes",
            pack->models[MODEL_DETECT].file);
        return NULL;
    }
    detector->anchors = memory_allocate(detector->anchor_count, sizeof *detector->anchors);
    detector->found = memory_allocate(detector->anchor_count, sizeof *detector->found);
    rfb_anchors(&detector->rfb, width, height, detector->anchors);
    return STEAL(detector);
}

void detector_free(struct detector *detector)
{
    if (!detector)
        return;
    image_done(&detector->canvas);
    net_free(detector->net);
    free(detector->anchors);
    free(detector->found);
    free(detector);
}

/* Returns canvas pixels per picture pixel. */
static float letterbox(struct detector *detector, const struct image *image)
{
    struct image *canvas = &detector->canvas;
    float scale =
        fminf((float)canvas->width / (float)image->width, (float)canvas->height / (float)image->height);
    struct image part = *canvas;
    part.width = (int)fmaxf(1.0f, fminf(roundf((float)image->width * scale), (float)canvas->width));
    part.height = (int)fmaxf(1.0f, fminf(roundf((float)image->height * scale), (float)canvas->height));
    memset(
        canvas->rgb, (int)detector->preparation.mean & 255, (size_t)canvas->stride * (size_t)canvas->height);
    image_scale(image, &part);
    return scale;
}

static int by_score(const void *left, const void *right)
{
    const struct found *a = left;
    const struct found *b = right;
    if (a->score != b->score)
        return a->score < b->score ? 1 : -1;
    if (a->box.left != b->box.left)
        return a->box.left < b->box.left ? -1 : 1;
    return (a->box.top > b->box.top) - (a->box.top < b->box.top);
}

static size_t collect(struct detector *detector, float scale)
{
    const float *scores = net_output(detector->net, 0);
    const float *regressions = net_output(detector->net, 1);
    float width = (float)detector->canvas.width / scale;
    float height = (float)detector->canvas.height / scale;
    size_t count = 0;
    for (size_t i = 0; i < detector->anchor_count; i++) {
        float score = scores[2 * i + 1];
        if (!(score >= detector->least_score))
            continue;
        struct box box = rfb_decode(&detector->rfb, &detector->anchors[i], regressions + 4 * i);
        box = (struct box){box.left * width, box.top * height, box.right * width, box.bottom * height};
        if (isfinite(box.left) && isfinite(box.top) && isfinite(box.right) && isfinite(box.bottom))
            detector->found[count++] = (struct found){box, score};
    }
    qsort(detector->found, count, sizeof *detector->found, by_score);
    return count;
}

static bool is_new(const struct box *box, const struct face *faces, int kept, float overlap)
{
    for (int i = 0; i < kept; i++)
        if (box_overlap(box, &faces[i].box) > overlap)
            return false;
    return true;
}

int detector_run(struct detector *detector, const struct image *image, struct face *faces)
{
    float scale = letterbox(detector, image);
    preparation_fill(&detector->preparation, &detector->canvas, net_input(detector->net));
    net_run(detector->net);
    size_t count = collect(detector, scale);
    int kept = 0;
    for (size_t i = 0; i < count && kept < FACE_LIMIT; i++) {
        const struct found *found = &detector->found[i];
        if (is_new(&found->box, faces, kept, detector->rfb.overlap))
            faces[kept++] = (struct face){.box = found->box, .score = found->score};
    }
    return kept;
}

void detector_wipe(struct detector *detector)
{
    net_wipe(detector->net);
    memory_wipe(detector->canvas.rgb, (size_t)detector->canvas.stride * (size_t)detector->canvas.height);
    memory_wipe(detector->found, detector->anchor_count * sizeof *detector->found);
}
