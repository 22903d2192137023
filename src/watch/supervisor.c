#include "watch/supervisor.h"

#include "base/clock.h"
#include "base/log.h"
#include "watch/post.h"
#include "watch/still_link.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { TURN_MS = 500 };

struct supervisor {
    struct supervisor_options options;
    char *program, *pack_folder, *root_key_file, *site;
    struct supervisor_events events;
    int epoll;
    struct post **posts;
    size_t post_count;
    struct still_link still;
};

const char *camera_state_word(enum camera_state state)
{
    static const char *const words[] = {[CAMERA_OFF] = "off",
        [CAMERA_STARTING] = "starting",
        [CAMERA_RUNNING] = "running",
        [CAMERA_PAUSED] = "paused",
        [CAMERA_BLIND] = "blind",
        [CAMERA_REFUSED] = "refused",
        [CAMERA_ENDED] = "ended",
        [CAMERA_DEGRADED] = "degraded",
        [CAMERA_SET_UP] = "set_up",
        [CAMERA_HALTED] = "halted"};
    return words[state];
}

static bool check_users(struct supervisor_options *options, struct error *err)
{
    unsigned *const users[] = {&options->feed_uid, &options->watch_uid, &options->still_uid};
    for (size_t i = 0; i < COUNT_OF(users); i++) {
        bool own = *users[i] && geteuid() == 0;
        if (!own && options->kind == SITE_LIVE)
            return fail(err, ERROR_FORBIDDEN,
                "a live site needs a user of its own for feed, watch and still, and the right to change to "
                "it");
        if (!own) {
            log_write(LOG_WARNING, "same_user", "a kind of process keeps the desk's user");
            *users[i] = 0;
        }
    }
    return true;
}

struct supervisor *supervisor_new(
    const struct supervisor_options *options, const struct supervisor_events *events, struct error *err)
{
    struct supervisor_options checked = *options;
    if (!check_users(&checked, err))
        return NULL;
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0) {
        fail_errno(err, "epoll");
        return NULL;
    }
    struct supervisor *supervisor = memory_allocate(1, sizeof *supervisor);
    supervisor->epoll = epoll;
    supervisor->events = *events;
    checked.program = supervisor->program = memory_copy_text(options->program);
    checked.pack_folder = supervisor->pack_folder = memory_copy_text(options->pack_folder);
    checked.root_key_file = supervisor->root_key_file = memory_copy_text(options->root_key_file);
    checked.site = supervisor->site = memory_copy_text(options->site);
    supervisor->options = checked;
    still_link_init(&supervisor->still, &supervisor->options, epoll);
    return supervisor;
}

static void supervisor_sweep(struct supervisor *supervisor)
{
    size_t kept = 0;
    for (size_t i = 0; i < supervisor->post_count; i++) {
        struct post *post = supervisor->posts[i];
        if (post->leaving && post_left(post))
            post_free(post);
        else
            supervisor->posts[kept++] = post;
    }
    supervisor->post_count = kept;
}

void supervisor_free(struct supervisor *supervisor)
{
    if (!supervisor)
        return;
    supervisor->events = (struct supervisor_events){0};
    for (size_t i = 0; i < supervisor->post_count; i++)
        post_leave(supervisor->posts[i]);
    while (supervisor->post_count) {
        supervisor_sweep(supervisor);
        if (supervisor->post_count)
            poll(NULL, 0, 5);
    }
    still_link_done(&supervisor->still);
    close(supervisor->epoll);
    free(supervisor->posts);
    free(supervisor->program);
    free(supervisor->pack_folder);
    free(supervisor->root_key_file);
    free(supervisor->site);
    memory_release(supervisor);
}

int supervisor_descriptor(const struct supervisor *supervisor)
{
    return supervisor->epoll;
}

int supervisor_timeout_ms(const struct supervisor *supervisor)
{
    int ms = TURN_MS;
    for (size_t i = 0; i < supervisor->post_count; i++)
        ms = post_timeout_ms(supervisor->posts[i], ms);
    return still_link_timeout_ms(&supervisor->still, ms);
}

/* The descriptor only says that something is to be done; with at most a few dozen cameras every post is
 * asked. */
void supervisor_run(struct supervisor *supervisor)
{
    for (size_t i = 0; i < supervisor->post_count; i++)
        post_run(supervisor->posts[i]);
    supervisor_sweep(supervisor);
    still_link_run(&supervisor->still);
}

static struct post *find_post(const struct supervisor *supervisor, const char *camera)
{
    for (size_t i = 0; i < supervisor->post_count; i++)
        if (!supervisor->posts[i]->leaving && !strcmp(supervisor->posts[i]->camera.id, camera))
            return supervisor->posts[i];
    return NULL;
}

static bool check_arming(const struct supervisor *supervisor, const struct camera *camera,
    const char *operation, const char *token, size_t count, struct error *err)
{
    const struct post *post = find_post(supervisor, camera->id);
    if (post && !post->set_up)
        return fail(err, ERROR_CONFLICT, "camera %s is in an operation already", camera->id);
    if (strlen(operation) >= sizeof((struct post *)NULL)->operation)
        return fail(err, ERROR_INVALID, "an operation's id has fewer than 24 characters");
    if (count > ITEM_LIMIT || (token && strlen(token) > TOKEN_MESSAGE_LIMIT))
        return fail(err, ERROR_TOO_LARGE, "the token or the list is over its limit");
    return true;
}

static void add_post(struct supervisor *supervisor, const struct post_options *options)
{
    supervisor->posts = memory_resize(supervisor->posts, supervisor->post_count + 1, sizeof(struct post *));
    supervisor->posts[supervisor->post_count++] = post_new(options);
}

bool supervisor_arm(struct supervisor *supervisor, const struct camera *camera, const char *credentials,
    const char *operation, const char *token, const struct gallery_item *items, size_t count,
    struct error *err)
{
    struct post *set_up = find_post(supervisor, camera->id);
    if (!check_arming(supervisor, camera, operation, token, count, err))
        return false;
    if (set_up)
        post_leave(set_up);
    const struct post_options options = {
        .options = &supervisor->options,
        .events = &supervisor->events,
        .epoll = supervisor->epoll,
        .camera = camera,
        .credentials = credentials,
        .operation = operation,
        .token = token,
        .items = items,
        .item_count = count,
    };
    add_post(supervisor, &options);
    return true;
}

bool supervisor_set_up(
    struct supervisor *supervisor, const struct camera *camera, const char *credentials, struct error *err)
{
    const struct post_options options = {
        .options = &supervisor->options,
        .events = &supervisor->events,
        .epoll = supervisor->epoll,
        .camera = camera,
        .credentials = credentials,
        .operation = "",
        .set_up = true,
    };
    if (find_post(supervisor, camera->id))
        return fail(
            err, ERROR_CONFLICT, "camera %s is in an operation or shown for set-up already", camera->id);
    add_post(supervisor, &options);
    return true;
}

const struct survey *supervisor_survey(
    const struct supervisor *supervisor, const char *camera, struct bytes *preview, int64_t *left_us)
{
    const struct post *post = find_post(supervisor, camera);
    if (!post || !post->set_up)
        return NULL;
    *preview = post->preview;
    *left_us = post_set_up_left_us(post);
    return &post->survey;
}

void supervisor_disarm(struct supervisor *supervisor, const char *operation)
{
    for (size_t i = 0; i < supervisor->post_count; i++)
        if (!strcmp(supervisor->posts[i]->operation, operation))
            post_leave(supervisor->posts[i]);
}

void supervisor_pause(struct supervisor *supervisor, const char *operation, bool paused)
{
    for (size_t i = 0; i < supervisor->post_count; i++)
        if (!strcmp(supervisor->posts[i]->operation, operation))
            post_pause(supervisor->posts[i], paused);
}

void supervisor_halt(struct supervisor *supervisor, const char *operation, const char *camera)
{
    struct post *post = find_post(supervisor, camera);
    if (post && !post->set_up && !strcmp(post->operation, operation))
        post_halt(post, "more alerts in an hour than this camera may raise");
}

size_t supervisor_withdraw(struct supervisor *supervisor, const char *operation, const char *entry)
{
    size_t told = 0;
    for (size_t i = 0; i < supervisor->post_count; i++) {
        struct post *post = supervisor->posts[i];
        if (!post->leaving && strlen(entry) < ENTRY_ID_SIZE &&
            (!operation || strcmp(post->operation, operation) == 0))
            told += post_withdraw(post, entry);
    }
    return told;
}

const struct watch_health *supervisor_health(
    const struct supervisor *supervisor, const char *camera, enum camera_state *state, const char **reason)
{
    const struct post *post = find_post(supervisor, camera);
    if (!post)
        return NULL;
    *state = post->state;
    *reason = post->reason;
    return &post->health;
}

uint64_t supervisor_take_passages(struct supervisor *supervisor, const char *operation)
{
    uint64_t taken = 0;
    for (size_t i = 0; i < supervisor->post_count; i++) {
        struct post *post = supervisor->posts[i];
        if (strcmp(post->operation, operation) != 0)
            continue;
        taken += post->passages;
        post->passages = 0;
    }
    return taken;
}

bool still_mark(struct supervisor *supervisor, const void *jpeg, size_t size, const char *words,
    struct bytes *out, struct error *err)
{
    return still_link_mark(&supervisor->still, jpeg, size, words, out, err);
}

bool still_ask(struct supervisor *supervisor, const void *jpeg, size_t size, const char *words,
    mark_heard *heard, void *context, struct error *err)
{
    return still_link_ask(&supervisor->still, jpeg, size, words, heard, context, err);
}

void still_cancel(struct supervisor *supervisor, const void *context)
{
    still_link_cancel(&supervisor->still, context);
}

bool still_pack_hash(struct supervisor *supervisor, uint8_t out[static HASH_SIZE], struct error *err)
{
    return still_link_pack_hash(&supervisor->still, out, err);
}
