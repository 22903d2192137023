/* Whether an entry may stand in a gallery, proved from its signed statements and not from its row (SAFEGUARDS
 * 50). */
#pragma once

#include "list/entry_row.h"

/* The proposal as it was signed, checked against the row: the caller's. */
struct envelope *entry_proposal_of(struct site *site, const struct entry_row *row, struct error *err);
/* Approved, not expired, proposal, approval and renewal signed by officers who had those roles then, by the
 * roster in force when the log took each in, with keys that were not suspended before. */
bool entry_is_proved(struct site *site, const char *entry, struct entry_row *row, struct envelope **proposal,
    struct error *err);
/* The templates of a proved entry; `out` has room for GALLERY_PHOTOS. */
bool entry_items(
    struct site *site, const char *entry, struct gallery_item *out, size_t *count, struct error *err);
/* The templates of the proposal's photographs, whatever the entry's state. */
bool entry_templates(struct site *site, const char *entry, const struct envelope *proposal,
    struct gallery_item *out, size_t *count, struct error *err);
/* All photos of the proposal match each other at the report's threshold. */
bool entry_photos_agree(
    struct site *site, const char *entry, const struct envelope *proposal, struct error *err);
/* One photo of an entry against the picture of its own record, at the report's threshold. */
bool entry_photo_agrees(
    struct site *site, const float *enrolled, const float *fetched, bool *out, struct error *err);
/* On a live site the officer has fetched the source of every photo again (entry_fetch), of a suspended entry
 * since its suspension. */
bool entry_was_fetched(struct site *site, const struct entry_row *row, const struct envelope *proposal,
    const char *officer, struct error *err);
/* The photos that the officer has fetched so: a new reference; NULL on a site that does not ask for it. */
json_t *entry_fetched(
    struct site *site, const struct entry_row *row, const struct envelope *proposal, const char *officer);
/* At least one case is live now; sets since when that is known, for whoever asks. */
bool entry_is_live(struct site *site, const struct envelope *proposal, int64_t *known_s);
