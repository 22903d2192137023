#include "list/place.h"

#include "base/text.h"
#include "govern/ledger_find.h"
#include "list/action.h"
#include "list/operation.h"
#include "list/operation_proof.h"

#include <math.h>
#include <string.h>

const struct migration place_migrations[] = {
    {"list-0011-place",
        "CREATE TABLE protected_part (part INTEGER PRIMARY KEY, statement TEXT NOT NULL) STRICT"},
};
const size_t place_migration_count = COUNT_OF(place_migrations);

static int64_t integer_of(const json_t *object, const char *field)
{
    return json_integer_value(json_object_get(object, field));
}

/* The newest record of each part, by the part's number in text: a new reference. */
static json_t *newest_records(struct site *site, struct error *err)
{
    AUTO(json) json_t *newest = json_object();
    AUTO(finding) struct finding found = {.ledger = site->ledger, .by = FIND_KIND, .value = "places_signed"};
    while (finding_next(&found)) {
        json_t *record = json_read((const char *)found.leaf.data, found.leaf.size, STATEMENT_LIMIT, err);
        if (!record)
            return NULL;
        char part[24];
        snprintf(part, sizeof part, "%d", (int)integer_of(record, "part"));
        json_object_set_new(newest, part, record);
    }
    return finding_ok(&found, err) ? STEAL(newest) : NULL;
}

static struct envelope *stored_part(struct site *site, int64_t part, struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "SELECT statement FROM protected_part WHERE part = :part", err);
    query_integer(query, ":part", part);
    if (query_next(query)) {
        const char *text = query_get_text(query, 0);
        return envelope_parse(text, strlen(text), err);
    }
    if (query_ok(query, err))
        fail(err, ERROR_CORRUPT, "part %d of the protected places was taken away", (int)part);
    return NULL;
}

/* A new reference to the fields of the part that this record tells of. */
static json_t *part_as_recorded(struct site *site, const json_t *record, struct error *err)
{
    int64_t part = integer_of(record, "part");
    char hash[HEX_HASH_SIZE];
    AUTO(envelope) struct envelope *envelope = stored_part(site, part, err);
    if (!envelope)
        return NULL;
    envelope_hash_hex(envelope, hash);
    const char *recorded = json_string_value(json_object_get(record, "places_hash"));
    if (!recorded || strcmp(hash, recorded) != 0) {
        fail(err, ERROR_CORRUPT, "part %d of the protected places was changed outside the desk", (int)part);
        return NULL;
    }
    return json_incref(envelope->fields);
}

json_t *places_signed(struct site *site, struct error *err)
{
    AUTO(json) json_t *records = newest_records(site, err);
    AUTO(json) json_t *parts = json_array();
    const char *name;
    const json_t *record;
    if (!records)
        return NULL;
    json_object_foreach (records, name, record) {
        json_t *fields = part_as_recorded(site, record, err);
        if (!fields)
            return NULL;
        json_array_append_new(parts, fields);
    }
    return STEAL(parts);
}

double place_distance_m(int64_t latitude, int64_t longitude, int64_t other_latitude, int64_t other_longitude)
{
    const double metres_a_degree = 111320.0, radians = 3.14159265358979323846 / 180.0;
    double north = (double)(latitude - other_latitude) * 1e-7 * metres_a_degree;
    double east = (double)(longitude - other_longitude) * 1e-7 * metres_a_degree *
                  cos((double)latitude * 1e-7 * radians);
    return sqrt(north * north + east * east);
}

static bool covers(
    const json_t *place, int64_t latitude_e7, int64_t longitude_e7, int64_t starts_s, int64_t ends_s)
{
    int64_t from = integer_of(place, "from"), until = integer_of(place, "until");
    bool always = from == 0 && until == 0;
    return (always || (starts_s < until && from < ends_s)) &&
           place_distance_m(latitude_e7, longitude_e7, integer_of(place, "latitude_e7"),
               integer_of(place, "longitude_e7")) <= (double)integer_of(place, "radius_m");
}

bool places_cover(
    const json_t *parts, int64_t latitude_e7, int64_t longitude_e7, int64_t starts_s, int64_t ends_s)
{
    size_t index, inner;
    const json_t *part, *place;
    json_array_foreach (parts, index, part) {
        json_array_foreach (json_object_get(part, "places"), inner, place) {
            if (covers(place, latitude_e7, longitude_e7, starts_s, ends_s))
                return true;
        }
    }
    return false;
}

static bool times_are_whole(const json_t *places, struct error *err)
{
    size_t index;
    const json_t *place;
    json_array_foreach (places, index, place) {
        int64_t from = integer_of(place, "from"), until = integer_of(place, "until");
        if ((from || until) && until <= from)
            return fail(err, ERROR_INVALID,
                "place %zu: it ends before it begins; give 0 and 0 for a place that always is protected",
                index + 1);
    }
    return true;
}

static const json_t *part_of(const json_t *parts, int64_t number)
{
    size_t index;
    const json_t *part;
    json_array_foreach (parts, index, part) {
        if (integer_of(part, "part") == number)
            return part;
    }
    return NULL;
}

static bool holds(const json_t *places, const json_t *wanted)
{
    size_t index;
    const json_t *place;
    json_array_foreach (places, index, place) {
        if (json_equal(place, wanted))
            return true;
    }
    return false;
}

/* Who works under the list does not make it shorter. */
static bool only_adds(const json_t *before, const json_t *after, struct error *err)
{
    size_t index;
    const json_t *place;
    json_array_foreach (json_object_get(before, "places"), index, place) {
        if (!holds(json_object_get(after, "places"), place))
            return fail(err, ERROR_FORBIDDEN,
                "place %zu of the list before is missing; an authoriser adds, an outside signer takes away",
                index + 1);
    }
    return true;
}

static bool may_sign(
    struct site *site, const struct envelope *envelope, const struct officer *officer, struct error *err)
{
    AUTO(json) json_t *parts = places_signed(site, err);
    if (!parts || !times_are_whole(json_object_get(envelope->fields, "places"), err))
        return false;
    const json_t *before = part_of(parts, integer_of(envelope->fields, "part"));
    int64_t number = before ? integer_of(before, "number") + 1 : 1;
    if (integer_of(envelope->fields, "number") != number)
        return fail(err, ERROR_CONFLICT, "the part's next list is number %lld", (long long)number);
    return officer_has(officer, ROLE_OUTSIDE_SIGNER) || !before || only_adds(before, envelope->fields, err);
}

static bool keep_part(struct site *site, const struct envelope *envelope, struct error *err)
{
    AUTO(json) json_t *json = envelope_json(envelope);
    AUTO(text) char *text = json_canonical(json, err);
    if (!text)
        return false;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT OR REPLACE INTO protected_part (part, statement) VALUES (:part, :statement)", err);
    query_integer(query, ":part", integer_of(envelope->fields, "part"));
    query_text(query, ":statement", text);
    return query_done(query, err);
}

static bool record_part(struct site *site, const struct envelope *envelope, struct error *err)
{
    char hash[HEX_HASH_SIZE];
    envelope_hash_hex(envelope, hash);
    AUTO(json)
    json_t *fields =
        json_pack("{s:I, s:I, s:s, s:I}", "part", (json_int_t)integer_of(envelope->fields, "part"), "number",
            (json_int_t)integer_of(envelope->fields, "number"), "places_hash", hash, "places",
            (json_int_t)json_array_size(json_object_get(envelope->fields, "places")));
    struct record record = {.kind = "places_signed", .by = envelope->by, .public_fields = fields};
    return ledger_record(site->ledger, &record, err);
}

json_t *places_sign(struct site *site, const struct envelope *envelope, struct error *err)
{
    struct action action;
    uint32_t roles = ROLE_BIT(ROLE_AUTHORISER) | ROLE_BIT(ROLE_OUTSIDE_SIGNER);
    if (!action_check(site, envelope, "protected_places", roles, &action, err))
        return NULL;
    if (action.reply)
        return action.reply;
    if (!may_sign(site, envelope, action.officer, err) || !ledger_begin(site->ledger, err))
        return NULL;
    json_t *halted = json_array();
    json_t *reply = json_pack("{s:O, s:O, s:o}", "part", json_object_get(envelope->fields, "part"), "number",
        json_object_get(envelope->fields, "number"), "halted", halted);
    bool done = keep_part(site, envelope, err) && record_part(site, envelope, err) &&
                operation_halt_protected(site, halted, err);
    reply = action_commit(site, envelope, done, reply, err);
    if (reply)
        operation_disarm_halted(site);
    return reply;
}

json_t *places_show(struct site *site, struct error *err)
{
    AUTO(json) json_t *parts = places_signed(site, err);
    AUTO(json) json_t *shown = json_array();
    size_t index;
    const json_t *part;
    if (!parts)
        return NULL;
    json_array_foreach (parts, index, part) {
        json_array_append_new(
            shown, json_pack("{s:O, s:O, s:O}", "part", json_object_get(part, "part"), "number",
                       json_object_get(part, "number"), "places", json_object_get(part, "places")));
    }
    return json_pack("{s:O}", "parts", shown);
}
