#include "list/row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool row_mark(struct site *site, const char *noun, const json_t *fields, uint8_t out[static HASH_SIZE],
    struct error *err)
{
    char purpose[40];
    snprintf(purpose, sizeof purpose, "row/%s", noun);
    const uint8_t *key = keyring_site_key(site->ledger->keyring, purpose, err);
    if (!key)
        return false;
    char *canonical = json_canonical(fields, err);
    if (!canonical)
        return false;
    hash_keyed(key, canonical, strlen(canonical), out);
    free(canonical);
    return true;
}

bool row_check(struct site *site, const char *noun, const char *id, const json_t *fields, struct bytes mark,
    struct error *err)
{
    uint8_t expected[HASH_SIZE];
    if (!row_mark(site, noun, fields, expected, err))
        return false;
    if (mark.size != HASH_SIZE || !bytes_equal(mark.data, expected, HASH_SIZE))
        return fail(err, ERROR_CORRUPT, "the row of %s %s was changed outside the desk", noun, id);
    return true;
}

void row_text(char *out, size_t room, const char *text)
{
    snprintf(out, room, "%s", text ? text : "");
}
