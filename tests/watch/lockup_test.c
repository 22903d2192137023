/* s22: calls injected into the real feed, watch and still, locked up and at work, kill them; they come back
 * by themselves. */
#include "desk.h"

#include "base/file.h"
#include "watch/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

struct call {
    const char *name;
    long number;
    unsigned long long arguments[6];
    bool allowed;
    long answer;   /* of an allowed one, 0: success */
    bool by_int80; /* the i386 way: another architecture to the kernel */
};

static const struct call calls[] = {
    {"clock_gettime", SYS_clock_gettime, {1, 0, 0, 0, 0, 0}, true, 0, false},
    {"mmap of memory", SYS_mmap, {0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, ~0ULL, 0},
        true, 0, false},
    {"mmap of two gigabytes", SYS_mmap,
        {0, 2ULL << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, ~0ULL, 0}, true, -ENOMEM, false},
    {"open", SYS_open, {0, 0, 0, 0, 0, 0}, false, 0, false},
    {"openat for writing", SYS_openat, {0, 0, O_WRONLY | O_CREAT, 0600, 0, 0}, false, 0, false},
    {"socket of datagrams", SYS_socket, {AF_INET, SOCK_DGRAM, 0, 0, 0, 0}, false, 0, false},
    {"socket of this machine", SYS_socket, {AF_UNIX, SOCK_STREAM, 0, 0, 0, 0}, false, 0, false},
    {"execve", SYS_execve, {0, 0, 0, 0, 0, 0}, false, 0, false},
    {"fork", SYS_fork, {0, 0, 0, 0, 0, 0}, false, 0, false},
    {"mmap of code", SYS_mmap, {0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, ~0ULL, 0}, false,
        0, false},
    {"getpid by int 0x80", 20, {0, 0, 0, 0, 0, 0}, false, 0, true},
};

/* What the feed may do and the others not. */
static const struct call without_network[] = {
    {"socket of streams", SYS_socket, {AF_INET, SOCK_STREAM, 0, 0, 0, 0}, false, 0, false},
    {"openat", SYS_openat, {0, 0, O_RDONLY, 0, 0, 0}, false, 0, false},
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
    long answer = (long)after.rax;
    if (call->answer ? answer != call->answer : answer < 0 && answer > -4096) {
        kill(pid, SIGKILL); /* one that stayed stopped would keep the tests to come waiting */
        fail_msg("%s was answered %ld", call->name, answer);
    }
    assert_int_equal(ptrace(PTRACE_SETREGS, pid, 0, &before), 0);
    assert_int_equal(ptrace(PTRACE_DETACH, pid, 0, 0), 0);
}

/* A kernel that has no calls of the i386 has nothing to forbid: the instruction itself is a fault. */
static bool kernel_knows_int80(void)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        long call = 20;
        signal(SIGSEGV, SIG_DFL); /* cmocka's would go on with the tests in here */
        __asm__ volatile("int $0x80" : "+a"(call)::"memory");
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status);
}

/* Or for the call behind it, where nothing forbade it: one stop at its beginning and one at its end, which
 * newer kernels reach before they kill. */
static void wait_for_end(int pid, siginfo_t *end)
{
    for (int at_call = 0;;) {
        assert_int_equal(waitid(P_PID, (id_t)pid, end, WEXITED | WSTOPPED | WNOWAIT), 0);
        bool is_call = end->si_code == CLD_TRAPPED && end->si_status == (SIGTRAP | 0x80);
        if (end->si_code != CLD_TRAPPED || (is_call && ++at_call == 3))
            return;
        assert_int_equal(ptrace(PTRACE_SYSCALL, pid, 0, is_call ? 0L : (long)end->si_status), 0);
    }
}

static void check_killed(int pid, const struct call *call)
{
    struct user_regs_struct registers;
    siginfo_t end = {0};
    int signal = call->by_int80 && !kernel_knows_int80() ? SIGSEGV : SIGSYS;
    stop_behind_call(pid, &registers);
    registers = with_call(&registers, call);
    if (call->by_int80)
        assert_int_equal(ptrace(PTRACE_POKETEXT, pid, (void *)(uintptr_t)registers.rip, 0x80CDL), 0);
    assert_int_equal(ptrace(PTRACE_SETREGS, pid, 0, &registers), 0);
    assert_int_equal(ptrace(PTRACE_SYSCALL, pid, 0, 0), 0);
    wait_for_end(pid, &end);
    if ((end.si_code != CLD_KILLED && end.si_code != CLD_DUMPED) || end.si_status != signal) {
        kill(pid, SIGKILL);
        fail_msg("%s did not kill with %s: code %d, status %d", call->name, strsignal(signal), end.si_code,
            end.si_status);
    }
    print_message("%s: killed by %s\n", call->name, strsignal(signal));
}

static struct desk *desk_at_work(void)
{
    if (!sandbox_has_filter() || geteuid() != 0) {
        print_message("skipped: needs root and a build without sanitisers\n");
        exit(77);
    }
    struct desk *desk = desk_new("scenes/loop.mp4", 990);
    if (!desk)
        exit(77);
    desk_enrol(desk, "subject-1", ID("e", "1"));
    return desk;
}

static bool is_off(const struct desk *desk)
{
    return desk->state == CAMERA_OFF;
}

/* Armed anew for each call, so that the waiting time between starts does not grow. */
static void check_camera_calls(struct desk *desk, const char *kind, const struct call *of, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        desk->healths = 0;
        desk_arm(desk, FLAW_NONE, 3600);
        assert_true(desk_run(desk, is_running, 60));
        int child = desk_child(kind);
        assert_int_not_equal(child, 0);
        if (of[i].allowed)
            check_allowed(child, &of[i]);
        else
            check_killed(child, &of[i]);
        desk->healths = 0;
        assert_true(desk_run(desk, is_running, 60));
        assert_int_equal(desk_child(kind) == child, of[i].allowed);
        supervisor_disarm(desk->supervisor, ID("op", "1"));
        assert_true(desk_run(desk, is_off, 10));
    }
}

static void s22_a_forbidden_call_kills_the_locked_up_watch(void **state)
{
    (void)state;
    struct desk *desk = desk_at_work();
    check_camera_calls(desk, "watch", calls, COUNT_OF(calls));
    check_camera_calls(desk, "watch", without_network, COUNT_OF(without_network));
    desk_free(desk);
}

static void s22_a_forbidden_call_kills_the_locked_up_feed(void **state)
{
    (void)state;
    struct desk *desk = desk_at_work();
    check_camera_calls(desk, "feed", calls, COUNT_OF(calls));
    desk_free(desk);
}

/* The still process waits for a picture: another process gives it one, so that it goes on behind the call. */
static pid_t start_asking(struct desk *desk)
{
    pid_t asking = fork();
    if (asking == 0) {
        struct bytes marked;
        poll(NULL, 0, 200);
        still_mark(desk->supervisor, "nothing", 7, "o-1", &marked, NULL);
        _exit(0);
    }
    return asking;
}

static void mark_photograph(struct desk *desk)
{
    struct error err = {0};
    AUTO(text) char *path = asset_path("photos/subject-1.jpg");
    AUTO(bytes) struct bytes photograph = {NULL, 0};
    AUTO(bytes) struct bytes marked = {NULL, 0};
    if (!file_read(path, 8 << 20, &photograph, &err) ||
        !still_mark(desk->supervisor, photograph.data, photograph.size, "o-1", &marked, &err))
        fail_msg("%s", err.text);
}

static void check_still_calls(struct desk *desk, const struct call *of, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        mark_photograph(desk);
        int child = desk_child("still");
        pid_t asking = start_asking(desk);
        if (of[i].allowed)
            check_allowed(child, &of[i]);
        else
            check_killed(child, &of[i]);
        assert_int_equal(waitpid(asking, NULL, 0), asking);
        mark_photograph(desk);
        assert_int_equal(desk_child("still") == child, of[i].allowed);
    }
}

static void s22_a_forbidden_call_kills_the_locked_up_still(void **state)
{
    (void)state;
    struct desk *desk = desk_at_work();
    /* The one that marks, which this test's other process may ask as well. */
    enrol_link_free(desk->enrolments);
    desk->enrolments = NULL;
    check_still_calls(desk, calls, COUNT_OF(calls));
    check_still_calls(desk, without_network, COUNT_OF(without_network));
    desk_free(desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s22_a_forbidden_call_kills_the_locked_up_watch),
        cmocka_unit_test(s22_a_forbidden_call_kills_the_locked_up_feed),
        cmocka_unit_test(s22_a_forbidden_call_kills_the_locked_up_still),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
