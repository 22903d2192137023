/* What the desk's nouns work on: the ledger, the roster, the supervisor. One thread. */
#pragma once

#include "govern/ledger.h"
#include "watch/supervisor.h"

struct ports; /* alert/ports.h: identity register and case status */

struct site {
    char name[64];
    enum site_kind kind;
    struct ledger *ledger;         /* owned by the desk */
    struct roster *roster;         /* owned by the desk */
    struct supervisor *supervisor; /* owned by the desk; NULL in unit tests */
    struct envelope *report;       /* the evaluation report */
    uint8_t pack_hash[HASH_SIZE];
    uint8_t root_key[PUBLIC_KEY_SIZE];
    struct ports *ports;
};
