#include "video/image.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct image picture_new(int width, int height)
{
    struct image image;
    assert_true(image_init(&image, width, height, NULL));
    return image;
}

/* Edges, gradients and noise, the same on every run. */
static struct image picture_pattern(int width, int height)
{
    struct image image = picture_new(width, height);
    uint32_t state = 12345;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < 3 * width; x++) {
            state = state * 1664525u + 1013904223u;
            int value = (x * 5 + y * 3) % 256;
            if ((state >> 28) == 0)
                value = (int)(state >> 20) & 255;
            image.rgb[y * image.stride + x] = (uint8_t)value;
        }
    return image;
}

static double pixel(const struct image *image, int x, int y, int c)
{
    return image->rgb[y * image->stride + 3 * x + c];
}

/* The plain twin: the value of one output pixel straight from the definition. */
static double axis_weight(int from_size, int to_size, int to, int from)
{
    double ratio = (double)from_size / to_size;
    if (to_size < from_size) {
        double low = fmax(to * ratio, from);
        double high = fmin((to + 1) * ratio, from + 1.0);
        return high > low ? (high - low) / ratio : 0.0;
    }
    double centre = (to + 0.5) * ratio - 0.5;
    centre = fmin(fmax(centre, 0.0), from_size - 1.0);
    double distance = fabs(centre - from);
    return distance < 1.0 ? 1.0 - distance : 0.0;
}

static double scale_twin(const struct image *from, const struct image *to, int x, int y, int c)
{
    double sum = 0.0;
    for (int row = 0; row < from->height; row++)
        for (int column = 0; column < from->width; column++)
            sum += axis_weight(from->height, to->height, y, row) *
                   axis_weight(from->width, to->width, x, column) * pixel(from, column, row, c);
    return sum;
}

static void scaling_equals_the_plain_twin(void **state)
{
    (void)state;
    static const int sizes[][4] = {{40, 30, 13, 11}, {40, 30, 20, 15}, {17, 9, 41, 40}, {31, 20, 12, 33},
        {1, 1, 5, 5}, {33, 1, 4, 1}, {12, 12, 12, 12}};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        AUTO(image) struct image from = picture_pattern(sizes[i][0], sizes[i][1]);
        AUTO(image) struct image to = picture_new(sizes[i][2], sizes[i][3]);
        image_scale(&from, &to);
        for (int y = 0; y < to.height; y++)
            for (int x = 0; x < to.width; x++)
                for (int c = 0; c < 3; c++)
                    assert_true(fabs(pixel(&to, x, y, c) - scale_twin(&from, &to, x, y, c)) <= 0.51);
    }
}

static double warp_twin(const struct image *from, const float map[static 4], double x, double y, int c)
{
    double a = map[0];
    double b = map[1];
    double u = x + 0.5 - map[2];
    double v = y + 0.5 - map[3];
    double from_x = (a * u + b * v) / (a * a + b * b) - 0.5;
    double from_y = (a * v - b * u) / (a * a + b * b) - 0.5;
    double sum = 0.0;
    for (int row = 0; row < from->height; row++)
        for (int column = 0; column < from->width; column++)
            sum += fmax(0.0, 1.0 - fabs(from_x - column)) * fmax(0.0, 1.0 - fabs(from_y - row)) *
                   pixel(from, column, row, c);
    return sum;
}

static void warping_equals_the_plain_twin(void **state)
{
    (void)state;
    static const float maps[][4] = {{1, 0, 0, 0}, {0.8f, 0.3f, -4, 2}, {0, 1, 30, 0}, {1.7f, -0.2f, 3, 5}};
    AUTO(image) struct image from = picture_pattern(36, 28);
    AUTO(image) struct image to = picture_new(30, 30);
    for (size_t i = 0; i < COUNT_OF(maps); i++) {
        image_warp(&from, maps[i], &to);
        for (int y = 0; y < to.height; y++)
            for (int x = 0; x < to.width; x++)
                for (int c = 0; c < 3; c++)
                    assert_true(fabs(pixel(&to, x, y, c) - warp_twin(&from, maps[i], x, y, c)) <= 0.53);
    }
}

static void a_quarter_turn_moves_the_first_pixel_to_the_other_corner(void **state)
{
    (void)state;
    AUTO(image) struct image from = picture_new(4, 4);
    AUTO(image) struct image to = picture_new(4, 4);
    from.rgb[0] = 200;
    image_warp(&from, (float[]){0, 1, 4, 0}, &to);
    assert_int_equal(to.rgb[3 * 3], 200);
}

static void a_warp_without_size_gives_black(void **state)
{
    (void)state;
    AUTO(image) struct image from = picture_pattern(8, 8);
    AUTO(image) struct image to = picture_pattern(4, 4);
    image_warp(&from, (float[]){0, 0, 0, 0}, &to);
    for (int i = 0; i < 4 * to.stride; i++)
        assert_int_equal(to.rgb[i], 0);
}

static void a_crop_is_rounded_outwards_and_clipped(void **state)
{
    (void)state;
    AUTO(image) struct image from = picture_pattern(20, 10);
    AUTO(image) struct image part = {NULL, 0, 0, 0};
    assert_true(image_crop(&from, &(struct box){-5.0f, 2.4f, 7.2f, 99.0f}, &part, NULL));
    assert_int_equal(part.width, 8);
    assert_int_equal(part.height, 8);
    assert_int_equal(part.rgb[part.stride + 3], from.rgb[3 * from.stride + 3]);
}

static void a_crop_outside_the_picture_is_refused(void **state)
{
    (void)state;
    AUTO(image) struct image from = picture_pattern(20, 10);
    static const struct box boxes[] = {
        {21, 0, 30, 5}, {0, -9, 5, -1}, {5, 5, 5, 6}, {NAN, NAN, NAN, NAN}, {9, 2, 3, 4}};
    for (size_t i = 0; i < COUNT_OF(boxes); i++) {
        struct image part = {NULL, 0, 0, 0};
        struct error err = {0};
        assert_false(image_crop(&from, &boxes[i], &part, &err));
        assert_int_equal(err.code, ERROR_INVALID);
        assert_null(part.rgb);
    }
}

static void a_copy_is_the_same_picture_elsewhere(void **state)
{
    (void)state;
    AUTO(image) struct image from = picture_pattern(9, 7);
    AUTO(image) struct image copy = image_copy(&from);
    assert_ptr_not_equal(copy.rgb, from.rgb);
    assert_memory_equal(copy.rgb, from.rgb, 9 * 7 * 3);
}

static void sizes_over_the_limits_are_refused(void **state)
{
    (void)state;
    static const struct {
        int width, height;
        enum error_code code;
    } rows[] = {{0, 5, ERROR_INVALID}, {5, -1, ERROR_INVALID}, {8193, 1, ERROR_TOO_LARGE},
        {1, 8193, ERROR_TOO_LARGE}, {8192, 8192, ERROR_TOO_LARGE}, {INT32_MAX, INT32_MAX, ERROR_TOO_LARGE}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct image image = {NULL, 0, 0, 0};
        struct error err = {0};
        assert_false(image_init(&image, rows[i].width, rows[i].height, &err));
        assert_int_equal(err.code, rows[i].code);
        assert_null(image.rgb);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scaling_equals_the_plain_twin),
        cmocka_unit_test(warping_equals_the_plain_twin),
        cmocka_unit_test(a_quarter_turn_moves_the_first_pixel_to_the_other_corner),
        cmocka_unit_test(a_warp_without_size_gives_black),
        cmocka_unit_test(a_crop_is_rounded_outwards_and_clipped),
        cmocka_unit_test(a_crop_outside_the_picture_is_refused),
        cmocka_unit_test(a_copy_is_the_same_picture_elsewhere),
        cmocka_unit_test(sizes_over_the_limits_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
