/* When a picture was captured, told from the stream's stamps and the times of arrival. Pictures that a
 * network held up arrive in bursts; their stamps still tell how far apart they were taken, and the quickest
 * arrival so far tells where the stamps lie on this machine's clock. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct stream_clock {
    int64_t offset_us; /* from stamps to this machine's clock */
    int64_t last_pts_us;
    bool started;
};

/* Never later than `arrived_us`. Follows a camera whose clock runs slower than this machine's by up to 1 in
 * 500; begins anew when the stamps jump or the two disagree by more than five seconds. */
int64_t stream_clock_captured_us(struct stream_clock *clock, int64_t pts_us, int64_t arrived_us);
