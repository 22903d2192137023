#include "watch/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGUMENTS = 24, FREE_DESCRIPTOR = 16 };

struct command_line {
    char numbers[4][16];
    char *words[ARGUMENTS];
    size_t count;
};

static void command_add(struct command_line *line, const char *name, const char *value)
{
    line->words[line->count++] = (char *)(uintptr_t)name;
    line->words[line->count++] = (char *)(uintptr_t)value;
}

static void command_make(struct command_line *line, const char *program, const char *kind,
    const struct child_options *options, bool has_other)
{
    *line = (struct command_line){0};
    snprintf(line->numbers[0], sizeof line->numbers[0], "%d", CHILD_DESK_DESCRIPTOR);
    snprintf(line->numbers[1], sizeof line->numbers[1], "%d", CHILD_OTHER_DESCRIPTOR);
    snprintf(line->numbers[2], sizeof line->numbers[2], "%d", (int)getpid());
    snprintf(line->numbers[3], sizeof line->numbers[3], "%u", options->uid);
    command_add(line, program, kind);
    command_add(line, "--desk", line->numbers[0]);
    if (has_other)
        command_add(line, "--other", line->numbers[1]);
    command_add(line, "--parent", line->numbers[2]);
    command_add(line, "--uid", line->numbers[3]);
    command_add(line, "--name", options->name);
    command_add(line, "--pack", options->pack_folder);
    command_add(line, "--root-key", options->root_key_file);
    command_add(line, "--site", options->site);
    command_add(line, "--kind", options->kind == SITE_LIVE ? "live" : "demo");
}

/* In the child, between fork and exec: only calls that are safe there. */
static _Noreturn void process_execute(const char *program, char *const *words, int desk, int other)
{
    static char arena[] = "MALLOC_ARENA_MAX=1", threads[] = "OMP_NUM_THREADS=1", zone[] = "TZ=UTC0";
    char *sanitiser = getenv("ASAN_OPTIONS");
    char asan[256];
    char *environment[] = {arena, threads, zone, sanitiser ? asan : NULL, NULL};
    snprintf(asan, sizeof asan, "ASAN_OPTIONS=%s", sanitiser ? sanitiser : "");
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    int high_desk = fcntl(desk, F_DUPFD, FREE_DESCRIPTOR);
    int high_other = other < 0 ? -1 : fcntl(other, F_DUPFD, FREE_DESCRIPTOR);
    unsigned last = CHILD_DESK_DESCRIPTOR;
    if (high_desk < 0 || dup2(high_desk, CHILD_DESK_DESCRIPTOR) < 0)
        _exit(126);
    if (high_other >= 0 && dup2(high_other, CHILD_OTHER_DESCRIPTOR) >= 0)
        last = CHILD_OTHER_DESCRIPTOR;
    if (close_range(last + 1, ~0U, 0))
        _exit(126);
    execve(program, words, environment);
    _exit(127);
}

bool process_start(struct process *process, const char *program, const char *kind,
    const struct child_options *options, int other, uint64_t takes, struct error *err)
{
    int ends[2];
    struct command_line line;
    command_make(&line, program, kind, options, other >= 0);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
        return fail_errno(err, "cannot make a socket pair");
    pid_t pid = fork();
    if (pid == 0)
        process_execute(program, line.words, ends[1], other);
    close(ends[1]);
    if (pid < 0) {
        fail_errno(err, "cannot start a %s", kind);
        close(ends[0]);
        return false;
    }
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    *process = (struct process){.pid = pid, .desk = ends[0]};
    snprintf(process->kind, sizeof process->kind, "%s", kind);
    wire_in_init(&process->in, takes);
    return true;
}

bool process_readable(const struct process *process)
{
    struct pollfd polled = {.fd = process->desk, .events = POLLIN};
    return process->pid && poll(&polled, 1, 0) > 0;
}

static void describe_status(const char *kind, int status, char why[static 96])
{
    if (WIFSIGNALED(status))
        snprintf(why, 96, "the %s was killed by SIG%s%s", kind, sigabbrev_np(WTERMSIG(status)),
            WTERMSIG(status) == SIGSYS ? ": it made a call that its lock-up forbids" : "");
    else
        snprintf(why, 96, "the %s ended with status %d", kind, WEXITSTATUS(status));
}

static void process_close(struct process *process)
{
    close(process->desk);
    wire_in_done(&process->in);
    wire_out_done(&process->out);
    *process = (struct process){0};
}

bool process_ended(struct process *process, char why[static 96])
{
    int status = 0;
    if (!process->pid)
        return true;
    if (waitpid(process->pid, &status, WNOHANG) != process->pid)
        return false;
    describe_status(process->kind, status, why);
    process_close(process);
    return true;
}

void process_stop(struct process *process, char *why)
{
    int status = 0;
    if (!process->pid)
        return;
    kill(process->pid, SIGKILL);
    while (waitpid(process->pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (why && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
        describe_status(process->kind, status, why);
    process_close(process);
}

void process_leave(struct process *process)
{
    if (process->pid && wire_flush(&process->out, process->desk, NULL) && !wire_pending(&process->out))
        shutdown(process->desk, SHUT_WR);
}
