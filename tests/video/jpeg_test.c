#include "video/jpeg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct image gradient(int width, int height)
{
    struct image image;
    assert_true(image_init(&image, width, height, NULL));
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            uint8_t *at = image.rgb + y * image.stride + 3 * x;
            at[0] = (uint8_t)(x * 255 / width);
            at[1] = (uint8_t)(y * 255 / height);
            at[2] = 90;
        }
    return image;
}

static struct bytes coded(int width, int height, int quality)
{
    AUTO(image) struct image image = gradient(width, height);
    struct bytes jpeg = {NULL, 0};
    assert_true(jpeg_write(&image, quality, &jpeg, NULL));
    return jpeg;
}

static void a_picture_survives_writing_and_reading(void **state)
{
    (void)state;
    AUTO(image) struct image before = gradient(75, 41);
    AUTO(bytes) struct bytes jpeg = {NULL, 0};
    AUTO(image) struct image after = {NULL, 0, 0, 0};
    assert_true(jpeg_write(&before, 95, &jpeg, NULL));
    assert_true(jpeg_read(jpeg.data, jpeg.size, &after, NULL));
    assert_int_equal(after.width, 75);
    assert_int_equal(after.height, 41);
    for (int i = 0; i < 41 * before.stride; i++)
        assert_in_range(abs(before.rgb[i] - after.rgb[i]), 0, 8);
}

static void refuse(const void *bytes, size_t size, enum error_code code)
{
    struct image image = {NULL, 0, 0, 0};
    struct error err = {0};
    assert_false(jpeg_read(bytes, size, &image, &err));
    assert_int_equal(err.code, code);
    assert_null(image.rgb);
    assert_null(strchr(err.text, '\n'));
}

static void what_is_not_a_jpeg_is_refused(void **state)
{
    (void)state;
    refuse("", 0, ERROR_INVALID);
    refuse("Hello, this is a text.\n", 23, ERROR_INVALID);
    refuse("\x89PNG\r\n\x1a\n", 8, ERROR_INVALID);
    refuse("\xFF\xD8\xFF\xE0", 4, ERROR_CORRUPT);
}

static void every_shortened_picture_is_refused(void **state)
{
    (void)state;
    AUTO(bytes) struct bytes jpeg = coded(64, 48, 80);
    for (size_t size = 4; size + 2 < jpeg.size; size += 13)
        refuse(jpeg.data, size, ERROR_CORRUPT);
}

/* The frame header holds the sizes 5 bytes after its marker FF C0. */
static void a_huge_header_is_refused_before_memory_is_taken(void **state)
{
    (void)state;
    AUTO(bytes) struct bytes jpeg = coded(64, 48, 80);
    size_t at = 2;
    while (at + 9 < jpeg.size && !(jpeg.data[at] == 0xFF && jpeg.data[at + 1] == 0xC0))
        at++;
    assert_true(at + 9 < jpeg.size);
    memcpy(jpeg.data + at + 5, "\x75\x30\x75\x30", 4);
    refuse(jpeg.data, jpeg.size, ERROR_TOO_LARGE);
}

static void a_quality_outside_1_to_100_is_refused(void **state)
{
    (void)state;
    AUTO(image) struct image image = gradient(8, 8);
    struct bytes jpeg = {NULL, 0};
    struct error err = {0};
    assert_false(jpeg_write(&image, 0, &jpeg, &err));
    assert_int_equal(err.code, ERROR_INVALID);
    assert_false(jpeg_write(&image, 101, &jpeg, &err));
    assert_null(jpeg.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_picture_survives_writing_and_reading),
        cmocka_unit_test(what_is_not_a_jpeg_is_refused),
        cmocka_unit_test(every_shortened_picture_is_refused),
        cmocka_unit_test(a_huge_header_is_refused_before_memory_is_taken),
        cmocka_unit_test(a_quality_outside_1_to_100_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
