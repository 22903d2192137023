/* The feed: the only process that talks to a camera. It passes on what comes, coded as it came, and
 * reconnects for as long as its watch lives. */
#include "base/clock.h"
#include "base/log.h"
#include "sign/camera.h"
#include "video/source.h"
#include "video/webcam.h"
#include "watch/address.h"
#include "watch/child.h"
#include "watch/message.h"
#include "watch/sandbox.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

enum { BACKOFF_LEAST_MS = 200, BACKOFF_MOST_MS = 2000, NAME_US = 60 * 1000 * 1000 };

struct feed {
    int desk;
    int watch;
    struct wire_in from_desk;
    struct wire_out to_desk;
    struct wire_out to_watch;
    struct feed_start start;
    struct feed_status told;
    bool told_something;
    char url[320];    /* of the start, with the host as a number */
    bool named;       /* the host was a name */
    int64_t alive_us; /* when the camera was last there, or this began */
};

static bool feed_read_start(struct feed *feed, struct error *err)
{
    struct wire_message message;
    bool found = false;
    bool open = true;
    while (!found) {
        if (!wire_fill(&feed->from_desk, feed->desk, &open, err) ||
            !wire_next(&feed->from_desk, &message, &found, err))
            return false;
        if (!open)
            return fail(err, ERROR_UNAVAILABLE, "the desk closed the link before it named a camera");
    }
    return message_feed_start(&message, &feed->start, err);
}

static bool feed_tell(struct feed *feed, bool connected, const char *text, struct error *err)
{
    struct feed_status status = {.connected = connected};
    snprintf(status.text, sizeof status.text, "%s", text);
    if (feed->told_something && feed->told.connected == connected && !strcmp(feed->told.text, status.text))
        return true;
    feed->told = status;
    feed->told_something = true;
    message_put_feed_status(&feed->to_desk, &status);
    return wire_send(&feed->to_desk, feed->desk, err);
}

/* Waits; false when the desk closed its end or says something, which it never does here. */
static bool feed_wait(struct feed *feed, int ms, struct error *err)
{
    struct pollfd polled = {.fd = feed->desk, .events = POLLIN};
    if (poll(&polled, 1, ms) > 0)
        return fail(err, ERROR_UNAVAILABLE, "the desk ended the link");
    return true;
}

/* What pictures come from: exactly one of the two. */
struct origin {
    struct source *source;
    struct webcam *webcam;
};

static bool origin_read(const struct origin *origin, struct packet *packet, struct error *err)
{
    return origin->webcam ? webcam_read(origin->webcam, packet, err)
                          : source_read(origin->source, packet, err);
}

/* Passes on one connection's packets. *lost is the camera's failure; false is the end of the feed. */
static bool feed_pass(
    struct feed *feed, const struct origin *origin, bool *alive, struct error *lost, struct error *err)
{
    struct packet packet;
    message_put_stream(
        &feed->to_watch, origin->webcam ? webcam_stream(origin->webcam) : source_stream(origin->source));
    if (!wire_send(&feed->to_watch, feed->watch, err))
        return false;
    while (origin_read(origin, &packet, lost)) {
        if (!*alive && !feed_tell(feed, true, "", err))
            return false;
        *alive = true;
        message_put_packet(&feed->to_watch, &packet);
        if (!wire_send(&feed->to_watch, feed->watch, err) || !feed_wait(feed, 0, err))
            return false;
    }
    return true;
}

static bool feed_connect(struct feed *feed, bool *alive, struct error *lost, struct error *err)
{
    const struct source_options options = {
        .url = feed->url,
        .user = feed->start.user[0] ? feed->start.user : NULL,
        .password = feed->start.user[0] ? feed->start.password : NULL,
    };
    AUTO(source) struct source *source = source_open(&options, lost);
    return !source || feed_pass(feed, &(struct origin){.source = source}, alive, lost, err);
}

static bool feed_loop(struct feed *feed, struct error *err)
{
    int backoff_ms = BACKOFF_LEAST_MS;
    for (;;) {
        struct error lost = {0};
        bool alive = false;
        if (!feed_connect(feed, &alive, &lost, err) || !feed_tell(feed, false, lost.text, err))
            return false;
        log_write(LOG_WARNING, "camera_lost", "%s", lost.text);
        if (alive)
            feed->alive_us = clock_monotonic_us();
        if (feed->named && clock_monotonic_us() - feed->alive_us > NAME_US)
            return fail(err, ERROR_UNAVAILABLE, "the camera's name has to be looked up again");
        backoff_ms = alive ? BACKOFF_LEAST_MS : backoff_ms * 2;
        if (backoff_ms > BACKOFF_MOST_MS)
            backoff_ms = BACKOFF_MOST_MS;
        if (!feed_wait(feed, backoff_ms, err))
            return false;
    }
}

/* Behind the lock-up no device can be opened: waits for it in front. */
static struct webcam *feed_find_webcam(struct feed *feed, const char *path, struct error *err)
{
    for (;;) {
        struct error missing = {0};
        struct webcam *webcam = webcam_open(path, &missing);
        if (webcam || !feed_tell(feed, false, missing.text, err) || !feed_wait(feed, BACKOFF_MOST_MS, err))
            return webcam;
    }
}

/* A webcam that was pulled ends the feed; the desk starts another, which waits for it. */
static bool feed_webcam(
    struct feed *feed, struct sandbox_options *sandbox, const char *path, struct error *err)
{
    struct error lost = {0};
    bool alive = false;
    AUTO(webcam) struct webcam *webcam = feed_find_webcam(feed, path, err);
    if (!webcam || !sandbox_lock(sandbox, err) ||
        !feed_pass(feed, &(struct origin){.webcam = webcam}, &alive, &lost, err) ||
        !feed_tell(feed, false, lost.text, err))
        return false;
    return fail(err, ERROR_UNAVAILABLE, "%s", lost.text);
}

/* Behind the lock-up no name can be looked up. Here it holds up nobody but this camera; the desk's loop,
 * which would wait as long as the name service does, has withdrawals to tell. A camera that is away for a
 * minute may have another number by now: then the feed ends, and the next one looks it up. */
static bool feed_look_up(struct feed *feed, struct error *err)
{
    for (;;) {
        struct error unknown = {0};
        if (address_resolve(feed->start.url, feed->url, sizeof feed->url, &unknown)) {
            feed->named = strcmp(feed->url, feed->start.url) != 0;
            feed->alive_us = clock_monotonic_us();
            return true;
        }
        if (!feed_tell(feed, false, unknown.text, err) || !feed_wait(feed, BACKOFF_MOST_MS, err))
            return false;
    }
}

static bool feed_network(struct feed *feed, struct sandbox_options *sandbox, struct error *err)
{
    return feed_look_up(feed, err) && sandbox_lock(sandbox, err) && feed_loop(feed, err);
}

static bool feed_work(struct feed *feed, const struct child_options *options, struct error *err)
{
    const struct camera_scheme *scheme = camera_scheme(feed->start.url);
    const char *device = address_device(feed->start.url);
    if (!camera_check_address(feed->start.url, err))
        return fail_within(err, "the desk names a camera by an address of another kind");
    if (device && options->kind == SITE_LIVE)
        return fail(err, ERROR_FORBIDDEN, "the desk of a live site names a webcam");
    struct sandbox_options sandbox = {
        .role = SANDBOX_FEED,
        .datagrams = scheme->datagrams,
        .device = scheme->device,
        .uid = options->uid,
        .live = options->kind == SITE_LIVE,
        .parent = options->parent,
        .port = address_port(feed->start.url),
    };
    message_put_greeting(&feed->to_watch, feed->start.record);
    if (!wire_send(&feed->to_watch, feed->watch, err))
        return false;
    return device ? feed_webcam(feed, &sandbox, device, err) : feed_network(feed, &sandbox, err);
}

bool feed_run(const struct child_options *options, struct error *err)
{
    struct feed feed = {.desk = options->desk, .watch = options->other};
    wire_in_init(&feed.from_desk, WIRE_FEED_TAKES);
    bool done = feed_read_start(&feed, err) && feed_work(&feed, options, err);
    memory_wipe(&feed.start, sizeof feed.start);
    wire_in_done(&feed.from_desk);
    wire_out_done(&feed.to_desk);
    wire_out_done(&feed.to_watch);
    return done;
}
