#include "alert/slip.h"

#include "alert/evidence.h"
#include "alert/person.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { SLIP_SIZE = 9 };

/* Crockford's base32, as it is read out and written by hand. */
static void draw_code(char out[static SLIP_SIZE])
{
    static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    uint8_t drawn[SLIP_SIZE - 1];
    random_fill(drawn, sizeof drawn);
    for (size_t i = 0; i < sizeof drawn; i++)
        out[i] = letters[drawn[i] % 32];
    out[SLIP_SIZE - 1] = 0;
}

/* A signed note's second line is the tree's size. */
static bool log_size(struct site *site, long long *size, struct error *err)
{
    AUTO(text) char *note = ledger_checkpoint(site->ledger, err);
    if (!note)
        return false;
    const char *line = strchr(note, '\n');
    *size = line ? strtoll(line + 1, NULL, 10) : 0;
    return true;
}

static char *slip_words(const struct site *site, const struct alert *alert, const char *code, long long size)
{
    return text_format(
        "%s%sYou were stopped because a camera alert said that your face resembles a person who is "
        "lawfully wanted. Two officers compared the pictures. That is not proof of who you are.\n"
        "If you are not shown by other means to be that person, you may leave.\n"
        "Crew: unit %s, site %s.\n"
        "To complain, or to ask why: take this code and your identity card to any police station "
        "or to the oversight body. You will get an answer.\n"
        "Code: %s\n"
        "Log checkpoint: %lld\n",
        site->kind == SITE_DEMO ? DEMO_MARKING : "", site->kind == SITE_DEMO ? "\n" : "", alert->unit,
        site->name, code, size);
}

/* What the crew signs in place of the code: a signed statement lies open in the database, and its eight
 * letters are tried through in minutes under any hash that needs no key. The site key is on no disk in clear.
 */
static bool proof_of(struct site *site, const struct alert *alert, const char *code,
    char out[static HEX_HASH_SIZE], struct error *err)
{
    uint8_t proof[HASH_SIZE];
    const uint8_t *key = keyring_site_key(site->ledger->keyring, "proof/slip", err);
    if (!key)
        return false;
    AUTO(text) char *both = text_format("%s\n%s", alert->id, code);
    hash_keyed(key, both, strlen(both), proof);
    hex_write(proof, HASH_SIZE, out);
    return true;
}

bool slip_make(struct site *site, const struct alert *alert, struct error *err)
{
    char code[SLIP_SIZE];
    long long size = 0;
    draw_code(code);
    if (!log_size(site, &size, err))
        return false;
    AUTO(json) json_t *note = json_pack("{s:s, s:I}", "slip", code, "checkpoint", (json_int_t)size);
    return note_add(site, alert, "slip", note, err);
}

/* One that an older desk kept names no checkpoint: a later one covers the stop as well. */
json_t *slip_show(struct site *site, const struct alert *alert, struct error *err)
{
    char proof[HEX_HASH_SIZE];
    AUTO(json) json_t *notes = notes_load(site, alert, "slip", err);
    const json_t *note = json_array_get(notes, 0);
    const char *code = json_string_value(json_object_get(note, "slip"));
    long long size = json_integer_value(json_object_get(note, "checkpoint"));
    if (!code || (!size && !log_size(site, &size, err)) || !proof_of(site, alert, code, proof, err))
        return NULL;
    AUTO(text) char *words = slip_words(site, alert, code, size);
    return json_pack("{s:s, s:s, s:s}", "slip", code, "slip_text", words, "slip_proof", proof);
}

bool slip_check(struct site *site, const struct alert *alert, const char *proof, struct error *err)
{
    char expected[HEX_HASH_SIZE];
    AUTO(json) json_t *notes = notes_load(site, alert, "slip", err);
    if (!notes)
        return false;
    const char *code = json_string_value(json_object_get(json_array_get(notes, 0), "slip"));
    if (code && !proof_of(site, alert, code, expected, err))
        return false;
    return (code && strcmp(expected, proof) == 0) ||
           fail(err, ERROR_CONFLICT, "give the person the slip first; its proof goes into the outcome");
}
