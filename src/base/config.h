/* INI files (libinih): read whole, asked by "section.key". */
#pragma once

#include "base/memory.h"

struct config;

/* At most 64 kB and 1,024 keys; a key given twice is ERROR_INVALID. */
struct config *config_load(const char *path, struct error *err);
struct config *config_parse(const char *text, const char *name, struct error *err);
void config_free(struct config *config);
AUTO_FREE(config, struct config *, config_free)

/* Borrowed; NULL when the key is not there. */
const char *config_get(const struct config *config, const char *section, const char *key);
bool config_need(
    const struct config *config, const char *section, const char *key, const char **out, struct error *err);
bool config_need_integer(
    const struct config *config, const char *section, const char *key, int64_t *out, struct error *err);
/* The i-th section's name in the order of the file, NULL past the end. */
const char *config_section(const struct config *config, size_t index);
/* The i-th key in the order of the file with its section; false past the end. */
bool config_key(const struct config *config, size_t index, const char **section, const char **key);
