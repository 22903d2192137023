/* The watch: loads and runs everything once, locks itself up, and only then reads what others send. */
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "face/pack.h"
#include "sign/site.h"
#include "video/stream_clock.h"
#include "watch/analysis.h"
#include "watch/authority.h"
#include "watch/child.h"
#include "watch/message.h"
#include "watch/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEALTH_EVERY_US = 1000000 };

struct watch {
    int desk;
    int feed;
    struct wire_in from_desk;
    struct wire_in from_feed;
    struct wire_out to_desk;
    struct authority authority;
    struct analysis *analysis;
    struct watch_state told;
    int64_t health_due_us;
    struct survey survey;
    struct stream_clock stream_clock;
    bool over; /* the desk or the feed closed its end */
};

/* Nobody but root may have been able to write this file; on a demo site the user of the desk may own it. */
static bool check_owner(int file, enum site_kind kind, const char *path, struct error *err)
{
    struct stat status;
    if (fstat(file, &status))
        return fail_errno(err, "%s", path);
    bool owned = status.st_uid == 0 || (kind == SITE_DEMO && status.st_uid == geteuid());
    if (!S_ISREG(status.st_mode) || !owned || status.st_mode & (S_IWGRP | S_IWOTH))
        return fail(err, ERROR_FORBIDDEN, "%s: must be a file of root's that nobody else can write to", path);
    return true;
}

static bool read_keys(const char *path, struct authority_options *options, struct error *err)
{
    char text[SITE_KEYS_LIMIT + 1] = {0};
    struct site_keys keys;
    int file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0)
        return fail_errno(err, "%s", path);
    bool good = check_owner(file, options->kind, path, err);
    ssize_t size = good ? read(file, text, sizeof text - 1) : 0;
    close(file);
    if (!good || size < 0)
        return false;
    if (!site_keys_parse(text, options->kind, options->site, clock_now_s(), &keys, err))
        return fail_within(err, "%s", path);
    memcpy(options->root_key, keys.root, PUBLIC_KEY_SIZE);
    memcpy(options->endorsement_key, keys.oversight, PUBLIC_KEY_SIZE);
    options->has_endorsement_key = keys.has_oversight;
    return true;
}

static void watch_sighting(void *context, const struct sighting *sighting)
{
    struct watch *watch = context;
    message_put_sighting(&watch->to_desk, sighting);
}

static bool watch_load(struct watch *watch, const struct child_options *options, struct error *err)
{
    struct authority_options authority = {.site = options->site, .kind = options->kind};
    AUTO(pack) struct pack *pack = pack_open(options->pack_folder, err);
    if (!pack || !read_keys(options->root_key_file, &authority, err))
        return false;
    memcpy(authority.pack_hash, pack_hash(pack), HASH_SIZE);
    authority.pack_is_demo = pack_use_of(pack) == PACK_DEMO;
    authority_init(&watch->authority, &authority);
    const struct analysis_options analysis = {.pack = pack, .sighting = watch_sighting, .context = watch};
    watch->analysis = analysis_new(&analysis, err);
    return watch->analysis != NULL;
}

static bool watch_say_ready(struct watch *watch, const char *missing, struct error *err)
{
    struct child_ready ready = {0};
    memcpy(ready.pack_hash, watch->authority.options.pack_hash, HASH_SIZE);
    snprintf(ready.missing, sizeof ready.missing, "%s", missing);
    message_put_ready(&watch->to_desk, &ready);
    return wire_send(&watch->to_desk, watch->desk, err);
}

static bool take_items(struct watch *watch, const struct wire_message *message, struct error *err)
{
    size_t count = 0;
    struct gallery_item *items = memory_allocate(ITEMS_A_MESSAGE, sizeof *items);
    bool taken =
        message_items(message, items, &count, err) && authority_items(&watch->authority, items, count, err);
    memory_wipe(items, ITEMS_A_MESSAGE * sizeof *items);
    memory_release(items);
    return taken;
}

static bool take_withdrawal(struct watch *watch, const struct wire_message *message, struct error *err)
{
    char entry[ENTRY_ID_SIZE];
    if (!message_entry(message, entry, err) || !authority_withdraw(&watch->authority, entry, err))
        return false;
    analysis_withdraw(watch->analysis, entry);
    message_put_entry(&watch->to_desk, WIRE_WITHDRAWN, entry);
    return true;
}

static bool take_pause(struct watch *watch, const struct wire_message *message, struct error *err)
{
    bool paused = false;
    if (!message_pause(message, &paused, err))
        return false;
    authority_pause(&watch->authority, paused);
    return true;
}

static bool watch_take_from_desk(struct watch *watch, const struct wire_message *message, struct error *err)
{
    struct arming arming;
    switch (message->type) {
    case WIRE_ARM:
        return message_arm(message, &arming, err) && authority_arm(&watch->authority, &arming, err);
    case WIRE_ITEMS:
        return take_items(watch, message, err);
    case WIRE_WITHDRAW:
        return take_withdrawal(watch, message, err);
    case WIRE_BEGIN:
        return authority_begin(&watch->authority, clock_now_s(), err);
    case WIRE_PAUSE:
        return take_pause(watch, message, err);
    case WIRE_SURVEY:
        return authority_survey(&watch->authority, clock_monotonic_us(), err);
    case WIRE_END:
        authority_end(&watch->authority);
        return true;
    default:
        return fail(err, ERROR_CORRUPT, "a message of type %d from the desk", (int)message->type);
    }
}

static bool take_stream(struct watch *watch, const struct wire_message *message, struct error *err)
{
    struct stream stream;
    if (!message_stream(message, &stream, err) || !analysis_stream(watch->analysis, &stream, err))
        return false;
    memcpy(watch->survey.codec, stream.codec, sizeof watch->survey.codec);
    return true;
}

/* When it was captured is for the watch's own clock to say: the stream's stamps only tell how far apart
 * pictures that came together were taken, as those of a stream with B-frames do, and they may take back five
 * seconds at most. */
static bool take_packet(struct watch *watch, const struct wire_message *message, struct error *err)
{
    struct packet packet;
    struct pollfd polled = {.fd = watch->feed, .events = POLLIN};
    if (!message_packet(message, &packet, err))
        return false;
    authority_tick(&watch->authority, clock_now_s());
    bool surveys = authority_surveys(&watch->authority, clock_monotonic_us());
    if (!surveys && !authority_decodes(&watch->authority))
        return true;
    const struct matching matching = {
        .gallery = authority_gallery(&watch->authority, clock_now_s()),
        .threshold = watch->authority.terms.threshold,
    };
    packet.captured_us = stream_clock_captured_us(&watch->stream_clock, packet.pts_us, clock_now_us());
    bool newer = wire_more(&watch->from_feed) || poll(&polled, 1, 0) > 0;
    if (surveys)
        analysis_survey(watch->analysis, &packet, newer, &watch->survey);
    else
        analysis_packet(watch->analysis, &packet, newer, &matching);
    return true;
}

static bool watch_take_from_feed(struct watch *watch, const struct wire_message *message, struct error *err)
{
    char record[RECORD_LIMIT];
    switch (message->type) {
    case WIRE_GREETING:
        return message_greeting(message, record, err) && authority_greet(&watch->authority, record, err);
    case WIRE_STREAM:
        return take_stream(watch, message, err);
    case WIRE_PACKET:
        return take_packet(watch, message, err);
    default:
        return fail(err, ERROR_CORRUPT, "a message of type %d from the feed", (int)message->type);
    }
}

static void watch_tell_survey(struct watch *watch)
{
    AUTO(bytes) struct bytes preview = {NULL, 0};
    if (authority_surveys(&watch->authority, clock_monotonic_us()) &&
        analysis_preview(watch->analysis, &watch->survey, &preview, NULL))
        message_put_surveyed(&watch->to_desk, &watch->survey, &preview);
}

/* Tells the desk when the state changed; what is no longer allowed is forgotten in the same moment. */
static bool watch_tell(struct watch *watch, struct error *err)
{
    const struct watch_state *now = &watch->authority.state;
    if (now->word != watch->told.word || strcmp(now->reason, watch->told.reason) != 0) {
        if (now->word != WATCH_ARMED)
            analysis_forget(watch->analysis);
        message_put_state(&watch->to_desk, now);
        watch->told = *now;
    }
    int64_t now_us = clock_monotonic_us();
    if (now_us >= watch->health_due_us) {
        struct watch_health health;
        analysis_health(watch->analysis, &health);
        message_put_health(&watch->to_desk, &health);
        watch_tell_survey(watch);
        watch->health_due_us = now_us + HEALTH_EVERY_US;
    }
    return wire_send(&watch->to_desk, watch->desk, err);
}

struct link {
    struct wire_in *in;
    int descriptor;
    bool (*take)(struct watch *watch, const struct wire_message *message, struct error *err);
};

/* Everything whole that one read brings. */
static bool watch_read(struct watch *watch, const struct link *link, struct error *err)
{
    bool open = true;
    bool found = true;
    if (!wire_fill(link->in, link->descriptor, &open, err))
        return false;
    while (found) {
        struct wire_message message;
        if (!wire_next(link->in, &message, &found, err) || (found && !link->take(watch, &message, err)))
            return false;
    }
    watch->over = watch->over || !open;
    return true;
}

/* The desk first: a withdrawal is applied before the next packet is looked at. */
static bool watch_turn(struct watch *watch, struct error *err)
{
    const struct link desk = {&watch->from_desk, watch->desk, watch_take_from_desk};
    const struct link feed = {&watch->from_feed, watch->feed, watch_take_from_feed};
    struct pollfd polled[] = {{watch->desk, POLLIN, 0}, {watch->feed, POLLIN, 0}};
    int64_t left_us = watch->health_due_us - clock_monotonic_us();
    if (poll(polled, COUNT_OF(polled), left_us > 0 ? (int)(left_us / 1000) + 1 : 0) < 0 && errno != EINTR)
        return fail_errno(err, "cannot wait for the desk and the feed");
    if (polled[0].revents && !watch_read(watch, &desk, err))
        return false;
    if (!polled[0].revents && polled[1].revents && !watch_read(watch, &feed, err))
        return false;
    authority_tick(&watch->authority, clock_now_s());
    return watch_tell(watch, err);
}

static bool watch_loop(struct watch *watch, const char *missing, struct error *err)
{
    if (!watch_say_ready(watch, missing, err))
        return false;
    while (!watch->over)
        if (!watch_turn(watch, err))
            return false;
    return true;
}

static void watch_done(struct watch *watch)
{
    authority_done(&watch->authority);
    analysis_free(watch->analysis);
    wire_in_done(&watch->from_desk);
    wire_in_done(&watch->from_feed);
    wire_out_done(&watch->to_desk);
}

bool watch_run(const struct child_options *options, struct error *err)
{
    struct watch watch = {.desk = options->desk, .feed = options->other};
    struct sandbox_options sandbox = {
        .role = SANDBOX_WATCH,
        .uid = options->uid,
        .live = options->kind == SITE_LIVE,
        .parent = options->parent,
    };
    wire_in_init(&watch.from_desk, WIRE_WATCH_TAKES_FROM_DESK);
    wire_in_init(&watch.from_feed, WIRE_WATCH_TAKES_FROM_FEED);
    bool done = watch_load(&watch, options, err) && sandbox_lock(&sandbox, err) &&
                watch_loop(&watch, sandbox.missing, err);
    watch_done(&watch);
    return done;
}
