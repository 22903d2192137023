/* What a search through many thousand orders of events spends its time on, done faster by the same rules, in
 * the place of libsodium's: SHA-256 by the CPU's own instructions; an Ed25519 signature that held for this
 * message and key is remembered, as the desk looks again and again at what it stored; and a slip's binding
 * without Argon2id's cost, which keeps thieves from guessing numbers and decides nothing here. */
#include "base/crypto.h"

#include <gnutls/crypto.h>
#include <sodium.h>
#include <string.h>

enum { REMEMBERED = 4096 };

struct held {
    uint8_t signature[SIGNATURE_SIZE], key[PUBLIC_KEY_SIZE], message_hash[HASH_SIZE];
};

int crypto_hash_sha256(unsigned char *out, const unsigned char *in, unsigned long long size)
{
    return gnutls_hash_fast(GNUTLS_DIG_SHA256, in, size, out);
}

int crypto_sign_verify_detached(const unsigned char *signature, const unsigned char *message,
    unsigned long long size, const unsigned char *key)
{
    static struct held remembered[REMEMBERED];
    struct held now;
    uint16_t place = 0;
    memcpy(now.signature, signature, sizeof now.signature);
    memcpy(now.key, key, sizeof now.key);
    crypto_hash_sha256(now.message_hash, message, size);
    memcpy(&place, signature, sizeof place);
    struct held *held = &remembered[place % REMEMBERED];
    if (memcmp(held, &now, sizeof now) == 0)
        return 0;
    if (crypto_sign_ed25519_verify_detached(signature, message, size, key) != 0)
        return -1;
    *held = now;
    return 0;
}

int crypto_pwhash(unsigned char *out, unsigned long long out_size, const char *passphrase,
    unsigned long long passphrase_size, const unsigned char *salt, unsigned long long operations,
    size_t memory, int algorithm)
{
    (void)operations, (void)memory, (void)algorithm;
    return crypto_generichash(
        out, out_size, (const unsigned char *)passphrase, passphrase_size, salt, crypto_pwhash_SALTBYTES);
}
