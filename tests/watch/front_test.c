/* What a feed does in front of its lock-up: it waits, in words, for a name to be known and for a webcam to be
 * there. And a webcam on a demo site: a live site's feed and watch refuse it, and what the lock-up leaves of
 * the kernel to a feed that has one. */
#include "desk.h"

#include "video/sample.h"
#include "watch/authority.h"
#include "watch/message.h"
#include "watch/process.h"
#include "watch/sandbox.h"

#include <errno.h>
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

enum { PICTURES = 5, BUFFER_SIZE = 1 << 16 };

static struct {
    int file; /* in place of the device; 0: nothing is played */
    int given;
} played;

int __wrap_open64(const char *path, int flags, ...);
int __real_open64(const char *path, int flags, ...);
int __wrap_ioctl(int descriptor, unsigned long request, void *argument);
int __real_ioctl(int descriptor, unsigned long request, void *argument);

int __wrap_open64(const char *path, int flags, ...)
{
    return played.file && !strcmp(path, "/dev/video997") ? dup(played.file)
                                                         : __real_open64(path, flags, 0600);
}

static int give_picture(struct v4l2_buffer *buffer)
{
    if (played.given >= PICTURES) {
        errno = ENODEV;
        return -1;
    }
    buffer->index = 0;
    buffer->bytesused = SAMPLE_MJPEG_SIZE;
    buffer->timestamp.tv_sec = played.given++;
    return 0;
}

int __wrap_ioctl(int descriptor, unsigned long request, void *argument)
{
    int answer = __real_ioctl(descriptor, request, argument);
    if (!played.file)
        return answer;
    switch (request) {
    case VIDIOC_QUERYCAP:
        ((struct v4l2_capability *)argument)->capabilities = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
        return 0;
    case VIDIOC_QUERYBUF:
        ((struct v4l2_buffer *)argument)->length = BUFFER_SIZE;
        return 0;
    case VIDIOC_DQBUF:
        return give_picture(argument);
    default:
        return 0;
    }
}

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

static void check_waited_for(const char *address, const char *says)
{
    struct desk *desk = desk_new("scenes/other.mp4", 0);
    if (!desk)
        exit(77);
    snprintf(desk->camera.address, sizeof desk->camera.address, "%s", address);
    desk_enrol(desk, "subject-1", ID("e", "1"));
    desk_arm(desk, FLAW_NONE, 3600);
    assert_true(desk_run(desk, is_blind, 60));
    if (!strstr(desk->reason, says))
        fail_msg("blind for another reason than '%s': %s", says, desk->reason);
    int feed = desk_child("feed");
    desk_run(desk, never, 3);
    assert_int_equal(desk_child("feed"), feed); /* it waits: nothing is started again and again */
    desk_free(desk);
}

static void a_webcam_that_is_not_there_is_waited_for_in_words(void **state)
{
    (void)state;
    check_waited_for(webcam, "/dev/video997: there is no such webcam; is it plugged in?");
}

static void a_name_that_nobody_knows_is_waited_for_in_words(void **state)
{
    (void)state;
    check_waited_for("rtsp://camera.invalid/main", "camera.invalid: ");
}

static bool is_running(const struct desk *desk)
{
    return desk->state == CAMERA_RUNNING;
}

static void a_camera_that_is_named_is_looked_up_in_front_of_the_lock_up(void **state)
{
    (void)state;
    struct desk *desk = desk_new("scenes/other.mp4", geteuid() ? 0 : 990);
    if (!desk)
        exit(77);
    const char *behind = strstr(desk->address, "127.0.0.1");
    assert_non_null(behind);
    /* The short form, which only the name service understands. */
    snprintf(
        desk->camera.address, sizeof desk->camera.address, "rtsp://127.1%s", behind + strlen("127.0.0.1"));
    desk_enrol(desk, "subject-1", ID("e", "1"));
    desk_arm(desk, FLAW_NONE, 3600);
    assert_true(desk_run(desk, is_running, 60));
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

/* One whole message; false at the end. */
static bool receive(struct wire_in *in, int descriptor, struct wire_message *message)
{
    bool open = true, found = false;
    while (wire_next(in, message, &found, NULL) && !found && open) {
        struct pollfd polled = {descriptor, POLLIN, 0};
        if (poll(&polled, 1, 30000) != 1 || !wire_fill(in, descriptor, &open, NULL))
            return false;
    }
    return found;
}

static _Noreturn void play_feed(int desk, int watch, int parent)
{
    struct error err = {0};
    const struct child_options options = {.desk = desk,
        .other = watch,
        .parent = parent,
        .name = "c-1",
        .kind = SITE_DEMO,
        .uid = geteuid() ? 0 : 990};
    char path[] = "/tmp/mizan-webcam-XXXXXX";
    played.file = mkstemp(path);
    unlink(path);
    if (ftruncate(played.file, (off_t)BUFFER_SIZE) ||
        pwrite(played.file, sample_mjpeg, SAMPLE_MJPEG_SIZE, 0) != SAMPLE_MJPEG_SIZE)
        _exit(1);
    feed_run(&options, &err);
    _exit(strstr(err.text, "/dev/video997: is gone") ? 0 : 2);
}

static void check_packets(struct wire_in *in, int descriptor)
{
    struct wire_message message;
    struct packet packet;
    assert_true(receive(in, descriptor, &message));
    assert_int_equal(message.type, WIRE_GREETING);
    assert_true(receive(in, descriptor, &message));
    assert_int_equal(message.type, WIRE_STREAM);
    for (int i = 0; i < PICTURES; i++) {
        assert_true(receive(in, descriptor, &message));
        assert_true(message_packet(&message, &packet, NULL));
        assert_int_equal(packet.pts_us, i * 1000000);
        assert_int_equal(packet.size, SAMPLE_MJPEG_SIZE);
        assert_memory_equal(packet.data, sample_mjpeg, SAMPLE_MJPEG_SIZE);
    }
    assert_false(receive(in, descriptor, &message));
}

static void check_told(struct wire_in *in, int descriptor)
{
    struct wire_message message;
    struct feed_status status;
    assert_true(receive(in, descriptor, &message) && message_feed_status(&message, &status, NULL));
    assert_true(status.connected);
    assert_true(receive(in, descriptor, &message) && message_feed_status(&message, &status, NULL));
    assert_false(status.connected);
    assert_non_null(strstr(status.text, "/dev/video997: is gone"));
}

static void s22_a_locked_up_feed_passes_a_webcams_pictures_on_until_it_is_pulled(void **state)
{
    (void)state;
    int desk[2], watch[2], status = 1, parent = getpid();
    struct feed_start start = {.record = "{}"};
    struct wire_in from_feed, told;
    __attribute__((cleanup(wire_out_auto))) struct wire_out out = {0};
    snprintf(start.url, sizeof start.url, "%s", webcam);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, desk), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, watch), 0);
    message_put_feed_start(&out, &start);
    assert_true(wire_send(&out, desk[0], NULL));
    pid_t feed = fork();
    if (feed == 0) {
        close(desk[0]);
        close(watch[0]);
        play_feed(desk[1], watch[1], parent);
    }
    close(desk[1]);
    close(watch[1]);
    wire_in_init(&from_feed, WIRE_WATCH_TAKES_FROM_FEED);
    wire_in_init(&told, WIRE_DESK_TAKES_FROM_FEED);
    check_packets(&from_feed, watch[0]);
    check_told(&told, desk[0]);
    assert_int_equal(waitpid(feed, &status, 0), feed);
    assert_int_equal(status, 0);
    wire_in_done(&from_feed);
    wire_in_done(&told);
    close(desk[0]);
    close(watch[0]);
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
        cmocka_unit_test(a_name_that_nobody_knows_is_waited_for_in_words),
        cmocka_unit_test(a_camera_that_is_named_is_looked_up_in_front_of_the_lock_up),
        cmocka_unit_test(s23_the_watch_of_a_live_site_takes_no_webcams_greeting),
        cmocka_unit_test(s23_the_feed_of_a_live_site_ends_at_a_webcam),
        cmocka_unit_test(s22_a_locked_up_feed_passes_a_webcams_pictures_on_until_it_is_pulled),
        cmocka_unit_test(s22_a_webcams_feed_queues_and_takes_pictures_and_opens_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
