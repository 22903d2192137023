#include "cli/audit.h"
#include "cli/commands.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "govern/audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: mizan audit verify EXPORT --key HEXFILE [--since KEPT] [--json]\n"
    "       mizan audit prove EXPORT --key HEXFILE --record NUMBER | --from SIZE\n"
    "       mizan audit check PROOF --key HEXFILE [--log EXPORT]\n"
    "       mizan audit report EXPORT --key HEXFILE --to FOLDER --operation ID [--through NUMBER] | --year "
    "YEAR\n"
    "At a desk, over HTTPS: mizan audit export --to FILE, mizan audit checkpoint\n\n"
    "The rest needs an exported log (docs/log.md) and the log's public key alone.\n"
    "verify  checks every record's form, sequence and link, the tree's root, and the checkpoint's "
    "signature;\n"
    "        --since: and that it goes on from an older export or checkpoint that you kept: a log that was\n"
    "        rolled back or rewritten since is found, with the record\n"
    "prove   prints that a record is in the log, or that the log of SIZE records is its beginning, as JSON\n"
    "check   checks such a proof without the log: that it is of a log which the key signed; with --log, "
    "that\n"
    "        it is of this one, because whoever holds the key can sign two\n"
    "report  writes the public record of an operation, or of a year, as JSON, CSV and HTML into FOLDER;\n"
    "        files that are there already have to be the same, byte for byte\n";

enum { KEY_FILE_LIMIT = 4096 };

static bool read_number(const char *text, int64_t *out, struct error *err)
{
    char *end = NULL;
    *out = strtoll(text, &end, 10);
    return (*text && !*end && *out >= 0) || fail(err, ERROR_USAGE, "'%s' is not a number", text);
}

static bool take_option(const char *name, const char *value, struct audit_arguments *out, struct error *err)
{
    if (!strcmp(name, "--key"))
        out->key = value;
    else if (!strcmp(name, "--operation"))
        out->operation = value;
    else if (!strcmp(name, "--to"))
        out->to = value;
    else if (!strcmp(name, "--since"))
        out->since = value;
    else if (!strcmp(name, "--log"))
        out->log = value;
    else if (!strcmp(name, "--record"))
        return read_number(value, &out->record, err);
    else if (!strcmp(name, "--from"))
        return read_number(value, &out->from, err);
    else if (!strcmp(name, "--through"))
        return read_number(value, &out->through, err);
    else if (!strcmp(name, "--year"))
        return read_number(value, &out->year, err);
    else
        return fail(err, ERROR_USAGE, "audit does not take '%s'; see 'mizan audit --help'", name);
    return true;
}

static bool read_arguments(int argc, char **argv, struct audit_arguments *out, struct error *err)
{
    *out = (struct audit_arguments){.record = -1, .from = -1, .through = -1, .year = -1};
    for (int i = 2; i < argc; i++) {
        if (!strcmp(argv[i], "--json"))
            out->json = true;
        else if (argv[i][0] != '-' && !out->file)
            out->file = argv[i];
        else if (argv[i][0] != '-' || i + 1 == argc)
            return fail(err, ERROR_USAGE, "audit does not take '%s'; see 'mizan audit --help'", argv[i]);
        else if (!take_option(argv[i], argv[i + 1], out, err))
            return false;
        else
            i++;
    }
    if (!out->file || !out->key)
        return fail(err, ERROR_USAGE, "audit takes a file and --key HEXFILE; see 'mizan audit --help'");
    return true;
}

static bool read_key(const char *path, uint8_t key[static PUBLIC_KEY_SIZE], struct error *err)
{
    AUTO(bytes) struct bytes content = {0};
    if (!file_read(path, KEY_FILE_LIMIT, &content, err))
        return false;
    char *text = (char *)content.data;
    text[strcspn(text, " \r\n")] = '\0';
    if (!hex_read(text, key, PUBLIC_KEY_SIZE))
        return fail(err, ERROR_INVALID, "%s: a log's public key is %d hex digits", path, 2 * PUBLIC_KEY_SIZE);
    return true;
}

static void print_json(const struct audit_result *result, int64_t kept)
{
    AUTO(json)
    json_t *json =
        json_pack("{s:s, s:I, s:s, s:I, s:b}", "site", result->site, "records", (json_int_t)result->records,
            "root", result->root_hex, "newest_at", (json_int_t)result->newest_s, "verified", 1);
    if (kept >= 0)
        json_object_set_new(json, "goes_on_from", json_integer(kept));
    AUTO(text) char *text = json_canonical(json, NULL);
    puts(text);
}

static void print_text(const struct audit_result *result, int64_t kept)
{
    char newest[21];
    clock_write_iso(result->newest_s, newest);
    printf("verified: %lld records of the site %s, the newest of %s\n", (long long)result->records,
        result->site, newest);
    printf("root: %s\n", result->root_hex);
    if (kept >= 0)
        printf("It goes on from the %lld records that were kept.\n", (long long)kept);
    printf(
        "Checked: the form of every record, its place, its link to the one before, the root of all of them,\n"
        "and the checkpoint's signature. Not checked: %sthat no later checkpoint exists (ask a witness).\n",
        kept >= 0 ? "" : "that it goes on from an older one (--since), and ");
}

static bool verify(
    const struct audit_arguments *arguments, const struct audit_input *input, struct error *err)
{
    struct audit_result result = {0};
    AUTO(bytes) struct bytes kept = {0};
    int64_t kept_records = -1;
    if (!audit_verify(input->file.data, input->file.size, input->key, &result, err))
        return fail_within(err, "%s", arguments->file);
    if (arguments->since && (!file_read(arguments->since, EXPORT_LIMIT, &kept, err) ||
                                !audit_goes_on(input->file.data, input->file.size, kept.data, kept.size,
                                    input->key, &kept_records, err)))
        return fail_within(err, "%s since %s", arguments->file, arguments->since);
    if (arguments->json)
        print_json(&result, kept_records);
    else
        print_text(&result, kept_records);
    return true;
}

static const struct command {
    const char *name;
    bool (*run)(const struct audit_arguments *arguments, const struct audit_input *input, struct error *err);
} commands[] = {{"verify", verify}, {"prove", audit_prove}, {"check", audit_check}, {"report", audit_report}};

static bool run(const struct command *command, int argc, char **argv, struct error *err)
{
    struct audit_arguments arguments;
    struct audit_input input = {0};
    bool done = read_arguments(argc, argv, &arguments, err) && read_key(arguments.key, input.key, err) &&
                file_read(arguments.file, EXPORT_LIMIT, &input.file, err) &&
                command->run(&arguments, &input, err);
    bytes_free(&input.file);
    return done;
}

int audit_main(int argc, char **argv)
{
    struct error err = {0};
    if (argc == 2 && !strcmp(argv[1], "--help")) {
        fputs(help, stdout);
        return 0;
    }
    for (size_t i = 0; argc > 1 && i < COUNT_OF(commands); i++)
        if (!strcmp(argv[1], commands[i].name))
            return run(&commands[i], argc, argv, &err) ? 0 : report_failure(&err);
    fail(&err, ERROR_USAGE,
        "audit knows export, checkpoint, verify, prove, check and report; see 'mizan audit --help'");
    return report_failure(&err);
}
