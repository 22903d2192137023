#include "track/passage.h"

#include "track/assign.h"
#include "track/motion.h"

#include <stdlib.h>
#include <string.h>

/* A shot's worth: its quality, plus this for standing a second or more apart from its neighbours in time. */
static const float spread_worth = 0.25f;
/* A shot replaces another only when the passage gains this much: embedding is the dearest step. */
static const float least_gain = 0.05f;

/* What it costs, in motion.c's terms, to call a face a newcomer. */
static const float stranger_cost = 2.0f;

struct passages {
    struct passages_options options;
    uint64_t last_id;
    int64_t updated_us;
    int count;
    struct passage *followed[PASSAGE_LIMIT];
};

struct passages *passages_new(const struct passages_options *options)
{
    struct passages *passages = memory_allocate(1, sizeof *passages);
    if (options)
        passages->options = *options;
    return passages;
}

static void shot_free(struct shot *shot)
{
    memory_wipe(shot, sizeof *shot);
    free(shot);
}

static void passage_end(struct passages *passages, int at)
{
    struct passage *passage = passages->followed[at];
    if (passages->options.ended)
        passages->options.ended(passages->options.context, passage);
    for (int i = 0; i < passage->shot_count; i++)
        shot_free(passage->shots[i]);
    memory_wipe(passage, sizeof *passage);
    free(passage);
    passages->followed[at] = passages->followed[--passages->count];
    passages->followed[passages->count] = NULL;
}

void passages_end_all(struct passages *passages)
{
    while (passages->count)
        passage_end(passages, passages->count - 1);
}

void passages_free(struct passages *passages)
{
    if (!passages)
        return;
    passages_end_all(passages);
    free(passages);
}

static struct passage *passage_begin(struct passages *passages, int64_t captured_us, const struct face *face)
{
    if (passages->count == PASSAGE_LIMIT)
        return NULL;
    struct passage *passage = memory_allocate(1, sizeof *passage);
    passage->id = ++passages->last_id;
    passage->began_us = passage->seen_us = captured_us;
    passage->seen_count = 1;
    passage->box = face->box;
    passages->followed[passages->count++] = passage;
    return passage;
}

static void end_lost(struct passages *passages, int64_t captured_us)
{
    for (int at = passages->count - 1; at >= 0; at--)
        if (captured_us - passages->followed[at]->seen_us > PASSAGE_LOST_US)
            passage_end(passages, at);
}

static void assign(struct passages *passages, int64_t captured_us, const struct face *faces, int count,
    struct passage *of_face[])
{
    float costs[FACE_LIMIT * PASSAGE_LIMIT] = {0};
    int chosen[FACE_LIMIT], known = passages->count;
    for (int i = 0; i < count; i++)
        for (int at = 0; at < known; at++)
            costs[i * known + at] = motion_cost(passages->followed[at], &faces[i].box, captured_us);
    assign_least(costs, count, known, stranger_cost, chosen);
    for (int i = 0; i < count; i++)
        if (chosen[i] >= 0) {
            of_face[i] = passages->followed[chosen[i]];
            motion_follow(of_face[i], &faces[i].box, captured_us);
        }
}

void passages_update(struct passages *passages, int64_t captured_us, const struct face *faces, int count,
    struct passage *of_face[])
{
    if (captured_us < passages->updated_us)
        passages_end_all(passages);
    passages->updated_us = captured_us;
    end_lost(passages, captured_us);
    for (int i = 0; i < count; i++)
        of_face[i] = NULL;
    assign(passages, captured_us, faces, count, of_face);
    for (int i = 0; i < count; i++)
        if (!of_face[i])
            of_face[i] = passage_begin(passages, captured_us, &faces[i]);
}

struct moment {
    int64_t captured_us;
    float overall;
};

static float worth(const struct moment *moments, int count, int at)
{
    int64_t nearest_us = 1000000;
    for (int i = 0; i < count; i++) {
        int64_t apart_us = llabs(moments[i].captured_us - moments[at].captured_us);
        if (i != at && apart_us < nearest_us)
            nearest_us = apart_us;
    }
    return moments[at].overall + spread_worth * (float)nearest_us / 1e6f;
}

/* Which shot the candidate takes the place of: shot_count when there is room, −1 when it is not wanted. */
static int place_for(const struct passage *passage, const struct moment *candidate)
{
    struct moment moments[PASSAGE_SHOTS + 1];
    int count = passage->shot_count, close = -1;
    for (int i = 0; i < count; i++) {
        moments[i] = (struct moment){passage->shots[i]->captured_us, passage->shots[i]->quality.overall};
        if (llabs(moments[i].captured_us - candidate->captured_us) < PASSAGE_SHOT_GAP_US)
            close = i;
    }
    if (close >= 0)
        return candidate->overall > moments[close].overall + least_gain ? close : -1;
    if (count < PASSAGE_SHOTS)
        return count;
    moments[count] = *candidate;
    int weakest = 0;
    for (int i = 1; i < count; i++)
        if (worth(moments, count + 1, i) < worth(moments, count + 1, weakest))
            weakest = i;
    return worth(moments, count + 1, count) > worth(moments, count + 1, weakest) + least_gain ? weakest : -1;
}

static void shot_remove(struct passage *passage, int at)
{
    shot_free(passage->shots[at]);
    passage->shot_count--;
    memmove(&passage->shots[at], &passage->shots[at + 1],
        (size_t)(passage->shot_count - at) * sizeof(struct shot *));
    passage->shots[passage->shot_count] = NULL;
}

static struct shot *shot_add(struct passage *passage, const struct face *face, int64_t captured_us)
{
    struct shot *shot = memory_allocate(1, sizeof *shot);
    shot->captured_us = captured_us;
    shot->box = face->box;
    shot->quality = face->quality;
    shot->aligned = (struct image){shot->pixels, FACE_SIDE, FACE_SIDE, FACE_SIDE * 3};
    passage->shots[passage->shot_count++] = shot;
    return shot;
}

struct shot *passage_wants(struct passage *passage, const struct face *face, int64_t captured_us)
{
    const struct quality *quality = &face->quality;
    if (passage->measured_count++ == 0 || quality->overall > passage->best_overall) {
        passage->best_overall = quality->overall;
        passage->verdict = quality->verdict;
    }
    if (passage->settled || quality->verdict != QUALITY_OK)
        return NULL;
    int place = place_for(passage, &(struct moment){captured_us, quality->overall});
    if (place < 0)
        return NULL;
    if (place < passage->shot_count)
        shot_remove(passage, place);
    return shot_add(passage, face, captured_us);
}

int passages_count(const struct passages *passages)
{
    return passages->count;
}

struct passage *passages_at(struct passages *passages, int at)
{
    return passages->followed[at];
}
