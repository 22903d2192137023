/* How a camera is, for the control room. */
#include "watch/post.h"

#include "base/clock.h"

enum {
    START_US = 10 * 1000 * 1000, /* so long a start may take before the camera is called blind */
    BLIND_US = 3 * 1000 * 1000,
};

/* Whether no picture came for too long; a watch that is still loading is given the time of a start. */
static bool post_is_blind(const struct post *post, int64_t now_us)
{
    if (post->picture_us)
        return now_us - post->picture_us > BLIND_US &&
               (post->picture_us > post->started_us || now_us - post->picture_us > START_US || !post->up);
    return now_us - post->started_us > START_US;
}

enum camera_state post_judge(const struct post *post, const char **reason)
{
    *reason = post->watch_state.reason;
    if (post->watch_state.word == WATCH_REFUSED)
        return CAMERA_REFUSED;
    if (post->watch_state.word == WATCH_ENDED)
        return CAMERA_ENDED;
    *reason = "";
    if (post->paused)
        return CAMERA_PAUSED;
    if (post_is_blind(post, clock_monotonic_us())) {
        *reason = post->feed_status.text[0] ? post->feed_status.text : "no picture for three seconds";
        return CAMERA_BLIND;
    }
    return post->watch_state.word == WATCH_ARMED && post->picture_us > post->started_us ? CAMERA_RUNNING
                                                                                        : CAMERA_STARTING;
}
