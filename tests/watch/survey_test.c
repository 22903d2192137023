/* s27: the set-up view of the real watch: reduced whole, measured, nothing compared; and what is said about
 * cameras of all kinds. */
#include "desk.h"

#include "base/clock.h"
#include "video/jpeg.h"
#include "watch/authority.h"
#include "watch/survey.h"

#include <stdlib.h>

static struct survey last;
static struct bytes shown;

static bool enough_was_told(const struct desk *desk)
{
    int64_t left_us = 0;
    struct bytes preview = {NULL, 0};
    const struct survey *survey = supervisor_survey(desk->supervisor, desk->camera.id, &preview, &left_us);
    if (!survey || survey->previews < 4 || survey_faces(survey) < 10)
        return false;
    last = *survey;
    bytes_free(&shown);
    shown = bytes_copy(preview.data, preview.size);
    assert_true(left_us > 0 && left_us <= 60 * 1000000LL);
    return true;
}

static bool is_running(const struct desk *desk)
{
    return desk->state == CAMERA_RUNNING;
}

static void s27_a_set_up_view_is_reduced_whole_and_compares_nothing(void **state)
{
    (void)state;
    struct error err = {0};
    struct desk *desk = desk_new("scenes/street.mp4", 0);
    if (!desk)
        exit(77);
    desk_enrol(desk, "subject-1", ID("e", "1"));
    assert_true(supervisor_set_up(desk->supervisor, &desk->camera, "", &err));
    assert_false(supervisor_set_up(desk->supervisor, &desk->camera, "", &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
    assert_true(desk_run(desk, enough_was_told, 60));
    assert_int_equal(desk->state, CAMERA_SET_UP);
    assert_string_equal(last.codec, "h264");
    assert_int_equal(last.width, 1280);
    assert_int_equal(last.height, 720);
    print_message("%.1f pictures a second, %llu faces, light %.2f\n", survey_rate(&last),
        (unsigned long long)survey_faces(&last), (double)last.light_e6 / 1e6 / (double)last.previews);
    uint64_t previews = 0;
    for (size_t i = 0; i < SURVEY_HOURS; i++)
        previews += last.hours[i].previews;
    assert_int_equal(previews, last.previews);
    assert_true(last.light_e6 / last.previews > 300000 && last.light_e6 / last.previews < 700000);
    /* Half of the picture's height is at most 7 pixels of the preview, so a face is less than 8. */
    AUTO(image) struct image preview = {0};
    assert_true(jpeg_read(shown.data, shown.size, &preview, &err));
    assert_in_range(preview.height, 8, 14);
    assert_int_equal(desk->health.templates_computed, 0);
    assert_true(desk->health.faces > 0);
    /* An operation takes the camera over. */
    desk_arm(desk, FLAW_NONE, 3600);
    assert_true(desk_run(desk, is_running, 60));
    assert_null(
        supervisor_survey(desk->supervisor, desk->camera.id, &(struct bytes){NULL, 0}, &(int64_t){0}));
    desk->healths = 0;
    assert_false(supervisor_set_up(desk->supervisor, &desk->camera, "", &err));
    bytes_free(&shown);
    desk_free(desk);
}

static void s27_the_watch_itself_ends_a_set_up_view_after_a_minute_and_shows_no_second(void **state)
{
    (void)state;
    const struct authority_options options = {.site = "karachi-demo", .kind = SITE_DEMO};
    const struct arming arming = {.token = {NULL, 0}};
    struct authority authority;
    struct error err = {0};
    const int64_t now_us = 5000000, minute_us = 60000000;
    static const char record[] = "{\"address\":\"rtsp://10.0.0.1/main\",\"camera\":\"c-0000000000000001\","
                                 "\"heading_deg\":90,\"latitude_e7\":1,\"longitude_e7\":2,\"tls\":\"\"}";
    authority_init(&authority, &options);
    assert_false(authority_surveys(&authority, now_us));
    assert_true(authority_survey(&authority, now_us, &err));
    assert_false(authority_surveys(&authority, now_us)); /* no camera has greeted */
    assert_true(authority_greet(&authority, record, &err));
    assert_true(authority_surveys(&authority, now_us));
    assert_true(authority_surveys(&authority, now_us + minute_us - 1));
    assert_false(authority_surveys(&authority, now_us + minute_us));
    assert_false(authority_survey(&authority, now_us + minute_us, &err));
    assert_false(authority_arm(&authority, &arming, &err));
    authority_done(&authority);
    authority_init(&authority, &options);
    assert_true(authority_arm(&authority, &arming, &err));
    assert_false(authority_survey(&authority, now_us, &err));
    assert_int_equal(err.code, ERROR_CORRUPT);
    authority_done(&authority);
}

static void a_camera_is_judged_in_words(void **state)
{
    (void)state;
    static const struct {
        struct survey survey;
        enum survey_fitness fitness;
        const char *says;
    } rows[] = {
        {{.pictures = 0}, SURVEY_UNKNOWN, "No picture"},
        {{.pictures = 500, .lasted_ms = 20000, .height = 1080}, SURVEY_UNKNOWN, "Too few faces"},
        {{.pictures = 500, .lasted_ms = 20000, .height = 1080, .bands = {[2] = 40}, .sharpness_e6 = 30000000},
            SURVEY_SUITABLE, NULL},
        {{.pictures = 500, .lasted_ms = 20000, .height = 1080, .bands = {30, 10}, .sharpness_e6 = 30000000},
            SURVEY_UNSUITABLE, "24 pixels"},
        {{.pictures = 500,
             .lasted_ms = 20000,
             .height = 1080,
             .bands = {[2] = 40},
             .sharpness_e6 = 30000000,
             .verdicts = {[QUALITY_TURNED] = 30}},
            SURVEY_UNSUITABLE, "turned"},
        {{.pictures = 500,
             .lasted_ms = 20000,
             .height = 1080,
             .bands = {[2] = 40},
             .sharpness_e6 = 30000000,
             .previews = 20,
             .light_e6 = 2000000},
            SURVEY_DOUBTFUL, "dark"},
        {{.pictures = 500, .lasted_ms = 20000, .height = 1080, .bands = {[2] = 40}, .sharpness_e6 = 8000000},
            SURVEY_DOUBTFUL, "sharp"},
        {{.pictures = 100, .lasted_ms = 20000, .height = 1080, .bands = {[2] = 40}, .sharpness_e6 = 30000000},
            SURVEY_DOUBTFUL, "10 pictures a second"},
        {{.pictures = 500, .lasted_ms = 20000, .height = 576, .bands = {[2] = 40}, .sharpness_e6 = 30000000},
            SURVEY_DOUBTFUL, "720 lines"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *sentences[SURVEY_SENTENCES];
        enum survey_fitness fitness = SURVEY_UNKNOWN;
        size_t count = survey_judge(&rows[i].survey, sentences, &fitness);
        if (fitness != rows[i].fitness)
            fail_msg("row %zu is %s", i, survey_fitness_word(fitness));
        assert_int_equal(count, rows[i].says ? 1 : 0);
        if (rows[i].says && !strstr(sentences[0], rows[i].says))
            fail_msg("row %zu says '%s'", i, sentences[0]);
    }
}

static void the_light_belongs_to_the_hour_in_which_it_was_seen(void **state)
{
    (void)state;
    struct survey first = {.light_e6 = 800000, .previews = 2}, second = {.light_e6 = 2000000, .previews = 5},
                  third = {.light_e6 = 2100000, .previews = 6}, begun_anew = {.light_e6 = 1, .previews = 1};
    survey_follow(&first, &(struct survey){.pictures = 0}, 17);
    survey_follow(&second, &first, 17);
    survey_follow(&third, &second, 18);
    survey_follow(&begun_anew, &third, 19);
    assert_int_equal(begun_anew.hours[17].light_e6, 2000000);
    assert_int_equal(begun_anew.hours[17].previews, 5);
    assert_int_equal(begun_anew.hours[18].light_e6, 100000);
    assert_int_equal(begun_anew.hours[18].previews, 1);
    assert_int_equal(begun_anew.hours[19].previews, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s27_a_set_up_view_is_reduced_whole_and_compares_nothing),
        cmocka_unit_test(s27_the_watch_itself_ends_a_set_up_view_after_a_minute_and_shows_no_second),
        cmocka_unit_test(a_camera_is_judged_in_words),
        cmocka_unit_test(the_light_belongs_to_the_hour_in_which_it_was_seen),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    bytes_free(&shown);
    return failed;
}
