/* Envelopes from outside: as they come, and with a signature that holds, so that the form checks behind it
 * are reached, too. */
#include "sign/statement.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_signed(const uint8_t *data, size_t size)
{
    const uint8_t seed[SEED_SIZE] = {1};
    uint8_t public_key[PUBLIC_KEY_SIZE], secret[SECRET_KEY_SIZE];
    sign_key_from_seed(seed, public_key, secret);
    struct error err;
    AUTO(json) json_t *fields = json_read((const char *)data, size, STATEMENT_LIMIT, &err);
    AUTO(envelope) struct envelope *envelope = fields ? envelope_sign(fields, secret, &err) : NULL;
    if (!envelope)
        return;
    AUTO(json) json_t *json = envelope_json(envelope);
    AUTO(envelope) struct envelope *again = envelope_read(json, &err);
    if (!again || memcmp(again->hash, envelope->hash, HASH_SIZE) != 0)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err;
    if (!crypto_start(&err))
        return 0;
    AUTO(envelope) struct envelope *envelope = envelope_parse((const char *)data, size, &err);
    if (envelope && !envelope->type)
        __builtin_trap();
    read_signed(data, size);
    return 0;
}
