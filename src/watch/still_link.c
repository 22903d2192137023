#include "watch/still_link.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

#include <poll.h>
#include <string.h>
#include <sys/epoll.h>

enum { STEP_MS = 50 };

struct marking {
    struct marking *next;
    mark_heard *heard; /* NULL: nobody listens any more */
    void *context;
};

void still_link_init(struct still_link *link, const struct supervisor_options *options, int epoll)
{
    *link = (struct still_link){.options = options, .epoll = epoll};
}

static void wait_for(struct still_link *link, int ms)
{
    link->due_us = clock_monotonic_us() + ms * 1000LL;
}

/* The oldest one is answered. */
static void answer(struct still_link *link, struct bytes *marked, const struct error *err)
{
    struct marking *marking = link->first;
    link->first = marking->next;
    link->count--;
    wait_for(link, STILL_ANSWER_MS);
    if (marking->heard)
        marking->heard(marking->context, marked, err);
    else if (marked)
        bytes_free(marked);
    memory_release(marking);
}

static void drop(struct still_link *link, const struct error *cause)
{
    char why[96] = "";
    process_stop(&link->process, why);
    link->is_ready = false;
    log_write(LOG_WARNING, "still_down", "%s", why[0] ? why : cause->text);
    while (link->first)
        answer(link, NULL, cause);
}

void still_link_done(struct still_link *link)
{
    struct error stops = {0};
    fail(&stops, ERROR_UNAVAILABLE, "the desk stops; ask for the picture again when it is back");
    process_stop(&link->process, NULL);
    while (link->first)
        answer(link, NULL, &stops);
}

static int start_ms(const struct still_link *link)
{
    return link->started_before ? STILL_START_MS : STILL_FIRST_START_MS;
}

static bool start(struct still_link *link, struct error *err)
{
    const struct child_options child = {
        .name = "",
        .uid = link->options->still_uid,
        .pack_folder = link->options->pack_folder,
        .root_key_file = "",
        .site = link->options->site,
        .kind = link->options->kind,
    };
    struct epoll_event event = {.events = EPOLLIN};
    if (!process_start(
            &link->process, link->options->program, "still", &child, -1, WIRE_DESK_TAKES_FROM_STILL, err))
        return false;
    wait_for(link, start_ms(link));
    return epoll_ctl(link->epoll, EPOLL_CTL_ADD, link->process.desk, &event) == 0 || fail_errno(err, "epoll");
}

static bool flush(struct still_link *link, struct error *err)
{
    struct epoll_event event = {.events = EPOLLIN};
    if (!wire_flush(&link->process.out, link->process.desk, err))
        return false;
    if (wire_pending(&link->process.out))
        event.events |= EPOLLOUT;
    return epoll_ctl(link->epoll, EPOLL_CTL_MOD, link->process.desk, &event) == 0 || fail_errno(err, "epoll");
}

/* What still says about a picture is the listener's error; anything else ends the process. */
static bool take(struct still_link *link, const struct wire_message *message, struct error *err)
{
    struct still_failure failure;
    struct bytes marked;
    if (message->type == WIRE_READY && !link->is_ready) {
        link->is_ready = link->started_before = message_ready(message, &link->ready, err);
        wait_for(link, STILL_ANSWER_MS);
        return link->is_ready;
    }
    if (link->is_ready && link->first && message->type == WIRE_MARKED) {
        if (!message_marked(message, &marked, err))
            return false;
        struct bytes copy = bytes_copy(marked.data, marked.size);
        answer(link, &copy, NULL);
        return true;
    }
    if (!link->is_ready || !link->first || message->type != WIRE_FAILED)
        return fail(err, ERROR_CORRUPT, "the still process answered something else");
    if (!message_failed(message, &failure, err))
        return false;
    struct error cause = {0};
    fail(&cause, failure.code, "%s", failure.text);
    answer(link, NULL, &cause);
    return true;
}

static bool hear(struct still_link *link, struct error *err)
{
    bool open = true, found = true;
    if (!wire_fill(&link->process.in, link->process.desk, &open, err))
        return false;
    while (found) {
        struct wire_message message;
        if (!wire_next(&link->process.in, &message, &found, err) || (found && !take(link, &message, err)))
            return false;
    }
    return open ||
           fail(err, ERROR_UNAVAILABLE, "the process that marks pictures is gone; ask for the picture again");
}

static bool is_late(const struct still_link *link, struct error *err)
{
    bool waits = link->first || !link->is_ready;
    return waits && clock_monotonic_us() > link->due_us &&
           !fail(err, ERROR_UNAVAILABLE, "the picture was not marked in %d ms; ask for it again",
               link->is_ready ? STILL_ANSWER_MS : start_ms(link));
}

void still_link_run(struct still_link *link)
{
    struct error err = {0};
    if (link->process.pid && (!hear(link, &err) || !flush(link, &err) || is_late(link, &err)))
        drop(link, &err);
}

int still_link_timeout_ms(const struct still_link *link, int most_ms)
{
    if (!link->process.pid || !link->first)
        return most_ms;
    int64_t left_us = link->due_us - clock_monotonic_us();
    int left_ms = left_us > 0 ? (int)(left_us / 1000) + 1 : 0;
    return left_ms < most_ms ? left_ms : most_ms;
}

static bool check(size_t size, const char *words, struct error *err)
{
    if (strlen(words) >= MARK_WORDS_LIMIT || !text_is_utf8(words, strlen(words)))
        return fail(err, ERROR_SYSTEM, "the words are not text of fewer than %d bytes", MARK_WORDS_LIMIT);
    return (size && size <= STILL_PICTURE_LIMIT) ||
           fail(err, ERROR_TOO_LARGE, "a picture has 1 to %d bytes, not %zu", STILL_PICTURE_LIMIT, size);
}

static void append(struct still_link *link, mark_heard *heard, void *context)
{
    struct marking **at = &link->first;
    while (*at)
        at = &(*at)->next;
    *at = memory_allocate(1, sizeof **at);
    **at = (struct marking){NULL, heard, context};
    link->count++;
}

/* A process that does not begin whole is gone at once. */
static bool be_started(struct still_link *link, struct error *err)
{
    struct error cause = {0};
    if (link->process.pid || start(link, &cause))
        return true;
    drop(link, &cause);
    return fail_as(err, &cause);
}

static bool ask(struct still_link *link, const void *jpeg, size_t size, const char *words, mark_heard *heard,
    void *context, struct error *err)
{
    if (!check(size, words, err) || !be_started(link, err))
        return false;
    if (!link->first && link->is_ready)
        wait_for(link, STILL_ANSWER_MS);
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT};
    if (epoll_ctl(link->epoll, EPOLL_CTL_MOD, link->process.desk, &event) != 0)
        return fail_errno(err, "epoll");
    message_put_mark(&link->process.out, words, jpeg, size);
    append(link, heard, context);
    return true;
}

bool still_link_ask(struct still_link *link, const void *jpeg, size_t size, const char *words,
    mark_heard *heard, void *context, struct error *err)
{
    if (link->count >= STILL_QUEUE)
        return fail(err, ERROR_UNAVAILABLE, "too many pictures are asked for at once; try again");
    return ask(link, jpeg, size, words, heard, context, err);
}

void still_link_cancel(struct still_link *link, const void *context)
{
    for (struct marking *marking = link->first; marking; marking = marking->next)
        if (marking->context == context)
            marking->heard = NULL;
}

static void step(struct still_link *link)
{
    struct pollfd polled = {.fd = link->process.desk, .events = POLLIN};
    if (wire_pending(&link->process.out))
        polled.events |= POLLOUT;
    poll(&polled, 1, STEP_MS);
    still_link_run(link);
}

struct waiting {
    bool is_answered;
    struct bytes marked;
    struct error wrong;
};

static void hear_at_once(void *context, struct bytes *marked, const struct error *err)
{
    struct waiting *waiting = context;
    waiting->is_answered = true;
    if (marked)
        waiting->marked = *marked;
    else
        waiting->wrong = *err;
}

bool still_link_mark(struct still_link *link, const void *jpeg, size_t size, const char *words,
    struct bytes *out, struct error *err)
{
    struct waiting waiting = {.is_answered = false};
    still_link_run(link); /* the process may be gone */
    if (!ask(link, jpeg, size, words, hear_at_once, &waiting, err))
        return false;
    while (!waiting.is_answered)
        step(link);
    if (!waiting.marked.data)
        return fail_as(err, &waiting.wrong);
    *out = waiting.marked;
    return true;
}

bool still_link_pack_hash(struct still_link *link, uint8_t out[static HASH_SIZE], struct error *err)
{
    if (!be_started(link, err))
        return false;
    while (link->process.pid && !link->is_ready)
        step(link);
    if (!link->is_ready)
        return fail(err, ERROR_UNAVAILABLE,
            "no process starts to mark pictures; let the administrator run mizan doctor");
    memcpy(out, link->ready.pack_hash, HASH_SIZE);
    return true;
}
