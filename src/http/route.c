#include "http/route.h"

#include "http/handlers.h"

#include <stdio.h>
#include <string.h>

#define API "/api/v1"
#define HAS(role) (1U << ROLE_##role)
#define CONTROL_ROOM (HAS(REVIEWER) | HAS(DISPATCHER) | HAS(AUTHORISER) | HAS(WATCH_OFFICER) | HAS(INSPECTOR))
#define ALERT_ROLES (HAS(REVIEWER) | HAS(DISPATCHER) | HAS(CREW) | HAS(STATION))
#define COUNTER (HAS(STATION) | HAS(AUTHORISER) | HAS(INSPECTOR))
#define RELEASERS (HAS(ADMIN) | HAS(AUTHORISER) | HAS(INSPECTOR))
#define LISTS (HAS(WATCH_OFFICER) | HAS(AUTHORISER))

#define OPEN(path, handler)                                                                                  \
    {                                                                                                        \
        "GET", path, ACCESS_ALL, 0, BODY_NONE, NULL, handler                                                 \
    }
#define SHOW(path, roles, handler)                                                                           \
    {                                                                                                        \
        "GET", path, ACCESS_SIGNED_IN, roles, BODY_NONE, NULL, handler                                       \
    }
#define JSON_IN(method, path, roles, handler)                                                                \
    {                                                                                                        \
        method, path, ACCESS_SIGNED_IN, roles, BODY_JSON, NULL, handler                                      \
    }
#define ACTION(path, roles, statement, handler)                                                              \
    {                                                                                                        \
        "POST", path, ACCESS_SIGNED_IN, roles, BODY_ENVELOPE, statement, handler                             \
    }

static const struct route routes[] = {
    OPEN("/", page_file),
    OPEN("/page.js", page_file),
    OPEN("/office.js", page_file),
    OPEN("/page.css", page_file),
    OPEN("/manifest.webmanifest", page_file),
    OPEN("/map.js", page_file),
    OPEN("/plot.js", page_file),
    OPEN("/refusals.js", page_file),
    OPEN("/shell.js", page_file),
    OPEN("/licences.txt", page_file),
    OPEN("/icon.svg", page_file),
    OPEN("/urdu-400.woff2", page_file),
    OPEN("/urdu-700.woff2", page_file),
    OPEN("/nastaliq-400.woff2", page_file),
    OPEN("/docs.css", page_file),
    OPEN("/docs", page_file),
    OPEN("/docs/{page}", page_file),
    OPEN("/docs/pictures/{picture}", picture_show),
    OPEN(API "/site", site_show),
    OPEN(API "/health", site_health),
    {"GET", "/metrics", ACCESS_LOOPBACK, 0, BODY_NONE, NULL, metrics_show},
    {"POST", API "/challenges", ACCESS_ALL, 0, BODY_JSON, NULL, challenges_create},
    {"POST", API "/sessions", ACCESS_ALL, 0, BODY_ENVELOPE, "sign_in", sessions_create},
    {"DELETE", API "/sessions/current", ACCESS_BEGUN, 0, BODY_NONE, NULL, sessions_delete},
    {"POST", API "/sessions/current/proof", ACCESS_BEGUN, 0, BODY_JSON, NULL, sessions_prove},
    {"POST", API "/passes", ACCESS_BEGUN, 0, BODY_JSON, NULL, passes_create},
    {"POST", API "/passes/confirmation", ACCESS_BEGUN, 0, BODY_JSON, NULL, passes_confirm},
    SHOW(API "/passes", RELEASERS, passes_list),
    ACTION(API "/passes/release", RELEASERS, "pass_release", passes_release),
    SHOW(API "/roster", 0, site_roster),
    {"POST", API "/roster", ACCESS_SIGNED_IN, HAS(ADMIN), BODY_ROSTER, NULL, roster_create},
    ACTION(API "/suspensions", HAS(ADMIN) | HAS(INSPECTOR), "suspension", suspensions_create),
    JSON_IN("PUT", API "/presence", 0, presence_put),
    {"DELETE", API "/presence", ACCESS_SIGNED_IN, 0, BODY_NONE, NULL, presence_delete},
    SHOW(API "/presence", 0, presence_get),
    SHOW(API "/shifts", 0, shifts_show),
    ACTION(API "/shifts", 0, "shift_handover", shifts_hand),
    ACTION(API "/shifts/{shift}/acceptance", 0, "shift_acceptance", shifts_answer),
    JSON_IN("PUT", API "/position", HAS(CREW), positions_put),
    SHOW(API "/map", CONTROL_ROOM | HAS(ADMIN), map_show),
    SHOW(API "/tiles/{tile}", 0, tiles_show),
    {"POST", API "/photos", ACCESS_SIGNED_IN, LISTS, BODY_PHOTO, NULL, photos_create},
    ACTION(API "/entries", HAS(WATCH_OFFICER), "entry_proposal", entries_create),
    SHOW(API "/entries", LISTS, entries_list),
    SHOW(API "/entries/{entry}", LISTS, entries_show),
    SHOW(API "/entries/{entry}/older", LISTS, entries_older),
    ACTION(API "/entries/{entry}/approval", HAS(AUTHORISER), "entry_approval", entries_approve),
    ACTION(API "/entries/{entry}/fetches", HAS(AUTHORISER), "source_fetch", entries_fetch),
    ACTION(API "/entries/{entry}/renewal", HAS(AUTHORISER), "entry_renewal", entries_renew),
    ACTION(API "/entries/{entry}/withdrawal", LISTS, "entry_withdrawal", entries_withdraw),
    SHOW(API "/offences", LISTS | HAS(OUTSIDE_SIGNER), offences_show),
    ACTION(API "/offences/signature", HAS(OUTSIDE_SIGNER), "offence_table", offences_confirm),
    JSON_IN("POST", API "/cameras", HAS(ADMIN), cameras_create),
    SHOW(API "/cameras", 0, cameras_list),
    {"POST", API "/imports/csv", ACCESS_SIGNED_IN, HAS(WATCH_OFFICER), BODY_CSV, NULL, imports_csv},
    {"POST", API "/imports/proposals", ACCESS_SIGNED_IN, HAS(WATCH_OFFICER), BODY_LINES, NULL,
        imports_signed},
    ACTION(API "/statuses", HAS(STATION), "status_feed", statuses_create),
    SHOW(API "/places", 0, places_list),
    ACTION(API "/places", HAS(AUTHORISER) | HAS(OUTSIDE_SIGNER), "protected_places", places_create),
    {"POST", API "/cameras/{camera}/set_up", ACCESS_SIGNED_IN, HAS(ADMIN), BODY_NONE, NULL, cameras_set_up},
    SHOW(API "/cameras/{camera}/set_up", HAS(ADMIN), cameras_set_up_show),
    JSON_IN("POST", API "/drafts", HAS(WATCH_OFFICER), operations_draft),
    ACTION(API "/operations", HAS(WATCH_OFFICER), "operation_request", operations_create),
    SHOW(API "/operations", 0, operations_list),
    SHOW(API "/operations/{operation}", 0, operations_show),
    SHOW(API "/operations/{operation}/older", 0, operations_older),
    ACTION(API "/operations/{operation}/authorisations", HAS(AUTHORISER) | HAS(OUTSIDE_SIGNER),
        "authorisation", operations_authorise),
    ACTION(API "/operations/{operation}/urgency", HAS(AUTHORISER), "urgency", operations_declare_urgent),
    ACTION(
        API "/operations/{operation}/ratification", HAS(OUTSIDE_SIGNER), "ratification", operations_ratify),
    SHOW(API "/operations/{operation}/listed", HAS(INSPECTOR), operations_listed),
    ACTION(API "/operations/{operation}/halt", CONTROL_ROOM, "halt", operations_halt),
    ACTION(API "/operations/{operation}/resume", HAS(AUTHORISER), "resume", operations_resume),
    ACTION(API "/operations/{operation}/end", LISTS, "operation_end", operations_end),
    SHOW(API "/operations/{operation}/record", HAS(AUDITOR), operations_record),
    ACTION(API "/operations/{operation}/publication", HAS(AUDITOR), "publication", operations_publish),
    SHOW(API "/alerts", ALERT_ROLES | HAS(AUTHORISER), alerts_list),
    SHOW(API "/alerts/{alert}", ALERT_ROLES | HAS(AUTHORISER), alerts_show),
    SHOW(API "/alerts/{alert}/pictures/{name}", HAS(REVIEWER) | HAS(DISPATCHER), alerts_picture),
    ACTION(API "/alerts", HAS(AUTHORISER) | HAS(INSPECTOR), "planting", alerts_plant),
    ACTION(API "/alerts/{alert}/reviews", HAS(REVIEWER), "review", alerts_review),
    ACTION(API "/alerts/{alert}/dispatch", HAS(DISPATCHER), "dispatch", alerts_dispatch),
    ACTION(API "/alerts/{alert}/acceptance", HAS(CREW), "acceptance", alerts_accept),
    ACTION(API "/alerts/{alert}/arrival", HAS(CREW), "arrival", alerts_arrive),
    ACTION(API "/alerts/{alert}/stop", HAS(CREW), "stop", alerts_stop),
    ACTION(API "/alerts/{alert}/outcome", HAS(CREW), "outcome", alerts_outcome),
    ACTION(API "/alerts/{alert}/handover", HAS(CREW), "handover", alerts_hand_over),
    ACTION(API "/alerts/{alert}/acknowledgement", HAS(CREW), "acknowledgement", alerts_acknowledge),
    ACTION(API "/alerts/{alert}/radio_acknowledgement", HAS(DISPATCHER), "radio_acknowledgement",
        alerts_acknowledge_by_radio),
    SHOW(API "/alerts/{alert}/radio", HAS(DISPATCHER), alerts_radio),
    ACTION(API "/alerts/{alert}/amendment", HAS(AUTHORISER), "amendment", alerts_amend),
    ACTION(API "/alerts/{alert}/concurrence", HAS(DISPATCHER) | HAS(CREW), "concurrence", alerts_concur),
    JSON_IN("POST", API "/alerts/{alert}/verification", HAS(CREW), alerts_verify),
    JSON_IN("POST", API "/alerts/{alert}/case_status", HAS(CREW), alerts_case_status),
    JSON_IN("POST", API "/alerts/{alert}/earlier_slip", HAS(CREW), alerts_earlier_slip),
    SHOW(API "/packets/{alert}", HAS(CREW), packets_show),
    SHOW(API "/handovers/{alert}", HAS(STATION), handovers_show),
    ACTION(API "/alerts/{alert}/receipt", HAS(STATION), "receipt", alerts_receive),
    SHOW(API "/copies", HAS(INSPECTOR), copies_list),
    ACTION(API "/copies/{copy}/opening", HAS(INSPECTOR), "copy_opening", copies_open),
    ACTION(API "/redress", HAS(STATION), "redress_request", redress_create),
    SHOW(API "/redress", COUNTER, redress_index),
    SHOW(API "/redress/{request}", COUNTER, redress_one),
    ACTION(API "/redress/{request}/answer", HAS(STATION) | HAS(AUTHORISER), "redress_answer", redress_decide),
    ACTION(API "/redress/{request}/finding", HAS(INSPECTOR), "redress_finding", redress_judge),
    ACTION(API "/redress/{request}/told", HAS(STATION), "redress_told", redress_report),
    JSON_IN("POST", API "/backups", HAS(ADMIN), backups_create),
    SHOW(API "/events", 0, events_stream),
    SHOW(API "/log", HAS(AUDITOR) | HAS(INSPECTOR), log_export),
    OPEN(API "/log/checkpoint", log_checkpoint),
};

const struct route *route_at(size_t index)
{
    return index < COUNT_OF(routes) ? &routes[index] : NULL;
}

bool route_needs_session(const struct route *route)
{
    return route->access == ACCESS_BEGUN || route->access == ACCESS_SIGNED_IN;
}

size_t route_body_limit(const struct route *route)
{
    static const size_t limits[] = {[BODY_NONE] = 0,
        [BODY_JSON] = JSON_BODY_LIMIT,
        [BODY_ENVELOPE] = JSON_BODY_LIMIT,
        [BODY_ROSTER] = ROSTER_BODY_LIMIT,
        [BODY_PHOTO] = PHOTO_BODY_LIMIT,
        [BODY_CSV] = CSV_BODY_LIMIT,
        [BODY_LINES] = LINES_BODY_LIMIT};
    return limits[route->body];
}

/* A parameter is an id or a word: no dots, no slashes, nothing to climb with. */
static size_t parameter_length(const char *path)
{
    size_t length = strspn(path, "abcdefghijklmnopqrstuvwxyz0123456789_-");
    return length < PARAMETER_SIZE ? length : 0;
}

static bool path_fits(
    const char *pattern, const char *path, char parameters[static PARAMETERS][PARAMETER_SIZE])
{
    size_t used = 0;
    while (*pattern && *path) {
        if (*pattern != '{') {
            if (*pattern++ != *path++)
                return false;
            continue;
        }
        size_t length = parameter_length(path);
        if (length == 0 || used == PARAMETERS)
            return false;
        memcpy(parameters[used], path, length);
        parameters[used++][length] = '\0';
        path += length;
        pattern = strchr(pattern, '}') + 1;
    }
    return !*pattern && !*path;
}

const struct route *route_find(const char *method, const char *path,
    char parameters[static PARAMETERS][PARAMETER_SIZE], char allow[static 40], struct error *err)
{
    allow[0] = '\0';
    for (size_t i = 0; i < COUNT_OF(routes); i++) {
        char found[PARAMETERS][PARAMETER_SIZE] = {0};
        if (!path_fits(routes[i].path, path, found))
            continue;
        if (strcmp(routes[i].method, method) == 0) {
            memcpy(parameters, found, sizeof found);
            return &routes[i];
        }
        size_t size = strlen(allow);
        snprintf(allow + size, 40 - size, "%s%s", size ? ", " : "", routes[i].method);
    }
    if (*allow)
        fail(err, ERROR_INVALID, "this path answers %s only", allow);
    else
        fail(err, ERROR_MISSING, "there is nothing at this path");
    return NULL;
}

bool route_parameter_name(const struct route *route, size_t index, char out[static PARAMETER_SIZE])
{
    const char *at = strchr(route->path, '{');
    for (; at && index > 0; index--)
        at = strchr(at + 1, '{');
    if (!at)
        return false;
    snprintf(out, PARAMETER_SIZE, "%.*s", (int)strcspn(at + 1, "}"), at + 1);
    return true;
}
