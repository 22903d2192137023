/* Look-alikes: other entries whose pictures come near an entry's own (SAFEGUARDS 6). Computed only of a
 * proposal that was taken, so its references are complete and it is signed; told as entry numbers, to an
 * authoriser who did not propose it, and logged. */
#pragma once

#include "list/entry_row.h"

extern const char look_alike_sql[];

/* How far under the report's threshold a score still counts as near. */
enum { LOOK_ALIKE_MARGIN_E6 = 100000 };

bool look_alikes_are_for(const struct entry_row *row, const struct officer *viewer);
/* A search among all open entries, in as many turns as it takes (list/turn.h). */
struct look_alikes;
struct look_alikes *look_alikes_new(
    struct site *site, const struct entry_row *row, const struct envelope *proposal, struct error *err);
bool look_alikes_step(struct site *site, struct look_alikes *search); /* true when it is done */
void look_alikes_free(struct look_alikes *search);
AUTO_FREE(look_alikes, struct look_alikes *, look_alikes_free)
/* Entry numbers: a new reference. What was proposed since the search began is looked at besides; `search`
 * NULL makes it at once. */
json_t *look_alikes_find(struct site *site, const struct entry_row *row, const struct envelope *proposal,
    struct look_alikes *search, struct error *err);
/* Finds, logs that the viewer was told, and gives them. */
json_t *look_alikes_show(struct site *site, const struct entry_row *row, const struct envelope *proposal,
    const struct officer *viewer, struct look_alikes *search, struct error *err);
/* In the transaction that approves the entry: keeps the pairs, and records them. */
bool look_alikes_keep(struct site *site, const struct entry_row *row, const struct envelope *proposal,
    struct look_alikes *search, struct error *err);
/* In the caller's transaction: the pairs of that record, where their rows are gone. */
bool look_alikes_put_back(struct site *site, const json_t *leaf, struct error *err);
/* In the caller's transaction: the pairs of entries that are wiped. */
bool look_alikes_forget(struct site *site, struct error *err);
