#include "sign/roster_private.h"

#include "sign/limits.h"

#include <string.h>

static const char *const role_words[ROLE_COUNT] = {
    [ROLE_WATCH_OFFICER] = "watch_officer",
    [ROLE_AUTHORISER] = "authoriser",
    [ROLE_REVIEWER] = "reviewer",
    [ROLE_DISPATCHER] = "dispatcher",
    [ROLE_CREW] = "crew",
    [ROLE_STATION] = "station",
    [ROLE_AUDITOR] = "auditor",
    [ROLE_OUTSIDE_SIGNER] = "outside_signer",
    [ROLE_INSPECTOR] = "inspector",
    [ROLE_ADMIN] = "admin",
};

const char *role_word(enum role role)
{
    return role_words[role];
}

bool role_read(const char *word, enum role *out)
{
    for (size_t i = 0; i < ROLE_COUNT; i++) {
        if (strcmp(role_words[i], word) == 0) {
            *out = (enum role)i;
            return true;
        }
    }
    return false;
}

bool officer_has(const struct officer *officer, enum role role)
{
    return (officer->roles >> role) & 1;
}

bool officer_is_posted(const struct officer *officer, const char *post)
{
    size_t index;
    const json_t *item;
    json_array_foreach (officer->posts, index, item) {
        if (strcmp(json_string_value(item), post) == 0)
            return true;
    }
    return false;
}

static bool endorses(const struct roster *roster, const struct envelope *endorsement, struct error *err)
{
    char hash[HEX_HASH_SIZE];
    envelope_hash_hex(roster->envelope, hash);
    if (!envelope_is(endorsement, "roster_endorsement", err))
        return false;
    if (strcmp(endorsement->site, roster_site(roster)) != 0 ||
        json_integer_value(json_object_get(endorsement->fields, "number")) != roster->number ||
        strcmp(json_string_value(json_object_get(endorsement->fields, "roster_hash")), hash) != 0)
        return fail(err, ERROR_UNSIGNED, "the oversight body signed another roster than number %lld",
            (long long)roster->number);
    return true;
}

bool roster_counts(const struct roster *roster, const struct envelope *endorsement,
    const uint8_t *endorsement_key, int64_t now_s, struct error *err)
{
    if (roster->kind == SITE_DEMO)
        return true;
    if (!endorsement_key)
        return fail(err, ERROR_UNSIGNED, "the oversight body's key is not pinned beside the root key");
    if (!endorsement || !bytes_equal(endorsement->key, endorsement_key, PUBLIC_KEY_SIZE) ||
        bytes_equal(endorsement->key, roster->envelope->key, PUBLIC_KEY_SIZE))
        return fail(err, ERROR_UNSIGNED, "roster %lld is not signed by the oversight body",
            (long long)roster->number);
    if (!endorses(roster, endorsement, err))
        return false;
    if (now_s - endorsement->at_s < LIMIT_ROSTER_WAIT_S)
        return fail(err, ERROR_FORBIDDEN, "roster %lld counts %d hours after the oversight body signed it",
            (long long)roster->number, LIMIT_ROSTER_WAIT_S / 3600);
    return true;
}

struct roster *roster_share(struct roster *roster)
{
    roster->shares++;
    return roster;
}

void roster_free(struct roster *roster)
{
    if (!roster)
        return;
    if (roster->shares > 0) {
        roster->shares--;
        return;
    }
    envelope_free(roster->envelope);
    memory_release(roster->officers);
    memory_release(roster->units);
    memory_release(roster->stations);
    memory_release(roster->report_keys);
    json_decref(roster->suspended);
    memory_release(roster);
}

int64_t roster_number(const struct roster *roster)
{
    return roster->number;
}

enum site_kind roster_kind(const struct roster *roster)
{
    return roster->kind;
}

const char *roster_site(const struct roster *roster)
{
    return roster->envelope->site;
}

const uint8_t *roster_oversight_key(const struct roster *roster)
{
    return roster->oversight_key;
}

const struct envelope *roster_envelope(const struct roster *roster)
{
    return roster->envelope;
}

const struct officer *roster_officer(const struct roster *roster, const char *id)
{
    for (size_t i = 0; i < roster->officer_count; i++) {
        if (!roster->officers[i].suspended && strcmp(roster->officers[i].id, id) == 0)
            return &roster->officers[i];
    }
    return NULL;
}

size_t roster_officers(const struct roster *roster)
{
    return roster->officer_count;
}

const struct officer *roster_officer_at(const struct roster *roster, size_t index)
{
    return index < roster->officer_count ? &roster->officers[index] : NULL;
}

static const struct device *device_find(const struct device *devices, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(devices[i].id, id) == 0)
            return &devices[i];
    }
    return NULL;
}

const struct device *roster_unit(const struct roster *roster, const char *id)
{
    return device_find(roster->units, roster->unit_count, id);
}

const struct device *roster_unit_at(const struct roster *roster, size_t index)
{
    return index < roster->unit_count ? &roster->units[index] : NULL;
}

const struct device *roster_station(const struct roster *roster, const char *id)
{
    return device_find(roster->stations, roster->station_count, id);
}

bool roster_key_of(const struct roster *roster, const char *id, uint8_t out[static PUBLIC_KEY_SIZE])
{
    const struct officer *officer = roster_officer(roster, id);
    const struct device *device = roster_unit(roster, id);
    if (!device)
        device = roster_station(roster, id);
    if (!officer && !device)
        return false;
    memcpy(out, officer ? officer->key : device->key, PUBLIC_KEY_SIZE);
    return true;
}

static void device_drop(struct device *devices, size_t *count, const char *id)
{
    const struct device *found = device_find(devices, *count, id);
    if (!found)
        return;
    size_t index = (size_t)(found - devices);
    memmove(&devices[index], &devices[index + 1], (*count - index - 1) * sizeof *devices);
    (*count)--;
}

void roster_suspend(struct roster *roster, const char *id, const uint8_t key[static PUBLIC_KEY_SIZE])
{
    uint8_t own[PUBLIC_KEY_SIZE];
    if (!roster_key_of(roster, id, own) || !bytes_equal(own, key, PUBLIC_KEY_SIZE))
        return;
    for (size_t i = 0; i < roster->officer_count; i++) {
        if (strcmp(roster->officers[i].id, id) == 0) {
            roster->officers[i].suspended = true;
            roster->officers[i].roles = 0;
        }
    }
    device_drop(roster->units, &roster->unit_count, id);
    device_drop(roster->stations, &roster->station_count, id);
    json_array_append_new(roster->suspended, json_string(id));
}

const json_t *roster_suspended(const struct roster *roster)
{
    return roster->suspended;
}

bool roster_trusts_report_key(const struct roster *roster, const uint8_t key[static PUBLIC_KEY_SIZE])
{
    for (size_t i = 0; i < roster->report_key_count; i++) {
        if (bytes_equal(roster->report_keys[i], key, PUBLIC_KEY_SIZE))
            return true;
    }
    return false;
}

static bool is_suspended(const struct roster *roster, const char *id, const uint8_t *key)
{
    for (size_t i = 0; i < roster->officer_count; i++) {
        const struct officer *officer = &roster->officers[i];
        if (strcmp(officer->id, id) == 0)
            return officer->suspended && bytes_equal(officer->key, key, PUBLIC_KEY_SIZE);
    }
    return false;
}

const struct officer *roster_check_any(
    const struct roster *roster, const struct envelope *envelope, struct error *err)
{
    const struct officer *officer = roster_officer(roster, envelope->by);
    /* Only who holds that key is told whose it is. */
    if (!officer && is_suspended(roster, envelope->by, envelope->key)) {
        fail(err, ERROR_UNSIGNED,
            "the key of %s was suspended and signs nothing any more: make a new one, which the "
            "administrator puts into the next roster under the same code",
            envelope->by);
        return NULL;
    }
    if (!officer) {
        fail(err, ERROR_UNSIGNED,
            "%s is not in roster %lld; the administrator puts a new key into the next one", envelope->by,
            (long long)roster->number);
        return NULL;
    }
    if (!bytes_equal(officer->key, envelope->key, PUBLIC_KEY_SIZE)) {
        fail(err, ERROR_UNSIGNED, "the '%s' statement is not signed with %s's key", envelope->type,
            envelope->by);
        return NULL;
    }
    if (strcmp(envelope->site, roster_site(roster)) != 0) {
        fail(err, ERROR_UNSIGNED, "the '%s' statement is for site %s", envelope->type, envelope->site);
        return NULL;
    }
    return officer;
}

const struct officer *roster_check(
    const struct roster *roster, const struct envelope *envelope, enum role role, struct error *err)
{
    const struct officer *officer = roster_check_any(roster, envelope, err);
    if (officer && !officer_has(officer, role)) {
        fail(err, ERROR_FORBIDDEN, "%s does not have the role %s, which '%s' needs", officer->id,
            role_word(role), envelope->type);
        return NULL;
    }
    return officer;
}
