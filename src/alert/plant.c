#include "alert/plant.h"

#include "alert/alert.h"
#include "alert/evidence.h"
#include "alert/passage.h"
#include "alert/review.h"
#include "base/clock.h"
#include "list/action.h"
#include "list/entry.h"
#include "list/entry_answer.h"
#include "list/operation.h"

#include <string.h>

static const int64_t second_us = 1000000;

static const char *field(const struct envelope *envelope, const char *name)
{
    const char *value = json_string_value(json_object_get(envelope->fields, name));
    return value ? value : "";
}

static bool is_consenting(struct site *site, const char *entry, struct error *err)
{
    char ground[32], state[16];
    if (!entry_ground_of(site, entry, ground, state, err))
        return false;
    return (strcmp(ground, "consenting_test_subject") == 0 && strcmp(state, "approved") == 0) ||
           fail(err, ERROR_FORBIDDEN,
               "entry %s is no consenting test subject: pairs are planted of those only", entry);
}

/* Both persons of the pair are on the list of a running trial, for this camera. */
static bool pair_is_of_a_trial(
    struct site *site, const struct envelope *planting, int64_t *threshold_e6, struct error *err)
{
    const char *operation = field(planting, "operation");
    const char *const entries[] = {field(planting, "photo_entry"), field(planting, "entry")};
    const char *why = NULL;
    bool trial = false;
    if (!operation_is_trial(site, operation, &trial, err))
        return false;
    if (!trial)
        return fail(
            err, ERROR_FORBIDDEN, "operation %s is no trial: pairs are planted in trials only", operation);
    for (size_t i = 0; i < COUNT_OF(entries); i++) {
        if (!operation_allows(
                site, operation, field(planting, "camera"), entries[i], threshold_e6, &why, err) ||
            !is_consenting(site, entries[i], err))
            return false;
    }
    return true;
}

static bool count(
    struct site *site, const char *sql, const char *of, int64_t since_us, int64_t *out, struct error *err)
{
    AUTO(query) struct query *query = query_new(site->ledger->store, sql, err);
    query_text(query, ":of", of);
    query_integer(query, ":since", since_us);
    if (query_next(query))
        *out = query_get_integer(query, 0);
    return query_ok(query, err);
}

/* Pairs never keep the reviewers from people who were seen. */
static bool there_is_room(struct site *site, const struct envelope *planting, struct error *err)
{
    int64_t open = 0, planted = 0;
    if (!count(site,
            "SELECT COUNT(*) FROM alert WHERE entry = :of AND raised_us > :since"
            " AND state IN ('raised', 'agreed', 'dispatched', 'accepted', 'on_scene', 'stopped')",
            field(planting, "entry"), 0, &open, err) ||
        !count(site,
            "SELECT COUNT(*) FROM alert WHERE operation = :of AND raised_us > :since AND planted = 1",
            field(planting, "operation"), clock_now_us() - 3600 * second_us, &planted, err))
        return false;
    if (open)
        return fail(err, ERROR_CONFLICT, "entry %s has an open alert", field(planting, "entry"));
    return planted < LIMIT_PLANTED_AN_HOUR ||
           fail(err, ERROR_FORBIDDEN, "at most %d pairs an hour are planted in an operation",
               LIMIT_PLANTED_AN_HOUR);
}

static struct alert planted_alert(const struct envelope *planting)
{
    struct alert alert = {
        .state = ALERT_RAISED, .raised_us = clock_now_us(), .planted = true, .statements = 1};
    snprintf(alert.id, sizeof alert.id, "%s", field(planting, "alert"));
    snprintf(alert.entry, sizeof alert.entry, "%s", field(planting, "entry"));
    snprintf(alert.operation, sizeof alert.operation, "%s", field(planting, "operation"));
    snprintf(alert.camera, sizeof alert.camera, "%s", field(planting, "camera"));
    random_id("p", alert.passage);
    return alert;
}

/* The photograph stands where a camera's picture would; there are no crops, because no watch saw anything. */
static bool keep_pair(struct site *site, const struct alert *alert, const struct envelope *planting,
    int64_t threshold_e6, struct error *err)
{
    AUTO(bytes) struct bytes photo = {0};
    struct sighting sighting = {.decided_us = alert->raised_us};
    sighting.captured_us[0] = alert->raised_us - second_us;
    if (!entry_photo(
            site, field(planting, "photo_entry"), field(planting, "photo"), alert->entry, &photo, err))
        return false;
    memcpy(sighting.passage, alert->passage, sizeof alert->passage);
    memcpy(sighting.camera, alert->camera, sizeof alert->camera);
    memcpy(sighting.operation, alert->operation, sizeof alert->operation);
    memcpy(sighting.entry, alert->entry, sizeof alert->entry);
    sighting.face = sighting.scene = photo;
    return passage_keep(site, alert->id, &sighting, threshold_e6, err);
}

static bool plant(struct site *site, const struct envelope *planting, const json_t *reply, struct error *err)
{
    int64_t threshold_e6 = 0;
    bool halted = false;
    if (!pair_is_of_a_trial(site, planting, &threshold_e6, err) || !there_is_room(site, planting, err))
        return false;
    struct alert alert = planted_alert(planting);
    return statement_name(planting, alert.accepting, err) && alert_save(site, &alert, err) &&
           keep_pair(site, &alert, planting, threshold_e6, err) &&
           statement_keep(site, &alert, planting, reply, err) &&
           alert_record(site, &alert, "pair_planted", planting->by,
               json_pack("{s:s}", "operation", alert.operation), err) &&
           ledger_event(site->ledger, "alert", alert.id, "raised", err) &&
           review_continue(site, &alert, clock_now_us(), &halted, err);
}

static bool is_new(struct site *site, const char *id, struct error *err)
{
    struct alert there;
    struct error missing = {0};
    if (alert_load(site, id, &there, &missing))
        return fail(err, ERROR_CONFLICT, "there is an alert %s already", id);
    return missing.code == ERROR_MISSING || fail_as(err, &missing);
}

json_t *alert_plant(struct site *site, const struct envelope *envelope, struct error *err)
{
    struct action action;
    uint32_t roles = ROLE_BIT(ROLE_AUTHORISER) | ROLE_BIT(ROLE_INSPECTOR);
    if (!action_check(site, envelope, "planting", roles, &action, err))
        return NULL;
    if (action.reply)
        return action.reply;
    if (!is_new(site, field(envelope, "alert"), err) || !ledger_begin(site->ledger, err))
        return NULL;
    json_t *reply = json_pack("{s:s, s:s}", "alert", field(envelope, "alert"), "state", "raised");
    bool done = plant(site, envelope, reply, err);
    return action_commit(site, envelope, done, reply, err);
}

bool plant_is_known(struct site *site, const struct alert *alert, bool *planted, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(
        site->ledger->store, "SELECT 1 FROM alert_statement WHERE alert = :alert AND type = 'planting'", err);
    query_text(query, ":alert", alert->id);
    *planted = query_next(query) || alert->planted;
    return query_ok(query, err);
}

/* As it was signed; "unknown" when that does not verify any more, and then nothing is counted. */
static const char *pair_of(struct site *site, const struct alert *alert)
{
    AUTO(statements) struct statements by_authoriser = {0};
    AUTO(statements) struct statements by_inspector = {0};
    const struct envelope *planting = NULL;
    if (statements_load(site, alert, "planting", ROLE_AUTHORISER, &by_authoriser, NULL) &&
        by_authoriser.count)
        planting = by_authoriser.list[0];
    else if (statements_load(site, alert, "planting", ROLE_INSPECTOR, &by_inspector, NULL) &&
             by_inspector.count)
        planting = by_inspector.list[0];
    if (!planting)
        return "unknown";
    return strcmp(field(planting, "entry"), field(planting, "photo_entry")) == 0 ? "same" : "different";
}

bool plant_end(struct site *site, struct alert *alert, struct error *err)
{
    struct panel panel;
    int64_t answers[ANSWER_CANNOT_TELL + 1] = {0};
    if (!panel_load(site, alert, &panel, err))
        return false;
    for (size_t i = 0; i < panel.count; i++)
        answers[panel.asked[i].answer]++;
    json_t *more = json_pack("{s:s, s:s, s:I, s:I, s:I}", "operation", alert->operation, "pair",
        pair_of(site, alert), "same", (json_int_t)answers[ANSWER_SAME], "different",
        (json_int_t)answers[ANSWER_DIFFERENT], "cannot_tell", (json_int_t)answers[ANSWER_CANNOT_TELL]);
    return alert_record(site, alert, "pair_reviewed", "site", more, err) &&
           alert_close(site, alert, "planted", BY_RULE, "site", err);
}
