#include "base/crypto.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

bool crypto_start(struct error *err)
{
    if (sodium_init() < 0)
        return fail(err, ERROR_SYSTEM, "libsodium does not start on this machine");
    return true;
}

void hash_bytes(const void *bytes, size_t size, uint8_t out[static HASH_SIZE])
{
    crypto_hash_sha256(out, bytes, size);
}

void hash_keyed(const uint8_t key[static 32], const void *bytes, size_t size, uint8_t out[static HASH_SIZE])
{
    crypto_auth_hmacsha256(out, bytes, size, key);
}

void random_fill(void *bytes, size_t size)
{
    randombytes_buf(bytes, size);
}

void random_id(const char *prefix, char out[static 24])
{
    static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
    uint8_t random[16];
    randombytes_buf(random, sizeof random);
    int used = snprintf(out, 7, "%.4s-", prefix);
    for (size_t i = 0; i < sizeof random; i++)
        out[used + (int)i] = digits[random[i] & 31];
    out[used + (int)sizeof random] = '\0';
}

bool bytes_equal(const void *a, const void *b, size_t size)
{
    return sodium_memcmp(a, b, size) == 0;
}

void sign_key_new(uint8_t public_key[static PUBLIC_KEY_SIZE], uint8_t secret_key[static SECRET_KEY_SIZE])
{
    crypto_sign_keypair(public_key, secret_key);
}

void sign_key_from_seed(const uint8_t seed[static SEED_SIZE], uint8_t public_key[static PUBLIC_KEY_SIZE],
    uint8_t secret_key[static SECRET_KEY_SIZE])
{
    crypto_sign_seed_keypair(public_key, secret_key, seed);
}

void sign_bytes(const void *bytes, size_t size, const uint8_t secret_key[static SECRET_KEY_SIZE],
    uint8_t signature[static SIGNATURE_SIZE])
{
    crypto_sign_detached(signature, NULL, bytes, size, secret_key);
}

bool sign_verify(const void *bytes, size_t size, const uint8_t public_key[static PUBLIC_KEY_SIZE],
    const uint8_t signature[static SIGNATURE_SIZE])
{
    return crypto_sign_verify_detached(signature, bytes, size, public_key) == 0;
}

struct bytes seal_bytes(
    const uint8_t key[static DATA_KEY_SIZE], const char *context, const void *bytes, size_t size)
{
    struct bytes sealed = {memory_allocate(size + SEAL_OVERHEAD, 1), size + SEAL_OVERHEAD};
    randombytes_buf(sealed.data, 24);
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.data + 24, NULL, bytes, size, (const uint8_t *)context,
        strlen(context), NULL, sealed.data, key);
    return sealed;
}

bool seal_open(const uint8_t key[static DATA_KEY_SIZE], const char *context, const void *sealed,
    size_t sealed_size, struct bytes *out, struct error *err)
{
    if (sealed_size < SEAL_OVERHEAD)
        return fail(err, ERROR_CORRUPT, "sealed bytes for %s are too short", context);
    const uint8_t *at = sealed;
    size_t size = sealed_size - SEAL_OVERHEAD;
    struct bytes opened = {memory_allocate(size + 1, 1), size};
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(opened.data, NULL, NULL, at + 24, sealed_size - 24,
            (const uint8_t *)context, strlen(context), at, key) != 0) {
        bytes_free(&opened);
        return fail(err, ERROR_CORRUPT, "sealed bytes for %s do not open with their key", context);
    }
    *out = opened;
    return true;
}

/* RFC 5869 with one output block: 32 bytes are all that is needed. */
static void hkdf_sha256(const uint8_t *salt, size_t salt_size, const uint8_t *secret, size_t secret_size,
    const char *context, uint8_t out[static 32])
{
    uint8_t pseudorandom[32];
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, salt, salt_size);
    crypto_auth_hmacsha256_update(&state, secret, secret_size);
    crypto_auth_hmacsha256_final(&state, pseudorandom);
    const uint8_t one = 1;
    crypto_auth_hmacsha256_init(&state, pseudorandom, sizeof pseudorandom);
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)context, strlen(context));
    crypto_auth_hmacsha256_update(&state, &one, 1);
    crypto_auth_hmacsha256_final(&state, out);
    sodium_memzero(pseudorandom, sizeof pseudorandom);
    sodium_memzero(&state, sizeof state);
}

static bool packet_key(const uint8_t own_secret[static 32], const uint8_t their_public[static 32],
    const uint8_t ephemeral[static 32], const uint8_t device[static 32], const char *context,
    uint8_t out[static 32], struct error *err)
{
    uint8_t shared[32];
    uint8_t salt[64];
    if (!crypto_aead_aes256gcm_is_available())
        return fail(err, ERROR_UNAVAILABLE, "this CPU has no AES instructions; packets cannot be sealed");
    if (crypto_scalarmult(shared, own_secret, their_public) != 0)
        return fail(err, ERROR_INVALID, "not a usable X25519 public key");
    memcpy(salt, ephemeral, 32);
    memcpy(salt + 32, device, 32);
    hkdf_sha256(salt, sizeof salt, shared, sizeof shared, context, out);
    sodium_memzero(shared, sizeof shared);
    return true;
}

bool packet_seal(const uint8_t device_key[static PUBLIC_KEY_SIZE], const char *context, const void *bytes,
    size_t size, struct bytes *out, struct error *err)
{
    uint8_t ephemeral[32], secret[32], key[32];
    device_key_new(ephemeral, secret);
    bool derived = packet_key(secret, device_key, ephemeral, device_key, context, key, err);
    sodium_memzero(secret, sizeof secret);
    if (!derived)
        return false;
    struct bytes sealed = {memory_allocate(size + PACKET_OVERHEAD, 1), size + PACKET_OVERHEAD};
    memcpy(sealed.data, ephemeral, 32);
    randombytes_buf(sealed.data + 32, 12);
    crypto_aead_aes256gcm_encrypt(sealed.data + 44, NULL, bytes, size, (const uint8_t *)context,
        strlen(context), NULL, sealed.data + 32, key);
    sodium_memzero(key, sizeof key);
    *out = sealed;
    return true;
}

bool packet_open(const uint8_t device_secret[static 32], const char *context, const void *sealed,
    size_t sealed_size, struct bytes *out, struct error *err)
{
    uint8_t device[32], key[32];
    const uint8_t *at = sealed;
    if (sealed_size < PACKET_OVERHEAD)
        return fail(err, ERROR_CORRUPT, "the packet is too short");
    crypto_scalarmult_base(device, device_secret);
    if (!packet_key(device_secret, at, at, device, context, key, err))
        return false;
    size_t size = sealed_size - PACKET_OVERHEAD;
    struct bytes opened = {memory_allocate(size + 1, 1), size};
    int wrong = crypto_aead_aes256gcm_decrypt(opened.data, NULL, NULL, at + 44, sealed_size - 44,
        (const uint8_t *)context, strlen(context), at + 32, key);
    sodium_memzero(key, sizeof key);
    if (wrong) {
        bytes_free(&opened);
        return fail(err, ERROR_CORRUPT, "the packet does not open with this device's key");
    }
    *out = opened;
    return true;
}

void device_key_new(uint8_t public_key[static PUBLIC_KEY_SIZE], uint8_t secret[static 32])
{
    randombytes_buf(secret, 32);
    crypto_scalarmult_base(public_key, secret);
}

bool passphrase_key(const char *passphrase, const uint8_t salt[static PASSPHRASE_SALT_SIZE],
    uint8_t out[static DATA_KEY_SIZE], struct error *err)
{
    if (crypto_pwhash(out, DATA_KEY_SIZE, passphrase, strlen(passphrase), salt,
            crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE,
            crypto_pwhash_ALG_ARGON2ID13) != 0)
        return fail(err, ERROR_SYSTEM, "not enough memory for Argon2id");
    return true;
}
