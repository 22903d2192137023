/* A webcam of this machine, through the kernel's V4L2 and nothing else. Only one that codes its pictures as
 * JPEGs by itself: they are passed on as they come, and nothing is decoded.
 *
 * webcam_open does all that needs the device's file: behind the lock-up only three ioctls, which queue, take
 * and start, reach the descriptor that is open already. A webcam that was pulled does not come back on it:
 * close it, and open it in a new process. One thread per webcam. */
#pragma once

#include "video/packet.h"

struct webcam;

/* ERROR_MISSING: no such device. ERROR_FORBIDDEN: this user may not open it. ERROR_INVALID: no webcam, or one
 * that gives no JPEGs. ERROR_UNAVAILABLE: another program holds it. */
struct webcam *webcam_open(const char *path, struct error *err);
void webcam_close(struct webcam *webcam);
AUTO_FREE(webcam, struct webcam *, webcam_close)

const struct stream *webcam_stream(const struct webcam *webcam); /* borrowed until webcam_close */

/* The next coded picture, at the latest after ten seconds; the first call starts the webcam. Its data stay
 * until the next call. ERROR_UNAVAILABLE: pulled, or it sends nothing. After any failure it is only good for
 * webcam_close. */
bool webcam_read(struct webcam *webcam, struct packet *packet, struct error *err);
