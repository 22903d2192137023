/* mizan-lab camera on a scene whose people are known, as a file and as a network camera. */
#include "program.h"

#include "base/clock.h"
#include "cli/lab_test_cameras.h"

#include <dirent.h>

static int files_in(const char *path)
{
    int count = -2;
    DIR *open = opendir(path);
    assert_non_null(open);
    while (readdir(open))
        count++;
    closedir(open);
    return count;
}

static const char *word_at(const json_t *answer, const char *group, const char *name)
{
    return json_string_value(json_object_get(group ? json_object_get(answer, group) : answer, name));
}

static void a_recording_is_measured_and_nothing_of_it_kept(void **state)
{
    (void)state;
    AUTO(text) char *clip = lab_asset("scenes/street-b.mp4");
    AUTO(text) char *words = text_format("camera %s --json", clip);
    AUTO(json) json_t *answer = lab_answer(lab_folder, words);
    assert_string_equal(word_at(answer, "stream", "codec"), "h264");
    assert_float_equal(lab_number(answer, "stream.width"), 1280.0, 0.0);
    assert_float_equal(lab_number(answer, "stream.height"), 720.0, 0.0);
    assert_float_equal(lab_number(answer, "stream.pictures_hz"), 25.0, 0.1);
    assert_float_equal(lab_number(answer, "stream.key_every_s"), 1.0, 0.1);
    assert_true(json_is_true(json_object_get(json_object_get(answer, "stream"), "reorders")));
    assert_float_equal(lab_number(answer, "faces.passages"), 3.0, 0.0);
    assert_true(lab_number(answer, "faces.eye_distance_px.p50") > 55.0);
    assert_true(lab_number(answer, "faces.eye_distance_px.p50") < 85.0);
    assert_string_equal(word_at(answer, NULL, "verdict"), "suitable with limits");
    assert_float_equal(lab_number(answer, "templates_computed"), 0.0, 0.0);
    assert_int_equal(files_in(lab_folder), 1); /* what it said */
}

static void a_network_camera_is_measured_for_as_long_as_asked(void **state)
{
    (void)state;
    struct error err = {0};
    AUTO(text) char *clip = lab_asset("scenes/nobody.mp4");
    AUTO(test_cameras) struct test_cameras served = {0};
    const char *program = getenv("MIZAN_TEST_CAMERA");
    if (!test_cameras_start(&served, program ? program : "", clip, 1, &err))
        fail_msg("%s", err.text);
    AUTO(text) char *words = text_format("camera %s --seconds 3 --json", served.addresses[0]);
    int64_t began_us = clock_monotonic_us();
    AUTO(json) json_t *answer = lab_answer(lab_folder, words);
    assert_in_range(clock_monotonic_us() - began_us, 3000000, 30000000);
    assert_true(lab_number(answer, "stream.pictures") > 25.0);
    assert_float_equal(lab_number(answer, "stream.outages"), 0.0, 0.0);
    assert_string_equal(word_at(answer, NULL, "verdict"), "not known: nobody passed");
    assert_int_equal(json_array_size(json_object_get(answer, "light")), 1);
}

static void what_cannot_be_looked_at_is_said_in_one_line(void **state)
{
    (void)state;
    static const struct {
        const char *words, *says;
        int status;
    } rows[] = {{"camera", "one address", 64}, {"camera none.mp4", "none.mp4", 66},
        {"camera said", "said", 65}, {"camera /dev/null", "/dev/null", 65}, {"camera . ", ".", 65},
        {"camera rtsp://clerk:secret@192.0.2.1/main", "MIZAN_CAMERA_PASSWORD", 64},
        {"camera gopher://192.0.2.1/main", "rtsp://", 65},
        {"camera rtsp://127.0.0.1:1/main", "127.0.0.1", 75}, {"camera said --seconds 0", "--seconds", 64},
        {"camera said --pack nowhere", "nowhere", 66}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int status = 0;
        AUTO(text) char *output = lab_run(lab_folder, &status, rows[i].words);
        if (status != rows[i].status || !strstr(output, rows[i].says) ||
            strncmp(output, "mizan-lab: ", 11) != 0)
            fail_msg("%s: status %d: %s", rows[i].words, status, output);
        assert_ptr_equal(strchr(output, '\n') + 1, output + strlen(output));
        assert_null(strstr(output, "secret"));
    }
}

int main(int argc, char **argv)
{
    if (!lab_begin(argc, argv))
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recording_is_measured_and_nothing_of_it_kept),
        cmocka_unit_test(a_network_camera_is_measured_for_as_long_as_asked),
        cmocka_unit_test(what_cannot_be_looked_at_is_said_in_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, lab_clean_up);
}
