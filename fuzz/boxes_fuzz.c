/* Any numbers a detector could put out become at most FACE_LIMIT faces, every one with a box, best first. */
#include "face/grid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FLOATS_LIMIT = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As many columns as there are numbers for, each kind's numbers one behind the other. */
static struct grid_map map_of(enum detect_decoder decoder, int anchors, const float *numbers, size_t count)
{
    int each = 0;
    for (int kind = 0; kind < GRID_KINDS; kind++)
        each += grid_numbers(decoder, (enum grid_kind)kind) * anchors;
    int cells = (int)count / each, columns = cells > 3 ? 3 : cells;
    struct grid_map map = {.stride = 8, .columns = columns, .rows = columns ? cells / columns : 0};
    for (int kind = 0; kind < GRID_KINDS; kind++) {
        map.numbers[kind] = numbers;
        numbers += grid_answers(&map, anchors) * (size_t)grid_numbers(decoder, (enum grid_kind)kind);
    }
    return map;
}

static void check(const struct found *found, size_t count, float least)
{
    if (count > FACE_LIMIT)
        abort();
    for (size_t i = 0; i < count; i++) {
        const struct box *box = &found[i].box;
        if (!(found[i].score >= least) || !(box->right > box->left) || !(box->bottom > box->top) ||
            !isfinite(box->right - box->left + box->bottom - box->top) ||
            (i && found[i].score > found[i - 1].score))
            abort();
    }
}

/* Anchors of a small input, then the scores, then the regressions, as far as there are numbers. */
static void fuzz_rfb(const float *numbers, size_t count, float least, float scale)
{
    static const struct rfb rfb = {.stride_count = 2,
        .strides = {8, 16},
        .box_counts = {2, 1},
        .box_sizes = {{10.0f, 16.0f}, {32.0f}},
        .centre_variance = 0.1f,
        .size_variance = 0.2f};
    static struct anchor anchors[FLOATS_LIMIT];
    static struct found found[FLOATS_LIMIT];
    size_t answers = rfb_anchors(&rfb, 64, 48, anchors);
    answers = count / 6 < answers ? count / 6 : answers;
    const struct rfb_answers all = {&rfb, anchors, answers, numbers, numbers + 2 * answers};
    size_t good = rfb_collect(&all, 64.0f / scale, 48.0f / scale, least, found);
    check(found, found_sift(found, good, 0.4f), least);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static float numbers[FLOATS_LIMIT];
    static struct found found[FLOATS_LIMIT];
    if (size < 2)
        return 0;
    enum detect_decoder decoder = data[0] & 1 ? DECODER_YUNET : DECODER_SCRFD;
    int anchors = decoder == DECODER_SCRFD ? 1 + data[1] % ANCHOR_LIMIT : 1;
    float least = (float)(data[0] >> 1) / 128.0f, scale = 0.1f + (float)(data[1] >> 3);
    size_t count = (size - 2) / sizeof(float);
    count = count < FLOATS_LIMIT ? count : FLOATS_LIMIT;
    memcpy(numbers, data + 2, count * sizeof(float));
    if (data[1] & 4) {
        fuzz_rfb(numbers, count, least, scale);
        return 0;
    }
    struct grid_map map = map_of(decoder, anchors, numbers, count);
    size_t good = grid_collect(decoder, &map, anchors, least, scale, found);
    size_t kept = found_sift(found, good, 0.4f);
    check(found, kept, least);
    for (size_t i = 0; i < kept; i++) {
        float points[POINT_COUNT][2];
        if (grid_points(&map, anchors, found[i].place, scale, points) && !isfinite(points[0][0]))
            abort();
    }
    return 0;
}
