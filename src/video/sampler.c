#include "video/sampler.h"

enum { SECOND_US = 1000 * 1000 };

/* A stream that starts again may begin its stamps anywhere. */
enum { BACKWARD_JUMP_US = SECOND_US, FORWARD_JUMP_US = 10 * SECOND_US };

void sampler_init(struct sampler *sampler, int per_second)
{
    int turns = per_second < 1 ? SAMPLER_PER_SECOND : per_second;
    *sampler = (struct sampler){.period_us = SECOND_US / turns};
}

static bool stamp_jumps(const struct sampler *sampler, int64_t pts_us)
{
    int64_t step_us;
    return !sampler->started || __builtin_sub_overflow(pts_us, sampler->last_us, &step_us) ||
           step_us < -BACKWARD_JUMP_US || step_us > FORWARD_JUMP_US;
}

static void grid_begin(struct sampler *sampler, int64_t pts_us)
{
    sampler->started = true;
    sampler->put_off = false;
    sampler->due_us = pts_us;
    sampler->granted_us = pts_us;
}

bool sampler_wants(struct sampler *sampler, int64_t pts_us, bool newer_waiting)
{
    sampler->offered++;
    if (stamp_jumps(sampler, pts_us))
        grid_begin(sampler, pts_us);
    sampler->last_us = pts_us;
    if (pts_us < sampler->due_us)
        return false;
    int64_t turns_over = (pts_us - sampler->due_us) / sampler->period_us;
    if (turns_over > 0) {
        /* Only the turn that had a frame was dropped; in the others the camera sent nothing. */
        sampler->dropped += sampler->put_off;
        sampler->put_off = false;
        sampler->due_us += turns_over * sampler->period_us;
    }
    if (newer_waiting && pts_us - sampler->granted_us < SECOND_US) {
        sampler->put_off = true;
        return false;
    }
    sampler->put_off = false;
    sampler->granted_us = pts_us;
    /* A stamp at the end of time has no turn after it. */
    if (__builtin_add_overflow(sampler->due_us, sampler->period_us, &sampler->due_us))
        sampler->due_us = INT64_MAX;
    sampler->analysed++;
    return true;
}
