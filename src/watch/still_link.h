/* The desk's end of the still process that marks pictures. These wait for the answer: two seconds, ten for
 * the process's start, and sixty for its first, when nothing else waits for the desk yet. A process that does
 * not answer, or answers out of form, is killed; the next call starts another. */
#pragma once

#include "watch/message.h"
#include "watch/process.h"

struct still_link {
    const struct supervisor_options *options;
    struct process process;
    struct child_ready ready;
    bool started_before;
};

void still_link_init(struct still_link *link, const struct supervisor_options *options);
void still_link_done(struct still_link *link);
bool still_link_mark(struct still_link *link, const void *jpeg, size_t size, const char *words,
    struct bytes *out, struct error *err);
bool still_link_pack_hash(struct still_link *link, uint8_t out[static HASH_SIZE], struct error *err);
