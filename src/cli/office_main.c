#include "cli/commands.h"
#include "cli/keyfile.h"
#include "cli/office.h"
#include "cli/sealed.h"
#include "cli/terminal.h"

#include "base/file.h"
#include "base/text.h"
#include "list/entry_rules.h"
#include "sign/types.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char desk_help[] =
    "\nThe desk and who acts:\n"
    "  --site URL            https://HOST:PORT of the desk (MIZAN_SITE; https://localhost:8443)\n"
    "  --ca FILE             its ca.pem: nothing else is trusted (MIZAN_CA)\n"
    "  --key FILE            your key, from 'mizan key new' (MIZAN_KEY; passphrase asked for, or "
    "MIZAN_PASSPHRASE)\n"
    "  --session FILE        keep the session there for the commands that follow (MIZAN_SESSION)\n"
    "  --sign-in-unit ID     the unit that a crew signs in with\n"
    "  --by ID               who acts, where the key file does not say\n"
    "  --fields FILE         fields as JSON, below those given as options\n"
    "  --to FILE             write the answer there\n"
    "  --json                the answer as it came, for programs\n"
    "  --yes                 sign without asking\n";

static size_t parameter_count(const struct route *route)
{
    char name[PARAMETER_SIZE];
    size_t count = 0;
    while (count < PARAMETERS && route_parameter_name(route, count, name))
        count++;
    return count;
}

/* Of bodies that are a file as it is; NULL for others. */
static const char *file_type(enum body_kind body)
{
    static const char *const types[] = {
        [BODY_PHOTO] = "image/jpeg", [BODY_CSV] = "text/csv", [BODY_LINES] = "application/x-ndjson"};
    return body < COUNT_OF(types) ? types[body] : NULL;
}

static void print_usage(const struct office_command *command, FILE *to)
{
    char name[PARAMETER_SIZE];
    fprintf(to, "mizan %s %s", command->noun, command->verb);
    for (size_t i = 0; i < PARAMETERS && route_parameter_name(command->route, i, name); i++)
        fprintf(to, " %s", name);
    fputs(file_type(command->route->body) ? " FILE" : "", to);
}

static void print_roles(const struct route *route, FILE *to)
{
    const char *before = "";
    for (size_t role = 0; role < ROLE_COUNT; role++) {
        if (route->roles & (1U << role)) {
            fprintf(to, "%s%s", before, role_word((enum role)role));
            before = ", ";
        }
    }
    if (!*before)
        fputs(route_needs_session(route) ? "everybody who is signed in" : "everybody", to);
}

static bool sets_pass(const struct office_command *command)
{
    return strcmp(command->noun, "pass") == 0 && strcmp(command->verb, "set") == 0;
}

static void print_command_help(const struct office_command *command)
{
    fputs("Usage: ", stdout);
    print_usage(command, stdout);
    fputs(" [OPTION]...\n\nFor: ", stdout);
    print_roles(command->route, stdout);
    printf("\nAsks: %s %s\n", command->route->method, command->route->path);
    if (command->statement) {
        printf("Signs: %s (docs/statements.md). What is not given is read from the desk where it has it:\n\n",
            command->statement);
        command_fields_help(statement_type_find(command->statement)->fields, stdout);
        if (strcmp(command->statement, "operation_request") == 0)
            puts("\n  --entries e-…,…  --at c-…,…   draft: the desk computes cameras, list and threshold of "
                 "these;\n  --why-here, --why-reference and --why-dated are these entries' reason, "
                 "--reasons those of others");
        if (command->route->body == BODY_JSON)
            puts(
                "\nThe camera's user and password are asked for (scripts: MIZAN_CREDENTIALS=user:password).");
    } else if (sets_pass(command)) {
        puts(
            "Asks for a new password, shows the secret of your one-time codes once, and for its first code.\n"
            "Scripts: MIZAN_PASSWORD, MIZAN_CODE, MIZAN_NEW_PASSWORD, MIZAN_FIRST_CODE.");
    } else if (command->route->body == BODY_LINES) {
        puts("FILE is what 'mizan import csv TABLE --to FILE' answered: the lines that were well are shown "
             "and signed;\n"
             "or lines that are signed already, which are sent as they are.");
    } else if (command->route->body == BODY_JSON) {
        puts("Its fields are options, too: --NAME TEXT, --NAME =JSON or --NAME @FILE; see docs/api.md.");
    }
    fputs(desk_help, stdout);
    if (sealed_is_for_device(command))
        puts("  --device FILE         the machine's key, from 'mizan key device': what is sealed to it is "
             "shown opened");
    if (sealed_is_signed_for(command))
        puts("It needs both: --device, and in --to the file that keeps the packet. The packet is hashed, "
             "opened and\n"
             "saved there, and then signed for: with the last receipt the desk erases its own copy.");
    if (sealed_asks_number(command))
        puts("With it, a card's number is asked for (scripts: MIZAN_CNIC) and looked up here: it is never "
             "sent.");
}

static bool print_noun(const char *noun, FILE *to)
{
    struct office_command command;
    bool any = false;
    for (size_t i = 0; command_at(i, &command); i++) {
        if (!*command.noun || strcmp(command.noun, noun) != 0)
            continue;
        fputs(any ? "       " : "Usage: ", to);
        print_usage(&command, to);
        fputc('\n', to);
        any = true;
    }
    return any;
}

static bool print_reply(
    const struct command_options *options, const struct client_reply *reply, struct error *err)
{
    AUTO(json)
    json_t *json =
        strcmp(reply->type, "application/json") == 0
            ? json_loadb((const char *)reply->body.data, reply->body.size, JSON_REJECT_DUPLICATES, NULL)
            : NULL;
    if (options->to)
        return file_write(options->to, 0600, reply->body.data, reply->body.size, err);
    if (!json && strncmp(reply->type, "image/", 6) == 0 && isatty(STDOUT_FILENO))
        return fail(err, ERROR_USAGE, "a picture is for a file: --to FILE");
    if (json && !options->json)
        office_print(json, stdout);
    else
        fwrite(reply->body.data, 1, reply->body.size, stdout);
    if (json && options->json)
        putchar('\n');
    return fflush(stdout) == 0 || fail_errno(err, "the answer cannot be written");
}

/* What opens an answer that is sealed to a machine: asked for before the desk is, which records each look. */
struct opener {
    uint8_t secret[SEED_SIZE];
    char *number; /* owned; NULL where none is looked for */
};

static void opener_done(struct opener *opener)
{
    memory_wipe(opener->secret, sizeof opener->secret);
    if (opener->number)
        memory_wipe(opener->number, strlen(opener->number));
    free(opener->number);
}

static bool ask_number(struct opener *opener, struct error *err)
{
    opener->number = terminal_ask("Number of the identity card (00000-0000000-0)", "MIZAN_CNIC", false, err);
    return opener->number &&
           (cnic_is_valid(opener->number) ||
               fail(err, ERROR_USAGE, "the number has to be as it is written on the card: 00000-0000000-0"));
}

static bool opener_ask(const struct office_command *command, const struct command_options *options,
    struct opener *out, struct error *err)
{
    if (!options->device)
        return true;
    AUTO(text) char *passphrase = keyfile_ask_passphrase(options->device, err);
    bool unlocked = passphrase && keyfile_open_device(options->device, passphrase, out->secret, err);
    if (passphrase)
        memory_wipe(passphrase, strlen(passphrase));
    return unlocked && (!sealed_asks_number(command) || ask_number(out, err));
}

/* With --device: what was sealed to it, opened before it is shown. */
static bool open_reply(const struct office_command *command, const struct command_options *options,
    const struct opener *opener, struct client_reply *reply, struct error *err)
{
    if (!options->device || sealed_is_signed_for(command))
        return true;
    AUTO(json)
    json_t *answer =
        json_loadb((const char *)reply->body.data, reply->body.size, JSON_REJECT_DUPLICATES, NULL);
    const char *subject = options->positions[0];
    bool opened = opener->number ? sealed_look_up(subject, opener->number, opener->secret, answer, err)
                                 : sealed_open(command, subject, opener->secret, answer, err);
    char *text = opened ? json_dumps(answer, JSON_COMPACT) : NULL;
    if (!text)
        return false;
    bytes_free(&reply->body);
    reply->body = (struct bytes){(uint8_t *)text, strlen(text)};
    return true;
}

static bool fill_body(struct office *office, const struct office_command *command,
    struct command_options *options, struct client_request *request, struct error *err)
{
    if (command->route->body == BODY_NONE)
        return true;
    if (file_type(command->route->body)) {
        size_t place = parameter_count(command->route);
        if (options->position_count != place + 1)
            return fail(err, ERROR_USAGE, "'mizan %s %s' needs a file", command->noun, command->verb);
        request->type = file_type(command->route->body);
        return file_read(options->positions[place], route_body_limit(command->route), &request->body, err) &&
               (command->route->body != BODY_LINES || office_sign_proposals(office, &request->body, err));
    }
    AUTO(json) json_t *body = office_body(office, command, options, err);
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    if (!text)
        return false;
    request->type = "application/json";
    request->body = (struct bytes){(uint8_t *)text, strlen(text)};
    return true;
}

struct listener {
    bool begun, refused;
};

/* The head's first line, then fields; of the events, what carries data. */
static bool hear(void *context, const char *line)
{
    struct listener *listener = context;
    if (!listener->begun)
        listener->refused = strncmp(line, "HTTP/1.", 7) != 0 || strncmp(line + 8, " 200", 4) != 0;
    listener->begun = true;
    if (strncmp(line, "event: ", 7) == 0)
        printf("%s ", line + 7);
    if (strncmp(line, "data: ", 6) == 0)
        printf("%s\n", line + 6);
    fflush(stdout);
    return !listener->refused && !ferror(stdout);
}

static bool listen_for_events(struct office *office, const struct client_request *request, struct error *err)
{
    struct listener listener = {0};
    struct client_request whole = *request;
    whole.token = office->token;
    if (!client_listen(office->client, &whole, hear, &listener, err))
        return false;
    return !listener.refused || fail(err, ERROR_UNAVAILABLE, "the desk opens no stream of events");
}

/* Presence ends with the session it was confirmed in, so a session that ends with the command confirms
 * nothing. */
static bool check_presence(
    const struct office_command *command, const struct command_options *options, struct error *err)
{
    bool confirms = strcmp(command->noun, "presence") == 0 && strcmp(command->verb, "confirm") == 0;
    return !confirms || options->session ||
           fail(err, ERROR_USAGE, "presence lasts as long as its session: give --session FILE to keep it");
}

static bool forget_session(const struct office_command *command, struct office *office)
{
    if (strcmp(command->noun, "session") == 0 && strcmp(command->verb, "end") == 0) {
        office->token[0] = '\0';
        if (office->is_kept)
            unlink(office->options->session);
    }
    return true;
}

static enum office_session session_for(const struct office_command *command)
{
    if (!route_needs_session(command->route))
        return OFFICE_GUEST;
    return sets_pass(command) ? OFFICE_BEGUN : OFFICE_WHOLE;
}

static bool run(struct office *office, const struct office_command *command, struct command_options *options,
    struct error *err)
{
    AUTO(text) char *path = NULL;
    AUTO(client_reply) struct client_reply reply = {0};
    struct client_request request = {.method = command->route->method};
    struct opener opener = {.number = NULL};
    if (sets_pass(command))
        return office_set_pass(office, err);
    bool done = opener_ask(command, options, &opener, err);
    office->device_secret = options->device ? opener.secret : NULL;
    done = done && office_path(command, command->route->path, options, &path, err) &&
           fill_body(office, command, options, &request, err);
    request.path = path;
    if (done && strcmp(command->noun, "event") == 0)
        done = listen_for_events(office, &request, err);
    else
        done = done && office_ask(office, &request, &reply, err) && forget_session(command, office) &&
               open_reply(command, options, &opener, &reply, err) && print_reply(options, &reply, err);
    bytes_free(&request.body);
    opener_done(&opener);
    return done;
}

static bool check_positions(
    const struct office_command *command, const struct command_options *options, struct error *err)
{
    size_t most = parameter_count(command->route) + (file_type(command->route->body) != NULL);
    if (options->device && !sealed_is_for_device(command))
        return fail(err, ERROR_USAGE, "nothing that this command answers is sealed to a device; see --help");
    if (sealed_is_signed_for(command) && !(options->device && options->to))
        return fail(err, ERROR_USAGE,
            "a packet is opened and saved before it is signed for: give --device FILE, its key, and --to "
            "FILE");
    if (command->route->body == BODY_NONE && options->field_count)
        return fail(err, ERROR_USAGE, "there is no option --%s here; see --help", options->fields[0].name);
    return options->position_count <= most ||
           fail(err, ERROR_USAGE, "'%s' is one word too many; see --help", options->positions[most]);
}

bool office_knows(const char *noun)
{
    struct office_command command;
    for (size_t i = 0; command_at(i, &command); i++) {
        if (*command.noun && strcmp(command.noun, noun) == 0)
            return true;
    }
    return false;
}

bool office_knows_verb(const char *noun, const char *verb)
{
    struct office_command command;
    return verb && command_find(noun, verb, &command);
}

void office_print_nouns(FILE *to)
{
    struct office_command command, before = {0};
    for (size_t i = 0; command_at(i, &command); i++) {
        if (!*command.noun)
            continue;
        if (strcmp(command.noun, before.noun) == 0)
            fprintf(to, ", %s", command.verb);
        else
            fprintf(to, "%s  %-10s %s", *before.noun ? "\n" : "", command.noun, command.verb);
        before = command;
    }
    fputc('\n', to);
}

int office_main(int argc, char **argv)
{
    struct error err = {0};
    struct command_options options;
    struct office_command command;
    struct office office = {0};
    if (argc < 2 || !strcmp(argv[1], "--help")) {
        print_noun(argv[0], argc < 2 ? stderr : stdout);
        return argc < 2 ? error_exit_status(ERROR_USAGE) : 0;
    }
    if (!command_find(argv[0], argv[1], &command)) {
        print_noun(argv[0], stderr);
        fail(&err, ERROR_USAGE, "there is no command '%s %s'", argv[0], argv[1]);
        return report_failure(&err);
    }
    if (!command_options_read(argc - 2, argv + 2, &options, &err))
        return report_failure(&err);
    if (options.help) {
        print_command_help(&command);
        return 0;
    }
    bool done = check_positions(&command, &options, &err) && check_presence(&command, &options, &err) &&
                office_open(&options, session_for(&command), &office, &err) &&
                run(&office, &command, &options, &err);
    office_done(&office);
    return done ? 0 : report_failure(&err);
}
