/* The few primitives the project uses, all from libsodium; HKDF (RFC 5869) on top of its HMAC-SHA-256. Call
 * crypto_start once per process before anything else here. */
#pragma once

#include "base/memory.h"

enum {
    HASH_SIZE = 32,       /* SHA-256 */
    PUBLIC_KEY_SIZE = 32, /* Ed25519 or X25519 */
    SECRET_KEY_SIZE = 64, /* Ed25519 as libsodium keeps it: seed, public key */
    SEED_SIZE = 32,
    SIGNATURE_SIZE = 64,
    DATA_KEY_SIZE = 32,
    PASSPHRASE_SALT_SIZE = 16, /* of a passphrase */
    SEAL_OVERHEAD = 24 + 16,   /* nonce and tag of XChaCha20-Poly1305 */
    PACKET_OVERHEAD = 32 + 12 + 16,
};

bool crypto_start(struct error *err);

void hash_bytes(const void *bytes, size_t size, uint8_t out[static HASH_SIZE]);
/* HMAC-SHA-256. */
void hash_keyed(const uint8_t key[static 32], const void *bytes, size_t size, uint8_t out[static HASH_SIZE]);
void random_fill(void *bytes, size_t size);
/* "e-" and 16 characters of Crockford's base32 in lower case (80 random bits): new_id("e", out). */
void random_id(const char *prefix, char out[static 24]);
/* Constant time. */
bool bytes_equal(const void *a, const void *b, size_t size);

void sign_key_new(uint8_t public_key[static PUBLIC_KEY_SIZE], uint8_t secret_key[static SECRET_KEY_SIZE]);
void sign_key_from_seed(const uint8_t seed[static SEED_SIZE], uint8_t public_key[static PUBLIC_KEY_SIZE],
    uint8_t secret_key[static SECRET_KEY_SIZE]);
void sign_bytes(const void *bytes, size_t size, const uint8_t secret_key[static SECRET_KEY_SIZE],
    uint8_t signature[static SIGNATURE_SIZE]);
bool sign_verify(const void *bytes, size_t size, const uint8_t public_key[static PUBLIC_KEY_SIZE],
    const uint8_t signature[static SIGNATURE_SIZE]);

/* XChaCha20-Poly1305; `context` (e.g. "entry/person/e-12") is bound in, so that sealed fields cannot be
 * swapped. The result is nonce, ciphertext, tag: size + SEAL_OVERHEAD. Opening the wrong bytes is
 * ERROR_CORRUPT. */
struct bytes seal_bytes(
    const uint8_t key[static DATA_KEY_SIZE], const char *context, const void *bytes, size_t size);
bool seal_open(const uint8_t key[static DATA_KEY_SIZE], const char *context, const void *sealed,
    size_t sealed_size, struct bytes *out, struct error *err);

/* For a unit's device or a station, so that WebCrypto can open it: ephemeral X25519, HKDF-SHA-256 (salt =
 * ephemeral public key then device public key, info = `context`), AES-256-GCM with additional data `context`.
 * The result is ephemeral public key (32), nonce (12), ciphertext, tag (16). ERROR_UNAVAILABLE on a CPU
 * without AES. */
bool packet_seal(const uint8_t device_key[static PUBLIC_KEY_SIZE], const char *context, const void *bytes,
    size_t size, struct bytes *out, struct error *err);
bool packet_open(const uint8_t device_secret[static 32], const char *context, const void *sealed,
    size_t sealed_size, struct bytes *out, struct error *err);
/* X25519 pair for a device, for tests and the command line. */
void device_key_new(uint8_t public_key[static PUBLIC_KEY_SIZE], uint8_t secret[static 32]);

/* Argon2id (libsodium's interactive limits) from a passphrase to a data key: a tenth of a second and 64 MiB,
 * which a desk leaves to watch/hash_link.h. */
bool passphrase_key(const char *passphrase, const uint8_t salt[static PASSPHRASE_SALT_SIZE],
    uint8_t out[static DATA_KEY_SIZE], struct error *err);
