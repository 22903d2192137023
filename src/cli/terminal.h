/* Asking a person at the terminal. */
#pragma once

#include "base/memory.h"

/* What the environment's variable `given` holds (scripts), else one line typed after `words`, with `secret`
 * without echo; heap text. ERROR_USAGE when there is neither, or the line is empty. */
char *terminal_ask(const char *words, const char *given, bool secret, struct error *err);
/* The same for a secret that there may not be: "" for an empty line, and where nobody can be asked. */
char *terminal_ask_if_any(const char *words, const char *given);
void terminal_wipe(char **text);
#define SECRET_TEXT __attribute__((cleanup(terminal_wipe))) char *
