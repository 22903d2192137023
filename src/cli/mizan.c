#include "cli/commands.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

static const struct command {
    const char *name;
    const char *help; /* NULL: started by the desk only */
    int (*run)(int argc, char **argv);
} commands[] = {
    {"site", "make a site: keys, certificate, empty log", site_main},
    {"sign", "make an offline key; sign a roster with it", sign_main},
    {"desk", "run a site's desk: database, web server, cameras", desk_main},
    {"doctor", "look at a site and its machine: what is wrong, what helps", doctor_main},
    {"key", "make an officer's key for the commands below", key_main},
    {"audit", "verify an exported log; prove records; compute public reports", audit_main},
    {"feed", NULL, feed_main},
    {"watch", NULL, watch_main},
    {"still", NULL, still_main},
    {"hash", NULL, hash_main},
};

int report_failure(const struct error *err)
{
    fprintf(stderr, "mizan: %s\n", err->text);
    return error_exit_status(err->code);
}

static void print_help(FILE *to)
{
    fprintf(to, "Usage: mizan COMMAND [OPTION]...\n\nCommands:\n");
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        if (commands[i].help)
            fprintf(to, "  %-8s %s\n", commands[i].name, commands[i].help);
    fprintf(to, "\nAt a desk, over HTTPS (--site URL --ca FILE --key FILE):\n");
    office_print_nouns(to);
    fprintf(to,
        "\n'mizan COMMAND --help' and 'mizan NOUN VERB --help' tell more. 'mizan --version' prints the "
        "version.\n"
        "Secrets are asked for, or taken from MIZAN_PASSPHRASE, MIZAN_PASSWORD, MIZAN_CODE and\n"
        "MIZAN_CREDENTIALS (a camera's user:password); they are no arguments.\n"
        "Exit status: 0 done; 64 not understood; 65 invalid; 66 no such thing; 69 not in this state;\n"
        "71 the system said no; 75 try again later; 77 not allowed, or a signature that does not count.\n");
}

/* jansson would open /dev/urandom at its first object, which a locked-up process cannot. */
static void seed_json(void)
{
    size_t seed = 0;
    while (!seed)
        random_fill(&seed, sizeof seed);
    json_object_seed(seed);
}

int main(int argc, char **argv)
{
    struct error err = {0};
    const char *name = argc > 1 ? argv[1] : "--help";
    if (!strcmp(name, "--help") || !strcmp(name, "help")) {
        print_help(stdout);
        return argc > 1 ? 0 : error_exit_status(ERROR_USAGE);
    }
    if (!strcmp(name, "--version")) {
        printf("mizan %s\n", MIZAN_VERSION);
        return 0;
    }
    clock_start();
    if (!crypto_start(&err))
        return report_failure(&err);
    seed_json();
    /* 'site show' asks the desk, 'site init' does not. */
    if (argc > 2 && office_knows_verb(name, argv[2]))
        return office_main(argc - 1, argv + 1);
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        if (!strcmp(commands[i].name, name))
            return commands[i].run(argc - 1, argv + 1);
    if (office_knows(name))
        return office_main(argc - 1, argv + 1);
    fprintf(stderr, "mizan: no command '%s'\n", name);
    print_help(stderr);
    return error_exit_status(ERROR_USAGE);
}
