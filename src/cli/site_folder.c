#include "cli/site_folder.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A line of 64 hex digits. */
static bool read_hex_file(const char *path, uint8_t out[static 32], struct error *err)
{
    AUTO(bytes) struct bytes content = {NULL, 0};
    if (!file_read(path, 128, &content, err))
        return false;
    char *text = (char *)content.data;
    text[strcspn(text, "\n")] = '\0';
    bool good = hex_read(text, out, 32);
    memory_wipe(content.data, content.size);
    return good || fail(err, ERROR_CORRUPT, "%s: has to hold 64 hex digits", path);
}

static bool read_site_key(struct site_folder *folder, struct error *err)
{
    const char *credentials = getenv("CREDENTIALS_DIRECTORY");
    AUTO(text)
    char *path = credentials ? text_format("%s/site-key", credentials) : site_folder_file(folder, "site-key");
    return read_hex_file(path, folder->site_key, err);
}

static bool read_config(struct site_folder *folder, struct error *err)
{
    AUTO(text) char *path = site_folder_file(folder, "site.ini");
    folder->config = config_load(path, err);
    const char *name = NULL, *kind = NULL;
    if (!folder->config || !config_need(folder->config, "site", "name", &name, err) ||
        !config_need(folder->config, "site", "kind", &kind, err))
        return false;
    if (strcmp(kind, "demo") != 0 && strcmp(kind, "live") != 0)
        return fail(err, ERROR_INVALID, "%s: kind is demo or live, not '%s'", path, kind);
    folder->kind = strcmp(kind, "live") == 0 ? SITE_LIVE : SITE_DEMO;
    snprintf(folder->name, sizeof folder->name, "%s", name);
    return folder->kind == SITE_DEMO || site_may_be_live(err);
}

static bool read_keys(struct site_folder *folder, struct error *err)
{
    AUTO(text) char *path = site_folder_file(folder, "root.pub");
    AUTO(bytes) struct bytes content = {NULL, 0};
    return file_read(path, SITE_KEYS_LIMIT, &content, err) &&
           (site_keys_parse(
                (const char *)content.data, folder->kind, folder->name, clock_now_s(), &folder->keys, err) ||
               fail_within(err, "%s", path));
}

bool site_folder_open(const char *path, struct site_folder *out, struct error *err)
{
    struct site_folder folder = {.path = memory_copy_text(path)};
    if (!read_config(&folder, err) || !read_keys(&folder, err) || !read_site_key(&folder, err)) {
        site_folder_done(&folder);
        return false;
    }
    *out = folder;
    return true;
}

void site_folder_done(struct site_folder *folder)
{
    config_free(folder->config);
    memory_release(folder->path);
    memory_wipe(folder, sizeof *folder);
}

char *site_folder_file(const struct site_folder *folder, const char *name)
{
    return text_format("%s/%s", folder->path, name);
}

bool site_folder_roster(const struct site_folder *folder, struct roster **out, struct error *err)
{
    AUTO(text) char *path = site_folder_file(folder, "roster.json");
    AUTO(bytes) struct bytes content = {NULL, 0};
    if (!file_read(path, (size_t)2 * ROSTER_LIMIT, &content, err))
        return fail_within(err, "no roster: sign one with 'mizan sign statement' and put it there");
    AUTO(envelope)
    struct envelope *envelope = envelope_parse_roster((const char *)content.data, content.size, err);
    struct roster *roster = envelope ? roster_read(envelope, folder->keys.root, folder->name, err) : NULL;
    if (!roster)
        return fail_within(err, "%s", path);
    *out = roster;
    return true;
}

bool site_folder_endorsement(const struct site_folder *folder, struct envelope **out, struct error *err)
{
    if (folder->kind == SITE_DEMO)
        return true;
    AUTO(text) char *path = site_folder_file(folder, "roster-endorsement.json");
    AUTO(bytes) struct bytes content = {NULL, 0};
    if (!file_read(path, STATEMENT_LIMIT, &content, err))
        return fail_within(err, "the oversight body has not signed the roster");
    struct envelope *endorsement = envelope_parse((const char *)content.data, content.size, err);
    if (!endorsement)
        return fail_within(err, "%s", path);
    *out = endorsement;
    return true;
}

bool site_folder_witness(const struct site_folder *folder, uint8_t key[static PUBLIC_KEY_SIZE],
    struct witness_options *out, struct error *err)
{
    const char *address = config_get(folder->config, "witness", "address"), *name = NULL, *hex = NULL;
    if (address && (!config_need(folder->config, "witness", "name", &name, err) ||
                       !config_need(folder->config, "witness", "key", &hex, err)))
        return false;
    if (address && !hex_read(hex, key, PUBLIC_KEY_SIZE))
        return fail(err, ERROR_INVALID, "[witness] key in site.ini has to hold 64 hex digits");
    if (!address && folder->kind == SITE_LIVE)
        return fail(
            err, ERROR_FORBIDDEN, "a live site needs a witness outside the force: [witness] in site.ini");
    *out = (struct witness_options){.address = address, .name = name, .key = key, .folder = folder->path};
    return true;
}
