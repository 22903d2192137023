/* Rosters signed with the right key and any content. */
#include "sign/roster.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t seed[SEED_SIZE] = {1};
    uint8_t public_key[PUBLIC_KEY_SIZE], secret[SECRET_KEY_SIZE];
    struct error err;
    if (!crypto_start(&err))
        return 0;
    sign_key_from_seed(seed, public_key, secret);
    AUTO(json) json_t *fields = json_read((const char *)data, size, STATEMENT_LIMIT, &err);
    AUTO(envelope) struct envelope *envelope = fields ? envelope_sign(fields, secret, &err) : NULL;
    if (!envelope)
        return 0;
    AUTO(roster) struct roster *roster = roster_read(envelope, public_key, envelope->site, &err);
    for (size_t i = 0; roster && i < roster_officers(roster); i++) {
        if (roster_officer(roster, roster_officer_at(roster, i)->id) != roster_officer_at(roster, i))
            __builtin_trap();
    }
    return 0;
}
