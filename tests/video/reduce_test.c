#include "video/reduce.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct image noise(int width, int height)
{
    struct image image;
    assert_true(image_init(&image, width, height, NULL));
    uint32_t state = 7;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < 3 * width; x++) {
            state = state * 1664525u + 1013904223u;
            image.rgb[y * image.stride + x] = (uint8_t)(state >> 24);
        }
    return image;
}

static const uint8_t *pixel(const struct image *image, int x, int y)
{
    return image->rgb + (ptrdiff_t)y * image->stride + (ptrdiff_t)3 * x;
}

/* How many different colours follow each other in a row or column of the box: the face's pixels. */
static int span(const struct image *image, int x, int y, int step_x, int step_y, int length)
{
    int colours = 1;
    for (int i = 1; i < length; i++)
        colours += memcmp(pixel(image, x + i * step_x, y + i * step_y),
                       pixel(image, x + (i - 1) * step_x, y + (i - 1) * step_y), 3) != 0;
    return colours;
}

static void assert_faces_are_small(const struct image *reduced, int face_px)
{
    for (int top = 0; top + face_px <= reduced->height; top += 7)
        for (int left = 0; left + face_px <= reduced->width; left += 7) {
            assert_in_range(span(reduced, left, top, 1, 0, face_px), 1, REDUCE_FACE_PX);
            assert_in_range(span(reduced, left, top, 0, 1, face_px), 1, REDUCE_FACE_PX);
        }
}

static void s27_outside_the_person_no_face_spans_more_than_eight_pixels(void **state)
{
    (void)state;
    static const int sizes[][2] = {{1280, 720}, {640, 480}, {400, 300}, {333, 517}, {97, 41}};
    struct box nobody = {0, 0, 0, 0};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        int shorter = sizes[i][0] < sizes[i][1] ? sizes[i][0] : sizes[i][1];
        AUTO(image) struct image scene = noise(sizes[i][0], sizes[i][1]);
        AUTO(image) struct image reduced = {0};
        assert_true(reduce_scene(&scene, &nobody, 0, &reduced, NULL));
        assert_faces_are_small(&reduced, shorter / 2);
        image_done(&reduced);
        assert_true(reduce_scene(&scene, &nobody, (float)shorter, &reduced, NULL));
        assert_faces_are_small(&reduced, shorter);
    }
}

static void s27_the_matched_person_is_left_as_it_is_and_nothing_else(void **state)
{
    (void)state;
    struct box person = {200.5f, 100.0f, 280.0f, 190.9f};
    AUTO(image) struct image scene = noise(640, 480);
    AUTO(image) struct image reduced = {0};
    assert_true(reduce_scene(&scene, &person, 90, &reduced, NULL));
    int same_outside = 0;
    for (int y = 0; y < 480; y++)
        for (int x = 0; x < 640; x++) {
            bool inside = x >= 200 && x < 280 && y >= 100 && y < 190;
            bool same = memcmp(pixel(&scene, x, y), pixel(&reduced, x, y), 3) == 0;
            assert_true(!inside || same);
            same_outside += !inside && same;
        }
    assert_true(same_outside < 100);
}

static void a_box_beyond_the_picture_is_clipped(void **state)
{
    (void)state;
    static const struct box boxes[] = {{-50, -50, 20, 20}, {90, 90, 1e9f, 1e9f}, {60, 60, 20, 20},
        {__builtin_nanf(""), 0, 10, 10}, {-1e9f, -1e9f, -5, -5}};
    AUTO(image) struct image scene = noise(100, 100);
    for (size_t i = 0; i < COUNT_OF(boxes); i++) {
        AUTO(image) struct image reduced = {0};
        assert_true(reduce_scene(&scene, &boxes[i], 0, &reduced, NULL));
        assert_int_equal(reduced.width, 100);
    }
}

static void s27_a_preview_holds_one_pixel_a_cell_with_its_mean(void **state)
{
    (void)state;
    AUTO(image) struct image scene = noise(1280, 720);
    AUTO(image) struct image preview = {0};
    int side = reduce_cell_px(&scene, 0);
    assert_int_equal(side, 52);
    assert_true(reduce_whole(&scene, 0, &preview, NULL));
    assert_int_equal(preview.width, 25);
    assert_int_equal(preview.height, 14);
    double sum = 0;
    for (int y = side; y < 2 * side; y++)
        for (int x = 3 * side; x < 4 * side; x++)
            sum += pixel(&scene, x, y)[1];
    double mean = sum / (side * side);
    assert_true(abs((int)(mean + 0.5) - pixel(&preview, 3, 1)[1]) <= 1);
}

static void the_cells_grow_with_the_largest_face(void **state)
{
    (void)state;
    AUTO(image) struct image scene = noise(64, 48);
    assert_int_equal(reduce_cell_px(&scene, 0), 4);
    assert_int_equal(reduce_cell_px(&scene, 10), 4);
    assert_int_equal(reduce_cell_px(&scene, 42), 6);
    assert_int_equal(reduce_cell_px(&scene, 43), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s27_outside_the_person_no_face_spans_more_than_eight_pixels),
        cmocka_unit_test(s27_the_matched_person_is_left_as_it_is_and_nothing_else),
        cmocka_unit_test(a_box_beyond_the_picture_is_clipped),
        cmocka_unit_test(s27_a_preview_holds_one_pixel_a_cell_with_its_mean),
        cmocka_unit_test(the_cells_grow_with_the_largest_face),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
