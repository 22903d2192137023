#include "track/motion.h"

#include <math.h>

/* In sizes of the face: how far from the expected place a face may turn up. */
static const float reach_known = 0.6f;    /* with a velocity */
static const float reach_new = 1.5f;      /* after one sighting */
static const float reach_a_second = 1.0f; /* more for each second unseen beyond one turn of the sampler */
static const float size_ratio_limit = 1.7f;
static const float size_weight = 3.0f; /* faces that cross are told apart by their size before their place */
static const float velocity_share = 0.5f; /* of the newest measurement */
static const float coast_s = 1.0f;        /* a passage that is not seen is expected to move on for so long */
static const float usual_gap_s = 0.25f;

static void middle_of(const struct box *box, float middle[static 2])
{
    middle[0] = (box->left + box->right) / 2.0f;
    middle[1] = (box->top + box->bottom) / 2.0f;
}

static float size_of(const struct box *box)
{
    float area = (box->right - box->left) * (box->bottom - box->top);
    return area > 1.0f ? sqrtf(area) : 1.0f;
}

static float seconds_since(const struct passage *passage, int64_t captured_us)
{
    return (float)(captured_us - passage->seen_us) / 1e6f;
}

struct box motion_expect(const struct passage *passage, int64_t captured_us)
{
    float seconds = fminf(seconds_since(passage, captured_us), coast_s);
    float x = passage->velocity[0] * seconds, y = passage->velocity[1] * seconds;
    struct box box = passage->box;
    return (struct box){box.left + x, box.top + y, box.right + x, box.bottom + y};
}

float motion_overlap(const struct box *a, const struct box *b)
{
    float width = fminf(a->right, b->right) - fmaxf(a->left, b->left);
    float height = fminf(a->bottom, b->bottom) - fmaxf(a->top, b->top);
    if (!(width > 0.0f) || !(height > 0.0f))
        return 0.0f;
    float both = width * height;
    float all =
        (a->right - a->left) * (a->bottom - a->top) + (b->right - b->left) * (b->bottom - b->top) - both;
    return all > 0.0f ? both / all : 0.0f;
}

float motion_cost(const struct passage *passage, const struct box *box, int64_t captured_us)
{
    struct box expected = motion_expect(passage, captured_us);
    float here[2], there[2];
    middle_of(&expected, here);
    middle_of(box, there);
    float size = (size_of(&expected) + size_of(box)) / 2.0f;
    float ratio = fmaxf(size_of(&expected) / size_of(box), size_of(box) / size_of(&expected));
    float distance = hypotf(there[0] - here[0], there[1] - here[1]) / size;
    float unseen_s = fmaxf(seconds_since(passage, captured_us) - usual_gap_s, 0.0f);
    float reach = (passage->seen_count > 1 ? reach_known : reach_new) + reach_a_second * unseen_s;
    if (!(distance <= reach) || !(ratio <= size_ratio_limit))
        return MOTION_IMPOSSIBLE;
    return distance + size_weight * logf(ratio) + (1.0f - motion_overlap(&expected, box)) / 2.0f;
}

void motion_follow(struct passage *passage, const struct box *box, int64_t captured_us)
{
    float before[2], now[2];
    middle_of(&passage->box, before);
    middle_of(box, now);
    float seconds = fmaxf(seconds_since(passage, captured_us), 0.02f);
    for (int i = 0; i < 2; i++) {
        float measured = (now[i] - before[i]) / seconds;
        passage->velocity[i] = passage->seen_count == 1 ? measured
                                                        : velocity_share * measured +
                                                              (1.0f - velocity_share) * passage->velocity[i];
    }
    passage->box = *box;
    passage->seen_us = captured_us;
    passage->seen_count++;
}
