/* s22: every system call of whole runs of feed, watch and still. After the lock-up no file and no socket but
 * the camera's. */
#include "desk.h"

#include "base/file.h"
#include "video/jpeg.h"
#include "watch/sandbox.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const plain_calls[] = {"read", "write", "mmap", "munmap", "mprotect", "mremap", "madvise",
    "brk", "futex", "poll", "ppoll", "getrandom", "clock_gettime", "rt_sigreturn", "restart_syscall", "exit",
    "exit_group"};
static const char *const network_calls[] = {"socket", "connect", "sendto", "recvfrom", "fcntl", "getsockopt",
    "getpeername", "getsockname", "shutdown", "close", "uname", "clock_nanosleep", "openat"};

struct trace {
    bool feed;
    char camera_port[32]; /* as strace writes it */
    bool locked;
    size_t opened_before; /* files opened before the lock-up: the trace does see them */
    size_t calls_after;
};

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(name, names[i]))
            return true;
    return false;
}

/* "123 read(3, ..." or "123 <... read resumed>..." to "read"; false for signals and ends. */
static bool call_name(const char *line, char name[static 32])
{
    const char *at = line + strspn(line, "0123456789");
    at += strspn(at, " ");
    if (!strncmp(at, "<... ", 5))
        at += 5;
    size_t length = strspn(at, "abcdefghijklmnopqrstuvwxyz0123456789_");
    if (!length || length >= 32)
        return false;
    snprintf(name, 32, "%.*s", (int)length, at);
    return true;
}

static bool has_good_arguments(const struct trace *trace, const char *name, const char *line)
{
    if (strstr(line, "resumed>"))
        return true;
    if (!strcmp(name, "mmap"))
        return !strstr(line, "PROT_EXEC") && strstr(line, "MAP_ANONYMOUS");
    if (!strcmp(name, "mprotect"))
        return !strstr(line, "PROT_EXEC");
    if (!strcmp(name, "openat"))
        return strstr(line, "\"/dev/urandom\", O_RDONLY") != NULL;
    if (!strcmp(name, "socket"))
        return strstr(line, "AF_INET, SOCK_STREAM") != NULL;
    if (!strcmp(name, "connect"))
        return strstr(line, trace->camera_port) != NULL;
    return true;
}

static void check_line(struct trace *trace, const char *line)
{
    char name[32];
    if (!call_name(line, name))
        return;
    if (!trace->locked) {
        trace->opened_before += !strcmp(name, "openat");
        trace->locked =
            !strcmp(name, "seccomp") && strstr(line, "SECCOMP_SET_MODE_FILTER") && strstr(line, ") = 0");
        return;
    }
    trace->calls_after++;
    bool allowed = is_one_of(name, plain_calls, COUNT_OF(plain_calls)) ||
                   (trace->feed && is_one_of(name, network_calls, COUNT_OF(network_calls)));
    if (!allowed || !has_good_arguments(trace, name, line))
        fail_msg("a call after the lock-up: %s", line);
}

static void check_file(struct trace *trace, const char *path)
{
    char line[4096];
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    trace->locked = false;
    while (fgets(line, sizeof line, file))
        check_line(trace, line);
    fclose(file);
    assert_true(trace->locked);
}

/* The program behind strace, which leaves the traced process the desk's own child. */
static void write_wrapper(const char *folder, char *path, size_t room)
{
    struct error err = {0};
    AUTO(text)
    char *script = text_format("#!/bin/sh\nexec /usr/bin/strace -D -f -s 40 -o %s/$1.$$ %s \"$@\"\n", folder,
        getenv("MIZAN_PROGRAM"));
    snprintf(path, room, "%s/mizan", folder);
    assert_true(file_write(path, 0755, script, strlen(script), &err));
    assert_int_equal(setenv("MIZAN_PROGRAM", path, 1), 0);
}

static bool has_a_sighting(const struct desk *desk)
{
    return desk->sighting_count > 0 && desk->healths >= 3;
}

static bool was_withdrawn(const struct desk *desk)
{
    return desk->withdrawals > 0;
}

static bool is_off(const struct desk *desk)
{
    return desk->state == CAMERA_OFF;
}

static void mark_something(struct desk *desk)
{
    struct error err = {0};
    AUTO(bytes) struct bytes marked = {NULL, 0};
    const struct bytes *face = &desk->sightings[0].face;
    assert_true(still_mark(desk->supervisor, face->data, face->size, "o-1", &marked, &err));
}

static void run_everything(struct desk *desk)
{
    desk_enrol(desk, "subject-1", ID("e", "1"));
    desk_arm(desk, FLAW_NONE, 3600);
    assert_true(desk_run(desk, has_a_sighting, 120));
    mark_something(desk);
    supervisor_pause(desk->supervisor, ID("op", "1"), true);
    supervisor_pause(desk->supervisor, ID("op", "1"), false);
    supervisor_withdraw(desk->supervisor, NULL, ID("e", "1"));
    assert_true(desk_run(desk, was_withdrawn, 10));
    supervisor_disarm(desk->supervisor, ID("op", "1"));
    assert_true(desk_run(desk, is_off, 10));
}

static void check_kind(const char *folder, const char *kind, size_t processes, const char *camera_port)
{
    struct trace trace = {.feed = !strcmp(kind, "feed")};
    size_t files = 0;
    DIR *names = opendir(folder);
    assert_non_null(names);
    snprintf(trace.camera_port, sizeof trace.camera_port, "htons(%s)", camera_port);
    for (const struct dirent *entry; (entry = readdir(names));)
        if (!strncmp(entry->d_name, kind, strlen(kind)) && entry->d_name[strlen(kind)] == '.') {
            AUTO(text) char *path = text_format("%s/%s", folder, entry->d_name);
            check_file(&trace, path);
            files++;
        }
    closedir(names);
    print_message("%s: %zu files opened before the lock-up, %zu calls after it\n", kind, trace.opened_before,
        trace.calls_after);
    assert_int_equal(files, processes);
    assert_true(trace.opened_before > 5);
    assert_true(trace.calls_after >= 5); /* still: reads and writes of a picture each */
}

static void remove_folder(const char *folder)
{
    DIR *names = opendir(folder);
    assert_non_null(names);
    for (const struct dirent *entry; (entry = readdir(names));) {
        AUTO(text) char *path = text_format("%s/%s", folder, entry->d_name);
        unlink(path);
    }
    closedir(names);
    rmdir(folder);
}

static void s22_after_the_lock_up_there_is_no_file_and_no_socket_but_the_cameras(void **state)
{
    (void)state;
    char folder[] = "/tmp/mizan-trace-XXXXXX", program[64], port[8] = "";
    if (!sandbox_has_filter() || geteuid() != 0 || access("/usr/bin/strace", X_OK)) {
        print_message("skipped: needs root, strace and a build without sanitisers\n");
        exit(77);
    }
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chmod(folder, 0755), 0);
    write_wrapper(folder, program, sizeof program);
    struct desk *desk = desk_new("scenes/loop.mp4", 990);
    if (!desk)
        exit(77);
    const char *colon = strrchr(desk->address, ':');
    assert_non_null(colon);
    snprintf(port, sizeof port, "%.*s", (int)strspn(colon + 1, "0123456789"), colon + 1);
    run_everything(desk);
    desk_free(desk);
    check_kind(folder, "feed", 1, port);
    check_kind(folder, "watch", 1, port);
    check_kind(folder, "still", 2, port);
    remove_folder(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s22_after_the_lock_up_there_is_no_file_and_no_socket_but_the_cameras),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
