/* The lock-up of feed, watch, still and hash: other user, no new privileges, no core, not dumpable, locked
 * memory, Landlock, and a seccomp allow-list that kills the process.
 *
 * Everything a role needs from the outside (files, code generation, resolved names, the first log line)
 * happens before sandbox_lock; afterwards a call that is not on the list ends the process with SIGSYS. */
#pragma once

#include "base/memory.h"

enum sandbox_role { SANDBOX_FEED, SANDBOX_WATCH, SANDBOX_STILL, SANDBOX_HASH };

struct sandbox_options {
    enum sandbox_role role;
    unsigned uid;      /* 0: keep the one there is (live sites refuse) */
    bool live;         /* refuse instead of saying what is missing */
    int parent;        /* the process to die with */
    uint16_t port;     /* feed: the only port to connect to */
    bool datagrams;    /* feed: the pictures come in UDP packets */
    bool device;       /* feed: the pictures come from a webcam that is open already; no socket, no file */
    char missing[256]; /* out: what this machine could not give, "" when nothing */
};

/* Dies with this parent from now on; fails when it is gone already. The first thing a child does. */
bool sandbox_follow_parent(int parent, struct error *err);

bool sandbox_lock(struct sandbox_options *options, struct error *err);

/* Whether this build carries the allow-list (sanitised builds do not). */
bool sandbox_has_filter(void);
