#include "face/grid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct detector {
    struct net *net;
    struct preparation preparation;
    enum detect_decoder decoder;
    struct rfb rfb;
    struct grid grid;
    float least_score;
    struct image canvas;    /* the network's input as a picture; the frame lies in its top left corner */
    size_t anchor_count;    /* answers of the network in all */
    struct anchor *anchors; /* of the RFB family */
    struct found *found;    /* room for every answer */
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

bool box_has_area(const struct box *box)
{
    float width = box->right - box->left, height = box->bottom - box->top;
    return width > 0.0f && height > 0.0f && isfinite(width * height);
}

float box_overlap(const struct box *a, const struct box *b)
{
    struct box shared = {fmaxf(a->left, b->left), fmaxf(a->top, b->top), fminf(a->right, b->right),
        fminf(a->bottom, b->bottom)};
    float area = box_area(&shared);
    float joined = box_area(a) + box_area(b) - area;
    return joined > 0.0f ? area / joined : 0.0f;
}

static bool ready_rfb(struct detector *detector, const struct pack *pack, struct error *err)
{
    int width = detector->canvas.width, height = detector->canvas.height;
    const struct net_shape *scores = net_output_shape(detector->net, 0);
    detector->anchor_count = rfb_anchors(&detector->rfb, width, height, NULL);
    if (scores->count != 3 || (size_t)scores->dims[1] != detector->anchor_count || scores->dims[2] != 2)
        return fail(err, ERROR_INVALID, "%s: its scores do not belong to pack.ini's strides and boxes",
            pack->models[MODEL_DETECT].file);
    detector->anchors = memory_allocate(detector->anchor_count, sizeof *detector->anchors);
    rfb_anchors(&detector->rfb, width, height, detector->anchors);
    return true;
}

static bool ready_grid(struct detector *detector, const struct pack *pack, struct error *err)
{
    int width = detector->canvas.width, height = detector->canvas.height;
    for (int i = 0; i < pack->grid.stride_count; i++) {
        struct grid_map map = grid_map_of(pack->grid.strides[i], width, height);
        detector->anchor_count += grid_answers(&map, pack->grid.anchors);
    }
    return grid_check(pack, detector->net, width, height, err);
}

struct detector *detector_new(
    const struct pack *pack, int width, int height, float least_score, struct error *err)
{
    AUTO(detector) struct detector *detector = memory_allocate(1, sizeof *detector);
    detector->preparation = pack->models[MODEL_DETECT].preparation;
    detector->decoder = pack->decoder;
    detector->rfb = pack->rfb;
    detector->grid = pack->grid;
    detector->least_score = least_score;
    if (!image_init(&detector->canvas, width, height, err))
        return NULL;
    detector->net = model_load(pack, MODEL_DETECT, height, width, err);
    if (!detector->net)
        return NULL;
    if (!(pack->decoder == DECODER_RFB ? ready_rfb : ready_grid)(detector, pack, err))
        return NULL;
    detector->found = memory_allocate(detector->anchor_count, sizeof *detector->found);
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

size_t rfb_collect(
    const struct rfb_answers *answers, float width, float height, float least_score, struct found *found)
{
    size_t count = 0;
    for (size_t i = 0; i < answers->count; i++) {
        float score = answers->scores[2 * i + 1];
        if (!(score >= least_score) || !isfinite(score))
            continue;
        struct box box = rfb_decode(answers->rfb, &answers->anchors[i], answers->regressions + 4 * i);
        box = (struct box){box.left * width, box.top * height, box.right * width, box.bottom * height};
        if (box_has_area(&box))
            found[count++] = (struct found){.box = box, .score = score};
    }
    return count;
}

static size_t collect_rfb(struct detector *detector, float scale)
{
    const struct rfb_answers answers = {&detector->rfb, detector->anchors, detector->anchor_count,
        net_output(detector->net, 0), net_output(detector->net, 1)};
    return rfb_collect(&answers, (float)detector->canvas.width / scale,
        (float)detector->canvas.height / scale, detector->least_score, detector->found);
}

/* The detector's `index`-th map with the network's numbers. */
static struct grid_map map_at(const struct detector *detector, int index)
{
    const struct grid *grid = &detector->grid;
    struct grid_map map = grid_map_of(grid->strides[index], detector->canvas.width, detector->canvas.height);
    int output = index;
    for (int kind = 0; kind < GRID_KINDS; kind++) {
        bool given = grid_numbers(detector->decoder, (enum grid_kind)kind) &&
                     (kind != GRID_POINTS || grid->has_points);
        map.numbers[kind] = given ? net_output(detector->net, output) : NULL;
        output += given ? grid->stride_count : 0;
    }
    return map;
}

static size_t collect_grid(struct detector *detector, float scale)
{
    size_t count = 0;
    for (int i = 0; i < detector->grid.stride_count; i++) {
        struct grid_map map = map_at(detector, i);
        size_t first = count;
        count += grid_collect(detector->decoder, &map, detector->grid.anchors, detector->least_score, scale,
            detector->found + count);
        for (size_t k = first; k < count; k++)
            detector->found[k].map = i;
    }
    return count;
}

static bool is_new(const struct found *found, const struct found *kept, size_t count, float overlap)
{
    for (size_t i = 0; i < count; i++)
        if (box_overlap(&found->box, &kept[i].box) > overlap)
            return false;
    return true;
}

size_t found_sift(struct found *found, size_t count, float overlap)
{
    size_t kept = 0;
    qsort(found, count, sizeof *found, by_score);
    for (size_t i = 0; i < count && kept < FACE_LIMIT; i++)
        if (is_new(&found[i], found, kept, overlap))
            found[kept++] = found[i];
    return kept;
}

static void add_points(
    const struct detector *detector, const struct found *found, float scale, struct face *face)
{
    struct grid_map map = map_at(detector, found->map);
    if (map.numbers[GRID_POINTS] &&
        !grid_points(&map, detector->grid.anchors, found->place, scale, face->points))
        memset(face->points, 0, sizeof face->points);
}

int detector_run(struct detector *detector, const struct image *image, struct face *faces)
{
    bool grid = detector->decoder != DECODER_RFB;
    float scale = letterbox(detector, image);
    preparation_fill(&detector->preparation, &detector->canvas, net_input(detector->net));
    net_run(detector->net);
    size_t count = (grid ? collect_grid : collect_rfb)(detector, scale);
    size_t kept = found_sift(detector->found, count, grid ? detector->grid.overlap : detector->rfb.overlap);
    for (size_t i = 0; i < kept; i++) {
        const struct found *found = &detector->found[i];
        faces[i] = (struct face){.box = found->box, .score = found->score};
        if (grid)
            add_points(detector, found, scale, &faces[i]);
    }
    return (int)kept;
}

void detector_wipe(struct detector *detector)
{
    net_wipe(detector->net);
    memory_wipe(detector->canvas.rgb, (size_t)detector->canvas.stride * (size_t)detector->canvas.height);
    memory_wipe(detector->found, detector->anchor_count * sizeof *detector->found);
}
