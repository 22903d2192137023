/* Photographs: from an upload through the still process to a sealed picture and template. */
#pragma once

#include "list/site.h"

extern const struct migration photo_migrations[];
extern const size_t photo_migration_count;

/* A picture that fails the gate is ERROR_INVALID with verdict and advice in the text; nothing is kept then. A
 * photo no proposal names within an hour is erased. */
json_t *photo_add(
    struct site *site, const struct officer *officer, const void *jpeg, size_t size, struct error *err);
/* The template and hash for a gallery. */
bool photo_item(struct site *site, const char *photo, struct gallery_item *out, struct error *err);
