#include "watch/sandbox_rules.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITISED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITISED 1
#endif
#ifndef SANITISED
#define SANITISED 0
#endif

bool sandbox_has_filter(void)
{
    return !SANITISED;
}

static const int common_calls[] = {
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(futex),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(getrandom),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

static const int feed_calls[] = {
    SCMP_SYS(connect),
    SCMP_SYS(sendto),
    SCMP_SYS(recvfrom),
    SCMP_SYS(fcntl),
    SCMP_SYS(getsockopt),
    SCMP_SYS(getpeername),
    SCMP_SYS(getsockname),
    SCMP_SYS(shutdown),
    SCMP_SYS(close),
    SCMP_SYS(uname),
    SCMP_SYS(clock_nanosleep),
};

/* What libavformat does more to receive UDP. */
static const int datagram_calls[] = {
    SCMP_SYS(bind),
    SCMP_SYS(setsockopt),
};

static bool seccomp_ok(int result, const char *what, struct error *err)
{
    if (result == 0)
        return true;
    return fail(err, ERROR_SYSTEM, "system-call filter, %s: %s", what, strerror(-result));
}

static bool allow_all(scmp_filter_ctx filter, const int *calls, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++)
        if (!seccomp_ok(seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0), "a call", err))
            return false;
    return true;
}

/* Memory is anonymous, private, and never executable. */
static bool allow_memory(scmp_filter_ctx filter, struct error *err)
{
    const scmp_datum_t kinds = MAP_SHARED | MAP_PRIVATE | MAP_ANONYMOUS;
    const scmp_datum_t beyond = ~(scmp_datum_t)(PROT_READ | PROT_WRITE);
    return seccomp_ok(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
                          SCMP_A2(SCMP_CMP_MASKED_EQ, beyond, 0),
                          SCMP_A3(SCMP_CMP_MASKED_EQ, kinds, MAP_PRIVATE | MAP_ANONYMOUS)),
               "mmap", err) &&
           seccomp_ok(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                          SCMP_A2(SCMP_CMP_MASKED_EQ, beyond, 0)),
               "mprotect", err);
}

static bool allow_sockets(scmp_filter_ctx filter, scmp_datum_t type, struct error *err)
{
    const scmp_datum_t kind = ~(scmp_datum_t)(SOCK_CLOEXEC | SOCK_NONBLOCK);
    const int families[] = {AF_INET, AF_INET6};
    for (size_t i = 0; i < COUNT_OF(families); i++)
        if (!seccomp_ok(
                seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2,
                    SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i]), SCMP_A1(SCMP_CMP_MASKED_EQ, kind, type)),
                "socket", err))
            return false;
    return true;
}

/* Sockets of the internet only, files for reading only (which files is Landlock's business). */
static bool allow_network(scmp_filter_ctx filter, bool datagrams, struct error *err)
{
    const scmp_datum_t writing = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND;
    if (datagrams && (!allow_all(filter, datagram_calls, COUNT_OF(datagram_calls), err) ||
                         !allow_sockets(filter, SOCK_DGRAM, err)))
        return false;
    return allow_all(filter, feed_calls, COUNT_OF(feed_calls), err) &&
           allow_sockets(filter, SOCK_STREAM, err) &&
           seccomp_ok(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
                          SCMP_A2(SCMP_CMP_MASKED_EQ, writing, O_RDONLY)),
               "openat", err);
}

/* A webcam: memory queued, memory taken, a start, on a descriptor that is open already. */
static bool allow_webcam(scmp_filter_ctx filter, struct error *err)
{
    const scmp_datum_t requests[] = {VIDIOC_QBUF, VIDIOC_DQBUF, VIDIOC_STREAMON};
    for (size_t i = 0; i < COUNT_OF(requests); i++)
        if (!seccomp_ok(seccomp_rule_add(
                            filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, SCMP_A1(SCMP_CMP_EQ, requests[i])),
                "ioctl", err))
            return false;
    return seccomp_ok(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(close), 0), "close", err);
}

static bool fill_filter(scmp_filter_ctx filter, const struct sandbox_options *options, struct error *err)
{
    if (!seccomp_ok(seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS),
            "other architectures", err) ||
        !seccomp_ok(seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1), "all threads", err) ||
        !allow_all(filter, common_calls, COUNT_OF(common_calls), err) || !allow_memory(filter, err))
        return false;
    if (options->role != SANDBOX_FEED)
        return true;
    return options->device ? allow_webcam(filter, err) : allow_network(filter, options->datagrams, err);
}

bool filter_load(const struct sandbox_options *options, struct error *err)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!filter)
        return fail(err, ERROR_SYSTEM, "the kernel, or a filter around this process, refuses seccomp");
    bool loaded = fill_filter(filter, options, err) && seccomp_ok(seccomp_load(filter), "loading", err);
    seccomp_release(filter);
    return loaded;
}
