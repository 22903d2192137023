#include "video/reduce.h"

#include <math.h>
#include <string.h>

/* A face that is n cells long touches n + 1 cells when it does not begin at a cell's edge. */
enum { CELLS_OF_LARGEST_FACE = REDUCE_FACE_PX - 1 };

struct cell {
    int left, top, right, bottom;
};

int reduce_cell_px(const struct image *scene, float largest_face_px)
{
    int shorter = scene->width < scene->height ? scene->width : scene->height;
    float face_px = (float)shorter / 2.0f;
    if (largest_face_px > face_px)
        face_px = fminf(largest_face_px, (float)IMAGE_SIDE_LIMIT);
    return (int)ceilf(face_px / (float)CELLS_OF_LARGEST_FACE);
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

static struct cell cell_at(const struct image *scene, int side, int column, int row)
{
    return (struct cell){column * side, row * side, least((column + 1) * side, scene->width),
        least((row + 1) * side, scene->height)};
}

static uint8_t *pixel_at(const struct image *image, int x, int y)
{
    return image->rgb + (size_t)y * (size_t)image->stride + (size_t)x * 3;
}

static void cell_mean(const struct image *scene, struct cell cell, uint8_t mean[static 3])
{
    uint64_t sum[3] = {0};
    for (int y = cell.top; y < cell.bottom; y++) {
        const uint8_t *pixel = pixel_at(scene, cell.left, y);
        for (int x = cell.left; x < cell.right; x++, pixel += 3)
            for (int channel = 0; channel < 3; channel++)
                sum[channel] += pixel[channel];
    }
    uint64_t count = (uint64_t)(cell.right - cell.left) * (uint64_t)(cell.bottom - cell.top);
    for (int channel = 0; channel < 3; channel++)
        mean[channel] = (uint8_t)((sum[channel] + count / 2) / count);
}

static void cell_fill(const struct image *image, struct cell cell, const uint8_t colour[static 3])
{
    for (int y = cell.top; y < cell.bottom; y++)
        for (int x = cell.left; x < cell.right; x++)
            memcpy(pixel_at(image, x, y), colour, 3);
}

static int whole_side(float side, int limit)
{
    if (!(side > 0.0f))
        return 0;
    return side < (float)limit ? (int)side : limit;
}

static void copy_inside(const struct image *scene, const struct box *person, const struct image *out)
{
    int left = whole_side(person->left, scene->width), right = whole_side(person->right, scene->width);
    int top = whole_side(person->top, scene->height), bottom = whole_side(person->bottom, scene->height);
    if (left >= right)
        return;
    for (int y = top; y < bottom; y++)
        memcpy(pixel_at(out, left, y), pixel_at(scene, left, y), (size_t)(right - left) * 3);
}

bool reduce_scene(const struct image *scene, const struct box *person, float largest_face_px,
    struct image *out, struct error *err)
{
    struct image reduced = {0};
    if (!image_init(&reduced, scene->width, scene->height, err))
        return false;
    int side = reduce_cell_px(scene, largest_face_px);
    for (int row = 0; row * side < scene->height; row++)
        for (int column = 0; column * side < scene->width; column++) {
            struct cell cell = cell_at(scene, side, column, row);
            uint8_t mean[3];
            cell_mean(scene, cell, mean);
            cell_fill(&reduced, cell, mean);
        }
    copy_inside(scene, person, &reduced);
    *out = reduced;
    return true;
}

bool reduce_whole(const struct image *scene, float largest_face_px, struct image *out, struct error *err)
{
    int side = reduce_cell_px(scene, largest_face_px);
    struct image reduced = {0};
    if (!image_init(&reduced, (scene->width + side - 1) / side, (scene->height + side - 1) / side, err))
        return false;
    for (int row = 0; row < reduced.height; row++)
        for (int column = 0; column < reduced.width; column++)
            cell_mean(scene, cell_at(scene, side, column, row), pixel_at(&reduced, column, row));
    *out = reduced;
    return true;
}
