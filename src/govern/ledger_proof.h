/* Proofs that take records out of the log and stay checkable on their own. */
#pragma once

#include "govern/ledger.h"

enum { PROVED_RECORDS = 200 };

/* {"checkpoint": signed note, "records": [{"seq", "leaf": text, "proof": [hex, …]}]}: all committed records
 * whose public field `field` is `id`, each with its inclusion proof to the checkpoint. Reads the whole log.
 * ERROR_TOO_LARGE over PROVED_RECORDS. */
json_t *ledger_prove_about(struct ledger *ledger, const char *field, const char *id, struct error *err);
