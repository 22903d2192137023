/* The whole line, with the real program and a real RTSP camera: exactly one sighting for each passage of the
 * man on the list. */
#include "desk.h"

#include "video/jpeg.h"

#include <stdlib.h>

static bool loop_was_seen(const struct desk *desk)
{
    return desk->health.decoded >= 215; /* of 225 pictures; the man on the list has ridden by twice by then */
}

static void print_memory(const char *kind)
{
    char path[64], line[128];
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", desk_child(kind));
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        if (!strncmp(line, "Pss:", 4) || !strncmp(line, "Rss:", 4) || !strncmp(line, "Locked:", 7))
            print_message("%s %s", kind, line);
    if (file)
        fclose(file);
}

static void check_pictures(const struct desk_sighting *sighting)
{
    struct error err = {0};
    AUTO(image) struct image face = {0};
    AUTO(image) struct image scene = {0};
    assert_true(jpeg_read(sighting->face.data, sighting->face.size, &face, &err));
    assert_true(jpeg_read(sighting->scene.data, sighting->scene.size, &scene, &err));
    assert_int_equal(scene.width, 1280);
    assert_int_equal(scene.height, 720);
    assert_true(face.width > 60 && face.width <= 400);
}

static void one_sighting_for_each_passage_of_the_man_on_the_list(void **state)
{
    (void)state;
    struct desk *desk = desk_new("scenes/rider.mp4", 0);
    if (!desk)
        exit(77);
    desk_enrol(desk, "subject-1", ID("e", "1"));
    desk_arm(desk, FLAW_NONE, 3600);
    assert_true(desk_run(desk, loop_was_seen, 120));
    print_memory("feed");
    print_memory("watch");
    for (size_t i = 0; i < desk->sighting_count; i++) {
        const struct desk_sighting *sighting = &desk->sightings[i];
        print_message(
            "sighting %zu: score %.3f, %zu crops, face %zu B, scene %zu B; shot to decision %lld us, "
            "decision to desk %lld us\n",
            i, (double)sighting->score, sighting->crops, sighting->face.size, sighting->scene.size,
            (long long)(sighting->decided_us - sighting->captured_us),
            (long long)(sighting->came_us - sighting->decided_us));
        assert_string_equal(sighting->entry, ID("e", "1"));
        assert_string_equal(sighting->operation, ID("op", "1"));
        assert_true(sighting->crops >= 2);
        check_pictures(sighting);
    }
    print_message("decoded %llu analysed %llu dropped %llu faces %llu templates %llu passages %llu fta %llu; "
                  "decode %u detect %u embed %u us\n",
        (unsigned long long)desk->health.decoded, (unsigned long long)desk->health.analysed,
        (unsigned long long)desk->health.dropped, (unsigned long long)desk->health.faces,
        (unsigned long long)desk->health.templates_computed, (unsigned long long)desk->health.passages,
        (unsigned long long)desk->health.failures_to_acquire, desk->health.decode_us, desk->health.detect_us,
        desk->health.embed_us);
    assert_int_equal(desk->sighting_count, 2);
    assert_true(desk->health.templates_computed >= 4); /* two shots of each passage at least */
    desk_free(desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_sighting_for_each_passage_of_the_man_on_the_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
