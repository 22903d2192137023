/* A roster from the root key's statement, checked as a whole before anybody asks it. */
#include "sign/roster_private.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool need_id(const json_t *object, const char *field, char out[static 24], struct error *err)
{
    const char *id;
    if (!json_need_text(object, field, &id, err))
        return false;
    if (strlen(id) >= 24)
        return fail(err, ERROR_INVALID, "'%s' is too long for an id", field);
    memcpy(out, id, strlen(id) + 1);
    return true;
}

static bool read_roles(const json_t *object, uint32_t *out, struct error *err)
{
    const json_t *roles, *item;
    size_t index;
    if (!json_need_array(object, "roles", &roles, err))
        return false;
    json_array_foreach (roles, index, item) {
        enum role role;
        if (!json_is_string(item) || !role_read(json_string_value(item), &role))
            return fail(err, ERROR_INVALID, "the roster names a role that does not exist");
        *out |= 1U << role;
    }
    return true;
}

static void read_service_number(const json_t *object, struct officer *officer)
{
    const char *number = json_string_value(json_object_get(object, "service_number"));
    if (number)
        strncat(officer->service_number, number, sizeof officer->service_number - 1);
}

static bool read_officers(struct roster *roster, const json_t *fields, struct error *err)
{
    const json_t *list, *item;
    size_t index;
    if (!json_need_array(fields, "officers", &list, err))
        return false;
    roster->officers = memory_allocate(json_array_size(list) + 1, sizeof *roster->officers);
    json_array_foreach (list, index, item) {
        struct officer *officer = &roster->officers[index];
        if (!need_id(item, "officer", officer->id, err) || !need_id(item, "office", officer->office, err) ||
            !read_roles(item, &officer->roles, err) ||
            !json_need_array(item, "posts", &officer->posts, err) ||
            !json_need_hex(item, "key", officer->key, PUBLIC_KEY_SIZE, err))
            return false;
        read_service_number(item, officer);
        roster->officer_count++;
    }
    return true;
}

static bool read_devices(const json_t *fields, const char *list_name, const char *id_name,
    struct device **devices, size_t *count, struct error *err)
{
    const json_t *list, *item;
    size_t index;
    if (!json_need_array(fields, list_name, &list, err))
        return false;
    *devices = memory_allocate(json_array_size(list) + 1, sizeof **devices);
    json_array_foreach (list, index, item) {
        struct device *device = &(*devices)[index];
        if (!need_id(item, id_name, device->id, err) ||
            !json_need_hex(item, "key", device->key, PUBLIC_KEY_SIZE, err))
            return false;
        (*count)++;
    }
    return true;
}

static bool read_report_keys(struct roster *roster, const json_t *fields, struct error *err)
{
    const json_t *list, *item;
    size_t index;
    if (!json_need_array(fields, "report_keys", &list, err))
        return false;
    roster->report_keys = memory_allocate(json_array_size(list) + 1, PUBLIC_KEY_SIZE);
    json_array_foreach (list, index, item) {
        AUTO(json) json_t *holder = json_pack("{s:O}", "key", item);
        if (!json_need_hex(holder, "key", roster->report_keys[index], PUBLIC_KEY_SIZE, err))
            return false;
        roster->report_key_count++;
    }
    return true;
}

static bool read_fields(struct roster *roster, struct error *err)
{
    const json_t *fields = roster->envelope->fields;
    const char *kind;
    if (!json_need_text(fields, "kind", &kind, err) ||
        !json_need_integer(fields, "number", &roster->number, err) ||
        !json_need_hex(fields, "oversight_key", roster->oversight_key, PUBLIC_KEY_SIZE, err))
        return false;
    roster->kind = strcmp(kind, "live") == 0 ? SITE_LIVE : SITE_DEMO;
    return read_officers(roster, fields, err) && read_report_keys(roster, fields, err) &&
           read_devices(fields, "units", "unit", &roster->units, &roster->unit_count, err) &&
           read_devices(fields, "stations", "station", &roster->stations, &roster->station_count, err);
}

struct key_list {
    const uint8_t **keys;
    size_t count;
};

static int compare_keys(const void *left, const void *right)
{
    return memcmp(*(const uint8_t *const *)left, *(const uint8_t *const *)right, PUBLIC_KEY_SIZE);
}

/* One person with two accounts would sign with one key; one key in two places would let a device or a report
 * stand for a person. */
static bool check_keys_differ(const struct roster *roster, const uint8_t *root_key, struct error *err)
{
    size_t room =
        roster->officer_count + roster->unit_count + roster->station_count + roster->report_key_count + 2;
    struct key_list list = {memory_allocate(room, sizeof *list.keys), 0};
    list.keys[list.count++] = root_key;
    list.keys[list.count++] = roster->oversight_key;
    for (size_t i = 0; i < roster->officer_count; i++)
        list.keys[list.count++] = roster->officers[i].key;
    for (size_t i = 0; i < roster->unit_count; i++)
        list.keys[list.count++] = roster->units[i].key;
    for (size_t i = 0; i < roster->station_count; i++)
        list.keys[list.count++] = roster->stations[i].key;
    for (size_t i = 0; i < roster->report_key_count; i++)
        list.keys[list.count++] = roster->report_keys[i];
    qsort(list.keys, list.count, sizeof *list.keys, compare_keys);
    bool differ = true;
    for (size_t i = 1; i < list.count; i++)
        differ = differ && compare_keys(&list.keys[i - 1], &list.keys[i]) != 0;
    memory_release(list.keys);
    return differ || fail(err, ERROR_INVALID, "the roster uses one key twice");
}

static bool check_ids_differ(const struct roster *roster, struct error *err)
{
    for (size_t i = 0; i < roster->officer_count; i++) {
        if (roster_officer(roster, roster->officers[i].id) != &roster->officers[i])
            return fail(err, ERROR_INVALID, "the roster names officer %s twice", roster->officers[i].id);
    }
    for (size_t i = 0; i < roster->unit_count; i++) {
        if (roster_unit(roster, roster->units[i].id) != &roster->units[i])
            return fail(err, ERROR_INVALID, "the roster names unit %s twice", roster->units[i].id);
    }
    for (size_t i = 0; i < roster->station_count; i++) {
        if (roster_station(roster, roster->stations[i].id) != &roster->stations[i])
            return fail(err, ERROR_INVALID, "the roster names station %s twice", roster->stations[i].id);
    }
    return true;
}

struct person {
    const char *service_number, *officer;
};

static int compare_persons(const void *left, const void *right)
{
    return strcasecmp(
        ((const struct person *)left)->service_number, ((const struct person *)right)->service_number);
}

/* One person is one officer: two codes of one person would be two persons to every rule that asks for two. */
static bool check_persons_differ(const struct roster *roster, struct error *err)
{
    struct person *persons = memory_allocate(roster->officer_count + 1, sizeof *persons);
    size_t count = 0, twice = 0;
    for (size_t i = 0; i < roster->officer_count; i++) {
        if (roster->officers[i].service_number[0])
            persons[count++] = (struct person){roster->officers[i].service_number, roster->officers[i].id};
    }
    qsort(persons, count, sizeof *persons, compare_persons);
    for (size_t i = 1; i < count; i++) {
        if (compare_persons(&persons[i - 1], &persons[i]) == 0)
            twice = i;
    }
    if (twice)
        fail(err, ERROR_INVALID,
            "the roster gives %s and %s one service number, %s: one person is one officer",
            persons[twice - 1].officer, persons[twice].officer, persons[twice].service_number);
    memory_release(persons);
    return twice == 0;
}

static bool check_posts_exist(const struct roster *roster, struct error *err)
{
    for (size_t i = 0; i < roster->officer_count; i++) {
        size_t index;
        const json_t *item;
        json_array_foreach (roster->officers[i].posts, index, item) {
            const char *post = json_string_value(item);
            if (!roster_unit(roster, post) && !roster_station(roster, post))
                return fail(err, ERROR_INVALID, "the roster posts %s to %s, which is not in it",
                    roster->officers[i].id, post);
        }
    }
    return true;
}

static struct envelope *copy_envelope(const struct envelope *envelope, struct error *err)
{
    AUTO(json) json_t *json = envelope_json(envelope);
    return envelope_read_roster(json, err);
}

struct roster *roster_read(const struct envelope *envelope, const uint8_t root_key[static PUBLIC_KEY_SIZE],
    const char *site, struct error *err)
{
    AUTO(roster) struct roster *roster = memory_allocate(1, sizeof *roster);
    roster->suspended = json_array();
    if (!envelope_is(envelope, "roster", err))
        return NULL;
    if (!bytes_equal(envelope->key, root_key, PUBLIC_KEY_SIZE)) {
        fail(err, ERROR_UNSIGNED, "the roster is not signed with this site's root key");
        return NULL;
    }
    if (strcmp(envelope->site, site) != 0) {
        fail(err, ERROR_UNSIGNED, "the roster is for site %s, not for %s", envelope->site, site);
        return NULL;
    }
    roster->envelope = copy_envelope(envelope, err);
    if (!roster->envelope || !read_fields(roster, err) || !check_ids_differ(roster, err) ||
        !check_persons_differ(roster, err) || !check_posts_exist(roster, err) ||
        !check_keys_differ(roster, root_key, err))
        return NULL;
    return STEAL(roster);
}
