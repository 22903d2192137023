/* Cameras for a measurement: the test camera's program with a clip, once for each. */
#pragma once

#include "base/memory.h"

enum { TEST_CAMERAS = 64 };

struct test_cameras {
    int pid;
    int count;
    char addresses[TEST_CAMERAS][128];
};

/* ERROR_UNAVAILABLE when the program does not answer in ten seconds. */
bool test_cameras_start(
    struct test_cameras *cameras, const char *program, const char *clip, int count, struct error *err);
void test_cameras_stop(struct test_cameras *cameras);
static inline void test_cameras_auto(struct test_cameras *slot)
{
    test_cameras_stop(slot);
}
