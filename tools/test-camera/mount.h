/* One stream of the test camera: the clip at rtsp://…/NAME, paced by its stamps, begun again without end. */
#pragma once

#include <gst/rtsp-server/rtsp-server.h>
#include <stdbool.h>

/* `path` is borrowed for the server's life. `role` is who may look; NULL for everybody. */
void mount_add(GstRTSPServer *server, const char *name, const char *path, const char *role);
