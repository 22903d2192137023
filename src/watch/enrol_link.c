#include "watch/enrol_link.h"

#include "base/clock.h"
#include "base/log.h"
#include "watch/message.h"
#include "watch/process.h"

#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

struct job {
    struct job *next;
    char officer[24];
    struct bytes jpeg;  /* borrowed; not looked at any more once it is with the process */
    enrol_heard *heard; /* NULL: nobody listens any more */
    void *context;
};

struct enrol_link {
    struct enrol_options options;
    int epoll;
    struct process process;
    bool is_ready;   /* the process has loaded its pack */
    struct job *job; /* owned; with the process; NULL: idle */
    int64_t due_us;
    struct job *first; /* owned; waits */
    size_t waiting;
};

void enrolment_done(struct enrolment *enrolment)
{
    if (enrolment->picture.data)
        memory_wipe(enrolment->picture.data, enrolment->picture.size);
    bytes_free(&enrolment->picture);
    memory_wipe(enrolment->template, sizeof enrolment->template);
}

struct enrol_link *enrol_link_new(const struct enrol_options *options, struct error *err)
{
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0) {
        fail_errno(err, "epoll");
        return NULL;
    }
    struct enrol_link *link = memory_allocate(1, sizeof *link);
    link->options = *options;
    link->options.answer_s = options->answer_s ? options->answer_s : ENROL_ANSWER_S;
    link->epoll = epoll;
    return link;
}

static void job_end(struct job *job, struct enrolment *enrolment, const struct error *err)
{
    if (job->heard)
        job->heard(job->context, enrolment, err);
    else if (enrolment)
        enrolment_done(enrolment);
    memory_release(job);
}

static void end_work(struct enrol_link *link, struct enrolment *enrolment, const struct error *err)
{
    struct job *job = link->job;
    link->job = NULL;
    job_end(job, enrolment, err);
}

static void drop_process(struct enrol_link *link)
{
    if (link->process.pid)
        epoll_ctl(link->epoll, EPOLL_CTL_DEL, link->process.desk, NULL);
    process_stop(&link->process, NULL);
    link->is_ready = false;
}

void enrol_link_free(struct enrol_link *link)
{
    struct error stops = {0};
    if (!link)
        return;
    fail(&stops, ERROR_UNAVAILABLE, "the desk stops; upload the picture again when it is back");
    drop_process(link);
    if (link->job)
        end_work(link, NULL, &stops);
    while (link->first) {
        struct job *job = link->first;
        link->first = job->next;
        job_end(job, NULL, &stops);
    }
    close(link->epoll);
    memory_release(link);
}

static size_t count_of(const struct enrol_link *link, const char *officer)
{
    size_t count = link->job && link->job->heard && strcmp(link->job->officer, officer) == 0;
    for (const struct job *job = link->first; job; job = job->next)
        count += strcmp(job->officer, officer) == 0;
    return count;
}

bool enrol_link_ask(struct enrol_link *link, const char *officer, struct bytes jpeg, enrol_heard *heard,
    void *context, struct error *err)
{
    if (jpeg.size == 0 || jpeg.size > STILL_PICTURE_LIMIT)
        return fail(
            err, ERROR_TOO_LARGE, "a picture has 1 to %d bytes, not %zu", STILL_PICTURE_LIMIT, jpeg.size);
    if (count_of(link, officer) >= ENROL_EACH)
        return fail(err, ERROR_UNAVAILABLE, "%d pictures of %s are being looked at; wait for them",
            ENROL_EACH, officer);
    if (link->waiting >= ENROL_QUEUE)
        return fail(
            err, ERROR_UNAVAILABLE, "too many officers bring pictures at once; try again in a minute");
    struct job *job = memory_allocate(1, sizeof *job);
    *job = (struct job){.jpeg = jpeg, .heard = heard, .context = context};
    snprintf(job->officer, sizeof job->officer, "%s", officer);
    struct job **at = &link->first;
    while (*at)
        at = &(*at)->next;
    *at = job;
    link->waiting++;
    return true;
}

void enrol_link_cancel(struct enrol_link *link, const void *context)
{
    struct job **at = &link->first;
    if (link->job && link->job->context == context)
        link->job->heard = NULL;
    while (*at) {
        struct job *job = *at;
        if (job->context != context) {
            at = &job->next;
            continue;
        }
        *at = job->next;
        link->waiting--;
        memory_release(job);
    }
}

static void wait_until(struct enrol_link *link, int seconds)
{
    link->due_us = clock_monotonic_us() + seconds * 1000000LL;
}

static bool start_process(struct enrol_link *link, struct error *err)
{
    const struct child_options child = {.name = "",
        .uid = link->options.uid,
        .pack_folder = link->options.pack_folder,
        .root_key_file = "",
        .site = link->options.site,
        .kind = link->options.kind};
    if (!process_start(
            &link->process, link->options.program, "still", &child, -1, WIRE_DESK_TAKES_FROM_STILL, err))
        return false;
    struct epoll_event event = {.events = EPOLLIN};
    return epoll_ctl(link->epoll, EPOLL_CTL_ADD, link->process.desk, &event) == 0 || fail_errno(err, "epoll");
}

static bool flush(struct enrol_link *link, struct error *err)
{
    struct epoll_event event = {.events = EPOLLIN};
    if (!wire_flush(&link->process.out, link->process.desk, err))
        return false;
    if (wire_pending(&link->process.out))
        event.events |= EPOLLOUT;
    return epoll_ctl(link->epoll, EPOLL_CTL_MOD, link->process.desk, &event) == 0 || fail_errno(err, "epoll");
}

static bool hand_out(struct enrol_link *link, struct error *err)
{
    wait_until(link, link->is_ready ? link->options.answer_s : ENROL_START_S);
    if (!link->process.pid && !start_process(link, err))
        return false;
    message_put_enrol(&link->process.out, link->job->jpeg.data, link->job->jpeg.size);
    return flush(link, err);
}

/* A photograph's template belongs to the pack that the site runs. */
static bool take_ready(struct enrol_link *link, const struct wire_message *message, struct error *err)
{
    struct child_ready ready;
    if (!message_ready(message, &ready, err))
        return false;
    if (memcmp(ready.pack_hash, link->options.pack_hash, HASH_SIZE) != 0)
        return fail(
            err, ERROR_CONFLICT, "the model pack was changed since the desk began; start the desk again");
    link->is_ready = true;
    wait_until(link, link->options.answer_s);
    return true;
}

/* What the process says about a picture is the listener's error; anything else ends the process. */
static bool take(struct enrol_link *link, const struct wire_message *message, struct error *err)
{
    struct enrolment enrolment;
    struct still_failure failure;
    struct error cause = {0};
    if (message->type == WIRE_READY && !link->is_ready)
        return take_ready(link, message, err);
    if (link->is_ready && link->job && message->type == WIRE_ENROLLED) {
        if (!message_enrolled(message, &enrolment, err))
            return false;
        end_work(link, &enrolment, NULL);
        return true;
    }
    if (!link->is_ready || !link->job || message->type != WIRE_FAILED)
        return fail(err, ERROR_CORRUPT, "the still process answered something else");
    if (!message_failed(message, &failure, err))
        return false;
    fail(&cause, failure.code, "%s", failure.text);
    end_work(link, NULL, &cause);
    return true;
}

static bool hear(struct enrol_link *link, struct error *err)
{
    bool open = true, found = true;
    if (!wire_fill(&link->process.in, link->process.desk, &open, err))
        return false;
    while (found) {
        struct wire_message message;
        if (!wire_next(&link->process.in, &message, &found, err) || (found && !take(link, &message, err)))
            return false;
    }
    return open || fail(err, ERROR_SYSTEM, "the still process is gone");
}

/* `told` is what the listener hears; the log has the cause. */
static void fail_work(struct enrol_link *link, const char *why, const struct error *told)
{
    log_write(LOG_WARNING, "still_down", "%s", why);
    drop_process(link);
    if (link->job)
        end_work(link, NULL, told);
}

/* One that dies before it is ready would do it again. */
static void lose_process(struct enrol_link *link, const struct error *cause)
{
    struct error told = {0};
    if (cause->code == ERROR_CONFLICT)
        fail_as(&told, cause);
    else if (link->is_ready)
        fail(&told, ERROR_UNAVAILABLE, "the process that looked at the picture is gone; upload it again");
    else
        fail(&told, ERROR_UNAVAILABLE,
            "no process starts to look at pictures; let the administrator run mizan doctor");
    fail_work(link, cause->text, &told);
}

static void give_work(struct enrol_link *link)
{
    struct error err = {0};
    if (link->job || !link->first)
        return;
    link->job = link->first;
    link->first = link->job->next;
    link->waiting--;
    if (!hand_out(link, &err))
        lose_process(link, &err);
}

static void serve(struct enrol_link *link)
{
    struct error err = {0};
    struct epoll_event event;
    if (epoll_wait(link->epoll, &event, 1, 0) == 1 && !(hear(link, &err) && flush(link, &err)))
        lose_process(link, &err);
}

static void look_at_time(struct enrol_link *link)
{
    struct error told = {0};
    if (!link->job || clock_monotonic_us() <= link->due_us)
        return;
    if (link->is_ready)
        fail(&told, ERROR_UNAVAILABLE,
            "the picture was not read in %d s; save it as a plain JPEG, not a progressive one, and upload it "
            "again",
            link->options.answer_s);
    else
        fail(&told, ERROR_UNAVAILABLE,
            "the process that looks at pictures takes too long to start; upload the picture again in a "
            "minute");
    fail_work(link, "the still process did not answer", &told);
}

int enrol_link_descriptor(const struct enrol_link *link)
{
    return link->epoll;
}

int enrol_link_timeout_ms(const struct enrol_link *link)
{
    if (!link->job)
        return link->first ? 0 : -1;
    int64_t left_us = link->due_us - clock_monotonic_us();
    return left_us > 0 ? (int)(left_us / 1000) + 1 : 0;
}

void enrol_link_run(struct enrol_link *link)
{
    serve(link);
    look_at_time(link);
    give_work(link);
}
