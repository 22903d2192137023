/* mizan-lab bench pipeline: real feeds and watches on a real stream, for a moment. */
#include "program.h"

#include <dirent.h>

static int count_grants(void)
{
    int count = 0;
    DIR *open = opendir("/tmp");
    assert_non_null(open);
    for (const struct dirent *entry; (entry = readdir(open));)
        count += !strncmp(entry->d_name, "mizan-grant-", 12);
    closedir(open);
    return count;
}

static void analysis_is_measured_apart_from_decoding_and_finds_nobody(void **state)
{
    (void)state;
    AUTO(text) char *clip = lab_asset("scenes/loop.mp4");
    AUTO(text) char *words = text_format("bench pipeline %s --cameras 2 --seconds 2 --json", clip);
    int grants = count_grants();
    AUTO(json) json_t *answer = lab_answer(lab_folder, words);
    assert_true(lab_number(answer, "a_camera.decoded_hz") > 5.0);
    assert_true(lab_number(answer, "a_camera.analysed_hz") > 0.5);
    assert_true(lab_number(answer, "decode_us_a_picture") > 0.0);
    assert_true(lab_number(answer, "analysis_us_an_analysis") > 0.0);
    double parts = lab_number(answer, "cores_a_camera.feed") + lab_number(answer, "cores_a_camera.decode") +
                   lab_number(answer, "cores_a_camera.analysis");
    assert_float_equal(parts, lab_number(answer, "cores_a_camera.total"), 1e-6);
    assert_true(
        lab_number(answer, "stages.decode.least_us") <= lab_number(answer, "stages.decode.median_us"));
    assert_true(
        lab_number(answer, "stages.decode.median_us") <= lab_number(answer, "stages.decode.largest_us"));
    if (geteuid() == 0)
        assert_in_range((long)lab_number(answer, "watch_pss_kb"), 10000, 2000000);
    assert_float_equal(lab_number(answer, "sightings"), 0.0, 0.0);
    assert_int_equal(count_grants(), grants);
}

static void what_cannot_be_measured_is_said_in_one_line(void **state)
{
    (void)state;
    static const struct {
        const char *words, *says;
        int status;
    } rows[] = {{"bench pipeline", "one clip", 64}, {"bench pipeline a b", "one clip", 64},
        {"bench pipeline none.mp4", "none.mp4", 66}, {"bench pipeline said", "cannot serve", 75},
        {"bench pipeline said --test-camera nowhere", "nowhere", 66},
        {"bench pipeline said --pack nowhere", "nowhere", 66},
        {"bench pipeline said --cameras 65", "--cameras", 64},
        {"bench pipeline said --seconds 5000", "seconds", 64}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(text) char *output = lab_refuse(rows[i].words, rows[i].status, rows[i].says);
    }
}

int main(int argc, char **argv)
{
    if (!lab_begin(argc, argv))
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(analysis_is_measured_apart_from_decoding_and_finds_nobody),
        cmocka_unit_test(what_cannot_be_measured_is_said_in_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, lab_clean_up);
}
