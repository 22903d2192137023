#include "base/password.h"

#include <sodium.h>
#include <string.h>

/* RFC 9106, second recommendation: 64 MiB and three passes. */
enum { MEMORY_BYTES = 64 << 20, PASSES = 3 };

_Static_assert(PASSWORD_HASH_SIZE == crypto_pwhash_STRBYTES, "libsodium's own size");

bool password_hash(const char *password, char out[static PASSWORD_HASH_SIZE], struct error *err)
{
    char made[PASSWORD_HASH_SIZE];
    if (crypto_pwhash_str(made, password, strlen(password), PASSES, MEMORY_BYTES) != 0)
        return fail(err, ERROR_UNAVAILABLE, "not enough memory for Argon2id");
    memcpy(out, made, sizeof made);
    return true;
}

bool password_fits(const char *password, const char *hash)
{
    return crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
}
