/* Which frames are analysed: so many a second by the stream's stamps, on a fixed grid. When the reader is
 * behind, the newest frame is analysed and the older turns are dropped, each counted; nothing is ever queued.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { SAMPLER_PER_SECOND = 5 };

struct sampler {
    int64_t period_us;
    int64_t due_us;     /* stamp from which the next turn is due */
    int64_t last_us;    /* stamp of the last frame offered */
    int64_t granted_us; /* stamp of the last frame analysed */
    bool started;
    bool put_off;      /* the turn that is due was passed over at least once */
    uint64_t offered;  /* frames */
    uint64_t analysed; /* frames for which sampler_wants said yes */
    uint64_t dropped;  /* turns that had a frame and were not analysed because newer ones waited */
};

void sampler_init(struct sampler *sampler, int per_second);

/* Call for every decoded frame, in order. True: analyse this frame now. `newer_waiting`: a newer packet can
 * be read already, so this frame is put off for that one; but after a second of stamps without an analysis a
 * frame is wanted all the same, so that a machine too slow for its camera still sees. Stamps that jump begin
 * a new grid. */
bool sampler_wants(struct sampler *sampler, int64_t pts_us, bool newer_waiting);
