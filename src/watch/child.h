/* What every child of the desk is started with, from its command line: descriptors by number, its user, its
 * site. */
#pragma once

#include "sign/roster.h"

enum { CHILD_DESK_DESCRIPTOR = 3, CHILD_OTHER_DESCRIPTOR = 4 };

struct child_options {
    int desk;         /* socket to the desk */
    int other;        /* feed: to the watch; watch: to the feed */
    int parent;       /* the desk's process id */
    unsigned uid;     /* 0: keep the desk's */
    const char *name; /* of the camera, for the log; "" for still */
    const char *pack_folder;
    const char *root_key_file;
    const char *site;
    enum site_kind kind;
};

/* `argv` begins with the subcommand. Every option has a value: --desk 3 --other 4 --parent 123 --uid 901 ...
 */
bool child_options_read(int argc, char **argv, struct child_options *out, struct error *err);

/* The four processes. They return when the desk or the peer closes its end, or on the failure that ends
 * them. */
bool feed_run(const struct child_options *options, struct error *err);
bool watch_run(const struct child_options *options, struct error *err);
bool still_run(const struct child_options *options, struct error *err);
bool hash_run(const struct child_options *options, struct error *err);

/* Runs one of them with the log's process name "KIND NAME"; logs the failure and returns the exit status. */
int child_main(const char *kind, bool (*run)(const struct child_options *options, struct error *err),
    int argc, char **argv);
