/* The kernel's side of the lock-up: Landlock and the system-call filter. Only sandbox.c uses this. */
#pragma once

#include "watch/sandbox.h"

enum landlock_outcome { LANDLOCK_FAILED, LANDLOCK_ABSENT, LANDLOCK_FILES_ONLY, LANDLOCK_COMPLETE };

/* No file at all, no TCP; the feed of a camera of the network may read /dev/urandom (libavformat opens it at
 * each connect) and connect to its port. errno says why on LANDLOCK_FAILED. Needs no-new-privileges. */
enum landlock_outcome landlock_restrict(const struct sandbox_options *options);

/* The role's allow-list on every thread: a feed's with sockets, for UDP only with datagrams, or with the
 * three ioctls of a webcam and no sockets. Anything else kills the process, and so does another architecture.
 */
bool filter_load(const struct sandbox_options *options, struct error *err);
