/* Proofs that take records out of the log and stay checkable on their own. */
#pragma once

#include "govern/ledger_find.h"

/* More than an alert's carried statements (`kept`), three kinds of 128, and one record of each other kind:
 * there is always something to thin out. */
enum { PROVED_RECORDS = 512 };

struct proof_subject {
    enum find_by by;
    const char *field, *id;     /* the records whose public field `field`, which `by` finds, is `id` */
    const char *const *counted; /* NULL-terminated: kinds that only are counted, however many there are */
    const char *newest, *of; /* of this kind the newest of each value of `of` is proved, the others counted */
    const json_t *kept; /* values of `signed` whose first record is proved however many there are; borrowed */
    const int64_t *beside; /* other records, by number, rising; borrowed */
    size_t beside_count;
};

/* {"checkpoint": signed note, "records": [{"seq", "leaf": text, "proof": [hex, …]}], "beside": [the same],
 * "counted": {kind: n}}: the committed records of the subject and those beside them, each with its inclusion
 * proof to the checkpoint, and how many there are of each kind that only is counted. Over PROVED_RECORDS the
 * oldest of those that need not be kept, and have a later one of their kind, are counted, too. Reads what
 * it proves and the blocks around that. ERROR_TOO_LARGE when nothing is left to be thinned out, ERROR_CORRUPT
 * when one beside is not there. */
json_t *ledger_prove_about(struct ledger *ledger, const struct proof_subject *subject, struct error *err);
