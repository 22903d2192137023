#include "alert/person.h"

#include "alert/evidence.h"
#include "list/camera.h"
#include "list/entry.h"
#include "list/presence.h"

#include <string.h>

/* Nobody presses "I am here" while driving to somebody: a crew that was there when the alert was sent keeps
 * it when the time of its presence is over. */
static bool is_with_alert(struct site *site, const char *officer, const struct alert *alert)
{
    const char *with = presence_unit_since(site, officer, alert->dispatched_us / 1000000);
    return with && strcmp(with, alert->unit) == 0;
}

bool crew_has_alert(struct site *site, const char *officer, const struct alert *alert, struct error *err)
{
    const struct officer *known = roster_officer(site->roster, officer);
    if (!known || !officer_has(known, ROLE_CREW) || !alert->unit[0] || !is_with_alert(site, officer, alert))
        return fail(err, ERROR_FORBIDDEN, "%s is not the crew that has alert %s", officer, alert->id);
    return true;
}

bool crew_hears_of_unit(struct site *site, const struct officer *officer, const char *unit)
{
    if (!unit[0] || !officer_has(officer, ROLE_CREW) || !officer_is_posted(officer, unit))
        return false; /* before the database is asked, for every stream at every event */
    const char *with = presence_unit_since(site, officer->id, 0);
    return with && strcmp(with, unit) == 0;
}

static bool waits_at_station(struct site *site, const struct officer *officer, const struct alert *alert)
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "SELECT station FROM alert_handover WHERE alert = :alert", NULL);
    query_text(query, ":alert", alert->id);
    while (query_next(query)) {
        if (officer_is_posted(officer, query_get_text(query, 0)))
            return true;
    }
    return false;
}

static bool share_station(struct site *site, const struct officer *one, const struct officer *other)
{
    size_t index;
    const json_t *post;
    json_array_foreach (one->posts, index, post) {
        const char *id = json_string_value(post);
        if (roster_station(site->roster, id) && officer_is_posted(other, id))
            return true;
    }
    return false;
}

/* The packets are gone by then; who signed for them is not. */
static bool was_signed_for(struct site *site, const struct officer *officer, const struct alert *alert)
{
    AUTO(statements) struct statements receipts = {0};
    if (!statements_load(site, alert, "receipt", ROLE_STATION, &receipts, NULL))
        return false;
    for (size_t i = 0; i < receipts.count; i++) {
        if (share_station(site, receipts.by[i].officer, officer))
            return true;
    }
    return false;
}

bool station_has_alert(struct site *site, const struct officer *officer, const struct alert *alert)
{
    return officer_has(officer, ROLE_STATION) &&
           ((alert->state == ALERT_HANDED_OVER && waits_at_station(site, officer, alert)) ||
               (alert->state == ALERT_RECEIVED && was_signed_for(site, officer, alert)));
}

bool unit_is_free(struct site *site, const char *unit, struct error *err)
{
    if (!roster_unit(site->roster, unit))
        return fail(err, ERROR_MISSING, "no unit %s in the roster", unit);
    if (presence_crew_of(site, unit) == 0)
        return fail(err, ERROR_CONFLICT, "nobody is present with unit %s", unit);
    AUTO(json) json_t *busy = alert_open_ids(site, "unit", unit, err);
    const char *has = json_string_value(json_array_get(busy, 0));
    if (has)
        return fail(err, ERROR_CONFLICT, "unit %s has alert %s", unit, has);
    return busy != NULL;
}

bool person_is_no_party(struct site *site, const char *officer, const struct alert *alert, struct error *err)
{
    struct error unknown = {0};
    bool party = entry_is_party(site, alert->entry, officer, &unknown);
    if (unknown.code != ERROR_NONE) {
        if (err)
            *err = unknown;
        return false;
    }
    if (party)
        return fail(
            err, ERROR_FORBIDDEN, "%s proposed or approved the entry of alert %s", officer, alert->id);
    return true;
}

json_t *place_json(struct site *site, const char *camera, struct error *err)
{
    struct camera found;
    char credentials[128];
    if (!camera_find(site, camera, &found, credentials, err))
        return NULL;
    memory_wipe(credentials, sizeof credentials);
    return json_pack("{s:s, s:I, s:I}", "name", found.name, "latitude_e7", (json_int_t)found.latitude_e7,
        "longitude_e7", (json_int_t)found.longitude_e7);
}
