/* An operation's list, made of its entries as they are now: each proved (list/entry_proof.h), in as many
 * turns as 2,000 of them take (list/turn.h). */
#pragma once

#include "list/operation_terms.h"

struct list_build;

/* Takes the entries' ids. */
struct list_build *list_build_new(struct site *site, json_t *entries);
void list_build_free(struct list_build *build);
AUTO_FREE(list_build, struct list_build *, list_build_free)
/* A turn's entries. */
bool list_build_step(struct site *site, struct list_build *build, bool *done, struct error *err);
/* The list once it is done, proved again where something changed meanwhile: ERROR_CONFLICT when the operation
 * has other entries now, or who may sign has changed. `build` NULL makes it all at once. */
bool list_build_take(struct site *site, const char *operation, struct list_build *build,
    struct operation_list *out, struct error *err);
