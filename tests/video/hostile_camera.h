/* A camera that is out to harm: one attack after the other, each on a connection of its own, and honest
 * pictures once it has tried them all. Runs in a process of its own. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* How many attacks there are, for RTSP and for HTTP cameras. */
int hostile_camera_attacks(bool http);

struct hostile_camera {
    char url[64];
    pid_t process;
    volatile int *left; /* attacks that are not over yet */
};

/* Begins with attack `first` and takes every `step`-th. */
struct hostile_camera hostile_camera_start(bool http, int first, int step);
void hostile_camera_stop(struct hostile_camera *camera);
