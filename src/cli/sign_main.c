#include "cli/commands.h"
#include "cli/keyfile.h"

#include "base/file.h"
#include "base/text.h"
#include "sign/statement.h"

#include <stdio.h>
#include <string.h>

/* A roster with white space; what is signed has its type's limit. */
enum { FIELDS_LIMIT = 2 * ROSTER_LIMIT };

static const char help[] =
    "Usage: mizan sign key FILE\n"
    "       mizan sign statement KEYFILE FIELDS.json\n\n"
    "'key' makes an offline Ed25519 key, sealed under a passphrase, and prints its public half.\n"
    "'statement' signs the fields of a roster or a report and prints the envelope.\n"
    "The passphrase is asked for, or taken from MIZAN_PASSPHRASE.\n";

static bool make_key(const char *path, struct error *err)
{
    uint8_t public_key[PUBLIC_KEY_SIZE];
    char hex[2 * PUBLIC_KEY_SIZE + 1];
    AUTO(text) char *passphrase = keyfile_ask_passphrase(path, err);
    if (!passphrase || !keyfile_make(path, passphrase, public_key, err))
        return false;
    hex_write(public_key, sizeof public_key, hex);
    printf("%s\n", hex);
    return true;
}

static bool sign_fields(const char *key_path, const char *fields_path, struct error *err)
{
    uint8_t secret_key[SECRET_KEY_SIZE];
    AUTO(bytes) struct bytes content = {NULL, 0};
    if (!file_read(fields_path, FIELDS_LIMIT, &content, err))
        return false;
    AUTO(json) json_t *fields = json_read((const char *)content.data, content.size, FIELDS_LIMIT, err);
    if (!fields)
        return fail_within(err, "%s", fields_path);
    AUTO(text) char *passphrase = keyfile_ask_passphrase(key_path, err);
    if (!passphrase || !keyfile_open(key_path, passphrase, secret_key, err))
        return false;
    AUTO(envelope) struct envelope *envelope = envelope_sign(fields, secret_key, err);
    memory_wipe(secret_key, sizeof secret_key);
    if (!envelope)
        return fail_within(err, "%s", fields_path);
    AUTO(json) json_t *json = envelope_json(envelope);
    AUTO(text) char *text = json_canonical(json, err);
    if (text)
        printf("%s\n", text);
    return text != NULL;
}

int sign_main(int argc, char **argv)
{
    struct error err = {0};
    if (argc == 2 && !strcmp(argv[1], "--help")) {
        fputs(help, stdout);
        return 0;
    }
    bool done = false;
    if (argc == 3 && !strcmp(argv[1], "key"))
        done = make_key(argv[2], &err);
    else if (argc == 4 && !strcmp(argv[1], "statement"))
        done = sign_fields(argv[2], argv[3], &err);
    else
        fail(&err, ERROR_USAGE,
            "sign takes 'key FILE' or 'statement KEYFILE FIELDS'; see 'mizan sign --help'");
    return done ? 0 : report_failure(&err);
}
