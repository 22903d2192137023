/* One child of the desk: a process of this program and the socket to it. Never blocks but for process_stop,
 * which waits for a process it has killed. */
#pragma once

#include "watch/child.h"
#include "watch/wire.h"

#include <sys/types.h>

struct process {
    pid_t pid; /* 0: not running */
    int desk;  /* the desk's end, not blocking */
    char kind[8];
    struct wire_in in;
    struct wire_out out;
};

/* Forks and executes `program kind …`. `other` becomes CHILD_OTHER_DESCRIPTOR in the child (-1: none) and
 * stays the caller's here. The child gets a bare environment and no other descriptor. */
bool process_start(struct process *process, const char *program, const char *kind,
    const struct child_options *options, int other, uint64_t takes, struct error *err);
/* Whether something can be read now: a message, or its end. */
bool process_readable(const struct process *process);
/* True once it has ended, with why in `why`; it is reaped and closed then. */
bool process_ended(struct process *process, char why[static 96]);
/* Kills, waits, closes, wipes. `why` (may be NULL) says how it ended if it had ended by itself. */
void process_stop(struct process *process, char *why);
/* No more messages after those that are queued: the child leaves by itself. */
void process_leave(struct process *process);
