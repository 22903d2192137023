/* One stream of the test camera: the clip at rtsp://…/NAME, paced by its stamps, begun again without end; and
 * what is wrong with it, on command. */
#pragma once

#include "base/memory.h"

#include <gst/rtsp-server/rtsp-server.h>

struct mount;

enum stamp_fault {
    STAMPS_RIGHT,
    STAMPS_ZERO, /* all the same */
    STAMPS_LEAP, /* anywhere */
    STAMPS_FAST, /* as of 10,000 pictures a second */
};

/* `name` and `path` are borrowed for the server's life. `role` is who may look; NULL for everybody. */
struct mount *mount_add(
    GstRTSPServer *server, const char *name, const char *path, const char *role, struct error *err);

/* From the next picture on; any thread. */
void mount_stall(struct mount *mount, int milliseconds);
void mount_drop(struct mount *mount, int pictures);
void mount_garble(struct mount *mount, int pictures); /* flips some bits of each */
void mount_stamp(struct mount *mount, enum stamp_fault fault);
/* Goes on with the pictures of another mount's clip, which is of the same codec. */
void mount_switch(struct mount *mount, const struct mount *other);
