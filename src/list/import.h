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

/* One file on its way. Borrows the bytes. */
struct import;
/* A table (docs/import.md): becomes the fields of statements `entry_proposal` that the officer may sign, all
 * of whose rules hold now. Stores nothing. */
struct import *import_csv(
    struct site *site, const struct officer *officer, const void *bytes, size_t size, struct error *err);
/* JSON lines, each an envelope of this officer's: each is proposed in a transaction of its own. */
struct import *import_signed(const void *bytes, size_t size, struct error *err);
size_t import_lines(const struct import *import);
/* Lines for a turn (list/turn.h), of the officer whose file it is. */
bool import_step(
    struct site *site, const struct officer *officer, struct import *import, bool *done, struct error *err);
/* {"lines", "good", "refused"}: a new reference. */
json_t *import_report(const struct import *import);
void import_free(struct import *import);
AUTO_FREE(import, struct import *, import_free)
