/* Every approved entry leaves one copy that only oversight's key opens (SAFEGUARDS 45): what was proposed and
 * approved, by whom, with the first photograph; until a month after the entry's own end. */
#pragma once

#include "list/entry_row.h"

enum { ENTRY_COPY_AFTER_S = 31 * 86400 };

extern const char entry_copy_sql[];

/* In the caller's transaction, at the approval. */
bool entry_copy_keep(struct site *site, const struct entry_row *row, const struct envelope *proposal,
    const struct envelope *approval, struct error *err);
/* In the caller's transaction, at a renewal: the copy outlives the entry's new end, too. */
bool entry_copy_prolong(struct site *site, const struct entry_row *row, struct error *err);
/* [{"copy", "expires_at"}]: a new reference. */
json_t *entry_copies(struct site *site, struct error *err);
/* ERROR_MISSING when there is none. */
bool entry_copy_sealed(struct site *site, const char *entry, struct bytes *out, struct error *err);
/* In its own transaction, when something is due. */
bool entry_copies_expire(struct site *site, int64_t now_s, struct error *err);
