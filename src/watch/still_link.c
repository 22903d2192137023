#include "watch/still_link.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

#include <poll.h>
#include <string.h>

enum { FIRST_START_MS = 60000, START_MS = 10000, ANSWER_MS = 2000 };

void still_link_init(struct still_link *link, const struct supervisor_options *options)
{
    *link = (struct still_link){.options = options};
}

void still_link_done(struct still_link *link)
{
    process_stop(&link->process, NULL);
}

static bool still_step(struct process *process, struct wire_message *message, bool *found, struct error *err)
{
    bool open = true;
    struct pollfd polled = {.fd = process->desk, .events = POLLIN};
    if (!wire_flush(&process->out, process->desk, err))
        return false;
    if (wire_pending(&process->out))
        polled.events |= POLLOUT;
    poll(&polled, 1, 50);
    if (!(polled.revents & (POLLIN | POLLHUP)))
        return true;
    if (!wire_fill(&process->in, process->desk, &open, err) || !wire_next(&process->in, message, found, err))
        return false;
    return open || *found || fail(err, ERROR_UNAVAILABLE, "the still process is gone");
}

/* Sends what is queued and waits for one message. */
static bool still_exchange(struct still_link *link, int ms, struct wire_message *message, struct error *err)
{
    int64_t due_us = clock_monotonic_us() + ms * 1000LL;
    bool found = false;
    while (!found) {
        if (!still_step(&link->process, message, &found, err))
            return false;
        if (!found && clock_monotonic_us() > due_us)
            return fail(err, ERROR_UNAVAILABLE, "the still process did not answer in %d ms", ms);
    }
    return true;
}

static void still_drop(struct still_link *link)
{
    char why[96] = "";
    process_stop(&link->process, why);
    log_write(LOG_WARNING, "still_down", "%s", why[0] ? why : "the still process was killed");
}

static bool still_start(struct still_link *link, struct error *err)
{
    struct wire_message message = {0};
    const struct child_options child = {
        .name = "",
        .uid = link->options->still_uid,
        .pack_folder = link->options->pack_folder,
        .root_key_file = "",
        .site = link->options->site,
        .kind = link->options->kind,
    };
    if (!process_start(
            &link->process, link->options->program, "still", &child, -1, WIRE_DESK_TAKES_FROM_STILL, err))
        return false;
    if (still_exchange(link, link->started_before ? START_MS : FIRST_START_MS, &message, err) &&
        (message.type == WIRE_READY || fail(err, ERROR_CORRUPT, "the still process begins with an answer")) &&
        message_ready(&message, &link->ready, err)) {
        link->started_before = true;
        return true;
    }
    still_drop(link);
    return false;
}

static bool still_running(struct still_link *link, struct error *err)
{
    char why[96];
    if (link->process.pid && process_ended(&link->process, why))
        log_write(LOG_WARNING, "still_down", "%s", why);
    return link->process.pid || still_start(link, err);
}

/* The answer of the wanted type. What still says about a picture is the caller's error; anything else ends
 * it. */
static bool still_ask(
    struct still_link *link, enum wire_type wanted, struct wire_message *message, struct error *err)
{
    struct still_failure failure;
    if (!still_exchange(link, ANSWER_MS, message, err)) {
        still_drop(link);
        return false;
    }
    if (message->type == wanted)
        return true;
    if (message->type == WIRE_FAILED && message_failed(message, &failure, err))
        return fail(err, failure.code, "%s", failure.text);
    still_drop(link);
    return fail(err, ERROR_CORRUPT, "the still process answered something else");
}

static bool check_size(size_t size, struct error *err)
{
    return (size && size <= STILL_PICTURE_LIMIT) ||
           fail(err, ERROR_TOO_LARGE, "a picture has 1 to %d bytes, not %zu", STILL_PICTURE_LIMIT, size);
}

bool still_link_mark(struct still_link *link, const void *jpeg, size_t size, const char *words,
    struct bytes *out, struct error *err)
{
    struct wire_message message = {0};
    struct bytes marked;
    if (strlen(words) >= MARK_WORDS_LIMIT || !text_is_utf8(words, strlen(words)))
        return fail(err, ERROR_INVALID, "the words are not text of fewer than %d bytes", MARK_WORDS_LIMIT);
    if (!check_size(size, err) || !still_running(link, err))
        return false;
    message_put_mark(&link->process.out, words, jpeg, size);
    if (!still_ask(link, WIRE_MARKED, &message, err))
        return false;
    if (!message_marked(&message, &marked, err)) {
        still_drop(link);
        return false;
    }
    *out = bytes_copy(marked.data, marked.size);
    return true;
}

bool still_link_pack_hash(struct still_link *link, uint8_t out[static HASH_SIZE], struct error *err)
{
    if (!still_running(link, err))
        return false;
    memcpy(out, link->ready.pack_hash, HASH_SIZE);
    return true;
}
