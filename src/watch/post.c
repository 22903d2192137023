#include "watch/post.h"

#include "base/clock.h"
#include "base/log.h"
#include "sign/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BACKOFF_LEAST_US = 200 * 1000,
    BACKOFF_MOST_US = 10 * 1000 * 1000,
    STEADY_US = 10 * 1000 * 1000, /* having run so long, a process that dies is started at once again */
    WITHDRAWAL_US = 1000 * 1000,
    LEAVE_US = 1000 * 1000,
    SET_UP_START_US = 10 * 1000 * 1000, /* for loading, beside what the watch allows itself */
    READS_A_RUN = 32,
};

struct post *post_new(const struct post_options *options)
{
    struct post *post = memory_allocate(1, sizeof *post);
    post->options = options->options;
    post->events = options->events;
    post->epoll = options->epoll;
    post->camera = *options->camera;
    post->credentials = memory_copy_text(options->credentials ? options->credentials : "");
    post->token = memory_copy_text(options->token ? options->token : "");
    snprintf(post->operation, sizeof post->operation, "%s", options->operation);
    post->items = memory_allocate(options->item_count, sizeof *post->items);
    post->item_count = options->item_count;
    if (options->item_count)
        memcpy(post->items, options->items, options->item_count * sizeof *post->items);
    post->backoff_us = BACKOFF_LEAST_US;
    post->state = CAMERA_OFF;
    post->set_up = options->set_up;
    if (post->set_up)
        post->set_up_ends_us = clock_monotonic_us() + LIMIT_SET_UP_S * 1000000LL + SET_UP_START_US;
    return post;
}

void post_free(struct post *post)
{
    process_stop(&post->feed, NULL);
    process_stop(&post->watch, NULL);
    memory_wipe(post->items, post->item_count * sizeof *post->items);
    memory_wipe(post->credentials, strlen(post->credentials));
    free(post->items);
    free(post->credentials);
    free(post->token);
    free(post->withdrawals);
    bytes_free(&post->preview);
    memory_release(post);
}

static void post_down(struct post *post, const char *why)
{
    char feed[96] = "", watch[96] = "";
    process_stop(&post->watch, watch);
    process_stop(&post->feed, feed);
    int64_t now_us = clock_monotonic_us();
    if (post->up && now_us - post->started_us > STEADY_US)
        post->backoff_us = BACKOFF_LEAST_US;
    post->up = post->armed = false;
    post->start_due_us = now_us + post->backoff_us;
    log_write(LOG_WARNING, "post_down", "camera %s: %s; %s; %s; starting again in %lld ms", post->camera.id,
        why, watch, feed, (long long)(post->backoff_us / 1000));
    post->backoff_us = post->backoff_us * 2 < BACKOFF_MOST_US ? post->backoff_us * 2 : BACKOFF_MOST_US;
    post->watch_state = (struct watch_state){.word = WATCH_IDLE};
    snprintf(post->feed_status.text, sizeof post->feed_status.text, "%s",
        watch[0]  ? watch
        : feed[0] ? feed
                  : why);
    for (size_t i = 0; i < post->withdrawal_count; i++)
        post->withdrawals[i].due_us = 0;
}

static void post_listen(const struct post *post, const struct process *process, int operation)
{
    struct epoll_event event = {.events = EPOLLIN | (wire_pending(&process->out) ? EPOLLOUT : 0)};
    event.data.fd = process->desk;
    if (process->pid)
        epoll_ctl(post->epoll, operation, process->desk, &event);
}

_Static_assert(
    sizeof((struct camera *)NULL)->address <= sizeof((struct feed_start *)NULL)->url, "every address fits");

static bool post_fill_start(const struct post *post, struct feed_start *start, struct error *err)
{
    AUTO(text) char *record = camera_record(&post->camera);
    const char *colon = strchr(post->credentials, ':');
    size_t user = colon ? (size_t)(colon - post->credentials) : strlen(post->credentials);
    if (strlen(record) >= sizeof start->record || user >= sizeof start->user ||
        (colon && strlen(colon + 1) >= sizeof start->password))
        return fail(
            err, ERROR_TOO_LARGE, "camera %s: its record or credentials are too long", post->camera.id);
    snprintf(start->record, sizeof start->record, "%s", record);
    snprintf(start->user, sizeof start->user, "%.*s", (int)user, post->credentials);
    snprintf(start->password, sizeof start->password, "%s", colon ? colon + 1 : "");
    snprintf(start->url, sizeof start->url, "%s", post->camera.address);
    return true;
}

static bool post_start_pair(struct post *post, const int link[2], struct error *err)
{
    struct child_options child = {
        .name = post->camera.id,
        .pack_folder = post->options->pack_folder,
        .root_key_file = post->options->root_key_file,
        .site = post->options->site,
        .kind = post->options->kind,
        .uid = post->options->watch_uid,
    };
    if (!process_start(
            &post->watch, post->options->program, "watch", &child, link[1], WIRE_DESK_TAKES_FROM_WATCH, err))
        return false;
    /* The feed needs to know neither pack nor root key. */
    child.pack_folder = child.root_key_file = "";
    child.uid = post->options->feed_uid;
    return process_start(
        &post->feed, post->options->program, "feed", &child, link[0], WIRE_DESK_TAKES_FROM_FEED, err);
}

static bool post_start(struct post *post, struct error *err)
{
    struct feed_start start = {0};
    int link[2];
    if (!post_fill_start(post, &start, err))
        return false;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, link))
        return fail_errno(err, "cannot make a socket pair");
    bool started = post_start_pair(post, link, err);
    close(link[0]);
    close(link[1]);
    if (started) {
        message_put_feed_start(&post->feed.out, &start);
        post_listen(post, &post->feed, EPOLL_CTL_ADD);
        post_listen(post, &post->watch, EPOLL_CTL_ADD);
        post->up = true;
        post->started_us = clock_monotonic_us();
        memset(&post->health, 0, sizeof post->health);
        post->loss = (struct loss){0};
    }
    memory_wipe(&start, sizeof start);
    return started;
}

static bool post_read(struct post *post, struct process *process, struct error *err)
{
    for (int i = 0; i < READS_A_RUN && process_readable(process); i++) {
        bool open = true;
        bool found = true;
        if (!wire_fill(&process->in, process->desk, &open, err))
            return false;
        while (found) {
            struct wire_message message;
            if (!wire_next(&process->in, &message, &found, err) || (found && !post_take(post, &message, err)))
                return false;
        }
        if (!open)
            return fail(err, ERROR_UNAVAILABLE, "the %s is gone", process->kind);
    }
    return true;
}

static bool post_write(struct post *post, struct process *process, struct error *err)
{
    if (!wire_pending(&process->out))
        return true;
    bool written = wire_flush(&process->out, process->desk, err);
    post_listen(post, process, EPOLL_CTL_MOD);
    return written;
}

static bool post_check_withdrawals(const struct post *post, struct error *err)
{
    int64_t now_us = clock_monotonic_us();
    for (size_t i = 0; i < post->withdrawal_count; i++) {
        const struct withdrawal *withdrawal = &post->withdrawals[i];
        if (withdrawal->due_us && !withdrawal->acknowledged && now_us > withdrawal->due_us)
            return fail(err, ERROR_UNAVAILABLE, "the watch did not acknowledge that %s was withdrawn",
                withdrawal->entry);
    }
    return true;
}

static void post_tell(struct post *post)
{
    const char *reason;
    enum camera_state state = post_judge(post, &reason);
    if (state == post->state && !strcmp(reason, post->reason))
        return;
    bool changed = state != post->state;
    post->state = state;
    snprintf(post->reason, sizeof post->reason, "%s", reason);
    if (changed && post->events->state)
        post->events->state(post->events->context, post->camera.id, state, post->reason);
}

static bool post_serve(struct post *post, struct error *err)
{
    return post_read(post, &post->feed, err) && post_read(post, &post->watch, err) &&
           post_check_withdrawals(post, err) && post_write(post, &post->feed, err) &&
           post_write(post, &post->watch, err);
}

void post_run(struct post *post)
{
    struct error err = {0};
    if (!post->leaving && post->set_up && clock_monotonic_us() >= post->set_up_ends_us)
        post_leave(post);
    if (post->leaving)
        return;
    if (!post->up && clock_monotonic_us() >= post->start_due_us && !post_start(post, &err))
        post_down(post, err.text);
    if (post->up && !post_serve(post, &err) && !post->leaving)
        post_down(post, err.text);
    if (!post->leaving)
        post_tell(post);
}

void post_leave(struct post *post)
{
    if (post->leaving)
        return;
    post->leaving = true;
    post->leave_us = clock_monotonic_us();
    if (post->watch.pid)
        message_put_empty(&post->watch.out, WIRE_END);
    process_leave(&post->watch);
    process_leave(&post->feed);
    post->state = CAMERA_OFF;
    if (post->events->state)
        post->events->state(post->events->context, post->camera.id, CAMERA_OFF, "");
}

bool post_left(struct post *post)
{
    char why[96];
    if (clock_monotonic_us() - post->leave_us > LEAVE_US) {
        process_stop(&post->feed, NULL);
        process_stop(&post->watch, NULL);
    }
    bool feed = process_ended(&post->feed, why);
    return process_ended(&post->watch, why) && feed;
}

void post_pause(struct post *post, bool paused)
{
    if (post->paused == paused || post->leaving)
        return;
    post->paused = paused;
    if (post->armed && !post->halted) {
        message_put_pause(&post->watch.out, paused);
        post_write(post, &post->watch, NULL);
    }
}

void post_halt(struct post *post, const char *why)
{
    if (post->halted || post->leaving)
        return;
    post->halted = why;
    log_write(LOG_WARNING, "camera_halted", "camera %s: %s", post->camera.id, why);
    if (post->armed) {
        message_put_pause(&post->watch.out, true);
        post_write(post, &post->watch, NULL);
    }
}

/* From now on no watch of this camera is handed the templates; their hashes prove the rest of the list. */
static void post_drop_templates(struct post *post, const char *entry)
{
    for (size_t i = 0; i < post->item_count; i++)
        if (!strcmp(post->items[i].entry, entry))
            gallery_item_withhold(&post->items[i]);
}

bool post_withdraw(struct post *post, const char *entry)
{
    post_drop_templates(post, entry);
    struct withdrawal *withdrawal = post_withdrawal(post, entry);
    if (!withdrawal) {
        post->withdrawals =
            memory_resize(post->withdrawals, post->withdrawal_count + 1, sizeof *post->withdrawals);
        withdrawal = &post->withdrawals[post->withdrawal_count++];
        *withdrawal = (struct withdrawal){0};
        snprintf(withdrawal->entry, sizeof withdrawal->entry, "%s", entry);
    }
    if (!post->armed || withdrawal->due_us)
        return post->armed;
    withdrawal->due_us = clock_monotonic_us() + WITHDRAWAL_US;
    message_put_entry(&post->watch.out, WIRE_WITHDRAW, entry);
    post_write(post, &post->watch, NULL);
    return true;
}

int64_t post_set_up_left_us(const struct post *post)
{
    int64_t left_us = post->set_up_ends_us - clock_monotonic_us();
    return left_us > 0 ? left_us : 0;
}

int post_timeout_ms(const struct post *post, int ms)
{
    int64_t now_us = clock_monotonic_us();
    int64_t due_us = now_us + ms * 1000LL;
    if (!post->up && !post->leaving && post->start_due_us < due_us)
        due_us = post->start_due_us;
    if (post->leaving && now_us + 20000 < due_us)
        due_us = now_us + 20000;
    for (size_t i = 0; i < post->withdrawal_count; i++)
        if (!post->withdrawals[i].acknowledged && post->withdrawals[i].due_us &&
            post->withdrawals[i].due_us < due_us)
            due_us = post->withdrawals[i].due_us;
    return due_us <= now_us ? 0 : (int)((due_us - now_us) / 1000) + 1;
}
