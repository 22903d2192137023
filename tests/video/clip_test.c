/* The test camera's clips: what the long runs are shown, again and again. */
#include "../../tools/test-camera/clip.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { PICTURES = 225, SKIPPED = 77 };

static struct bytes first_round[PICTURES];

static void check_round(struct clip *clip, bool first, int64_t *last_dts_ns)
{
    for (int i = 0; i < PICTURES; i++) {
        struct error err = {0};
        struct clip_picture picture;
        if (!clip_next(clip, &picture, &err))
            fail_msg("%s", err.text);
        assert_true(picture.dts_ns > *last_dts_ns);
        assert_true(picture.pts_ns >= picture.dts_ns);
        *last_dts_ns = picture.dts_ns;
        if (first)
            first_round[i] = bytes_copy(picture.data, picture.size);
        assert_int_equal(picture.size, first_round[i].size);
        assert_memory_equal(picture.data, first_round[i].data, picture.size);
    }
}

static void a_clip_begins_again_at_its_first_picture_with_b_frames_too(void **state)
{
    (void)state;
    static const char *const names[] = {"street-b", "street-h265"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct error err = {0};
        int64_t last_dts_ns = -1;
        AUTO(text) char *path = text_format("%s/scenes/%s.mp4", getenv("MIZAN_ASSETS"), names[i]);
        if (access(path, R_OK))
            exit(SKIPPED);
        AUTO(clip) struct clip *clip = clip_open(path, 0, &err);
        assert_non_null(clip);
        for (int round = 0; round < 3; round++)
            check_round(clip, round == 0, &last_dts_ns);
        for (int at = 0; at < PICTURES; at++)
            bytes_free(&first_round[at]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clip_begins_again_at_its_first_picture_with_b_frames_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
