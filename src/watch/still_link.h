/* The desk's end of the still process that marks pictures. Several may be with it at once; it answers in
 * their order. A process that does not answer in STILL_ANSWER_MS, or answers out of form, is killed, and what
 * was with it fails; the next picture starts another. One thread. */
#pragma once

#include "watch/message.h"
#include "watch/process.h"

/* STILL_START_MS: to load and compile the networks; the first time nothing else waits for the desk yet. */
enum { STILL_QUEUE = 32, STILL_FIRST_START_MS = 60000, STILL_START_MS = 10000, STILL_ANSWER_MS = 2000 };

struct still_link {
    const struct supervisor_options *options;
    int epoll; /* borrowed: readable when there is something to run */
    struct process process;
    struct child_ready ready;
    bool is_ready, started_before;
    struct marking *first; /* owned; oldest first */
    size_t count;
    int64_t due_us;
};

void still_link_init(struct still_link *link, const struct supervisor_options *options, int epoll);
/* What still waits is answered with an error. */
void still_link_done(struct still_link *link);
/* `heard` is called from still_link_run; never waits. */
bool still_link_ask(struct still_link *link, const void *jpeg, size_t size, const char *words,
    mark_heard *heard, void *context, struct error *err);
/* Nobody hears the answer to this context's question any more. */
void still_link_cancel(struct still_link *link, const void *context);
int still_link_timeout_ms(const struct still_link *link, int most_ms);
void still_link_run(struct still_link *link);
/* These wait for the answer, and for a process that has to start. A packet's picture waits behind those that
 * are with the process already, and is not refused because they are many. */
bool still_link_mark(struct still_link *link, const void *jpeg, size_t size, const char *words,
    struct bytes *out, struct error *err);
bool still_link_pack_hash(struct still_link *link, uint8_t out[static HASH_SIZE], struct error *err);
