#include "face/align.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const float reference[POINT_COUNT][2] = {
    {38.29f, 51.70f}, {73.53f, 51.50f}, {56.03f, 71.74f}, {41.55f, 92.37f}, {70.73f, 92.20f}};

static void assert_map(const float *map, double a, double b, double x, double y)
{
    const double expected[4] = {a, b, x, y};
    for (int i = 0; i < 4; i++)
        if (fabs(map[i] - expected[i]) > 2e-3)
            fail_msg("map[%d] is %f, not %f", i, (double)map[i], expected[i]);
}

static void points_in_their_places_stay(void **state)
{
    (void)state;
    float map[4];
    align_map(reference, FACE_SIDE, map);
    assert_map(map, 1, 0, 0, 0);
    align_map(reference, 2 * FACE_SIDE, map);
    assert_map(map, 2, 0, 0, 0);
}

static void a_turned_and_enlarged_face_is_turned_back(void **state)
{
    (void)state;
    float points[POINT_COUNT][2];
    for (int i = 0; i < POINT_COUNT; i++) {
        points[i][0] = 3.0f * -reference[i][1] + 500.0f;
        points[i][1] = 3.0f * reference[i][0] + 40.0f;
    }
    float map[4];
    align_map((const float(*)[2])points, FACE_SIDE, map);
    assert_map(map, 0, -1.0 / 3.0, -40.0 / 3.0, 500.0 / 3.0);
}

/* With noise no nearby similarity may have a smaller sum of squares. */
static double squares(const float points[POINT_COUNT][2], const float map[4])
{
    double sum = 0.0;
    for (int i = 0; i < POINT_COUNT; i++) {
        double x = map[0] * points[i][0] - map[1] * points[i][1] + map[2] - reference[i][0];
        double y = map[1] * points[i][0] + map[0] * points[i][1] + map[3] - reference[i][1];
        sum += x * x + y * y;
    }
    return sum;
}

static void the_map_is_the_one_of_least_squares(void **state)
{
    (void)state;
    const float points[POINT_COUNT][2] = {{101, 90}, {150, 97}, {120, 120}, {99, 140}, {139, 151}};
    float map[4];
    align_map(points, FACE_SIDE, map);
    double least = squares(points, map);
    static const float steps[4] = {1e-3f, 1e-3f, 0.1f, 0.1f};
    for (int i = 0; i < 4; i++)
        for (int sign = -1; sign <= 1; sign += 2) {
            float other[4];
            memcpy(other, map, sizeof other);
            other[i] += (float)sign * steps[i];
            assert_true(squares(points, other) > least);
        }
}

static void points_in_one_place_give_black(void **state)
{
    (void)state;
    AUTO(image) struct image image = {NULL, 0, 0, 0};
    AUTO(image) struct image aligned = {NULL, 0, 0, 0};
    assert_true(image_init(&image, 50, 50, NULL) && image_init(&aligned, FACE_SIDE, FACE_SIDE, NULL));
    memset(image.rgb, 255, 50 * 150);
    struct face face = {.score = 1.0f};
    face_align(&image, &face, &aligned);
    for (int i = 0; i < FACE_SIDE * FACE_SIDE * 3; i++)
        assert_int_equal(aligned.rgb[i], 0);
}

/* A chequered board of single pixels shrunk eight times is even grey; skipping pixels would give stripes. */
static void a_large_face_is_averaged_not_skipped(void **state)
{
    (void)state;
    enum { ZOOM = 8, SIDE = ZOOM * FACE_SIDE };
    AUTO(image) struct image image = {NULL, 0, 0, 0};
    AUTO(image) struct image aligned = {NULL, 0, 0, 0};
    assert_true(image_init(&image, SIDE, SIDE, NULL) && image_init(&aligned, FACE_SIDE, FACE_SIDE, NULL));
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            memset(image.rgb + y * image.stride + 3 * x, (x + y) % 2 ? 255 : 0, 3);
    struct face face = {.score = 1.0f};
    for (int i = 0; i < POINT_COUNT; i++)
        for (int axis = 0; axis < 2; axis++)
            face.points[i][axis] = ZOOM * reference[i][axis];
    face_align(&image, &face, &aligned);
    for (int y = 2; y < FACE_SIDE - 2; y++)
        for (int x = 2; x < FACE_SIDE - 2; x++)
            assert_in_range(aligned.rgb[y * aligned.stride + 3 * x], 126, 130);
}

static void averaging_keeps_everything_in_its_place(void **state)
{
    (void)state;
    AUTO(image) struct image image = {NULL, 0, 0, 0};
    AUTO(image) struct image aligned = {NULL, 0, 0, 0};
    assert_true(image_init(&image, 400, 400, NULL) && image_init(&aligned, FACE_SIDE, FACE_SIDE, NULL));
    for (int y = 0; y < 400; y++)
        for (int x = 0; x < 400; x++)
            image.rgb[y * image.stride + 3 * x] = (uint8_t)(x / 2);
    struct face face = {.score = 1.0f};
    for (int i = 0; i < POINT_COUNT; i++)
        for (int axis = 0; axis < 2; axis++)
            face.points[i][axis] = 3.0f * reference[i][axis] + 31.0f;
    face_align(&image, &face, &aligned);
    for (int x = 5; x < FACE_SIDE - 5; x++) {
        int expected = (int)((3.0 * (x + 0.5) + 31.0 - 0.5) / 2.0);
        assert_in_range(aligned.rgb[50 * aligned.stride + 3 * x], expected - 1, expected + 1);
    }
}

static void five_points_are_means_of_the_68(void **state)
{
    (void)state;
    float numbers[136] = {0};
    for (int i = 0; i < 68; i++) {
        numbers[2 * i] = (float)i / 100.0f;
        numbers[2 * i + 1] = 0.5f;
    }
    float points[POINT_COUNT][2];
    points_from_68(numbers, &(struct box){10, 20, 110, 60}, points);
    static const float expected[POINT_COUNT] = {49, 55, 40, 64, 69};
    for (int i = 0; i < POINT_COUNT; i++) {
        assert_true(fabsf(points[i][0] - expected[i]) < 1e-3f);
        assert_true(fabsf(points[i][1] - 40.0f) < 1e-3f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_in_their_places_stay),
        cmocka_unit_test(a_turned_and_enlarged_face_is_turned_back),
        cmocka_unit_test(the_map_is_the_one_of_least_squares),
        cmocka_unit_test(points_in_one_place_give_black),
        cmocka_unit_test(a_large_face_is_averaged_not_skipped),
        cmocka_unit_test(averaging_keeps_everything_in_its_place),
        cmocka_unit_test(five_points_are_means_of_the_68),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
