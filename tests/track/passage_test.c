#include "track/passage.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SIZE_PX = 100 };
static const int64_t TURN_US = 200000;

static struct face face_at(float x, float y, float size)
{
    struct face face = {.score = 0.9f, .box = {x - size / 2, y - size / 2, x + size / 2, y + size / 2}};
    face.quality = (struct quality){.verdict = QUALITY_OK, .overall = 0.5f};
    return face;
}

struct endings {
    int count;
    int shots;
    int seen;
    enum quality_verdict verdict;
    uint64_t last_id;
};

static void count_ending(void *context, const struct passage *passage)
{
    struct endings *endings = context;
    endings->count++;
    endings->shots += passage->shot_count;
    endings->seen = passage->seen_count;
    endings->verdict = passage->verdict;
    endings->last_id = passage->id;
}

static struct passages *counted(struct endings *endings)
{
    *endings = (struct endings){0};
    return passages_new(&(struct passages_options){count_ending, endings});
}

static void one_face_walking_is_one_passage(void **state)
{
    (void)state;
    static const float speeds[] = {0, 50, 150, 300, 500}; /* px a second, at 100 px a face */
    for (size_t i = 0; i < COUNT_OF(speeds); i++) {
        struct endings endings;
        AUTO(passages) struct passages *passages = counted(&endings);
        for (int turn = 0; turn < 20; turn++) {
            struct face face = face_at(100 + speeds[i] * (float)turn / 5, 300 + (float)(turn % 3), SIZE_PX);
            struct passage *of_face[1];
            passages_update(passages, turn * TURN_US, &face, 1, of_face);
            assert_int_equal(of_face[0]->id, 1);
            assert_int_equal(of_face[0]->seen_count, turn + 1);
        }
        passages_update(passages, 19 * TURN_US + PASSAGE_LOST_US, NULL, 0, NULL);
        assert_int_equal(endings.count, 0);
        passages_update(passages, 19 * TURN_US + PASSAGE_LOST_US + 1, NULL, 0, NULL);
        assert_int_equal(endings.count, 1);
        assert_int_equal(passages_count(passages), 0);
    }
}

static void a_face_that_comes_nearer_stays_one_passage(void **state)
{
    (void)state;
    AUTO(passages) struct passages *passages = passages_new(NULL);
    float size = 30;
    for (int turn = 0; turn < 15; turn++, size *= 1.12f) {
        struct face face = face_at(400, 200 + size / 2, size);
        struct passage *of_face[1];
        passages_update(passages, turn * TURN_US, &face, 1, of_face);
        assert_int_equal(of_face[0]->id, 1);
    }
}

static void two_faces_crossing_keep_their_passages(void **state)
{
    (void)state;
    AUTO(passages) struct passages *passages = passages_new(NULL);
    for (int turn = 0; turn <= 24; turn++) {
        float way = (float)turn * 40;
        /* The one behind is a little higher up and hidden where they meet. */
        struct face faces[2] = {face_at(100 + way, 300, SIZE_PX), face_at(1060 - way, 270, SIZE_PX * 0.9f)};
        bool hidden = turn >= 11 && turn <= 13;
        struct passage *of_face[2];
        passages_update(passages, turn * TURN_US, faces, hidden ? 1 : 2, of_face);
        assert_int_equal(of_face[0]->id, 1);
        if (!hidden)
            assert_int_equal(of_face[1]->id, 2);
    }
    assert_int_equal(passages_count(passages), 2);
}

enum { WALKERS = 10, CROWDS = 60, CROWD_TURNS = 40, CROWD_IDS = 2048 };

struct walker {
    float x, y, step_x, step_y, size;
};

static float share(uint32_t *random)
{
    *random = *random * 1664525U + 1013904223U;
    return (float)(*random >> 8) / 16777216.0f;
}

static bool is_hidden(const struct walker *walkers, int at)
{
    const struct walker *one = &walkers[at];
    for (int i = 0; i < WALKERS; i++)
        if (walkers[i].size > one->size && fabsf(walkers[i].x - one->x) < 0.5f * walkers[i].size &&
            fabsf(walkers[i].y - one->y) < 0.6f * walkers[i].size)
            return true;
    return one->x < 0 || one->x > 1280;
}

/* Two streams of people meet, hide each other, and are now and then missed by the detector. Returns how often
 * a passage went over to another person; adds to *faces. */
static int crowd_swaps(uint32_t *random, int *faces)
{
    AUTO(passages) struct passages *passages = passages_new(NULL);
    struct walker walkers[WALKERS];
    int owner[CROWD_IDS] = {0}, swaps = 0;
    for (int i = 0; i < WALKERS; i++) {
        float way = i % 2 ? 1.0f : -1.0f;
        walkers[i] = (struct walker){640 - way * (440 + 200 * share(random)), 250 + 120 * share(random),
            way * (20 + 30 * share(random)), 4 * (share(random) - 0.5f), 50 + 50 * share(random)};
    }
    for (int turn = 0; turn < CROWD_TURNS; turn++) {
        struct face seen[WALKERS];
        struct passage *of_face[WALKERS];
        int who[WALKERS], count = 0;
        for (int i = 0; i < WALKERS; i++) {
            walkers[i].x += walkers[i].step_x;
            walkers[i].y += walkers[i].step_y;
        }
        for (int i = 0; i < WALKERS; i++) {
            const struct walker *one = &walkers[i];
            if (share(random) < 0.08f || is_hidden(walkers, i))
                continue;
            who[count] = i + 1;
            seen[count++] = face_at(one->x + 0.08f * one->size * (share(random) - 0.5f),
                one->y + 0.08f * one->size * (share(random) - 0.5f),
                one->size * (1 + 0.1f * (share(random) - 0.5f)));
        }
        passages_update(passages, turn * TURN_US, seen, count, of_face);
        for (int i = 0; i < count; i++) {
            assert_true(of_face[i]->id < CROWD_IDS);
            swaps += owner[of_face[i]->id] && owner[of_face[i]->id] != who[i];
            owner[of_face[i]->id] = who[i];
        }
        *faces += count;
    }
    return swaps;
}

static void crowds_that_meet_seldom_swap_their_passages(void **state)
{
    (void)state;
    uint32_t random = 12345;
    int swaps = 0, faces = 0;
    for (int crowd = 0; crowd < CROWDS; crowd++)
        swaps += crowd_swaps(&random, &faces);
    print_message("%d swaps over %d faces\n", swaps, faces);
    assert_true(faces > 10000);
    assert_true(swaps * 140 < faces);
}

static void the_order_of_the_faces_does_not_matter(void **state)
{
    (void)state;
    AUTO(passages) struct passages *passages = passages_new(NULL);
    uint64_t ids[3] = {0};
    for (int turn = 0; turn < 12; turn++) {
        struct face faces[3];
        struct passage *of_face[3];
        for (int i = 0; i < 3; i++)
            faces[(i + turn) % 3] = face_at(200 + 130 * (float)i + 20 * (float)turn, 300, SIZE_PX);
        passages_update(passages, turn * TURN_US, faces, 3, of_face);
        for (int i = 0; i < 3; i++) {
            uint64_t id = of_face[(i + turn) % 3]->id;
            assert_true(turn == 0 || ids[i] == id);
            ids[i] = id;
        }
    }
    assert_int_equal(passages_count(passages), 3);
}

static void a_face_hidden_for_a_moment_continues_and_for_longer_begins_anew(void **state)
{
    (void)state;
    static const struct {
        int hidden_turns;
        uint64_t id;
    } rows[] = {{1, 1}, {2, 1}, {4, 1}, {5, 1}, {7, 2}, {20, 2}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(passages) struct passages *passages = passages_new(NULL);
        struct passage *of_face[1];
        for (int turn = 0; turn < 10 + rows[i].hidden_turns; turn++) {
            bool hidden = turn >= 5 && turn < 5 + rows[i].hidden_turns;
            struct face face = face_at(100 + 20 * (float)turn, 300, SIZE_PX);
            passages_update(passages, turn * TURN_US, &face, !hidden, of_face);
        }
        assert_int_equal(of_face[0]->id, rows[i].id);
    }
}

static void a_face_elsewhere_or_of_another_size_is_another_passage(void **state)
{
    (void)state;
    static const float others[][3] = {{500, 300, 100}, {100, 600, 100}, {110, 300, 200}, {110, 300, 50}};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        AUTO(passages) struct passages *passages = passages_new(NULL);
        struct passage *of_face[1];
        struct face face = face_at(100, 300, SIZE_PX);
        passages_update(passages, 0, &face, 1, of_face);
        passages_update(passages, TURN_US, &face, 1, of_face);
        face = face_at(others[i][0], others[i][1], others[i][2]);
        passages_update(passages, 2 * TURN_US, &face, 1, of_face);
        assert_int_equal(of_face[0]->id, 2);
    }
}

static void the_number_of_passages_is_bounded(void **state)
{
    (void)state;
    AUTO(passages) struct passages *passages = passages_new(NULL);
    struct face faces[FACE_LIMIT];
    struct passage *of_face[FACE_LIMIT];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < FACE_LIMIT; i++)
            faces[i] = face_at(100 + 300 * (float)i + 150 * (float)round, 100, SIZE_PX);
        passages_update(passages, round * TURN_US, faces, FACE_LIMIT, of_face);
        int followed = 0;
        for (int i = 0; i < FACE_LIMIT; i++)
            followed += of_face[i] != NULL;
        assert_int_equal(passages_count(passages), PASSAGE_LIMIT);
        assert_true(round == 1 || followed == FACE_LIMIT);
    }
}

static void time_that_runs_backwards_ends_every_passage(void **state)
{
    (void)state;
    struct endings endings;
    AUTO(passages) struct passages *passages = counted(&endings);
    struct face face = face_at(100, 300, SIZE_PX);
    struct passage *of_face[1];
    passages_update(passages, 5 * TURN_US, &face, 1, of_face);
    passages_update(passages, 4 * TURN_US, &face, 1, of_face);
    assert_int_equal(endings.count, 1);
    assert_int_equal(of_face[0]->id, 2);
}

/* Follows one standing face with these qualities, a turn each; returns how many shots were wanted. */
static int stand(
    struct passages *passages, int64_t from_us, const float *overall, int turns, struct passage **passage)
{
    int wanted = 0;
    for (int turn = 0; turn < turns; turn++) {
        struct face face = face_at(100, 300, SIZE_PX);
        face.quality.overall = overall[turn];
        passages_update(passages, from_us + turn * TURN_US, &face, 1, passage);
        struct shot *shot = passage_wants(*passage, &face, from_us + turn * TURN_US);
        if (!shot)
            continue;
        assert_false(shot->embedded);
        assert_int_equal(shot->captured_us, from_us + turn * TURN_US);
        assert_int_equal(shot->aligned.width, FACE_SIDE);
        shot->embedded = true;
        wanted++;
    }
    return wanted;
}

static void the_first_good_faces_are_wanted_at_once(void **state)
{
    (void)state;
    static const float overall[] = {0.5f, 0.5f, 0.4f};
    AUTO(passages) struct passages *passages = passages_new(NULL);
    struct passage *passage;
    assert_int_equal(stand(passages, 0, overall, 3, &passage), 3);
    assert_int_equal(passage->shot_count, 3);
    assert_true(passage->shots[1]->captured_us - passage->shots[0]->captured_us >= 200000);
}

static void six_shots_are_kept_of_the_best_and_spread_out(void **state)
{
    (void)state;
    float overall[100];
    for (int i = 0; i < 100; i++)
        overall[i] = 0.3f + 0.4f * (float)(i % 10 == 7) + 0.001f * (float)(i % 3);
    AUTO(passages) struct passages *passages = passages_new(NULL);
    struct passage *passage;
    int wanted = stand(passages, 0, overall, 100, &passage);
    assert_int_equal(passage->shot_count, PASSAGE_SHOTS);
    assert_in_range(wanted, PASSAGE_SHOTS, 24);
    for (int i = 0; i < PASSAGE_SHOTS; i++) {
        assert_true(passage->shots[i]->quality.overall > 0.69f);
        assert_true(i == 0 || passage->shots[i]->captured_us - passage->shots[i - 1]->captured_us >= 1000000);
    }
}

static void faces_too_close_in_time_replace_only_a_worse_shot(void **state)
{
    (void)state;
    AUTO(passages) struct passages *passages = passages_new(NULL);
    struct passage *passage;
    struct face face = face_at(100, 300, SIZE_PX);
    passages_update(passages, 0, &face, 1, &passage);
    assert_non_null(passage_wants(passage, &face, 0));
    assert_null(passage_wants(passage, &face, 100000));
    face.quality.overall = 0.8f;
    assert_non_null(passage_wants(passage, &face, 100000));
    assert_int_equal(passage->shot_count, 1);
    assert_int_equal(passage->shots[0]->captured_us, 100000);
}

static void poor_faces_are_never_wanted_and_their_reason_is_kept(void **state)
{
    (void)state;
    struct endings endings;
    AUTO(passages) struct passages *passages = counted(&endings);
    struct passage *passage;
    struct face face = face_at(100, 300, SIZE_PX);
    face.quality = (struct quality){.verdict = QUALITY_OCCLUDED, .overall = 0.4f};
    passages_update(passages, 0, &face, 1, &passage);
    assert_null(passage_wants(passage, &face, 0));
    face.quality = (struct quality){.verdict = QUALITY_BLURRED, .overall = 0.1f};
    assert_null(passage_wants(passage, &face, TURN_US));
    passages_end_all(passages);
    assert_int_equal(endings.count, 1);
    assert_int_equal(endings.shots, 0);
    assert_int_equal(endings.verdict, QUALITY_OCCLUDED);
}

static void a_settled_passage_wants_no_more(void **state)
{
    (void)state;
    AUTO(passages) struct passages *passages = passages_new(NULL);
    struct passage *passage;
    struct face face = face_at(100, 300, SIZE_PX);
    passages_update(passages, 0, &face, 1, &passage);
    passage->settled = true;
    assert_null(passage_wants(passage, &face, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_face_walking_is_one_passage),
        cmocka_unit_test(a_face_that_comes_nearer_stays_one_passage),
        cmocka_unit_test(two_faces_crossing_keep_their_passages),
        cmocka_unit_test(crowds_that_meet_seldom_swap_their_passages),
        cmocka_unit_test(the_order_of_the_faces_does_not_matter),
        cmocka_unit_test(a_face_hidden_for_a_moment_continues_and_for_longer_begins_anew),
        cmocka_unit_test(a_face_elsewhere_or_of_another_size_is_another_passage),
        cmocka_unit_test(the_number_of_passages_is_bounded),
        cmocka_unit_test(time_that_runs_backwards_ends_every_passage),
        cmocka_unit_test(the_first_good_faces_are_wanted_at_once),
        cmocka_unit_test(six_shots_are_kept_of_the_best_and_spread_out),
        cmocka_unit_test(faces_too_close_in_time_replace_only_a_worse_shot),
        cmocka_unit_test(poor_faces_are_never_wanted_and_their_reason_is_kept),
        cmocka_unit_test(a_settled_passage_wants_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
