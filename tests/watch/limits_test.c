/* What the real feed and watch refuse by themselves, whatever the desk says: too long a list, an address that
 * is no camera's, a pack that tells more than faces; and what they do not look at: faces in the dark. */
#include "desk.h"

#include "base/clock.h"
#include "base/file.h"
#include "watch/message.h"
#include "watch/process.h"

#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static struct desk *desk;

static int open_desk(void **state)
{
    (void)state;
    desk = desk_new("scenes/other.mp4", 0);
    if (!desk)
        exit(77);
    desk_enrol(desk, "subject-1", ID("e", "1"));
    return 0;
}

static int close_desk(void **state)
{
    (void)state;
    desk_free(desk);
    return 0;
}

static bool was_refused(const struct desk *asked)
{
    return asked->state == CAMERA_REFUSED && asked->healths >= 2;
}

static bool is_running(const struct desk *asked)
{
    return asked->state == CAMERA_RUNNING;
}

static void check_refused(const char *says)
{
    assert_true(desk_run(desk, was_refused, 60));
    if (!strstr(desk->reason, says))
        fail_msg("refused for another reason than '%s': %s", says, desk->reason);
    assert_int_equal(desk->health.analysed, 0);
    assert_int_equal(desk->health.templates_computed, 0);
    supervisor_disarm(desk->supervisor, ID("op", "1"));
}

/* Another entry with a template of its own. */
static struct gallery_item item_at(size_t at)
{
    struct gallery_item item = {.photo_hash = {(uint8_t)at, (uint8_t)(at >> 8), 1}};
    snprintf(item.entry, sizeof item.entry, "e-1%015zu", at);
    item.template[at % GALLERY_TEMPLATE] = at / GALLERY_TEMPLATE % 2 ? -1 : 1;
    return item;
}

static void s9_a_watch_refuses_a_list_of_2001_entries(void **state)
{
    (void)state;
    enum { TOO_MANY = 2001 };
    struct error err = {0};
    struct gallery_item *items = memory_allocate(TOO_MANY, sizeof *items);
    for (size_t i = 0; i < TOO_MANY; i++)
        items[i] = item_at(i);
    AUTO(text) char *token = desk_token(desk, FLAW_NONE, 3600);
    desk->healths = 0;
    assert_true(
        supervisor_arm(desk->supervisor, &desk->camera, "", ID("op", "1"), token, items, TOO_MANY, &err));
    free(items);
    check_refused("more than 2000 entries");
}

static void s52_the_watch_of_a_demo_site_takes_twenty_entries_and_no_more(void **state)
{
    (void)state;
    size_t before = desk->item_count;
    while (desk->item_count < 20) {
        desk->items[desk->item_count] = item_at(desk->item_count);
        desk->item_count++;
    }
    desk->healths = 0;
    desk_arm(desk, FLAW_NONE, 3600);
    assert_true(desk_run(desk, is_running, 60));
    supervisor_disarm(desk->supervisor, ID("op", "1"));
    desk->items[20] = item_at(20);
    desk->item_count = 21;
    desk->healths = 0;
    desk_arm(desk, FLAW_NONE, 3600);
    check_refused("longer than 20 entries");
    desk->item_count = before;
}

static void a_watch_is_armed_under_the_largest_roster_that_there_may_be(void **state)
{
    (void)state;
    desk->has_fullest_roster = true;
    desk->healths = 0;
    desk_arm(desk, FLAW_NONE, 3600);
    assert_true(desk_run(desk, is_running, 60));
    supervisor_disarm(desk->supervisor, ID("op", "1"));
    desk->has_fullest_roster = false;
}

/* A watch, or a feed, of its own; the other end of its link stays here. */
struct lone {
    struct process process;
    int other;
};

static void lone_start(struct lone *lone, const char *kind, uint64_t takes, const char *pack)
{
    int ends[2];
    struct error err = {0};
    const struct child_options options = {.name = "c-1",
        .pack_folder = pack,
        .root_key_file = desk->root_key,
        .site = "karachi-demo",
        .kind = SITE_DEMO};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_true(process_start(&lone->process, getenv("MIZAN_PROGRAM"), kind, &options, ends[1], takes, &err));
    close(ends[1]);
    lone->other = ends[0];
}

/* Whether it ends by itself within so many seconds; sends what waits to be sent. */
static bool lone_ends(struct lone *lone, int seconds)
{
    char why[96] = "";
    for (int i = 0; i < seconds * 20; i++) {
        if (process_ended(&lone->process, why)) {
            print_message("%s\n", why);
            return true;
        }
        wire_flush(&lone->process.out, lone->process.desk, NULL);
        poll(NULL, 0, 50);
    }
    return false;
}

static void lone_stop(struct lone *lone)
{
    process_stop(&lone->process, NULL);
    close(lone->other);
}

static void wait_ready(struct lone *lone)
{
    struct wire_message message;
    bool open = true, found = false;
    struct pollfd polled = {lone->process.desk, POLLIN, 0};
    while (!found) {
        assert_int_equal(poll(&polled, 1, 30000), 1);
        assert_true(wire_fill(&lone->process.in, lone->process.desk, &open, NULL) && open);
        assert_true(wire_next(&lone->process.in, &message, &found, NULL));
    }
    assert_int_equal(message.type, WIRE_READY);
}

static void s16_s23_feed_and_watch_end_at_an_address_that_is_no_cameras(void **state)
{
    (void)state;
    static const struct {
        const char *address;
        bool is_camera;
    } rows[] = {{"file:///clip.mp4", false}, {"/dev/video0", false}, {"clip:street.mp4", false},
        {"v4l2:/dev/sda", false}, {"v4l2:/dev/video0/../sda", false}, {"v4l2:/dev/video", false},
        {"v4l2:/dev/video998", true}, {"rtsps://127.0.0.1:1/main", false}, {"rtsp://127.0.0.1:1/main", true}};
    AUTO(text) char *pack = asset_path("pack");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct camera camera = desk->camera;
        struct feed_start start = {0};
        struct lone watch, feed;
        __attribute__((cleanup(wire_out_auto))) struct wire_out greeting = {0};
        snprintf(camera.address, sizeof camera.address, "%s", rows[i].address);
        snprintf(start.url, sizeof start.url, "%s", rows[i].address);
        AUTO(text) char *record = camera_record(&camera);
        snprintf(start.record, sizeof start.record, "%s", record);
        lone_start(&watch, "watch", WIRE_DESK_TAKES_FROM_WATCH, pack);
        wait_ready(&watch);
        message_put_greeting(&greeting, record);
        assert_true(wire_send(&greeting, watch.other, NULL));
        assert_int_equal(lone_ends(&watch, rows[i].is_camera ? 1 : 30), !rows[i].is_camera);
        lone_stop(&watch);
        lone_start(&feed, "feed", WIRE_DESK_TAKES_FROM_FEED, "");
        message_put_feed_start(&feed.process.out, &start);
        assert_int_equal(lone_ends(&feed, rows[i].is_camera ? 1 : 30), !rows[i].is_camera);
        lone_stop(&feed);
    }
}

/* The default pack with one line of its description left out. */
static void copy_pack(const char *folder, const char *without)
{
    static const char *const models[] = {"detect.onnx", "landmarks.onnx", "embed.onnx", "embed.ranges"};
    struct error err = {0};
    AUTO(bytes) struct bytes text = {NULL, 0};
    AUTO(text) char *from = asset_path("pack/pack.ini");
    AUTO(text) char *to = text_format("%s/pack.ini", folder);
    assert_true(file_read(from, 1 << 16, &text, &err));
    char *line = memmem(text.data, text.size, without, strlen(without));
    assert_non_null(line);
    memmove(line, line + strlen(without), (size_t)((char *)text.data + text.size - line) - strlen(without));
    assert_true(file_write(to, 0644, text.data, text.size - strlen(without), &err));
    for (size_t i = 0; i < COUNT_OF(models); i++) {
        AUTO(text) char *name = text_format("pack/%s", models[i]);
        AUTO(text) char *target = asset_path(name);
        AUTO(text) char *link = text_format("%s/%s", folder, models[i]);
        AUTO(text) char *whole = realpath(target, NULL);
        assert_non_null(whole);
        assert_int_equal(symlink(whole, link), 0);
    }
}

static void remove_pack(const char *folder)
{
    static const char *const names[] = {
        "detect.onnx", "landmarks.onnx", "embed.onnx", "embed.ranges", "pack.ini"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        AUTO(text) char *path = text_format("%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

static void s25_neither_watch_nor_still_starts_with_a_network_that_says_more(void **state)
{
    (void)state;
    static const char *const kinds[] = {"watch", "still"};
    char folder[] = "/tmp/mizan-pack-XXXXXX";
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chmod(folder, 0755), 0);
    copy_pack(folder, "boxes = boxes\n");
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct lone lone;
        lone_start(&lone, kinds[i], WIRE_DESK_TAKES_FROM_WATCH | WIRE_DESK_TAKES_FROM_STILL, folder);
        assert_true(lone_ends(&lone, 30));
        lone_stop(&lone);
    }
    remove_pack(folder);
}

static bool passed_in_the_dark(const struct desk *asked)
{
    return asked->health.failures_to_acquire >= 1;
}

static void s5_a_face_in_the_dark_is_a_failure_to_acquire_and_never_embedded(void **state)
{
    (void)state;
    char film[] = "/tmp/mizan-dark-XXXXXX.mp4";
    int file = mkstemps(film, 4);
    assert_true(file >= 0);
    close(file);
    AUTO(text) char *scene = asset_path("scenes/other.mp4");
    AUTO(text)
    char *make = text_format("ffmpeg -v error -nostdin -y -i %s -t 9 -vf eq=brightness=-0.42:contrast=0.3 "
                             "-c:v libx264 -preset ultrafast -g 25 -bf 0 %s",
        scene, film);
    if (system(make) != 0) { /* NOLINT(cert-env33-c): a fixed command over own files */
        unlink(film);
        skip();
    }
    struct desk *dark = desk_new(film, 0);
    assert_non_null(dark);
    desk_enrol(dark, "subject-1", ID("e", "1"));
    desk_arm(dark, FLAW_NONE, 3600);
    bool counted = desk_run(dark, passed_in_the_dark, 40);
    print_message("faces %llu, passages %llu, failures to acquire %llu, templates %llu\n",
        (unsigned long long)dark->health.faces, (unsigned long long)dark->health.passages,
        (unsigned long long)dark->health.failures_to_acquire,
        (unsigned long long)dark->health.templates_computed);
    assert_true(counted);
    assert_true(dark->health.faces > 0);
    assert_int_equal(dark->health.templates_computed, 0);
    assert_int_equal(dark->sighting_count, 0);
    desk_free(dark);
    unlink(film);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s9_a_watch_refuses_a_list_of_2001_entries),
        cmocka_unit_test(s52_the_watch_of_a_demo_site_takes_twenty_entries_and_no_more),
        cmocka_unit_test(a_watch_is_armed_under_the_largest_roster_that_there_may_be),
        cmocka_unit_test(s16_s23_feed_and_watch_end_at_an_address_that_is_no_cameras),
        cmocka_unit_test(s25_neither_watch_nor_still_starts_with_a_network_that_says_more),
        cmocka_unit_test(s5_a_face_in_the_dark_is_a_failure_to_acquire_and_never_embedded),
    };
    return cmocka_run_group_tests(tests, open_desk, close_desk);
}
