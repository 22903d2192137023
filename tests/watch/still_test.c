/* Enrolment and marking through the real, locked-up still process. */
#include "desk.h"

#include "base/file.h"
#include "video/jpeg.h"

#include <stdlib.h>

static struct desk *open_desk(void)
{
    struct desk *desk = desk_new("scenes/nobody.mp4", 0);
    if (!desk)
        exit(77);
    return desk;
}

static struct bytes grey_picture(void)
{
    struct error err = {0};
    struct bytes jpeg = {NULL, 0};
    AUTO(image) struct image image = {0};
    assert_true(image_init(&image, 320, 240, &err));
    for (int y = 0; y < image.height; y++)
        memset(image.rgb + (ptrdiff_t)y * image.stride, 128, (size_t)image.width * 3);
    assert_true(jpeg_write(&image, 90, &jpeg, &err));
    return jpeg;
}

static void a_good_photograph_is_enrolled_with_a_unit_template(void **state)
{
    (void)state;
    struct desk *desk = open_desk();
    float sum = 0;
    desk_enrol(desk, "subject-1", ID("e", "1"));
    for (size_t i = 0; i < GALLERY_TEMPLATE; i++)
        sum += desk->items[0].template[i] * desk -> items[0].template[i];
    assert_true(sum > 0.999F && sum < 1.001F);
    desk_free(desk);
}

static void a_picture_without_a_face_is_refused_with_advice(void **state)
{
    (void)state;
    struct desk *desk = open_desk();
    struct error err = {0};
    struct enrolment enrolment;
    AUTO(bytes) struct bytes jpeg = grey_picture();
    assert_true(still_enrol(desk->supervisor, jpeg.data, jpeg.size, &enrolment, &err));
    assert_false(enrolment.accepted);
    assert_string_equal(enrolment.verdict, "no_face");
    assert_true(strlen(enrolment.advice) > 10);
    assert_null(enrolment.picture.data);
    desk_free(desk);
}

static void bytes_that_are_no_picture_fail_and_still_goes_on(void **state)
{
    (void)state;
    struct desk *desk = open_desk();
    struct error err = {0};
    struct enrolment enrolment;
    int before = desk_child("still");
    assert_false(still_enrol(desk->supervisor, "not a picture", 13, &enrolment, &err));
    desk_enrol(desk, "subject-1", ID("e", "1"));
    assert_int_equal(desk_child("still"), before);
    desk_free(desk);
}

static void the_words_are_written_across_a_marked_picture(void **state)
{
    (void)state;
    struct desk *desk = open_desk();
    struct error err = {0};
    AUTO(bytes) struct bytes jpeg = grey_picture();
    AUTO(bytes) struct bytes marked = {NULL, 0};
    AUTO(image) struct image image = {0};
    if (!still_mark(desk->supervisor, jpeg.data, jpeg.size,
            "o-0000000000000007 2026-11-22 DEMONSTRATION \xE2\x80\x93 NOT A WANTED PERSON", &marked, &err))
        fail_msg("%s", err.text);
    assert_true(jpeg_read(marked.data, marked.size, &image, &err));
    assert_int_equal(image.width, 320);
    int changed = 0;
    for (int y = 0; y < image.height; y++)
        for (int x = 0; x < image.width; x++)
            changed += abs(image.rgb[(ptrdiff_t)y * image.stride + x * 3] - 128) > 24;
    assert_true(changed > image.width * image.height / 20);
    desk_free(desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_photograph_is_enrolled_with_a_unit_template),
        cmocka_unit_test(a_picture_without_a_face_is_refused_with_advice),
        cmocka_unit_test(bytes_that_are_no_picture_fail_and_still_goes_on),
        cmocka_unit_test(the_words_are_written_across_a_marked_picture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
