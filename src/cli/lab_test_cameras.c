#include "cli/lab_test_cameras.h"

#include "base/clock.h"
#include "base/text.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_US = 10 * 1000 * 1000, ANSWER_LIMIT = 16384 };

static _Noreturn void execute(const char *program, const char *clip, int count, int output)
{
    const char *words[TEST_CAMERAS + 4] = {program, "--port", "0"};
    for (int i = 0; i < count; i++)
        words[3 + i] = text_format("camera%d=%s", i + 1, clip);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(output, STDOUT_FILENO);
    execv(program, (char *const *)(uintptr_t)words);
    _exit(127);
}

static int count_lines(const char *text)
{
    int lines = 0;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

/* Until all addresses are there, in time. */
static bool read_answer(int output, int count, char answer[static ANSWER_LIMIT], struct error *err)
{
    int64_t end_us = clock_monotonic_us() + PATIENCE_US;
    size_t size = 0;
    while (count_lines(answer) < count && size + 1 < ANSWER_LIMIT) {
        struct pollfd polled = {output, POLLIN, 0};
        int64_t left_us = end_us - clock_monotonic_us();
        ssize_t part = left_us > 0 && poll(&polled, 1, (int)(left_us / 1000)) > 0
                           ? read(output, answer + size, ANSWER_LIMIT - 1 - size)
                           : 0;
        if (part <= 0)
            return fail(err, ERROR_UNAVAILABLE, "the test camera cannot serve the clip");
        size += (size_t)part;
    }
    return true;
}

static bool take_addresses(struct test_cameras *cameras, const char *answer, struct error *err)
{
    for (int i = 0; i < cameras->count; i++) {
        if (sscanf(answer, "ready %127s", cameras->addresses[i]) != 1)
            return fail(err, ERROR_UNAVAILABLE, "the test camera does not say where it is");
        answer = strchr(answer, '\n') + 1;
    }
    return true;
}

bool test_cameras_start(
    struct test_cameras *cameras, const char *program, const char *clip, int count, struct error *err)
{
    int lines[2];
    AUTO(heap) char *answer = memory_allocate(ANSWER_LIMIT, 1);
    if (access(program, X_OK))
        return fail(err, ERROR_MISSING, "%s: no test camera there (--test-camera)", program);
    if (access(clip, R_OK))
        return fail(err, ERROR_MISSING, "%s: no such clip", clip);
    if (pipe(lines))
        return fail_errno(err, "a pipe");
    cameras->count = count;
    cameras->pid = fork();
    if (cameras->pid == 0)
        execute(program, clip, count, lines[1]);
    close(lines[1]);
    bool ready = (cameras->pid > 0 || fail_errno(err, "the test camera")) &&
                 read_answer(lines[0], count, answer, err) && take_addresses(cameras, answer, err);
    close(lines[0]);
    return ready;
}

void test_cameras_stop(struct test_cameras *cameras)
{
    if (cameras->pid <= 0)
        return;
    kill(cameras->pid, SIGTERM);
    waitpid(cameras->pid, NULL, 0);
    cameras->pid = 0;
}
