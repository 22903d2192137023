#include "cli/site_backup.h"

#include "base/file.h"
#include "base/text.h"
#include "cli/site_ledger.h"
#include "govern/backup.h"
#include "list/backup.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOTE_LIMIT = 4096, SECRET_LIMIT = 64 * 1024 };

struct places {
    const char *site, *to, *from, *keys, *secrets, *checkpoint, *today;
};

static bool read_places(int argc, char **argv, struct places *out, struct error *err)
{
    static const struct option names[] = {{"to", 1, NULL, 't'}, {"from", 1, NULL, 'f'},
        {"keys", 1, NULL, 'k'}, {"secrets", 1, NULL, 's'}, {"checkpoint", 1, NULL, 'c'},
        {"after-pause", 1, NULL, 'p'}, {NULL, 0, NULL, 0}};
    *out = (struct places){NULL};
    optind = 1;
    for (int option; (option = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        const char **slot = option == 't'   ? &out->to
                            : option == 'f' ? &out->from
                            : option == 'k' ? &out->keys
                            : option == 's' ? &out->secrets
                            : option == 'c' ? &out->checkpoint
                            : option == 'p' ? &out->today
                                            : NULL;
        if (!slot)
            return fail(err, ERROR_USAGE, "see 'mizan site --help'");
        *slot = optarg;
    }
    out->site = argv[optind];
    return optind + 1 >= argc || fail(err, ERROR_USAGE, "site %s does not take '%s'; see 'mizan site --help'",
                                     argv[0], argv[optind + 1]);
}

bool site_backup(int argc, char **argv, struct error *err)
{
    struct places places;
    struct site_folder folder;
    static struct site_ledger ledger;
    if (!read_places(argc, argv, &places, err))
        return false;
    if (!places.site || !places.to || !places.keys)
        return fail(err, ERROR_USAGE, "site backup needs the site's folder, --to FOLDER and --keys FOLDER");
    if (!site_folder_open(places.site, &folder, err))
        return false;
    site_ledger_fill(&folder, &ledger);
    ledger.options.keys_folder = places.keys;
    ledger.options.today = places.today;
    AUTO(ledger) struct ledger *opened = ledger_open(&ledger.options, err);
    bool done = opened && ledger_back_up(opened, &ledger.options, places.to, err) &&
                backup_copy_files(places.site, places.to, err);
    if (!opened && site_ledger_is_held(err))
        fail_within(err, "the desk runs: ask it with 'mizan backup create', or stop it");
    AUTO(text) char *note = done ? ledger_checkpoint(opened, err) : NULL;
    if (note)
        printf("%s", note);
    site_folder_done(&folder);
    return note != NULL;
}

/* What is in no backup: the key that opens it and the key that the server shows. */
static bool copy_secrets(const struct places *places, struct error *err)
{
    static const char *const names[] = {"site-key", "server.pem", "server.key"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        AUTO(text) char *from = text_format("%s/%s", places->secrets, names[i]);
        AUTO(text) char *to = text_format("%s/%s", places->site, names[i]);
        AUTO(bytes) struct bytes content = {NULL, 0};
        if (access(from, F_OK) != 0)
            continue;
        if (!file_read(from, SECRET_LIMIT, &content, err) ||
            !file_write(to, i == 1 ? 0644 : 0600, content.data, content.size, err))
            return false;
        memory_wipe(content.data, content.size);
    }
    return true;
}

/* A restore that is refused takes away what it made, so all in the folder has to be its own. */
static bool make_new_folder(const char *path, struct error *err)
{
    AUTO(text) char *above = memory_copy_text(path);
    size_t length = strlen(above);
    while (length > 1 && above[length - 1] == '/')
        above[--length] = '\0';
    char *slash = strrchr(above, '/');
    if (slash && slash > above) {
        *slash = '\0';
        if (!file_make_folder(above, 0755, err))
            return false;
    }
    if (mkdir(path, 0755) == 0)
        return true;
    if (errno != EEXIST)
        return fail_errno(err, "%s", path);
    return fail(
        err, ERROR_CONFLICT, "%s is there already; restore into a folder that does not exist yet", path);
}

static void remove_again(const char *folder)
{
    static const char *const names[] = {"site.ini", "root.pub", "roster.json", "roster-endorsement.json",
        "ca.pem", "site-key", "server.pem", "server.key"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        AUTO(text) char *path = text_format("%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

/* Somebody outside has a live site's newest checkpoint: nobody takes it back to an earlier day unseen. */
static bool checkpoint_is_shown(const struct restoring *restoring, struct error *err)
{
    return restoring->newest_note || !restoring->witness ||
           fail(err, ERROR_USAGE,
               "a live site is restored with --checkpoint FILE, the newest checkpoint that its witness has: "
               "curl http://%s/checkpoint",
               restoring->witness->address);
}

static bool restore_ledger(const struct places *places, int64_t *records_lost, struct error *err)
{
    struct site_folder folder;
    static struct site_ledger ledger;
    struct witness_options witness;
    uint8_t witness_key[PUBLIC_KEY_SIZE];
    AUTO(bytes) struct bytes note = {NULL, 0};
    if (places->checkpoint && !file_read(places->checkpoint, NOTE_LIMIT, &note, err))
        return false;
    if (!site_folder_open(places->site, &folder, err))
        return false;
    site_ledger_fill(&folder, &ledger);
    ledger.options.keys_folder = places->keys;
    ledger.options.today = places->today;
    const struct restoring restoring = {.folder = places->from,
        .keys_folder = places->keys,
        .newest_note = (const char *)note.data,
        .witness = folder.kind == SITE_LIVE ? &witness : NULL};
    bool done = site_folder_witness(&folder, witness_key, &witness, err) &&
                checkpoint_is_shown(&restoring, err) &&
                ledger_restore(&ledger.options, &restoring, records_lost, err);
    site_folder_done(&folder);
    return done;
}

static void say_lost(int64_t records)
{
    if (records < 0)
        printf("No newest checkpoint was shown: nobody can tell whether records are missing.\n");
    else
        printf("%lld records that the checkpoint counts are not in this backup.\n", (long long)records);
    if (records)
        printf("What was done after the backup has to be done again, before anything is armed: entries "
               "withdrawn,\n"
               "officers suspended or gone, complaints decided. A kept export of the log names each.\n");
}

bool site_restore(int argc, char **argv, struct error *err)
{
    struct places places;
    int64_t records_lost = -1;
    if (!read_places(argc, argv, &places, err))
        return false;
    if (!places.site || !places.from || !places.keys || !places.secrets)
        return fail(err, ERROR_USAGE,
            "site restore needs the new folder, --from BACKUP, --keys FOLDER and --secrets FOLDER");
    if (!make_new_folder(places.site, err))
        return false;
    if (!backup_copy_files(places.from, places.site, err) || !copy_secrets(&places, err) ||
        !restore_ledger(&places, &records_lost, err)) {
        remove_again(places.site);
        return false;
    }
    printf("Restored into %s. Look through its site.ini for paths of the old machine. What ran is halted; "
           "nothing arms\n"
           "before the status of every case was asked again.\n",
        places.site);
    say_lost(records_lost);
    return true;
}
