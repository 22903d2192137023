#include "cli/commands.h"
#include "cli/keyfile.h"

#include "base/json.h"
#include "base/text.h"
#include "sign/form.h"

#include <stdio.h>
#include <string.h>

static const char help[] =
    "Usage: mizan key new FILE [--officer ID]\n"
    "       mizan key device FILE\n"
    "       mizan key show FILE\n\n"
    "'new' makes an officer's signing key for this command line, sealed under a passphrase (Argon2id), and\n"
    "prints the line that the roster needs. The private half never leaves the file; a desk never sees it.\n"
    "'device' makes the key of a station's or of oversight's machine: what a desk seals to it opens with\n"
    "'mizan handover show' and 'mizan copy open --device FILE'; its line is the roster's \"key\" of the "
    "station\n"
    "or its \"oversight_key\".\n"
    "'show' prints the same line of a key that is there.\n\n"
    "  --officer ID   o- and 16 letters and digits; drawn when not given\n"
    "The passphrase is asked for, or taken from MIZAN_PASSPHRASE.\n";

static void print_line(const char *officer, const uint8_t public_key[static PUBLIC_KEY_SIZE])
{
    char hex[2 * PUBLIC_KEY_SIZE + 1];
    hex_write(public_key, PUBLIC_KEY_SIZE, hex);
    if (*officer)
        printf("{\"key\":\"%s\",\"officer\":\"%s\"}\n", hex, officer);
    else
        printf("{\"key\":\"%s\"}\n", hex);
}

static bool make_key(const char *path, const char *officer, struct error *err)
{
    uint8_t public_key[PUBLIC_KEY_SIZE];
    char drawn[24];
    random_id("o", drawn);
    officer = officer ? officer : drawn;
    if (!form_is_id(officer, "o"))
        return fail(err, ERROR_USAGE, "'%s' is no officer's id: o- and 16 letters and digits", officer);
    AUTO(text) char *passphrase = keyfile_ask_passphrase(path, err);
    if (!passphrase || !keyfile_make_officer(path, passphrase, officer, public_key, err))
        return false;
    memory_wipe(passphrase, strlen(passphrase));
    print_line(officer, public_key);
    return true;
}

static bool make_device_key(const char *path, struct error *err)
{
    uint8_t public_key[PUBLIC_KEY_SIZE];
    AUTO(text) char *passphrase = keyfile_ask_passphrase(path, err);
    if (!passphrase || !keyfile_make_device(path, passphrase, public_key, err))
        return false;
    memory_wipe(passphrase, strlen(passphrase));
    print_line("", public_key);
    return true;
}

static bool show_key(const char *path, struct error *err)
{
    uint8_t public_key[PUBLIC_KEY_SIZE];
    char officer[24];
    if (!keyfile_read_public(path, public_key, officer, err))
        return false;
    print_line(officer, public_key);
    return true;
}

int key_main(int argc, char **argv)
{
    struct error err = {0};
    if (argc < 2 || !strcmp(argv[1], "--help")) {
        fputs(help, stdout);
        return argc < 2 ? error_exit_status(ERROR_USAGE) : 0;
    }
    bool done = false;
    if (argc == 3 && !strcmp(argv[1], "new"))
        done = make_key(argv[2], NULL, &err);
    else if (argc == 5 && !strcmp(argv[1], "new") && !strcmp(argv[3], "--officer"))
        done = make_key(argv[2], argv[4], &err);
    else if (argc == 3 && !strcmp(argv[1], "device"))
        done = make_device_key(argv[2], &err);
    else if (argc == 3 && !strcmp(argv[1], "show"))
        done = show_key(argv[2], &err);
    else
        fail(&err, ERROR_USAGE, "key takes 'new FILE', 'device FILE' or 'show FILE'; see 'mizan key --help'");
    return done ? 0 : report_failure(&err);
}
