/* Many proposals at once (SAFEGUARDS 8): proposals only, one legal reference each, each signed by the
 * officer. Lines are judged one by one; the report names each refused one with the reason and the cure. */
#pragma once

#include "list/site.h"

enum {
    IMPORT_CSV_BYTES = 10 << 20,
    IMPORT_CSV_LINES = 5000,
    IMPORT_SIGNED_BYTES = 4 << 20,
    IMPORT_SIGNED_LINES = 200,
};

/* From a table (docs/import.md) to the fields of statements `entry_proposal` that the officer may sign, all
 * of whose rules hold now. Stores nothing. {"lines", "good", "refused"}: a new reference. */
json_t *import_csv(
    struct site *site, const struct officer *officer, const void *bytes, size_t size, struct error *err);
/* JSON lines, each an envelope of this officer's: each is proposed in a transaction of its own. */
json_t *import_signed(
    struct site *site, const struct officer *officer, const void *bytes, size_t size, struct error *err);
