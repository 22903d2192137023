#include "alert/action.h"
#include "alert/passage.h"
#include "alert/plant.h"
#include "alert/review.h"
#include "alert/unraised.h"
#include "alert/waiting.h"
#include "base/clock.h"
#include "base/log.h"
#include "list/operation.h"
#include "list/operation_refused.h"
#include "list/operation_row.h"

#include <math.h>
#include <string.h>

static bool find_open(struct site *site, const char *entry, struct alert *out, bool *found, struct error *err)
{
    AUTO(json) json_t *ids = alert_open_ids(site, "entry", entry, err);
    if (!ids)
        return false;
    *found = json_array_size(ids) > 0;
    return !*found || alert_load(site, json_string_value(json_array_get(ids, 0)), out, err);
}

static bool record_sighting(struct site *site, const struct alert *alert, const char *kind,
    const struct sighting *sighting, struct error *err)
{
    char key[40];
    alert_key_name(alert->id, key);
    return alert_record_hiding(site, alert, kind, "site",
        json_pack("{s:s}", "operation", sighting->operation), key,
        json_pack("{s:s, s:s, s:s, s:I, s:I}", "entry", sighting->entry, "camera", sighting->camera,
            "passage", sighting->passage, "captured_us",
            (json_int_t)sighting->captured_us[sighting->crop_count - 1], "decided_us",
            (json_int_t)sighting->decided_us),
        err);
}

static bool raise_new(
    struct site *site, const struct sighting *sighting, int64_t threshold_e6, struct error *err)
{
    struct alert alert = {.state = ALERT_RAISED, .raised_us = clock_now_us()};
    bool halted = false;
    random_id("a", alert.id);
    memcpy(alert.entry, sighting->entry, sizeof alert.entry);
    memcpy(alert.operation, sighting->operation, sizeof alert.operation);
    memcpy(alert.camera, sighting->camera, sizeof alert.camera);
    memcpy(alert.passage, sighting->passage, sizeof alert.passage);
    return alert_save(site, &alert, err) && passage_keep(site, alert.id, sighting, threshold_e6, err) &&
           record_sighting(site, &alert, "alert_raised", sighting, err) &&
           ledger_event(site->ledger, "alert", alert.id, "raised", err) &&
           review_continue(site, &alert, clock_now_us(), &halted, err);
}

/* Somebody may wait under a camera for an hour, and a watch may be taken over: what one alert writes into the
 * log has an end. */
static bool record_waiting(
    struct site *site, struct alert *alert, const struct sighting *sighting, struct error *err)
{
    alert->waited++;
    return alert_save(site, alert, err) && (alert->waited > PASSAGES_RECORDED ||
                                               record_sighting(site, alert, "passage_waits", sighting, err));
}

/* It waits unreviewed, so it steers nobody. */
static bool wait_beside(struct site *site, struct alert *alert, const struct sighting *sighting,
    int64_t threshold_e6, bool *broken, struct error *err)
{
    return passage_keep(site, alert->id, sighting, threshold_e6, err) && passages_bound(site, alert, err) &&
           record_waiting(site, alert, sighting, err) &&
           waiting_continue(site, alert, clock_now_us(), broken, err);
}

static bool count_camera(
    struct site *site, const struct sighting *sighting, const char *sql, int64_t *count, struct error *err)
{
    AUTO(query) struct query *query = query_new(site->ledger->store, sql, err);
    query_text(query, ":operation", sighting->operation);
    query_text(query, ":camera", sighting->camera);
    query_integer(query, ":since", clock_now_us() - (int64_t)3600 * 1000000);
    if (query_next(query))
        *count = query_get_integer(query, 0);
    return query_ok(query, err);
}

static bool halt_camera(struct site *site, const struct sighting *sighting, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO alert_camera_halt (operation, camera) VALUES (:operation, :camera)", err);
    query_text(query, ":operation", sighting->operation);
    query_text(query, ":camera", sighting->camera);
    AUTO(json)
    json_t *fields = json_pack("{s:s, s:s, s:i}", "operation", sighting->operation, "camera",
        sighting->camera, "alerts_an_hour", LIMIT_CAMERA_ALERTS_AN_HOUR);
    const struct record record = {.kind = "camera_halted", .by = "site", .public_fields = fields};
    return query_done(query, err) && ledger_record(site->ledger, &record, err) &&
           ledger_event(site->ledger, "camera", sighting->camera, "halted", err);
}

/* A camera that raises more than its rate is wrong about something: for the rest of the operation it raises
 * nothing, and its sightings are in the log (SAFEGUARDS 32). */
static bool camera_is_halted(
    struct site *site, const struct sighting *sighting, bool *halted, struct error *err)
{
    int64_t halts = 0;
    int64_t alerts = 0;
    if (!count_camera(site, sighting,
            "SELECT COUNT(*) FROM alert_camera_halt WHERE operation = :operation AND camera = :camera"
            " AND :since > 0",
            &halts, err) ||
        !count_camera(site, sighting,
            "SELECT COUNT(*) FROM alert WHERE operation = :operation AND camera = :camera"
            " AND raised_us > :since AND planted = 0",
            &alerts, err))
        return false;
    *halted = halts > 0 || sighting->over_rate || alerts >= LIMIT_CAMERA_ALERTS_AN_HOUR;
    return !*halted || halts > 0 || halt_camera(site, sighting, err);
}

/* `broken` is set when the operation was halted by it, `why` when it is not taken in. */
static bool take_in(
    struct site *site, const struct sighting *sighting, bool *broken, const char **why, struct error *err)
{
    int64_t threshold_e6 = 0;
    bool muted = false;
    bool known = false;
    bool found = false;
    bool halted = false;
    struct alert open;
    if (!operation_allows(
            site, sighting->operation, sighting->camera, sighting->entry, &threshold_e6, why, err))
        return false;
    *why = "malformed";
    if (lrintf(sighting->fused_score * 1e6f) < threshold_e6)
        return fail(
            err, ERROR_INVALID, "sighting %s lies under its operation's threshold", sighting->passage);
    *why = "not_kept";
    if (!passage_is_known(site, sighting->passage, &known, err) ||
        !unraised_is_muted(site, sighting, &muted, err))
        return false;
    if (known)
        return true;
    if (muted && !sighting->over_rate)
        return unraised_muted(site, sighting, err);
    if (!find_open(site, sighting->entry, &open, &found, err))
        return false;
    /* Who was seen comes before a pair that was made up. */
    if (found && open.planted) {
        if (!plant_end(site, &open, err))
            return false;
        found = false;
    }
    if (found && !sighting->over_rate)
        return wait_beside(site, &open, sighting, threshold_e6, broken, err);
    if (!camera_is_halted(site, sighting, &halted, err))
        return false;
    return halted ? unraised_of_halted_camera(site, sighting, err)
                  : raise_new(site, sighting, threshold_e6, err);
}

bool alert_halt_cameras(struct site *site, struct error *err)
{
    if (!site->supervisor)
        return true;
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "SELECT operation, camera FROM alert_camera_halt", err);
    while (query_next(query))
        supervisor_halt(site->supervisor, query_get_text(query, 0), query_get_text(query, 1));
    return query_ok(query, err);
}

/* What a watch saw and nobody is asked about does not vanish: the control room sees how often and why. One
 * that was taken over may report for ever, so the log and the screens' events have the first ones only. */
static void tell_refused(struct site *site, const struct sighting *sighting, const char *why)
{
    struct error err = {0};
    int64_t count = 0;
    bool told = ledger_begin(site->ledger, &err) &&
                operation_count_refused(site, sighting->operation, why, &count, &err) &&
                (count > SIGHTINGS_RECORDED || unraised_refused(site, sighting, why, &err)) &&
                ledger_commit(site->ledger, &err);
    if (told)
        return;
    ledger_abort(site->ledger);
    log_write(LOG_ERROR, "refusal_not_told", "camera %s: %s", sighting->camera, err.text);
}

static bool take_in_whole(
    struct site *site, const struct sighting *sighting, bool *broken, const char **why, struct error *err)
{
    if (!passage_check_form(sighting, clock_now_us(), err))
        return false;
    *why = "not_kept";
    if (!ledger_begin(site->ledger, err))
        return false;
    if (take_in(site, sighting, broken, why, err))
        return ledger_commit(site->ledger, err);
    ledger_abort(site->ledger);
    return false;
}

bool alert_raise(struct site *site, const struct sighting *sighting, struct error *err)
{
    bool broken = false;
    const char *why = "malformed";
    bool named = passage_check_ids(sighting, err);
    if (named && take_in_whole(site, sighting, &broken, &why, err)) {
        settle(site, broken, NULL);
        return alert_halt_cameras(site, err);
    }
    site->sightings_refused++;
    if (named)
        tell_refused(site, sighting, why);
    return false;
}
