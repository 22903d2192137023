#include "video/stream_clock.h"

enum { DISAGREEMENT_LIMIT_US = 5 * 1000 * 1000, RISE_DIVISOR = 500 };

int64_t stream_clock_captured_us(struct stream_clock *clock, int64_t pts_us, int64_t arrived_us)
{
    int64_t offset_us, step_us = 0, disagreement_us = 0;
    if (__builtin_sub_overflow(arrived_us, pts_us, &offset_us)) {
        clock->started = false;
        return arrived_us;
    }
    bool jumped = !clock->started || __builtin_sub_overflow(pts_us, clock->last_pts_us, &step_us) ||
                  __builtin_sub_overflow(offset_us, clock->offset_us, &disagreement_us) ||
                  disagreement_us > DISAGREEMENT_LIMIT_US || disagreement_us < -DISAGREEMENT_LIMIT_US;
    int64_t risen_us = jumped ? 0 : clock->offset_us + (step_us > 0 ? step_us / RISE_DIVISOR : 0);
    clock->offset_us = jumped || offset_us < risen_us ? offset_us : risen_us;
    clock->last_pts_us = pts_us;
    clock->started = true;
    return pts_us + clock->offset_us;
}
