/* What goes between the desk and a process that hashes: one fixed block each way, one at a time. */
#pragma once

#include "base/password.h"

struct hash_question {
    char password[PASSWORD_MOST + 1];
    char stored[PASSWORD_HASH_SIZE]; /* "": make one */
    uint8_t makes_key;               /* with this salt, in place of both */
    uint8_t salt[PASSPHRASE_SALT_SIZE];
};

struct hash_reply {
    uint8_t done, fits;
    char made[PASSWORD_HASH_SIZE];
    uint8_t key[DATA_KEY_SIZE];
};
