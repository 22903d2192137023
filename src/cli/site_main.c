#include "cli/certificate.h"
#include "cli/commands.h"
#include "cli/keyfile.h"
#include "cli/site_backup.h"

#include "base/clock.h"
#include "base/config.h"
#include "base/file.h"
#include "base/text.h"
#include "govern/ledger.h"
#include "sign/site.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "Usage: mizan site init FOLDER --name NAME --pack FOLDER --report FILE [OPTION]...\n"
    "       mizan site certify FOLDER CERTIFICATE.json\n"
    "       mizan site backup FOLDER --to FOLDER --keys FOLDER [--after-pause DATE]\n"
    "       mizan site restore NEWFOLDER --from BACKUP --keys FOLDER --secrets FOLDER [--checkpoint FILE]\n"
    "                          [--after-pause DATE]\n\n"
    "Makes a site: its root key (offline/root.key, sealed under a passphrase), site key, certificate, empty "
    "log.\n"
    "Afterwards sign a roster with 'mizan sign statement' into FOLDER/roster.json and run 'mizan desk "
    "FOLDER'.\n\n"
    "  --name NAME      the site's name: 3 to 40 of a-z 0-9 -\n"
    "  --kind KIND      demo, or live in a build with the oversight body's issuer key (demo)\n"
    "  --pack FOLDER    the model pack\n"
    "  --report FILE    the signed evaluation report for it\n"
    "  --address ADDR   where the desk listens (127.0.0.1)\n"
    "  --port PORT      its port (8443)\n"
    "  --hosts LIST     names and addresses in the certificate (localhost,127.0.0.1)\n"
    "  --uid NUMBER     first of three user numbers for feed, watch and still (64101; used when run as "
    "root)\n"
    "The passphrase is asked for, or taken from MIZAN_PASSPHRASE.\n\n"
    "A live site runs once its root key is certified: 'certify' checks the issuer's certificate, which names "
    "the\n"
    "site, its root key and the oversight body's key, and adds it to FOLDER/root.pub.\n\n"
    "'backup' is for a desk that does not run; a running one does it on 'mizan backup create', into [backup] "
    "folder\n"
    "of its site.ini. Of the keyring there is one backup, in --keys (or [backup] keys): every destruction "
    "replaces it.\n"
    "'restore' makes a new folder of a backup. --secrets holds what is in none: site-key, server.pem, "
    "server.key.\n"
    "--checkpoint is the newest that anybody has (the witness's, or from 'mizan audit checkpoint'): an older "
    "keyring is\n"
    "refused, and what is lost is counted. A live site needs the witness's, cosigned in the last 30 minutes: "
    "whoever asks\n"
    "the witness gets it, with 'curl http://ADDRESS/checkpoint' (ADDRESS as in [witness] of site.ini).\n"
    "--after-pause is today's date (YYYY-MM-DD), from another calendar than this machine's clock: where no "
    "witness says\n"
    "it, and the backup, or the desk's last hour, is more than 7 days old.\n";

struct init_options {
    const char *folder, *name, *kind, *pack, *report, *address, *port, *hosts, *uid;
};

static bool is_site_name(const char *name)
{
    size_t length = strlen(name);
    return length >= 3 && length <= 40 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

static bool read_options(int argc, char **argv, struct init_options *out, struct error *err)
{
    static const struct option names[] = {{"name", 1, NULL, 'n'}, {"kind", 1, NULL, 'k'},
        {"pack", 1, NULL, 'm'}, {"report", 1, NULL, 'r'}, {"address", 1, NULL, 'a'}, {"port", 1, NULL, 'p'},
        {"hosts", 1, NULL, 'h'}, {"uid", 1, NULL, 'u'}, {NULL, 0, NULL, 0}};
    *out = (struct init_options){.kind = "demo",
        .address = "127.0.0.1",
        .port = "8443",
        .hosts = "localhost,127.0.0.1",
        .uid = "64101"};
    for (int option; (option = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        const char **slot = option == 'n'   ? &out->name
                            : option == 'k' ? &out->kind
                            : option == 'm' ? &out->pack
                            : option == 'r' ? &out->report
                            : option == 'a' ? &out->address
                            : option == 'p' ? &out->port
                            : option == 'h' ? &out->hosts
                            : option == 'u' ? &out->uid
                                            : NULL;
        if (!slot)
            return fail(err, ERROR_USAGE, "see 'mizan site --help'");
        *slot = optarg;
    }
    if (optind + 1 < argc)
        return fail(
            err, ERROR_USAGE, "site init does not take '%s'; see 'mizan site --help'", argv[optind + 1]);
    out->folder = argv[optind];
    if (!out->folder || !out->name || !out->pack || !out->report)
        return fail(err, ERROR_USAGE, "site init needs a folder, --name, --pack and --report");
    if (!is_site_name(out->name))
        return fail(err, ERROR_INVALID, "'%s' is no name for a site: 3 to 40 of a-z 0-9 -", out->name);
    bool live = strcmp(out->kind, "live") == 0;
    if (!live && strcmp(out->kind, "demo") != 0)
        return fail(err, ERROR_INVALID, "a site is demo or live, not '%s'", out->kind);
    return !live || site_may_be_live(err);
}

static bool write_hex(const char *path, mode_t mode, const uint8_t *bytes, size_t size, struct error *err)
{
    char hex[2 * 64 + 2];
    hex_write(bytes, size, hex);
    hex[2 * size] = '\n';
    bool written = file_write(path, mode, hex, 2 * size + 1, err);
    memory_wipe(hex, sizeof hex);
    return written;
}

static bool write_config(const struct init_options *options, struct error *err)
{
    AUTO(text) char *pack = realpath(options->pack, NULL);
    AUTO(text) char *report = realpath(options->report, NULL);
    AUTO(text) char *folder = realpath(options->folder, NULL);
    if (!pack || !report || !folder)
        return fail_errno(err, "%s", !pack ? options->pack : !report ? options->report : options->folder);
    long uid = strtol(options->uid, NULL, 10);
    /* What answers for the identity register and the case status in a demonstration; no live site has it. */
    AUTO(text)
    char *ports = strcmp(options->kind, "demo") == 0
                      ? text_format("[ports]\nsimulator = %s/ports.ini\n\n", folder)
                      : memory_copy_text("");
    AUTO(text)
    char *text = text_format("[site]\nname = %s\nkind = %s\n\n[server]\naddress = %s\nport = %s\n\n"
                             "[pack]\nfolder = %s\n\n[report]\nfile = %s\n\n%s"
                             "[process]\nfeed_uid = %ld\nwatch_uid = %ld\nstill_uid = %ld\n",
        options->name, options->kind, options->address, options->port, pack, report, ports, uid, uid + 1,
        uid + 2);
    AUTO(text) char *path = text_format("%s/site.ini", options->folder);
    return file_write(path, 0644, text, strlen(text), err);
}

/* The simulator of a demonstration's identity register and case status, which nobody has told anything yet.
 */
static bool write_ports(const struct init_options *options, struct error *err)
{
    static const char text[] =
        "; What the simulated services answer; read again at each question.\n"
        "[register]\n; 42101-1234567-1 = the sample that belongs to this number\navailable = yes\n\n"
        "[status]\n; k-0000000000000000 = live or closed\navailable = yes\n";
    AUTO(text) char *path = text_format("%s/ports.ini", options->folder);
    return strcmp(options->kind, "demo") != 0 || file_write(path, 0644, text, strlen(text), err);
}

static bool make_root_key(const struct init_options *options, const char *offline, struct error *err)
{
    uint8_t public_key[PUBLIC_KEY_SIZE];
    AUTO(text) char *key_path = text_format("%s/root.key", offline);
    AUTO(text) char *public_path = text_format("%s/root.pub", options->folder);
    AUTO(text) char *passphrase = keyfile_ask_passphrase(key_path, err);
    return passphrase && keyfile_make(key_path, passphrase, public_key, err) &&
           write_hex(public_path, 0644, public_key, sizeof public_key, err);
}

static bool make_ledger(const struct init_options *options, struct error *err)
{
    uint8_t site_key[DATA_KEY_SIZE];
    random_fill(site_key, sizeof site_key);
    AUTO(text) char *path = text_format("%s/site-key", options->folder);
    const struct ledger_options ledger = {
        .folder = options->folder, .site = options->name, .site_key = site_key};
    bool made = write_hex(path, 0600, site_key, sizeof site_key, err) && ledger_make(&ledger, err);
    memory_wipe(site_key, sizeof site_key);
    return made;
}

static bool make_site(const struct init_options *options, struct error *err)
{
    AUTO(text) char *offline = text_format("%s/offline", options->folder);
    AUTO(text) char *ini = text_format("%s/site.ini", options->folder);
    if (access(ini, F_OK) == 0)
        return fail(err, ERROR_CONFLICT, "%s holds a site already; choose another folder", options->folder);
    return file_make_folder(options->folder, 0755, err) && file_make_folder(offline, 0700, err) &&
           make_root_key(options, offline, err) &&
           certificate_make(options->folder, offline, options->name, options->hosts, err) &&
           make_ledger(options, err) && write_config(options, err) && write_ports(options, err);
}

/* What the issuer signed about this site's root key goes to stand beside it. */
static bool certify(const char *folder, const char *certificate_path, struct error *err)
{
    AUTO(text) char *ini = text_format("%s/site.ini", folder);
    AUTO(text) char *public_path = text_format("%s/root.pub", folder);
    AUTO(config) struct config *config = config_load(ini, err);
    AUTO(bytes) struct bytes root = {NULL, 0}, content = {NULL, 0};
    const char *name = NULL;
    if (!config || !config_need(config, "site", "name", &name, err) ||
        !file_read(public_path, SITE_KEYS_LIMIT, &root, err) ||
        !file_read(certificate_path, STATEMENT_LIMIT, &content, err))
        return false;
    AUTO(envelope)
    struct envelope *certificate = envelope_parse((const char *)content.data, content.size, err);
    if (!certificate || !envelope_is(certificate, "site_certificate", err))
        return fail_within(err, "%s", certificate_path);
    AUTO(json) json_t *json = envelope_json(certificate);
    AUTO(text) char *line = json_canonical(json, err);
    root.data[strcspn((char *)root.data, "\n")] = '\0';
    AUTO(text)
    char *text = text_format("%s\n%s\n%s\n", (char *)root.data,
        json_string_value(json_object_get(certificate->fields, "oversight_key")), line);
    struct site_keys keys;
    return site_keys_parse(text, SITE_LIVE, name, clock_now_s(), &keys, err) &&
           file_write(public_path, 0644, text, strlen(text), err);
}

static bool init(int argc, char **argv, struct error *err)
{
    struct init_options options;
    if (!read_options(argc, argv, &options, err) || !make_site(&options, err))
        return false;
    printf("Made the %s site '%s' in %s.\nKeep %s/offline away from this machine; it signs rosters.\n",
        options.kind, options.name, options.folder, options.folder);
    if (strcmp(options.kind, "live") == 0)
        printf("Let the issuer certify the key in %s/root.pub, then run 'mizan site certify'.\n",
            options.folder);
    return true;
}

int site_main(int argc, char **argv)
{
    struct error err = {0};
    if (argc < 2 || !strcmp(argv[1], "--help")) {
        fputs(help, stdout);
        return argc < 2 ? error_exit_status(ERROR_USAGE) : 0;
    }
    if (!strcmp(argv[1], "init"))
        init(argc - 1, argv + 1, &err);
    else if (!strcmp(argv[1], "certify") && argc == 4)
        certify(argv[2], argv[3], &err);
    else if (!strcmp(argv[1], "backup"))
        site_backup(argc - 1, argv + 1, &err);
    else if (!strcmp(argv[1], "restore"))
        site_restore(argc - 1, argv + 1, &err);
    else
        fail(&err, ERROR_USAGE, "site takes init, certify, backup and restore; see 'mizan site --help'");
    return err.code ? report_failure(&err) : 0;
}
