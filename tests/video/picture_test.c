#include "video/picture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WIDTH = 67, HEIGHT = 41, TAPS = 5 };

static uint32_t state = 7;

static uint32_t next_random(void)
{
    state = state * 1664525U + 1013904223U;
    return state >> 8;
}

static struct image noise_new(int width, int height)
{
    struct image image;
    assert_true(image_init(&image, width, height, NULL));
    for (int i = 0; i < height * image.stride; i++)
        image.rgb[i] = next_random() % 8 ? (uint8_t)next_random() : 255;
    return image;
}

static const struct picture_kernel *plain(void)
{
    size_t last = 0;
    while (picture_kernel_at(last + 1))
        last++;
    assert_string_equal(picture_kernel_at(last)->name, "plain");
    return picture_kernel_at(last);
}

static void every_kernel_sums_rows_to_the_same_bits(void **unused)
{
    (void)unused;
    AUTO(image) struct image from = noise_new(WIDTH, HEIGHT);
    float weights[TAPS], expected[3 * WIDTH], found[3 * WIDTH];
    for (size_t k = 0; picture_kernel_at(k); k++)
        for (int rows = 1; picture_kernel_at(k)->runs_here() && rows <= TAPS; rows++)
            for (size_t count = 0; count <= 3 * (size_t)WIDTH; count += count < 20 ? 1 : 13) {
                for (int i = 0; i < TAPS; i++)
                    weights[i] = (float)next_random() / 16777216.0F;
                plain()->add_rows(from.rgb, (size_t)from.stride, weights, rows, count, expected);
                picture_kernel_at(k)->add_rows(from.rgb, (size_t)from.stride, weights, rows, count, found);
                assert_memory_equal(found, expected, count * sizeof found[0]);
            }
}

static void fill_axis(const struct axis *axis, int width)
{
    for (int x = 0; x < width; x++) {
        struct tap *tap = &axis->taps[x];
        tap->first = (int)(next_random() % WIDTH);
        tap->count = 1 + (int)(next_random() % (unsigned)axis->most);
        if (tap->first + tap->count > WIDTH)
            tap->count = WIDTH - tap->first;
        for (int i = 0; i < axis->room; i++)
            axis->weights[x * axis->room + i] =
                i < tap->count ? (float)next_random() / 16777216.0F / (float)tap->count : 0.0F;
    }
}

static void every_kernel_gathers_rows_to_the_same_bytes(void **unused)
{
    (void)unused;
    struct tap taps[WIDTH];
    float weights[WIDTH * TAPS], sums[3 * WIDTH + 3 * TAPS + 4] = {0};
    const struct axis axis = {taps, weights, TAPS, 4};
    uint8_t expected[3 * WIDTH], found[3 * WIDTH + 8];
    assert_true(COUNT_OF(sums) >= 3 * WIDTH + axis_reach(&axis));
    for (size_t k = 0; picture_kernel_at(k); k++)
        for (int width = 0; picture_kernel_at(k)->runs_here() && width <= WIDTH; width++) {
            for (int i = 0; i < 3 * WIDTH; i++)
                sums[i] = (float)(next_random() % 300);
            fill_axis(&axis, width);
            memset(found, 77, sizeof found);
            plain()->gather_row(sums, &axis, width, expected);
            picture_kernel_at(k)->gather_row(sums, &axis, width, found);
            assert_memory_equal(found, expected, 3 * (size_t)width);
            for (size_t i = 3 * (size_t)width; i < sizeof found; i++)
                assert_int_equal(found[i], 77);
        }
}

/* At every place: inside, across each edge, far outside, without size and with no number in the map. The
 * picture's bytes end with its last pixel, so that a sanitised build notices a read behind it. */
static void every_kernel_warps_to_the_same_bytes(void **unused)
{
    (void)unused;
    static const float maps[][4] = {{1, 0, 0, 0}, {0.8F, 0.3F, -4, 2}, {0, 1, 30, 0}, {1.7F, -0.2F, 3, 5},
        {1, 0, -28, -9}, {2, 0, 0.5F, 0.5F}, {0.2F, 0.01F, 4, 3}, {-1, 0, WIDTH, HEIGHT}, {1e-9F, 0, 0, 0},
        {1, 0, 1e9F, 0}, {0, 0, 0, 0}, {NAN, 0, 0, 0}, {1, INFINITY, 0, 0}};
    AUTO(image) struct image from = noise_new(WIDTH, HEIGHT);
    uint8_t expected[3 * WIDTH], found[3 * WIDTH];
    for (size_t k = 0; picture_kernel_at(k); k++)
        for (size_t i = 0; picture_kernel_at(k)->runs_here() && i < COUNT_OF(maps); i++)
            for (int y = 0; y < HEIGHT; y++) {
                int width = WIDTH - y % 9;
                plain()->warp_row(&from, maps[i], y, width, expected);
                picture_kernel_at(k)->warp_row(&from, maps[i], y, width, found);
                assert_memory_equal(found, expected, 3 * (size_t)width);
            }
}

static void every_kernel_splits_rows_to_the_same_bits(void **unused)
{
    (void)unused;
    AUTO(image) struct image from = noise_new(WIDTH, 1);
    float expected[3 * WIDTH] = {0}, found[3 * WIDTH] = {0};
    for (size_t k = 0; picture_kernel_at(k); k++)
        for (size_t count = 0; picture_kernel_at(k)->runs_here() && count <= WIDTH; count++)
            for (int reversed = 0; reversed < 2; reversed++) {
                ptrdiff_t plane = reversed ? -WIDTH : WIDTH;
                size_t first = reversed ? 2 * WIDTH : 0;
                plain()->split_row(from.rgb, count, 127, 128, plane, expected + first);
                picture_kernel_at(k)->split_row(from.rgb, count, 127, 128, plane, found + first);
                assert_memory_equal(found, expected, sizeof found);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kernel_sums_rows_to_the_same_bits),
        cmocka_unit_test(every_kernel_gathers_rows_to_the_same_bytes),
        cmocka_unit_test(every_kernel_warps_to_the_same_bytes),
        cmocka_unit_test(every_kernel_splits_rows_to_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
