/* Records by what they name, without reading the whole log: what the desk looks for while alerts wait. The
 * index lies in memory and is made from the leaves while the start verifies them: it is no table that
 * somebody could edit, and twenty-four bytes a record. */
#pragma once

#include "govern/ledger.h"

enum find_by { FIND_KIND, FIND_ALERT, FIND_OPERATION, FIND_ENTRY, FIND_REQUEST, FIND_SIGNED, FIND_FIELDS };

/* The records whose public field of that name is `value`, from number `next` on, oldest first, those of an
 * open transaction too:
 *
 *   AUTO(finding) struct finding found = {.ledger = ledger, .by = FIND_KIND, .value = "roster_adopted"};
 *   while (finding_next(&found)) ... found.seq ... found.leaf ...; return finding_ok(&found, err);
 *
 * A deeper field of that name finds a record, too: who has to be exact reads the leaf. */
struct finding {
    struct ledger *ledger; /* borrowed */
    enum find_by by;
    const char *value; /* borrowed */
    bool and_alerts;   /* of FIND_OPERATION: and those of the alerts that its records name, and a few more */
    int64_t next;
    int64_t seq;       /* of the record that was found, */
    struct bytes leaf; /* and its text, which ends with a zero byte: borrowed until the next one */
    struct query *query;
    struct alert_tags *alerts;
    struct error wrong;
};

bool finding_next(struct finding *found);
/* Between two turns of the desk's loop: holds nothing of the database. */
void finding_rest(struct finding *found);
bool finding_ok(struct finding *found, struct error *err);
void finding_auto(struct finding *found);
