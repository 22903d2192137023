#include "cli/commands.h"
#include "cli/keyfile.h"

#include "base/json.h"
#include "base/text.h"
#include "sign/form.h"

#include <stdio.h>
#include <string.h>

static const char help[] =
    "Usage: mizan key new FILE [--officer ID] [--service-number NUMBER]\n"
    "       mizan key device FILE\n"
    "       mizan key show FILE [--service-number NUMBER]\n\n"
    "'new' makes an officer's signing key for this command line, sealed under a passphrase (Argon2id), and\n"
    "prints the line that the roster needs. The private half never leaves the file; a desk never sees it.\n"
    "'device' makes the key of a station's or of oversight's machine: what a desk seals to it opens with\n"
    "'mizan handover show' and 'mizan copy open --device FILE'; its line is the roster's \"key\" of the "
    "station\n"
    "or its \"oversight_key\".\n"
    "'show' prints the same line of a key that is there.\n\n"
    "  --officer ID             o- and 16 letters and digits; drawn when not given. Who was an officer of "
    "this\n"
    "                           site before, keeps the id\n"
    "  --service-number NUMBER  the officer's own in the force, for the line: 2 to 24 letters, digits, "
    "hyphens or\n"
    "                           slashes\n"
    "The passphrase is asked for, or taken from MIZAN_PASSPHRASE.\n";

struct options {
    const char *officer, *service_number; /* NULL when not given */
};

static bool read_options(int count, char **words, struct options *out, struct error *err)
{
    for (int i = 0; i + 1 < count; i += 2) {
        if (!strcmp(words[i], "--officer"))
            out->officer = words[i + 1];
        else if (!strcmp(words[i], "--service-number"))
            out->service_number = words[i + 1];
        else
            return fail(err, ERROR_USAGE, "'%s' is no option here; see 'mizan key --help'", words[i]);
    }
    if (count % 2)
        return fail(err, ERROR_USAGE, "%s needs a value", words[count - 1]);
    if (out->officer && !form_is_id(out->officer, "o"))
        return fail(err, ERROR_USAGE, "'%s' is no officer's id: o- and 16 letters and digits", out->officer);
    return !out->service_number || form_is_service_number(out->service_number) ||
           fail(err, ERROR_USAGE, "'%s' is no service number: 2 to 24 letters, digits, hyphens or slashes",
               out->service_number);
}

static bool print_line(const char *officer, const char *service_number,
    const uint8_t public_key[static PUBLIC_KEY_SIZE], struct error *err)
{
    char hex[2 * PUBLIC_KEY_SIZE + 1];
    hex_write(public_key, PUBLIC_KEY_SIZE, hex);
    AUTO(json)
    json_t *line = json_pack("{s:s, s:s*, s:s*}", "key", hex, "officer", *officer ? officer : NULL,
        "service_number", service_number);
    AUTO(text) char *text = json_canonical(line, err);
    if (text)
        printf("%s\n", text);
    return text != NULL;
}

static bool make_key(const char *path, const struct options *options, struct error *err)
{
    uint8_t public_key[PUBLIC_KEY_SIZE];
    char drawn[24];
    random_id("o", drawn);
    const char *officer = options->officer ? options->officer : drawn;
    AUTO(text) char *passphrase = keyfile_ask_passphrase(path, err);
    if (!passphrase || !keyfile_make_officer(path, passphrase, officer, public_key, err))
        return false;
    memory_wipe(passphrase, strlen(passphrase));
    return print_line(officer, options->service_number, public_key, err);
}

static bool make_device_key(const char *path, struct error *err)
{
    uint8_t public_key[PUBLIC_KEY_SIZE];
    AUTO(text) char *passphrase = keyfile_ask_passphrase(path, err);
    if (!passphrase || !keyfile_make_device(path, passphrase, public_key, err))
        return false;
    memory_wipe(passphrase, strlen(passphrase));
    return print_line("", NULL, public_key, err);
}

static bool show_key(const char *path, const struct options *options, struct error *err)
{
    uint8_t public_key[PUBLIC_KEY_SIZE];
    char officer[24];
    return keyfile_read_public(path, public_key, officer, err) &&
           print_line(officer, options->service_number, public_key, err);
}

int key_main(int argc, char **argv)
{
    struct error err = {0};
    if (argc < 2 || !strcmp(argv[1], "--help")) {
        fputs(help, stdout);
        return argc < 2 ? error_exit_status(ERROR_USAGE) : 0;
    }
    struct options options = {NULL, NULL};
    bool done = false;
    if (argc > 3 && !read_options(argc - 3, argv + 3, &options, &err))
        done = false;
    else if (argc >= 3 && !strcmp(argv[1], "new"))
        done = make_key(argv[2], &options, &err);
    else if (argc == 3 && !strcmp(argv[1], "device"))
        done = make_device_key(argv[2], &err);
    else if (argc >= 3 && !strcmp(argv[1], "show") && !options.officer)
        done = show_key(argv[2], &options, &err);
    else
        fail(&err, ERROR_USAGE, "key takes 'new FILE', 'device FILE' or 'show FILE'; see 'mizan key --help'");
    return done ? 0 : report_failure(&err);
}
