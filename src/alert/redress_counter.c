#include "alert/redress_counter.h"

#include "alert/charge.h"

#include <string.h>

json_t *counter_stations(const struct site *site, const struct officer *officer)
{
    json_t *stations = json_array();
    size_t index;
    json_t *post;
    json_array_foreach (officer->posts, index, post) {
        if (roster_station(site->roster, json_string_value(post)))
            json_array_append(stations, post);
    }
    return stations;
}

static bool is_posted_at_one(const struct officer *officer, const json_t *stations)
{
    size_t index;
    const json_t *station;
    json_array_foreach (stations, index, station) {
        if (officer_is_posted(officer, json_string_value(station)))
            return true;
    }
    return false;
}

/* Rows of before do not say where: it is where the taker is posted now. */
static json_t *stations_of(const struct site *site, const struct counter *counter)
{
    const struct officer *taker = roster_officer(site->roster, counter->taker);
    if (json_array_size(counter->stations) > 0 || !taker)
        return json_incref((json_t *)(uintptr_t)counter->stations);
    return counter_stations(site, taker);
}

static bool works_there(
    const struct officer *officer, const struct counter *counter, const char *charge, const json_t *stations)
{
    return officer_has(officer, ROLE_STATION) &&
           (strcmp(officer->id, counter->taker) == 0 || strcmp(officer->id, charge) == 0 ||
               is_posted_at_one(officer, stations));
}

static bool is_deserted(
    const struct site *site, const struct counter *counter, const char *charge, const json_t *stations)
{
    for (size_t i = 0; i < roster_officers(site->roster); i++) {
        const struct officer *officer = roster_officer_at(site->roster, i);
        if (!officer->suspended && works_there(officer, counter, charge, stations))
            return false;
    }
    return true;
}

bool counter_is_open_to(struct site *site, const struct counter *counter, const struct officer *officer,
    bool *out, struct error *err)
{
    char charge[ALERT_ID_SIZE];
    AUTO(json) json_t *stations = stations_of(site, counter);
    if (!charge_of(site, counter->request, charge, err))
        return false;
    *out = officer_has(officer, ROLE_AUTHORISER) || officer_has(officer, ROLE_INSPECTOR) ||
           works_there(officer, counter, charge, stations) ||
           (officer_has(officer, ROLE_STATION) && is_deserted(site, counter, charge, stations));
    return true;
}

bool counter_let_in(
    struct site *site, const struct redress *redress, const struct officer *officer, struct error *err)
{
    bool open = false;
    const struct counter counter = {redress->id, redress->officer, redress->stations};
    return counter_is_open_to(site, &counter, officer, &open, err) &&
           (open || fail(err, ERROR_FORBIDDEN, "request %s was taken at a station where %s is not posted",
                        redress->id, officer->id));
}
