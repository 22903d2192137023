#include "watch/hash_link.h"

#include "base/clock.h"
#include "base/log.h"
#include "watch/hash.h"
#include "watch/process.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

struct job {
    struct job *next;
    char officer[24];
    hash_heard *heard; /* NULL: nobody listens any more */
    void *context;
    struct hash_question question;
};

struct hand { /* one process and what it works on */
    struct process process;
    struct job *job; /* owned; NULL: idle */
    int64_t due_us;
    struct hash_reply reply;
    size_t received;
};

struct hash_link {
    struct hash_options options;
    int epoll;
    struct hand hands[HASH_PROCESSES];
    struct job *first; /* owned; waits for a hand */
    size_t waiting;
};

struct hash_link *hash_link_new(const struct hash_options *options, struct error *err)
{
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0) {
        fail_errno(err, "epoll");
        return NULL;
    }
    struct hash_link *link = memory_allocate(1, sizeof *link);
    link->options = *options;
    link->epoll = epoll;
    return link;
}

static void job_end(struct job *job, const struct hash_answer *answer)
{
    if (job->heard)
        job->heard(job->context, answer);
    memory_wipe(job, sizeof *job);
    memory_release(job);
}

static void hand_stop(struct hash_link *link, struct hand *hand)
{
    if (hand->process.pid)
        epoll_ctl(link->epoll, EPOLL_CTL_DEL, hand->process.desk, NULL);
    process_stop(&hand->process, NULL);
}

void hash_link_free(struct hash_link *link)
{
    const struct hash_answer none = {.done = false};
    if (!link)
        return;
    for (size_t i = 0; i < HASH_PROCESSES; i++) {
        hand_stop(link, &link->hands[i]);
        if (link->hands[i].job)
            job_end(link->hands[i].job, &none);
    }
    while (link->first) {
        struct job *job = link->first;
        link->first = job->next;
        job_end(job, &none);
    }
    close(link->epoll);
    memory_release(link);
}

static bool has_one(const struct hash_link *link, const char *officer)
{
    for (const struct job *job = link->first; job; job = job->next)
        if (strcmp(job->officer, officer) == 0)
            return true;
    for (size_t i = 0; i < HASH_PROCESSES; i++)
        if (link->hands[i].job && strcmp(link->hands[i].job->officer, officer) == 0)
            return true;
    return false;
}

static void add_last(struct hash_link *link, struct job *job)
{
    struct job **at = &link->first;
    while (*at)
        at = &(*at)->next;
    *at = job;
    link->waiting++;
}

static bool hand_start(struct hash_link *link, struct hand *hand, struct error *err)
{
    const struct child_options child = {.name = "",
        .uid = link->options.uid,
        .pack_folder = "",
        .root_key_file = "",
        .site = link->options.site,
        .kind = link->options.kind};
    if (hand->process.pid)
        return true;
    if (!process_start(&hand->process, link->options.program, "hash", &child, -1, 0, err))
        return false;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = hand};
    return epoll_ctl(link->epoll, EPOLL_CTL_ADD, hand->process.desk, &event) == 0 || fail_errno(err, "epoll");
}

/* Nothing waits in the socket before it, so that the block goes in whole. */
static bool hand_out(struct hash_link *link, struct hand *hand, struct error *err)
{
    const struct hash_question *question = &hand->job->question;
    hand->received = 0;
    hand->due_us = clock_monotonic_us() + HASH_ANSWER_S * 1000000LL;
    if (!hand_start(link, hand, err))
        return false;
    return write(hand->process.desk, question, sizeof *question) == (ssize_t)sizeof *question ||
           fail_errno(err, "a process that hashes takes no question");
}

static void hand_end(struct hand *hand, const struct hash_answer *answer)
{
    struct job *job = hand->job;
    hand->job = NULL;
    memory_wipe(&hand->reply, sizeof hand->reply);
    job_end(job, answer);
}

static void hand_fail(struct hash_link *link, struct hand *hand, const char *why)
{
    const struct hash_answer none = {.done = false};
    log_write(LOG_WARNING, "hash_down", "%s", why);
    hand_stop(link, hand);
    if (hand->job)
        hand_end(hand, &none);
}

static void give_work(struct hash_link *link)
{
    for (size_t i = 0; i < HASH_PROCESSES && link->first; i++) {
        struct hand *hand = &link->hands[i];
        struct error err = {0};
        if (hand->job)
            continue;
        hand->job = link->first;
        link->first = hand->job->next;
        link->waiting--;
        if (!hand_out(link, hand, &err))
            hand_fail(link, hand, err.text);
    }
}

/* A job in the queue for its question to be completed; NULL on failure. */
static struct job *add_job(struct hash_link *link, const char *officer, const char *password,
    hash_heard *heard, void *context, struct error *err)
{
    if (has_one(link, officer))
        fail(err, ERROR_UNAVAILABLE, "one question of %s is being looked at; wait for it", officer);
    else if (link->waiting >= HASH_QUEUE)
        fail(err, ERROR_UNAVAILABLE, "too many officers sign in at once; try again in a minute");
    else if (strlen(password) > PASSWORD_MOST)
        fail(err, ERROR_INVALID, "a password has at most %d bytes", PASSWORD_MOST);
    else {
        struct job *job = memory_allocate(1, sizeof *job);
        job->heard = heard;
        job->context = context;
        snprintf(job->officer, sizeof job->officer, "%s", officer);
        snprintf(job->question.password, sizeof job->question.password, "%s", password);
        add_last(link, job);
        return job;
    }
    return NULL;
}

bool hash_link_ask(struct hash_link *link, const char *officer, const char *password, const char *stored,
    hash_heard *heard, void *context, struct error *err)
{
    struct job *job = add_job(link, officer, password, heard, context, err);
    if (job)
        snprintf(job->question.stored, sizeof job->question.stored, "%s", stored);
    return job != NULL;
}

bool hash_link_ask_key(struct hash_link *link, const char *officer, const char *text,
    const uint8_t salt[static PASSPHRASE_SALT_SIZE], hash_heard *heard, void *context, struct error *err)
{
    struct job *job = add_job(link, officer, text, heard, context, err);
    if (!job)
        return false;
    job->question.makes_key = 1;
    memcpy(job->question.salt, salt, PASSPHRASE_SALT_SIZE);
    return true;
}

void hash_link_cancel(struct hash_link *link, const void *context)
{
    for (struct job *job = link->first; job; job = job->next)
        job->heard = job->context == context ? NULL : job->heard;
    for (size_t i = 0; i < HASH_PROCESSES; i++) {
        struct job *job = link->hands[i].job;
        if (job && job->context == context)
            job->heard = NULL;
    }
}

static void hear(struct hash_link *link, struct hand *hand)
{
    uint8_t *to = (uint8_t *)&hand->reply + hand->received;
    ssize_t got = read(hand->process.desk, to, sizeof hand->reply - hand->received);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0 || !hand->job) {
        hand_fail(link, hand, "a process that hashes is gone");
        return;
    }
    hand->received += (size_t)got;
    if (hand->received < sizeof hand->reply)
        return;
    struct hash_answer answer = {.done = hand->reply.done == 1, .fits = hand->reply.fits == 1};
    hand->reply.made[sizeof hand->reply.made - 1] = '\0';
    memcpy(answer.made, hand->reply.made, sizeof answer.made);
    memcpy(answer.key, hand->reply.key, sizeof answer.key);
    hand_end(hand, &answer);
    memory_wipe(&answer, sizeof answer);
}

int hash_link_descriptor(const struct hash_link *link)
{
    return link->epoll;
}

int hash_link_timeout_ms(const struct hash_link *link)
{
    int64_t now_us = clock_monotonic_us(), least_us = -1;
    for (size_t i = 0; i < HASH_PROCESSES; i++) {
        const struct hand *hand = &link->hands[i];
        if (!hand->job && link->first)
            return 0;
        int64_t left_us = hand->due_us > now_us ? hand->due_us - now_us : 0;
        if (hand->job && (least_us < 0 || left_us < least_us))
            least_us = left_us;
    }
    return least_us < 0 ? -1 : (int)(least_us / 1000) + 1;
}

void hash_link_run(struct hash_link *link)
{
    struct epoll_event ready[HASH_PROCESSES];
    int count = epoll_wait(link->epoll, ready, HASH_PROCESSES, 0);
    for (int i = 0; i < count; i++)
        hear(link, ready[i].data.ptr);
    for (size_t i = 0; i < HASH_PROCESSES; i++) {
        struct hand *hand = &link->hands[i];
        if (hand->job && clock_monotonic_us() > hand->due_us)
            hand_fail(link, hand, "a process that hashes does not answer");
    }
    give_work(link);
}
