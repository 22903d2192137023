#include "face/grid.h"

#include <math.h>

struct grid_map grid_map_of(int stride, int width, int height)
{
    return (struct grid_map){
        .stride = stride, .columns = (width + stride - 1) / stride, .rows = (height + stride - 1) / stride};
}

size_t grid_answers(const struct grid_map *map, int anchors)
{
    return (size_t)map->columns * (size_t)map->rows * (size_t)anchors;
}

static bool tensor_fits(const struct net_shape *shape, size_t answers, int numbers)
{
    size_t size = 1;
    for (int i = 0; i < shape->count; i++)
        size *= (size_t)shape->dims[i];
    return shape->count > 0 && shape->dims[shape->count - 1] == numbers && size == answers * (size_t)numbers;
}

bool grid_check(const struct pack *pack, const struct net *net, int width, int height, struct error *err)
{
    const struct grid *grid = &pack->grid;
    int output = 0;
    for (int kind = 0; kind < GRID_KINDS; kind++) {
        int numbers = grid_numbers(pack->decoder, (enum grid_kind)kind);
        bool given = numbers && (kind != GRID_POINTS || grid->has_points);
        for (int i = 0; given && i < grid->stride_count; i++, output++) {
            struct grid_map map = grid_map_of(grid->strides[i], width, height);
            size_t answers = grid_answers(&map, grid->anchors);
            if (!tensor_fits(net_output_shape(net, output), answers, numbers))
                return fail(err, ERROR_INVALID,
                    "%s: tensor '%s' is not %zu × %d numbers, as stride %d asks for at %d × %d",
                    pack->models[MODEL_DETECT].file, net_output_name(net, output), answers, numbers,
                    grid->strides[i], width, height);
        }
    }
    return true;
}

static float share(float number)
{
    return number > 0.0f ? fminf(number, 1.0f) : 0.0f;
}

static float score_at(enum detect_decoder decoder, const struct grid_map *map, size_t place)
{
    float score = map->numbers[GRID_SCORES][place];
    if (decoder == DECODER_YUNET)
        score = sqrtf(share(score) * share(map->numbers[GRID_OBJECTS][place]));
    return score;
}

struct cell {
    float x, y; /* in strides */
};

static struct cell cell_at(const struct grid_map *map, int anchors, size_t place)
{
    size_t cell = place / (size_t)anchors, columns = (size_t)map->columns;
    size_t row = cell / columns;
    return (struct cell){(float)(cell - row * columns), (float)row};
}

static struct box box_at(enum detect_decoder decoder, const struct grid_map *map, int anchors, size_t place)
{
    const float *numbers = map->numbers[GRID_BOXES] + 4 * place;
    struct cell cell = cell_at(map, anchors, place);
    float unit = (float)map->stride;
    if (decoder == DECODER_SCRFD)
        return (struct box){(cell.x - numbers[0]) * unit, (cell.y - numbers[1]) * unit,
            (cell.x + numbers[2]) * unit, (cell.y + numbers[3]) * unit};
    float x = cell.x + numbers[0], y = cell.y + numbers[1];
    float half_width = expf(numbers[2]) / 2.0f, half_height = expf(numbers[3]) / 2.0f;
    return (struct box){
        (x - half_width) * unit, (y - half_height) * unit, (x + half_width) * unit, (y + half_height) * unit};
}

size_t grid_collect(enum detect_decoder decoder, const struct grid_map *map, int anchors, float least_score,
    float scale, struct found *found)
{
    size_t count = 0;
    for (size_t place = 0; place < grid_answers(map, anchors); place++) {
        float score = score_at(decoder, map, place);
        if (!(score >= least_score) || !isfinite(score))
            continue;
        struct box box = box_at(decoder, map, anchors, place);
        box = (struct box){box.left / scale, box.top / scale, box.right / scale, box.bottom / scale};
        if (box_has_area(&box))
            found[count++] = (struct found){.box = box, .score = score, .place = place};
    }
    return count;
}

bool grid_points(
    const struct grid_map *map, int anchors, size_t place, float scale, float points[static POINT_COUNT][2])
{
    const float *numbers = map->numbers[GRID_POINTS] + 2 * (size_t)POINT_COUNT * place;
    struct cell cell = cell_at(map, anchors, place);
    bool finite = true;
    for (int i = 0; i < POINT_COUNT; i++) {
        const float *point = numbers + 2 * (size_t)i;
        points[i][0] = (cell.x + point[0]) * (float)map->stride / scale;
        points[i][1] = (cell.y + point[1]) * (float)map->stride / scale;
        finite = finite && isfinite(points[i][0]) && isfinite(points[i][1]);
    }
    return finite;
}
