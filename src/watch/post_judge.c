/* How a camera is, for the control room. */
#include "watch/post.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>

enum {
    START_US = 10 * 1000 * 1000, /* so long a start may take before the camera is called blind */
    BLIND_US = 3 * 1000 * 1000,
    WINDOW_US = 30 * 1000 * 1000,
    LEAST_TURNS = 20,   /* fewer in a window say nothing about load */
    LEAST_PASSAGES = 3, /* nor fewer of these about light */
};

static const int64_t hour_us = 3600 * 1000000LL;
static const int64_t same_alert_us = 600 * 1000000LL;

/* Load: a quarter of the turns dropped. Light, blur, size: half of the passages gave no picture good enough.
 */
static const char *loss_of(const struct watch_health *from, const struct watch_health *to)
{
    uint64_t dropped = to->dropped - from->dropped;
    uint64_t turns = to->analysed - from->analysed + dropped;
    uint64_t failed = to->failures_to_acquire - from->failures_to_acquire;
    uint64_t passages = to->passages - from->passages;
    if (turns >= LEAST_TURNS && dropped * 4 > turns)
        return "the machine is too slow for this camera: analyses are dropped";
    if (passages >= LEAST_PASSAGES && failed * 2 > passages)
        return "most faces are too dark, blurred, small or turned to be compared";
    return NULL;
}

void loss_update(struct loss *loss, const struct watch_health *health, int64_t now_us)
{
    if (!loss->began_us) {
        loss->began_us = now_us;
        loss->at_start = *health;
    }
    if (now_us - loss->began_us < WINDOW_US)
        return;
    loss->reason = loss_of(&loss->at_start, health);
    loss->began_us = now_us;
    loss->at_start = *health;
}

bool post_within_rate(struct post *post, const char *entry, int64_t now_us)
{
    struct sighted *unused = NULL;
    for (size_t i = 0; i < SIGHTINGS_AN_HOUR; i++) {
        struct sighted *one = &post->sighted[i];
        if (one->first_us && now_us - one->last_us < same_alert_us && !strcmp(one->entry, entry)) {
            one->last_us = now_us;
            return true;
        }
        if (!one->first_us || now_us - one->first_us >= hour_us)
            unused = one;
    }
    if (!unused)
        return false;
    *unused = (struct sighted){.first_us = now_us, .last_us = now_us};
    snprintf(unused->entry, sizeof unused->entry, "%s", entry);
    return true;
}

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
    if (post->set_up) {
        *reason = post->feed_status.text;
        return CAMERA_SET_UP;
    }
    *reason = post->watch_state.reason;
    if (post->watch_state.word == WATCH_REFUSED)
        return CAMERA_REFUSED;
    if (post->watch_state.word == WATCH_ENDED)
        return CAMERA_ENDED;
    if (post->halted) {
        *reason = post->halted;
        return CAMERA_HALTED;
    }
    *reason = "";
    if (post->paused)
        return CAMERA_PAUSED;
    if (post_is_blind(post, clock_monotonic_us())) {
        *reason = post->feed_status.text[0] ? post->feed_status.text : "no picture for three seconds";
        return CAMERA_BLIND;
    }
    if (post->watch_state.word != WATCH_ARMED || post->picture_us <= post->started_us)
        return CAMERA_STARTING;
    *reason = post->loss.reason ? post->loss.reason : "";
    return post->loss.reason ? CAMERA_DEGRADED : CAMERA_RUNNING;
}
