/* The kernel's side of the lock-up: Landlock and the system-call filter. Only sandbox.c uses this. */
#pragma once

#include "watch/sandbox.h"

enum landlock_outcome { LANDLOCK_FAILED, LANDLOCK_ABSENT, LANDLOCK_FILES_ONLY, LANDLOCK_COMPLETE };

/* No file at all, no TCP; the feed may read /dev/urandom (libavformat opens it at each connect) and connect
 * to `port`. errno says why on LANDLOCK_FAILED. Needs no-new-privileges. */
enum landlock_outcome landlock_restrict(bool feed, uint16_t port);

/* The role's allow-list on every thread, a feed's with sockets for UDP when `datagrams`; anything else kills
 * the process, and so does another architecture.
 */
bool filter_load(enum sandbox_role role, bool datagrams, struct error *err);
