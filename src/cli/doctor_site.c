#include "cli/doctor.h"

#include "base/file.h"
#include "base/text.h"
#include "cli/certificate.h"
#include "face/pack.h"
#include "list/pass_row.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { REPORT_LIMIT = 256 * 1024, SOON_DAYS = 30 };

static void check_folder(struct patient *patient, struct finding *finding)
{
    struct error err = {0};
    patient->is_open = site_folder_open(patient->path, &patient->folder, &err);
    if (patient->is_open)
        finding_well(finding, "the %s site '%s'", patient->folder.kind == SITE_LIVE ? "live" : "demo",
            patient->folder.name);
    else
        finding_add(finding, FINDING_BAD, err.code,
            "'mizan site init' makes a site, 'mizan site restore' brings one back", "%s", err.text);
}

/* Of each file: which mode bits nobody may have, and whether it has to be there. */
static void check_modes(struct patient *patient, struct finding *finding)
{
    static const struct {
        const char *name;
        mode_t never;
        bool needed;
    } files[] = {{"site.ini", 022, true}, {"root.pub", 022, true}, {"roster.json", 022, true},
        {"site-key", 077, false}, {"server.key", 077, true}, {"server.pem", 022, true},
        {"site.db", 077, true}, {"keyring", 077, true}, {"keyring.epoch", 077, true}, {"log-key", 077, true},
        {"log-key.pub", 022, true}};
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        struct stat about;
        AUTO(text) char *path = site_folder_file(&patient->folder, files[i].name);
        if (stat(path, &about) != 0) {
            if (files[i].needed)
                finding_add(finding, FINDING_BAD, ERROR_MISSING, "restore the site from its backup",
                    "%s is missing", path);
            continue;
        }
        if (about.st_mode & files[i].never)
            finding_add(finding, FINDING_BAD, ERROR_FORBIDDEN,
                "chmod go-rwx (secrets) or go-w (others) on it", "%s has mode %03o", path,
                (unsigned)(about.st_mode & 0777));
    }
    finding_well(finding, "nobody else reads the secrets or writes the rest");
}

static void check_root_key(struct patient *patient, struct finding *finding)
{
    struct stat about;
    AUTO(text) char *path = site_folder_file(&patient->folder, "root.pub");
    AUTO(text) char *offline = site_folder_file(&patient->folder, "offline/root.key");
    if (stat(path, &about) == 0 && about.st_uid != 0)
        finding_add(finding, FINDING_WARNING, ERROR_NONE,
            "chown root, so that a desk that was taken over cannot exchange it",
            "%s belongs to user %u, not to root", path, (unsigned)about.st_uid);
    if (access(offline, F_OK) == 0)
        finding_add(finding, FINDING_WARNING, ERROR_NONE,
            "carry the folder 'offline' away and delete it here; it signs rosters",
            "the root's private key lies on this machine: %s", offline);
    finding_well(finding, "the root's public key belongs to root, its private key is elsewhere");
}

static void check_roster(struct patient *patient, struct finding *finding)
{
    struct error err = {0};
    struct roster *roster = NULL;
    if (!site_folder_roster(&patient->folder, &roster, &err)) {
        finding_add(finding, FINDING_BAD, err.code,
            "sign a roster with the offline root key ('mizan sign statement')", "%s", err.text);
        return;
    }
    finding_well(finding, "number %lld, %zu officers, signed by the root key",
        (long long)roster_number(roster), roster_officers(roster));
    roster_free(roster);
}

/* Who cannot sign in, by the roster in the folder. */
static void look_at_passes(struct patient *patient, struct ledger *ledger, struct finding *finding)
{
    struct pass pass;
    struct site site = {.kind = patient->folder.kind, .ledger = ledger};
    size_t broken = 0, missing = 0;
    if (!site_folder_roster(&patient->folder, &site.roster, NULL))
        return;
    for (size_t i = 0; i < roster_officers(site.roster); i++) {
        enum pass_state state = pass_find(&site, roster_officer_at(site.roster, i)->id, &pass);
        broken += state == PASS_BROKEN;
        missing += state == PASS_NONE && site.kind == SITE_LIVE;
    }
    roster_free(site.roster);
    if (broken)
        finding_add(finding, FINDING_WARNING, ERROR_NONE,
            "two officers of different offices reset each ('mizan pass list', 'mizan pass release')",
            "the passwords of %zu officers were changed outside the desk", broken);
    if (missing)
        finding_add(finding, FINDING_WARNING, ERROR_NONE,
            "have each make them at the first sign-in, with somebody beside who knows the officer",
            "%zu officers have no password and codes yet", missing);
}

/* What keeps the log from being opened names its cure behind a semicolon, where it has one of its own. */
static void add_refusal(struct finding *finding, const struct error *err)
{
    const char *cure = strstr(err->text, "; ");
    const char *other =
        err->code == ERROR_CORRUPT || err->code == ERROR_MISSING
            ? "keep the folder as it is; restore a backup into another one"
            : "look at the disk, its mount, and whose the folder is; run this as the desk's user";
    int length = cure ? (int)(cure - err->text) : (int)strlen(err->text);
    finding_add(finding, FINDING_BAD, err->code, cure ? cure + 2 : other, "%.*s", length, err->text);
}

static void say_restored(struct patient *patient, struct finding *finding)
{
    bool live = patient->folder.kind == SITE_LIVE;
    finding_add(finding, FINDING_WARNING, ERROR_NONE,
        live ? "have each station feed the status of its cases ('mizan status create'), or withdraw the "
               "entries that the desk's log names"
             : "make the status source answer for every case ([ports] simulator in site.ini)",
        "the site runs from a backup, and nothing arms before every status was asked again");
}

/* Opening verifies every leaf, the checkpoint, the keyring's epoch and the clock against the checkpoint. */
static void check_log(struct patient *patient, struct finding *finding)
{
    static struct site_ledger ledger;
    struct error err = {0};
    site_ledger_fill(&patient->folder, &ledger);
    if (ledger.options.keys_folder && access(ledger.options.keys_folder, F_OK) != 0) {
        finding_add(finding, FINDING_WARNING, ERROR_NONE, "bring that back, then look again",
            "not looked at while the keyring's backup is away");
        return;
    }
    AUTO(ledger) struct ledger *opened = ledger_open(&ledger.options, &err);
    if (!opened) {
        patient->desk_runs = site_ledger_is_held(&err);
        if (patient->desk_runs)
            finding_well(finding,
                "a desk runs with it; stop that to have the database and the whole log verified here");
        else
            add_refusal(finding, &err);
        return;
    }
    AUTO(query) struct query *query = query_new(opened->store, "PRAGMA integrity_check(1)", &err);
    bool whole = query_next(query) && strcmp(query_get_text(query, 0), "ok") == 0;
    if (!whole)
        finding_add(finding, FINDING_BAD, ERROR_CORRUPT,
            "keep the folder as it is; restore a backup into another one",
            "the database is damaged: SQLite's integrity check does not say ok");
    if (opened->restored_s)
        say_restored(patient, finding);
    look_at_passes(patient, opened, finding);
    finding_well(finding, "database whole, log verified, keyring at epoch %lld",
        (long long)keyring_epoch(opened->keyring));
}

static void check_report(struct patient *patient, struct finding *finding)
{
    struct error err = {0};
    const char *path = NULL;
    struct roster *roster = NULL;
    AUTO(bytes) struct bytes content = {NULL, 0};
    AUTO(envelope) struct envelope *report = NULL;
    if (config_need(patient->folder.config, "report", "file", &path, &err) &&
        file_read(path, REPORT_LIMIT, &content, &err))
        report = envelope_parse((const char *)content.data, content.size, &err);
    if (!report || !site_folder_roster(&patient->folder, &roster, &err)) {
        finding_add(finding, FINDING_BAD, err.code,
            "name the signed evaluation report in [report] file of site.ini", "%s", err.text);
        return;
    }
    if (!roster_trusts_report_key(roster, report->key))
        finding_add(finding, FINDING_BAD, ERROR_UNSIGNED,
            "take a report of a key that the roster names, or sign a roster that names this one",
            "%s is signed with a key that the roster does not trust for reports", path);
    finding_well(finding, "%s, of a key that the roster trusts", path);
    roster_free(roster);
}

static void check_models(struct patient *patient, struct finding *finding)
{
    struct error err = {0};
    const char *folder = NULL;
    struct pack *pack =
        config_need(patient->folder.config, "pack", "folder", &folder, &err) ? pack_open(folder, &err) : NULL;
    if (!pack) {
        finding_add(finding, FINDING_BAD, err.code, "place the pack again ('tools/setup' for the demo's)",
            "%s", err.text);
        return;
    }
    if (patient->folder.kind == SITE_LIVE && pack_use_of(pack) != PACK_LIVE)
        finding_add(finding, FINDING_BAD, ERROR_FORBIDDEN, "a live site needs a pack with 'use = live'",
            "the pack %s is for demonstrations", pack_name(pack));
    finding_well(finding, "the pack %s, every file with its hash", pack_name(pack));
    pack_free(pack);
}

static void check_backups(struct patient *patient, struct finding *finding)
{
    const char *keys = config_get(patient->folder.config, "backup", "keys");
    const char *folder = config_get(patient->folder.config, "backup", "folder");
    struct stat here, there;
    if (!keys || !folder) {
        finding_add(finding, FINDING_WARNING, ERROR_NONE,
            "name [backup] folder and keys in site.ini (docs/log.md)",
            "no backups: what this disk loses is lost");
        return;
    }
    if (access(keys, W_OK) != 0)
        finding_add(finding, FINDING_BAD, ERROR_SYSTEM,
            "mount or make it; nothing can be destroyed while it is away",
            "the folder of the keyring's backup cannot be written: %s", keys);
    else if (stat(keys, &there) == 0 && stat(patient->path, &here) == 0 && here.st_dev == there.st_dev)
        finding_add(finding, FINDING_WARNING, ERROR_NONE, "put [backup] keys on another medium",
            "the keyring and its backup lie on one disk: %s", keys);
    finding_well(finding, "into %s, the keyring's into %s", folder, keys);
}

static void check_certificate(struct patient *patient, struct finding *finding)
{
    struct error err = {0};
    int64_t days = 0;
    if (!certificate_days_left(patient->path, &days, &err)) {
        finding_add(finding, FINDING_BAD, err.code,
            "issue another with the site's authority (offline/ca.key)", "%s", err.text);
        return;
    }
    if (days < 0)
        finding_add(finding, FINDING_BAD, ERROR_CONFLICT,
            "issue another with the site's authority (offline/ca.key)",
            "the server's certificate is over since %lld days", (long long)-days);
    else if (days < SOON_DAYS)
        finding_add(finding, FINDING_WARNING, ERROR_NONE,
            "issue another with the site's authority (offline/ca.key)",
            "the server's certificate is over in %lld days", (long long)days);
    finding_well(finding, "of this site's authority, with its key, for %lld days more", (long long)days);
}

const struct check doctor_site_checks[] = {{"folder", false, check_folder}, {"modes", true, check_modes},
    {"root key", true, check_root_key}, {"roster", true, check_roster}, {"log", true, check_log},
    {"report", true, check_report}, {"models", true, check_models}, {"backups", true, check_backups},
    {"certificate", true, check_certificate}};
const size_t doctor_site_check_count = COUNT_OF(doctor_site_checks);
