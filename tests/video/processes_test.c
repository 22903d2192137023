/* Streams made to harm and a camera that is pulled, with the real feed and watch under their lock: a process
 * may die and comes back, memory and descriptors stay where they were. */
#include "../watch/desk.h"

#include "base/clock.h"
#include "video/sample.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FIRST_UID = 990, BACK_US = 5 * 1000000, MEMORY_ROOM_KB = 65536 };

static int commands;
static uint64_t decoded_then, wanted_more;

static bool more_decoded(const struct desk *desk)
{
    return desk->health.decoded > decoded_then + wanted_more || desk->health.decoded < decoded_then;
}

/* Its camera is asked at `address`, or as the test camera says when that is NULL; `scheme` takes the place of
 * rtsp:// when it is not NULL. */
static struct desk *desk_at(const char *scene, const char *scheme, const char *address)
{
    int ends[2], input = dup(STDIN_FILENO);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    dup2(ends[0], STDIN_FILENO);
    struct desk *desk = desk_new(scene, geteuid() == 0 ? FIRST_UID : 0);
    dup2(input, STDIN_FILENO);
    close(input);
    close(ends[0]);
    commands = ends[1];
    if (!desk)
        exit(77);
    if (scheme)
        snprintf(desk->camera.address, sizeof desk->camera.address, "%s%s", scheme,
            desk->address + strlen("rtsp://"));
    if (address)
        snprintf(desk->camera.address, sizeof desk->camera.address, "%s", address);
    desk_enrol(desk, "subject-1", ID("e", "1"));
    desk_arm(desk, FLAW_NONE, 3600);
    return desk;
}

static struct desk *desk_with_commands(const char *scene)
{
    return desk_at(scene, NULL, NULL);
}

static void desk_end(struct desk *desk)
{
    desk_free(desk);
    close(commands);
}

static void command(const char *line)
{
    assert_int_equal(write(commands, line, strlen(line)), strlen(line));
}

static bool decodes_more(struct desk *desk, uint64_t pictures, int limit_s)
{
    decoded_then = desk->health.decoded;
    wanted_more = pictures;
    return desk_run(desk, more_decoded, limit_s);
}

static long number_of(int pid, const char *key)
{
    char path[64], line[256];
    long number = 0;
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, key, strlen(key)) == 0)
            number = strtol(line + strlen(key), NULL, 10);
    if (file)
        fclose(file);
    return number;
}

static long resident_kb(int pid)
{
    return number_of(pid, "VmRSS:");
}

static int descriptors(int pid)
{
    char path[64];
    int count = 0;
    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    DIR *folder = opendir(path);
    while (folder && readdir(folder))
        count++;
    if (folder)
        closedir(folder);
    return count;
}

static void misbehaving_streams_leave_feed_and_watch_as_they_were(void **state)
{
    (void)state;
    static const char *const lines[] = {"main garble 60\n", "main drop 40\n", "main stall 1500\n",
        "main stamps zero\n", "main stamps leap\n", "main stamps fast\n", "main stamps right\n",
        "main switch main\n"};
    struct desk *desk = desk_with_commands("scenes/loop.mp4");
    assert_true(decodes_more(desk, 20, 60));
    int feed = desk_child("feed"), watch = desk_child("watch");
    int feed_descriptors = descriptors(feed), watch_descriptors = descriptors(watch);
    long memory_kb = resident_kb(feed) + resident_kb(watch);
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        command(lines[i]);
        assert_true(decodes_more(desk, 40, 40));
    }
    assert_int_equal(desk_child("feed"), feed);
    assert_int_equal(desk_child("watch"), watch);
    assert_in_range(descriptors(feed), 1, feed_descriptors);
    assert_in_range(descriptors(watch), 1, watch_descriptors);
    assert_true(resident_kb(feed) + resident_kb(watch) < memory_kb + MEMORY_ROOM_KB);
    desk_end(desk);
}

static void a_camera_that_was_gone_is_back_within_five_seconds(void **state)
{
    (void)state;
    struct desk *desk = desk_with_commands("scenes/nobody.mp4");
    assert_true(decodes_more(desk, 20, 60));
    for (int round = 0; round < 2; round++) {
        int64_t gone_us = round == 0 ? 3000000 : 8000000;
        int64_t return_us = clock_monotonic_us() + gone_us;
        AUTO(text) char *line = text_format("main hang-up %lld\n", (long long)(gone_us / 1000));
        command(line);
        while (clock_monotonic_us() < return_us) {
            supervisor_run(desk->supervisor);
            usleep(20000);
        }
        assert_true(decodes_more(desk, 1, 30));
        print_message("back %.1f s after its return\n", (double)(clock_monotonic_us() - return_us) / 1e6);
        assert_true(clock_monotonic_us() < return_us + BACK_US);
    }
    desk_end(desk);
}

static void a_feed_or_watch_that_dies_comes_back(void **state)
{
    (void)state;
    static const char *const kinds[] = {"feed", "watch"};
    struct desk *desk = desk_with_commands("scenes/nobody.mp4");
    assert_true(decodes_more(desk, 20, 60));
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        int before = desk_child(kinds[i]);
        assert_true(before > 0);
        kill(before, SIGKILL);
        assert_true(decodes_more(desk, 60, 60));
        assert_int_not_equal(desk_child(kinds[i]), before);
    }
    desk_end(desk);
}

static void every_codec_is_watched_under_the_lock(void **state)
{
    (void)state;
    static const char *const scenes[] = {
        "scenes/street-b.mp4", "scenes/street-h265.mp4", "scenes/street-mjpeg.mp4"};
    for (size_t i = 0; i < COUNT_OF(scenes); i++) {
        AUTO(text) char *path = asset_path(scenes[i]);
        if (access(path, R_OK)) {
            print_message("skipped: no %s (tools/setup makes it)\n", path);
            memory_release(STEAL(path)); /* skipping jumps past the end of this function */
            skip();
        }
        struct desk *desk = desk_with_commands(scenes[i]);
        assert_true(decodes_more(desk, 60, 60));
        int watch = desk_child("watch");
        assert_true(decodes_more(desk, 60, 60));
        assert_int_equal(desk_child("watch"), watch);
        assert_true(desk->health.analysed > 0);
        desk_end(desk);
    }
}

/* The same feed and watch from the first pictures on: nothing it did was against its lock-up. */
static void check_watched_under_the_lock(struct desk *desk)
{
    assert_true(decodes_more(desk, 20, 60));
    int feed = desk_child("feed"), watch = desk_child("watch");
    assert_true(decodes_more(desk, 60, 60));
    assert_int_equal(desk_child("feed"), feed);
    assert_int_equal(desk_child("watch"), watch);
    assert_true(desk->health.analysed > 0);
    /* Nothing here is shared between threads, because there are none. */
    assert_int_equal(number_of(feed, "Threads:"), 1);
    assert_int_equal(number_of(watch, "Threads:"), 1);
}

static void pictures_in_udp_packets_are_watched_under_the_lock(void **state)
{
    (void)state;
    struct desk *desk = desk_at("scenes/nobody.mp4", "rtsp+udp://", NULL);
    check_watched_under_the_lock(desk);
    /* Reconnecting opens sockets again, behind the lock. */
    int feed = desk_child("feed");
    command("main hang-up 500\n");
    assert_true(decodes_more(desk, 60, 60));
    assert_int_equal(desk_child("feed"), feed);
    desk_end(desk);
}

static void serve_pictures(int caller)
{
    static const char head[] =
        "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n";
    static const char part[] = "--frame\r\nContent-Type: image/jpeg\r\n\r\n";
    char request[2048];
    bool open =
        recv(caller, request, sizeof request, 0) > 0 && send(caller, head, strlen(head), MSG_NOSIGNAL) > 0;
    while (open) {
        open = send(caller, part, strlen(part), MSG_NOSIGNAL) > 0 &&
               send(caller, sample_mjpeg, SAMPLE_MJPEG_SIZE, MSG_NOSIGNAL) > 0 &&
               send(caller, "\r\n", 2, MSG_NOSIGNAL) > 0;
        usleep(40000);
    }
    close(caller);
}

/* A camera that sends JPEGs over HTTP to one caller after the other, in a process of its own. */
static pid_t start_web_camera(char *url, size_t room)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof name;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&name, size), 0);
    assert_int_equal(listen(listener, 4), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&name, &size), 0);
    snprintf(url, room, "http://127.0.0.1:%u/video", ntohs(name.sin_port));
    pid_t camera = fork();
    if (camera == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;)
            serve_pictures(accept(listener, NULL, NULL));
    }
    close(listener);
    return camera;
}

static void pictures_over_http_are_watched_under_the_lock(void **state)
{
    (void)state;
    char url[64];
    pid_t camera = start_web_camera(url, sizeof url);
    struct desk *desk = desk_at("scenes/nobody.mp4", NULL, url);
    check_watched_under_the_lock(desk);
    desk_end(desk);
    kill(camera, SIGKILL);
    waitpid(camera, NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(misbehaving_streams_leave_feed_and_watch_as_they_were),
        cmocka_unit_test(a_camera_that_was_gone_is_back_within_five_seconds),
        cmocka_unit_test(a_feed_or_watch_that_dies_comes_back),
        cmocka_unit_test(every_codec_is_watched_under_the_lock),
        cmocka_unit_test(pictures_in_udp_packets_are_watched_under_the_lock),
        cmocka_unit_test(pictures_over_http_are_watched_under_the_lock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
