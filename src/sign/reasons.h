/* Why an operation looks at its cameras, for each entry of its list (SAFEGUARDS 17). */
#pragma once

#include "sign/statement.h"

/* entry → its reason ({"why_here", "why_reference", "why_dated", "entries"}): a new reference. ERROR_INVALID
 * when one has two. */
json_t *reasons_by_entry(const json_t *reasons, struct error *err);
/* Each of LIMIT_WHY_AGE_S before the start; the error names an entry whose is not. */
bool reasons_are_fresh(const json_t *reasons, int64_t starts_s, struct error *err);
/* Over whom the reasons name, as gallery_entries_hash has it of whom the list holds. */
void reasons_entries_hash(const json_t *by_entry, uint8_t out[static HASH_SIZE]);
