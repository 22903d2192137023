/* Walk-bys through the real chain, and the score of a passage against the decision that it stands for. */
#include "lab/walk.h"

#include "../face/fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct analyser *analyser;

static struct image photograph(const char *name)
{
    AUTO(text) char *folder = fixture_pack_folder();
    AUTO(text) char *path = text_format("%s/../photos/%s.jpg", folder, name);
    struct image image = {NULL, 0, 0, 0};
    struct error err = {0};
    if (!picture_read(path, &image, &err))
        fail_msg("%s", err.text);
    return image;
}

static struct image grey_wall(void)
{
    struct image wall = {NULL, 0, 0, 0};
    assert_true(image_init(&wall, WALK_WIDTH, WALK_HEIGHT, NULL));
    memset(wall.rgb, 0x8c, (size_t)wall.stride * (size_t)wall.height);
    return wall;
}

static void walk_of(const char *name, struct walk *walk)
{
    AUTO(image) struct image portrait = photograph(name);
    AUTO(backdrop) struct backdrop wall = {NULL, 0};
    struct face face;
    struct error err = {0};
    assert_true(backdrop_load(&wall, NULL, WALK_WIDTH, WALK_HEIGHT, &err));
    assert_true(portrait_find(analyser, &portrait, &face));
    assert_true(walk_follow(analyser, &wall, 0, &portrait, &face, walk, &err));
}

static double dot(const float *a, const float *b)
{
    double sum = 0.0;
    for (int i = 0; i < TEMPLATE_LENGTH; i++)
        sum += (double)a[i] * b[i];
    return sum;
}

static void a_walk_by_is_one_passage_of_the_person_who_walks(void **state)
{
    (void)state;
    static struct walk subject;
    static struct walk again;
    static struct walk other;
    walk_of("subject-1", &subject);
    walk_of("subject-2", &again);
    walk_of("other-1", &other);
    assert_int_equal(subject.passages, 1);
    assert_int_equal(other.passages, 1);
    assert_true(subject.shot_count >= 2 && again.shot_count >= 2 && other.shot_count >= 2);
    for (int i = 0; i < subject.shot_count; i++) {
        assert_true(subject.shots[i].held >> i & 1);
        assert_true(dot(subject.shots[i].template, again.shots[again.shot_count - 1].template) > 0.55);
        assert_true(dot(subject.shots[i].template, other.shots[other.shot_count - 1].template) < 0.4);
    }
}

/* Another man walks in the recording behind: the passage and its shots are the walker's all the same. */
static void a_face_in_the_background_is_left_out(void **state)
{
    (void)state;
    static struct walk walk;
    static struct walk alone;
    AUTO(text) char *folder = fixture_pack_folder();
    AUTO(text) char *path = text_format("%s/../scenes/other.mp4", folder);
    AUTO(backdrop) struct backdrop street = {NULL, 0};
    AUTO(image) struct image portrait = photograph("subject-1");
    struct face face;
    struct error err = {0};
    if (!backdrop_load(&street, path, WALK_WIDTH, WALK_HEIGHT, &err))
        fail_msg("%s", err.text);
    assert_int_equal(street.count, BACKDROP_LIMIT);
    assert_true(portrait_find(analyser, &portrait, &face));
    walk_of("subject-2", &alone);
    for (int number = 0; number < 2; number++) {
        assert_true(walk_follow(analyser, &street, number, &portrait, &face, &walk, &err));
        assert_true(walk.shot_count >= 2);
        for (int i = 0; i < walk.shot_count; i++)
            assert_true(dot(walk.shots[i].template, alone.shots[alone.shot_count - 1].template) > 0.5);
    }
}

static void walks_take_different_parts_of_a_recording_the_same_on_every_run(void **state)
{
    (void)state;
    struct image pictures[40];
    const struct backdrop street = {pictures, 40};
    const struct backdrop wall = {pictures, 1};
    bool used[40] = {false};
    for (int walk = 0; walk < 40; walk++)
        for (int frame = 0; frame < WALK_FRAMES; frame++) {
            const struct image *at = backdrop_at(&street, walk, frame, WALK_FRAMES);
            assert_ptr_equal(at, backdrop_at(&street, walk, frame, WALK_FRAMES));
            assert_ptr_equal(at, backdrop_at(&street, walk, 0, WALK_FRAMES) + frame);
            assert_ptr_equal(backdrop_at(&wall, walk, frame, WALK_FRAMES), pictures);
            used[at - pictures] = true;
        }
    for (int i = 0; i < 40; i++)
        assert_true(used[i]);
}

static void the_true_place_is_where_the_detector_finds_the_face(void **state)
{
    (void)state;
    AUTO(image) struct image portrait = photograph("subject-1");
    AUTO(image) struct image wall = grey_wall();
    AUTO(image) struct image frame = grey_wall();
    struct face face;
    struct face faces[FACE_LIMIT];
    assert_true(portrait_find(analyser, &portrait, &face));
    for (int i = WALK_FRAMES / 2; i < WALK_FRAMES; i++) {
        struct box truth = walk_draw(&wall, &portrait, &face, i, &frame);
        assert_int_equal(analyser_detect(analyser, &frame, faces), 1);
        float off = fabsf(faces[0].box.left + faces[0].box.right - truth.left - truth.right) / 2.0f;
        assert_true(off < 0.2f * (truth.right - truth.left));
    }
}

static struct shot_scores shot(int64_t captured_us, float a, float b)
{
    return (struct shot_scores){captured_us, {{"e-1", a}, {"e-2", b}}, 2};
}

static void the_score_of_a_passage_is_the_last_threshold_that_matches(void **state)
{
    (void)state;
    struct shot_scores shots[] = {shot(0, 0.30f, 0.71f), shot(100000, 0.62f, 0.70f),
        shot(300000, 0.58f, 0.20f), shot(900000, 0.41f, 0.10f)};
    static const struct {
        size_t count;
        float score;
        const char *entry;
    } rows[] = {{1, -1.0f, NULL}, {2, -1.0f, NULL}, {3, 0.58f, "e-1"}, {4, 0.58f, "e-1"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct decision decision;
        float score = passage_score(shots, rows[i].count, NULL);
        assert_true(score == rows[i].score);
        passage_decide(shots, rows[i].count, fmaxf(score, 0.0f), &decision);
        assert_int_equal(decision.matched, rows[i].entry != NULL);
        if (rows[i].entry)
            assert_string_equal(decision.entry, rows[i].entry);
        passage_decide(shots, rows[i].count, nextafterf(score, 2.0f), &decision);
        assert_false(score > 0.0f && decision.matched);
    }
    assert_true(passage_score(shots, 4, "e-2") == 0.2f);
    assert_true(passage_score(shots, 4, "e-3") == -1.0f);
}

int main(void)
{
    AUTO(text) char *folder = fixture_pack_folder();
    struct error err = {0};
    if (!crypto_start(&err))
        return 1;
    AUTO(pack) struct pack *pack = pack_open(folder, &err);
    struct analyser_options options = {WALK_WIDTH, WALK_HEIGHT, 0.0f};
    analyser = pack ? analyser_new(pack, &options, &err) : NULL;
    if (!analyser) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_walk_by_is_one_passage_of_the_person_who_walks),
        cmocka_unit_test(a_face_in_the_background_is_left_out),
        cmocka_unit_test(walks_take_different_parts_of_a_recording_the_same_on_every_run),
        cmocka_unit_test(the_true_place_is_where_the_detector_finds_the_face),
        cmocka_unit_test(the_score_of_a_passage_is_the_last_threshold_that_matches),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    analyser_free(analyser);
    return failed;
}
