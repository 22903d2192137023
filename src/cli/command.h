/* The desk's routes as commands: `mizan NOUN VERB`. Every route of the interface has one, by rule or by the
 * table of names here, so that a new route is a command at once. */
#pragma once

#include "http/route.h"

enum { COMMAND_WORD_SIZE = 32 };

struct office_command {
    char noun[COMMAND_WORD_SIZE], verb[COMMAND_WORD_SIZE];
    const struct route *route;
    const char *statement; /* what is signed for it; NULL for none */
    const char *look; /* what is shown, and read for missing fields, before signing; a path; NULL for none */
};

/* The command of the i-th route; false past the last route. `noun` is "" for routes that are no command: the
 * pages, signing in, metrics. */
bool command_at(size_t index, struct office_command *out);
/* False when there is no such command. */
bool command_find(const char *noun, const char *verb, struct office_command *out);
