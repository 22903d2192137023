/* s22: calls injected into the real watch, locked up and at work, kill it; it comes back by itself. */
#include "desk.h"

#include "watch/sandbox.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

struct call {
    const char *name;
    long number;
    unsigned long long arguments[6];
    bool allowed;
};

static const struct call calls[] = {
    {"clock_gettime", SYS_clock_gettime, {1, 0, 0, 0, 0, 0}, true},
    {"mmap of memory", SYS_mmap, {0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, ~0ULL, 0},
        true},
    {"open", SYS_open, {0, 0, 0, 0, 0, 0}, false},
    {"socket", SYS_socket, {2, 1, 0, 0, 0, 0}, false},
    {"execve", SYS_execve, {0, 0, 0, 0, 0, 0}, false},
    {"mmap of code", SYS_mmap, {0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, ~0ULL, 0},
        false},
};

static bool is_running(const struct desk *desk)
{
    return desk->state == CAMERA_RUNNING && desk->healths >= 2;
}

static void wait_stopped(int pid)
{
    int status = 0;
    assert_int_equal(waitpid(pid, &status, __WALL), pid);
    assert_true(WIFSTOPPED(status));
}

/* Stops the process behind a system call's instruction. */
static void stop_behind_call(int pid, struct user_regs_struct *registers)
{
    assert_int_equal(ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACESYSGOOD), 0);
    assert_int_equal(ptrace(PTRACE_INTERRUPT, pid, 0, 0), 0);
    wait_stopped(pid);
    for (int i = 0; i < 2; i++) { /* the end of the one it is in, or the beginning and end of the next */
        assert_int_equal(ptrace(PTRACE_SYSCALL, pid, 0, 0), 0);
        wait_stopped(pid);
    }
    assert_int_equal(ptrace(PTRACE_GETREGS, pid, 0, registers), 0);
    errno = 0;
    long word = ptrace(PTRACE_PEEKTEXT, pid, (void *)(uintptr_t)(registers->rip - 2), 0);
    assert_int_equal(errno, 0);
    assert_int_equal(word & 0xFFFF, 0x050F);
}

static struct user_regs_struct with_call(const struct user_regs_struct *from, const struct call *call)
{
    struct user_regs_struct to = *from;
    to.rip -= 2;
    to.orig_rax = ~0ULL;
    to.rax = (unsigned long long)call->number;
    to.rdi = call->arguments[0];
    to.rsi = call->arguments[1];
    to.rdx = call->arguments[2];
    to.r10 = call->arguments[3];
    to.r8 = call->arguments[4];
    to.r9 = call->arguments[5];
    if (call->number == SYS_clock_gettime)
        to.rsi = from->rsp - 512;
    return to;
}

static void check_allowed(int pid, const struct call *call)
{
    struct user_regs_struct before, after;
    stop_behind_call(pid, &before);
    struct user_regs_struct changed = with_call(&before, call);
    assert_int_equal(ptrace(PTRACE_SETREGS, pid, 0, &changed), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(ptrace(PTRACE_SYSCALL, pid, 0, 0), 0);
        wait_stopped(pid);
    }
    assert_int_equal(ptrace(PTRACE_GETREGS, pid, 0, &after), 0);
    if ((long long)after.rax < 0 && (long long)after.rax > -4096)
        fail_msg("%s was answered %lld", call->name, (long long)after.rax);
    assert_int_equal(ptrace(PTRACE_SETREGS, pid, 0, &before), 0);
    assert_int_equal(ptrace(PTRACE_DETACH, pid, 0, 0), 0);
}

static void check_killed(int pid, const struct call *call)
{
    struct user_regs_struct registers;
    siginfo_t end = {0};
    stop_behind_call(pid, &registers);
    registers = with_call(&registers, call);
    assert_int_equal(ptrace(PTRACE_SETREGS, pid, 0, &registers), 0);
    assert_int_equal(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    assert_int_equal(waitid(P_PID, (id_t)pid, &end, WEXITED | WSTOPPED | WNOWAIT), 0);
    if ((end.si_code != CLD_KILLED && end.si_code != CLD_DUMPED) || end.si_status != SIGSYS)
        fail_msg("%s did not kill with SIGSYS: code %d, status %d", call->name, end.si_code, end.si_status);
    print_message("%s: killed by SIGSYS\n", call->name);
}

static void s22_a_forbidden_call_kills_the_locked_up_watch(void **state)
{
    (void)state;
    if (!sandbox_has_filter() || geteuid() != 0) {
        print_message("skipped: needs root and a build without sanitisers\n");
        exit(77);
    }
    struct desk *desk = desk_new("scenes/loop.mp4", 990);
    if (!desk)
        exit(77);
    desk_enrol(desk, "subject-1", ID("e", "1"));
    desk_arm(desk, FLAW_NONE, 3600);
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        assert_true(desk_run(desk, is_running, 60));
        int watch = desk_child("watch");
        assert_int_not_equal(watch, 0);
        if (calls[i].allowed)
            check_allowed(watch, &calls[i]);
        else
            check_killed(watch, &calls[i]);
        desk->healths = 0;
        assert_true(desk_run(desk, is_running, 60));
        assert_int_equal(desk_child("watch") == watch, calls[i].allowed);
    }
    desk_free(desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s22_a_forbidden_call_kills_the_locked_up_watch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
