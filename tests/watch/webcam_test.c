/* A webcam on a demo site: the real feed waits for it in words, a live site's feed and watch refuse it, and
 * what the lock-up leaves of the kernel to a feed that has one. */
#include "desk.h"

#include "watch/authority.h"
#include "watch/message.h"
#include "watch/process.h"
#include "watch/sandbox.h"

#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static const char webcam[] = "v4l2:/dev/video997", network[] = "rtsp://127.0.0.1:1/main";

static bool is_blind(const struct desk *desk)
{
    return desk->state == CAMERA_BLIND;
}

static bool never(const struct desk *desk)
{
    (void)desk;
    return false;
}

static void a_webcam_that_is_not_there_is_waited_for_in_words(void **state)
{
    (void)state;
    struct desk *desk = desk_new("scenes/other.mp4", 0);
    if (!desk)
        exit(77);
    snprintf(desk->camera.address, sizeof desk->camera.address, "%s", webcam);
    desk_enrol(desk, "subject-1", ID("e", "1"));
    desk_arm(desk, FLAW_NONE, 3600);
    assert_true(desk_run(desk, is_blind, 60));
    assert_string_equal(desk->reason, "/dev/video997: there is no such webcam; is it plugged in?");
    int feed = desk_child("feed");
    desk_run(desk, never, 3);
    assert_int_equal(desk_child("feed"), feed); /* it waits: nothing is started again and again */
    desk_free(desk);
}

static void s23_the_watch_of_a_live_site_takes_no_webcams_greeting(void **state)
{
    (void)state;
    static const struct {
        enum site_kind kind;
        const char *address;
        bool taken;
    } rows[] = {{SITE_LIVE, webcam, false}, {SITE_LIVE, network, true}, {SITE_DEMO, webcam, true}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error err = {0};
        struct authority authority;
        struct camera camera = {.id = ID("c", "1")};
        snprintf(camera.address, sizeof camera.address, "%s", rows[i].address);
        AUTO(text) char *record = camera_record(&camera);
        authority_init(&authority, &(struct authority_options){.site = "karachi", .kind = rows[i].kind});
        assert_int_equal(authority_greet(&authority, record, &err), rows[i].taken);
        assert_int_equal(authority.greeted, rows[i].taken);
        assert_true(rows[i].taken || strstr(err.text, "for demo sites"));
        authority_done(&authority);
    }
}

/* Whether the real feed of that kind of site goes on with that address for two seconds. */
static bool feed_goes_on(enum site_kind kind, const char *address)
{
    int ends[2];
    char why[96] = "";
    struct error err = {0};
    struct process process;
    struct feed_start start = {0};
    const struct child_options options = {
        .name = "c-1", .pack_folder = "", .root_key_file = "", .site = "karachi", .kind = kind, .uid = 990};
    snprintf(start.url, sizeof start.url, "%s", address);
    snprintf(start.record, sizeof start.record, "{}");
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_true(process_start(
        &process, getenv("MIZAN_PROGRAM"), "feed", &options, ends[1], WIRE_DESK_TAKES_FROM_FEED, &err));
    close(ends[1]);
    message_put_feed_start(&process.out, &start);
    assert_true(wire_flush(&process.out, process.desk, &err));
    bool ended = false;
    for (int i = 0; i < 40 && !ended; i++) {
        poll(NULL, 0, 50);
        ended = process_ended(&process, why);
    }
    process_stop(&process, NULL);
    close(ends[0]);
    return !ended;
}

static void s23_the_feed_of_a_live_site_ends_at_a_webcam(void **state)
{
    (void)state;
    if (geteuid() != 0 || !sandbox_has_filter())
        skip(); /* a live site's feed wants a user of its own, and its filter */
    assert_false(feed_goes_on(SITE_LIVE, webcam));
    assert_true(feed_goes_on(SITE_LIVE, network));
    assert_true(feed_goes_on(SITE_DEMO, webcam));
}

static void call_queue(void)
{
    struct v4l2_buffer buffer = {.index = 0};
    _exit(ioctl(STDIN_FILENO, VIDIOC_QBUF, &buffer) == -1 ? 0 : 1);
}

static void call_terminal(void)
{
    ioctl(STDIN_FILENO, TIOCSTI, "x");
}

static void call_format(void)
{
    struct v4l2_format format = {0};
    ioctl(STDIN_FILENO, VIDIOC_S_FMT, &format);
}

static void call_socket(void)
{
    socket(AF_INET, SOCK_STREAM, 0);
}

static void call_open(void)
{
    syscall(SYS_openat, AT_FDCWD, "/dev/urandom", O_RDONLY);
}

static void call_map(void)
{
    mmap(NULL, 4096, PROT_READ, MAP_SHARED, STDIN_FILENO, 0);
}

static void s22_a_webcams_feed_queues_and_takes_pictures_and_opens_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        void (*call)(void);
        bool allowed;
    } rows[] = {{"queueing", call_queue, true}, {"typing at a terminal", call_terminal, false},
        {"another format", call_format, false}, {"a socket", call_socket, false},
        {"a file", call_open, false}, {"the device's memory", call_map, false}};
    if (!sandbox_has_filter())
        skip();
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int parent = getpid(), status = 0;
        pid_t child = fork();
        if (child == 0) {
            struct sandbox_options sandbox = {.role = SANDBOX_FEED, .device = true, .parent = parent};
            if (!sandbox_lock(&sandbox, NULL))
                _exit(2);
            rows[i].call();
            _exit(3);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
        if (rows[i].allowed ? status != 0 : !killed)
            fail_msg("%s: ended with status %#x", rows[i].name, (unsigned)status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_webcam_that_is_not_there_is_waited_for_in_words),
        cmocka_unit_test(s23_the_watch_of_a_live_site_takes_no_webcams_greeting),
        cmocka_unit_test(s23_the_feed_of_a_live_site_ends_at_a_webcam),
        cmocka_unit_test(s22_a_webcams_feed_queues_and_takes_pictures_and_opens_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
