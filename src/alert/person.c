#include "alert/person.h"

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
