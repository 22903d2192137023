#include "cli/commands.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "govern/audit.h"

#include <stdio.h>
#include <string.h>

static const char help[] =
    "Usage: mizan audit verify EXPORT --key HEXFILE [--json]\n\n"
    "Checks an exported log (docs/log.md) with the log's public key alone: every record's form, sequence "
    "and\n"
    "link, the tree's root, and the signature of the checkpoint. Exits with 0 when all of it holds.\n";

enum { EXPORT_LIMIT = 1 << 30, KEY_FILE_LIMIT = 4096 };

struct arguments {
    const char *export;
    const char *key;
    bool json;
};

static bool read_arguments(int argc, char **argv, struct arguments *out, struct error *err)
{
    for (int i = 2; i < argc; i++) {
        if (!strcmp(argv[i], "--json"))
            out->json = true;
        else if (!strcmp(argv[i], "--key") && i + 1 < argc)
            out->key = argv[++i];
        else if (argv[i][0] != '-' && !out->export)
            out->export = argv[i];
        else
            return fail(
                err, ERROR_USAGE, "audit verify does not take '%s'; see 'mizan audit --help'", argv[i]);
    }
    if (!out->export || !out->key)
        return fail(err, ERROR_USAGE, "audit verify takes EXPORT --key HEXFILE; see 'mizan audit --help'");
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

static void print_json(const struct audit_result *result)
{
    AUTO(json)
    json_t *json =
        json_pack("{s:s, s:I, s:s, s:I, s:b}", "site", result->site, "records", (json_int_t)result->records,
            "root", result->root_hex, "newest_at", (json_int_t)result->newest_s, "verified", 1);
    AUTO(text) char *text = json_canonical(json, NULL);
    puts(text);
}

static void print_text(const struct audit_result *result)
{
    char newest[21];
    clock_write_iso(result->newest_s, newest);
    printf("verified: %lld records of the site %s, the newest of %s\n", (long long)result->records,
        result->site, newest);
    printf("root: %s\n", result->root_hex);
    printf(
        "Checked: the form of every record, its place, its link to the one before, the root of all of them,\n"
        "and the checkpoint's signature. Not checked: that no later checkpoint exists (ask a witness).\n");
}

static bool verify(const struct arguments *arguments, struct error *err)
{
    uint8_t key[PUBLIC_KEY_SIZE];
    AUTO(bytes) struct bytes export = {0};
    struct audit_result result = {0};
    if (!read_key(arguments->key, key, err) || !file_read(arguments->export, EXPORT_LIMIT, &export, err))
        return false;
    if (!audit_verify(export.data, export.size, key, &result, err))
        return fail_within(err, "%s", arguments->export);
    if (arguments->json)
        print_json(&result);
    else
        print_text(&result);
    return true;
}

int audit_main(int argc, char **argv)
{
    struct error err = {0};
    struct arguments arguments = {0};
    if (argc == 2 && !strcmp(argv[1], "--help")) {
        fputs(help, stdout);
        return 0;
    }
    if (argc < 2 || strcmp(argv[1], "verify") != 0)
        fail(&err, ERROR_USAGE, "audit knows 'verify'; see 'mizan audit --help'");
    else if (read_arguments(argc, argv, &arguments, &err) && verify(&arguments, &err))
        return 0;
    return report_failure(&err);
}
