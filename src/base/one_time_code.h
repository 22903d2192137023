/* One-time codes of RFC 6238 (TOTP) by liboath: six digits, 30 seconds, HMAC-SHA-1, as every authenticator
 * knows them. */
#pragma once

#include "base/memory.h"

enum {
    CODE_DIGITS = 6,
    CODE_STEP_S = 30,
    CODE_WINDOW = 1, /* steps before and after now */
    CODE_SECRET_SIZE = 20,
};

/* Whether the code is one of now that lies after `last_step`, the step of the newest code that was used: none
 * counts twice. Sets its step then. The same work whatever is given. */
bool one_time_code_fits(const uint8_t secret[static CODE_SECRET_SIZE], int64_t now_s, int64_t last_step,
    const char *code, int64_t *step);
/* For tests and for who is an authenticator itself. */
bool one_time_code(const uint8_t secret[static CODE_SECRET_SIZE], int64_t now_s,
    char out[static CODE_DIGITS + 1], struct error *err);
/* Base32 without padding: heap text. */
char *one_time_secret_text(const uint8_t secret[static CODE_SECRET_SIZE]);
