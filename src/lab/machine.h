/* Where a measurement was made: a figure means nothing without its machine and its tree. */
#pragma once

#include "base/json.h"

/* {"processor", "vectors", "cores", "load", "memory_kb", "commit", "search_kernel"}: a new reference. What
 * cannot be read is "" or 0. */
json_t *machine_json(void);
/* The same as one line for people; heap text. */
char *machine_line(const json_t *machine);
/* "2026-11-28, mizan-lab 0.1.0 (4aa20f4)."; heap text. */
char *machine_when(void);
