/* What goes between the desk and a process that hashes: one fixed block each way, one at a time. */
#pragma once

#include "base/password.h"

struct hash_question {
    char password[PASSWORD_MOST + 1];
    char stored[PASSWORD_HASH_SIZE]; /* "": make one */
};

struct hash_reply {
    uint8_t done, fits;
    char made[PASSWORD_HASH_SIZE];
};
