#include "base/one_time_code.h"

#include "base/crypto.h"

#include <liboath/oath.h>
#include <stdlib.h>
#include <string.h>

bool one_time_code(const uint8_t secret[static CODE_SECRET_SIZE], int64_t now_s,
    char out[static CODE_DIGITS + 1], struct error *err)
{
    char code[CODE_DIGITS + 1];
    int done = oath_totp_generate(
        (const char *)secret, CODE_SECRET_SIZE, (time_t)now_s, CODE_STEP_S, 0, CODE_DIGITS, code);
    if (done != OATH_OK)
        return fail(err, ERROR_SYSTEM, "one-time codes: %s", oath_strerror(done));
    memcpy(out, code, sizeof code);
    return true;
}

bool one_time_code_fits(const uint8_t secret[static CODE_SECRET_SIZE], int64_t now_s, int64_t last_step,
    const char *code, int64_t *step)
{
    char given[CODE_DIGITS + 1] = "";
    bool fits = false;
    int64_t found = 0;
    if (strlen(code) == CODE_DIGITS)
        memcpy(given, code, sizeof given);
    for (int64_t away = -CODE_WINDOW; away <= CODE_WINDOW; away++) {
        char right[CODE_DIGITS + 1];
        int64_t at_s = now_s + away * CODE_STEP_S;
        bool same = one_time_code(secret, at_s, right, NULL) && bytes_equal(right, given, sizeof right);
        bool fresh = at_s / CODE_STEP_S > last_step;
        fits = fits || (same && fresh);
        found = same && fresh ? at_s / CODE_STEP_S : found;
    }
    if (fits)
        *step = found;
    return fits;
}

char *one_time_secret_text(const uint8_t secret[static CODE_SECRET_SIZE])
{
    char *text = NULL;
    size_t size = 0;
    if (oath_base32_encode((const char *)secret, CODE_SECRET_SIZE, &text, &size) != OATH_OK)
        return memory_copy_text("");
    char *copy = memory_copy_text(text);
    memory_wipe(text, size);
    free(text);
    copy[strcspn(copy, "=")] = '\0';
    return copy;
}
