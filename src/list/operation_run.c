/* What happens to operations by themselves: start, pause, resume, end, wipe. */
#include "base/clock.h"
#include "base/log.h"
#include "list/camera.h"
#include "list/entry_proof.h"
#include "list/entry_rules.h"
#include "list/heartbeat.h"
#include "list/operation.h"
#include "list/operation_proof.h"
#include "list/operation_run.h"
#include "list/presence.h"
#include "list/row.h"
#include "sign/limits.h"

#include <string.h>

enum {
    DRAFT_LIFE_S = 86400,
    LIVE_WIPE_DELAY_S = LIMIT_ALERT_S,
    DRIFT_LIMIT_US = 5000000,
    CAMERA_RETRY_S = 10
};

struct moment { /* what a tick decides by */
    int64_t now_s;
    const char *hindrance; /* why nothing may match now; NULL when it may */
    bool retries;          /* cameras that are not armed are tried again in this tick */
};

static bool look_around(struct site *site, struct moment *out, struct error *err)
{
    struct error none = {0};
    bool enough = presence_is_enough(site, &none);
    if (none.code != ERROR_NONE)
        return fail(err, none.code, "%s", none.text);
    int64_t drift_us = clock_drift_us();
    bool steady = drift_us < DRIFT_LIMIT_US && drift_us > -DRIFT_LIMIT_US;
    out->now_s = clock_now_s();
    out->hindrance = heartbeat_hinders(site) ? "log"
                     : !enough               ? "presence"
                     : !steady               ? "clock"
                                             : site->hindrance;
    out->retries = site->supervisor && out->now_s >= site->retry_cameras_s;
    if (out->retries)
        site->retry_cameras_s = out->now_s + CAMERA_RETRY_S;
    return true;
}

static bool recall(struct site *site, const char *operation, const char *reason, struct error *err)
{
    return !site->recall_operation || site->recall_operation(site, operation, reason, err);
}

static void disarm(struct site *site, const char *operation)
{
    if (site->supervisor)
        supervisor_disarm(site->supervisor, operation);
}

/* A move by a rule in a transaction of its own. */
static bool move_alone(struct site *site, struct operation_row *row, enum operation_phase to, const char *why,
    bool recalls, struct error *err)
{
    if (!ledger_begin(site->ledger, err))
        return false;
    if (operation_move(site, row, to, NULL, why, err) &&
        (!recalls || recall(site, row->operation, operation_phase_word(to), err)) &&
        ledger_commit(site->ledger, err))
        return true;
    ledger_abort(site->ledger);
    return false;
}

/* Why it waits is shown, not recorded: it changes nothing. */
static bool wait_for(struct site *site, struct operation_row *row, const char *why, struct error *err)
{
    if (strcmp(row->why, why) == 0)
        return true;
    row_text(row->why, sizeof row->why, why);
    if (!ledger_begin(site->ledger, err))
        return false;
    if (operation_save(site, row, err) &&
        ledger_event(site->ledger, "operation", row->operation, operation_phase_word(row->phase), err) &&
        ledger_commit(site->ledger, err))
        return true;
    ledger_abort(site->ledger);
    return false;
}

/* One camera works for one operation, and all running ones together stay under the ceiling. */
static bool other_operations_leave_room(
    struct site *site, const struct operation_row *row, const char **why, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT (SELECT count(*) FROM operation_camera AS mine JOIN operation_camera AS other"
        "  ON other.camera = mine.camera AND other.operation <> mine.operation"
        "  JOIN operation ON operation.operation = other.operation"
        "  WHERE mine.operation = :operation AND operation.state IN ('running', 'paused')),"
        " (SELECT coalesce(sum(list_size), 0) FROM operation WHERE state IN ('running', 'paused')"
        "  AND operation <> :operation)",
        err);
    query_text(query, ":operation", row->operation);
    if (query_next(query)) {
        if (query_get_integer(query, 0) > 0)
            *why = "camera_busy";
        else if (query_get_integer(query, 1) + row->list_size > LIMIT_RUNNING_ENTRIES)
            *why = "too_many_entries";
    }
    return query_ok(query, err);
}

/* An entry arms when it is proved now, at least one of its cases is live now, and nothing happened to it
 * since the operation started. */
static bool entry_may_arm(struct site *site, const struct operation_row *row, const char *entry)
{
    struct entry_row found;
    struct error why = {0};
    bool withheld = true;
    AUTO(envelope) struct envelope *proposal = NULL;
    if (!entry_is_proved(site, entry, &found, &proposal, &why) ||
        !entry_rules_still_arm(site, proposal, &why) ||
        !operation_withholds(site, row->operation, entry, &withheld, &why)) {
        log_write(LOG_WARNING, "entry_withheld", "operation %s: %s", row->operation, why.text);
        return false;
    }
    return !withheld && (row->started_s == 0 || found.changed_s <= row->started_s) &&
           entry_is_live(site, proposal);
}

static json_t *entries_to_withhold(
    struct site *site, const struct operation_row *row, size_t *armed, struct error *err)
{
    AUTO(json) json_t *entries = operation_parts(site, row->operation, "entry", err);
    if (!entries)
        return NULL;
    json_t *withheld = json_array();
    size_t index;
    json_t *entry;
    *armed = 0;
    json_array_foreach (entries, index, entry) {
        if (entry_may_arm(site, row, json_string_value(entry)))
            (*armed)++;
        else
            json_array_append(withheld, entry);
    }
    return withheld;
}

static bool camera_is_armed(struct site *site, const char *camera)
{
    enum camera_state state = CAMERA_OFF;
    const char *reason = NULL;
    return supervisor_health(site->supervisor, camera, &state, &reason) && state != CAMERA_SET_UP;
}

/* The list has to be the signed one to the byte, so what may not arm is handed over and withdrawn at once. */
static void arm(struct site *site, const struct operation_row *row, const struct armament *armament,
    const json_t *withheld)
{
    if (!site->supervisor)
        return;
    for (size_t i = 0; i < armament->camera_count; i++) {
        struct error err = {0};
        if (camera_is_armed(site, armament->cameras[i].id))
            continue;
        if (!supervisor_arm(site->supervisor, &armament->cameras[i], armament->credentials[i], row->operation,
                armament->token, armament->list.items, armament->list.count, &err))
            log_write(LOG_ERROR, "camera_not_armed", "camera %s: %s", armament->cameras[i].id, err.text);
    }
    size_t index;
    const json_t *entry;
    json_array_foreach (withheld, index, entry) {
        supervisor_withdraw(site->supervisor, json_string_value(entry));
    }
    if (row->phase == OPERATION_PAUSED)
        supervisor_pause(site->supervisor, row->operation, true);
}

static bool may_come_back(const struct error *why)
{
    return why->code == ERROR_SYSTEM || why->code == ERROR_UNAVAILABLE;
}

/* What cannot be proved is halted, visibly; a want of something that may come back is waited for. */
static bool refuse_to_start(
    struct site *site, struct operation_row *row, const struct error *why, struct error *err)
{
    log_write(LOG_ERROR, "operation_not_armed", "operation %s: %s", row->operation, why->text);
    if (may_come_back(why))
        return wait_for(site, row, "unavailable", err);
    return move_alone(site, row, OPERATION_HALTED, "not_as_signed", true, err);
}

/* Who was handed over and who was withheld: the latter stay out, whatever happens to them later. */
static bool record_arming(struct site *site, const struct operation_row *row, const json_t *withheld,
    size_t armed, struct error *err)
{
    size_t index;
    const json_t *entry;
    json_array_foreach (withheld, index, entry) {
        if (!operation_withhold(site, row->operation, json_string_value(entry), err))
            return false;
    }
    AUTO(json)
    json_t *fields = json_pack("{s:s, s:I, s:O}", "operation", row->operation, "entries_armed",
        (json_int_t)armed, "withheld", withheld);
    struct record record = {.kind = "operation_armed", .by = "site", .public_fields = fields};
    return ledger_record(site->ledger, &record, err);
}

static bool record_start(
    struct site *site, struct operation_row *row, const json_t *withheld, size_t armed, struct error *err)
{
    return record_arming(site, row, withheld, armed, err) &&
           operation_move(site, row, OPERATION_RUNNING, NULL, "", err);
}

static bool start(struct site *site, struct operation_row *row, struct error *err)
{
    AUTO(armament) struct armament armament = {.token = NULL};
    struct error why = {0};
    size_t armed = 0;
    if (!operation_prove(site, row, &armament, &why))
        return refuse_to_start(site, row, &why, err);
    AUTO(json) json_t *withheld = entries_to_withhold(site, row, &armed, err);
    if (!withheld)
        return false;
    if (armed == 0)
        return wait_for(site, row, "no_live_case", err);
    if (!ledger_begin(site->ledger, err))
        return false;
    if (!record_start(site, row, withheld, armed, err) || !ledger_commit(site->ledger, err)) {
        ledger_abort(site->ledger);
        return false;
    }
    arm(site, row, &armament, withheld);
    return true;
}

static bool tick_authorised(
    struct site *site, struct operation_row *row, const struct moment *moment, struct error *err)
{
    const char *why = moment->hindrance;
    if (row->ends_s <= moment->now_s)
        return move_alone(site, row, OPERATION_CANCELLED, "never_started", false, err);
    if (row->starts_s > moment->now_s)
        return true;
    if (!why && !other_operations_leave_room(site, row, &why, err))
        return false;
    return why ? wait_for(site, row, why, err) : start(site, row, err);
}

static bool all_cameras_are_armed(
    struct site *site, const struct operation_row *row, bool *out, struct error *err)
{
    AUTO(json) json_t *keys = operation_parts(site, row->operation, "camera", err);
    if (!keys)
        return false;
    bool all = true;
    size_t index;
    const json_t *key;
    json_array_foreach (keys, index, key) {
        struct camera camera;
        if (!camera_find_by_key(site, json_string_value(key), &camera, err))
            return false;
        all = all && camera_is_armed(site, camera.id);
    }
    *out = all;
    return true;
}

/* A camera that did not arm is handed everything again, proved again. */
static bool retry_cameras(struct site *site, const struct operation_row *row, struct error *err)
{
    AUTO(armament) struct armament armament = {.token = NULL};
    bool all = false;
    size_t armed = 0;
    if (!all_cameras_are_armed(site, row, &all, err))
        return false;
    if (all)
        return true;
    if (!operation_prove(site, row, &armament, err))
        return false;
    AUTO(json) json_t *withheld = entries_to_withhold(site, row, &armed, err);
    if (!withheld || !ledger_begin(site->ledger, err))
        return false;
    if (!record_arming(site, row, withheld, armed, err) || !ledger_commit(site->ledger, err)) {
        ledger_abort(site->ledger);
        return false;
    }
    arm(site, row, &armament, withheld);
    return true;
}

static bool tick_armed(
    struct site *site, struct operation_row *row, const struct moment *moment, struct error *err)
{
    if (row->ends_s <= moment->now_s) {
        disarm(site, row->operation);
        return move_alone(site, row, OPERATION_ENDED, "time_over", true, err);
    }
    if (row->phase == OPERATION_RUNNING && moment->hindrance) {
        if (site->supervisor)
            supervisor_pause(site->supervisor, row->operation, true);
        return move_alone(site, row, OPERATION_PAUSED, moment->hindrance, false, err);
    }
    if (row->phase == OPERATION_PAUSED && !moment->hindrance) {
        if (!move_alone(site, row, OPERATION_RUNNING, "", false, err))
            return false;
        if (site->supervisor)
            supervisor_pause(site->supervisor, row->operation, false);
    }
    return !moment->retries || retry_cameras(site, row, err);
}

static bool delete_sealed(struct site *site, const char *operation, struct error *err)
{
    static const char *const statements[] = {
        "DELETE FROM operation_gallery WHERE operation = :operation",
        "DELETE FROM operation_statement WHERE operation = :operation",
    };
    for (size_t i = 0; i < COUNT_OF(statements); i++) {
        AUTO(query) struct query *query = query_new(site->ledger->store, statements[i], err);
        query_text(query, ":operation", operation);
        if (!query_done(query, err))
            return false;
    }
    return true;
}

/* What was refused or cancelled keeps its word and loses its list all the same. */
static bool move_when_wiped(struct site *site, struct operation_row *row, struct error *err)
{
    row->wiped = true;
    if (row->phase == OPERATION_ENDED)
        return operation_move(site, row, OPERATION_WIPED, NULL, row->why, err);
    AUTO(json) json_t *fields = json_pack("{s:s}", "operation", row->operation);
    struct record record = {.kind = "operation_erased", .by = "site", .public_fields = fields};
    return operation_save(site, row, err) && ledger_record(site->ledger, &record, err);
}

/* The key is queued here and destroyed by the commit, which records that. */
static bool wipe(struct site *site, struct operation_row *row, struct error *err)
{
    char key[40];
    operation_key_name(row->operation, key);
    if (!ledger_begin(site->ledger, err))
        return false;
    if (move_when_wiped(site, row, err) && delete_sealed(site, row->operation, err) &&
        ledger_erase_private(site->ledger, key, err) && ledger_commit(site->ledger, err))
        return true;
    ledger_abort(site->ledger);
    return false;
}

static bool tick_one(
    struct site *site, struct operation_row *row, const struct moment *moment, struct error *err)
{
    switch (row->phase) {
    case OPERATION_DRAFT:
        return row->changed_s + DRAFT_LIFE_S > moment->now_s ||
               move_alone(site, row, OPERATION_CANCELLED, "draft_too_old", false, err);
    case OPERATION_REQUESTED:
        return row->ends_s > moment->now_s ||
               move_alone(site, row, OPERATION_CANCELLED, "never_signed", false, err);
    case OPERATION_AUTHORISED:
        return tick_authorised(site, row, moment, err);
    case OPERATION_RUNNING:
    case OPERATION_PAUSED:
        return tick_armed(site, row, moment, err);
    case OPERATION_HALTED:
        disarm(site, row->operation);
        return row->ends_s > moment->now_s || move_alone(site, row, OPERATION_ENDED, "time_over", true, err);
    case OPERATION_ENDED:
        if (site->kind == SITE_LIVE && row->ended_s + LIVE_WIPE_DELAY_S > moment->now_s)
            return true;
        return wipe(site, row, err);
    case OPERATION_REFUSED:
    case OPERATION_CANCELLED:
        return wipe(site, row, err);
    case OPERATION_WIPED:
        return true;
    }
    return true;
}

static bool tick_id(struct site *site, const char *operation, const struct moment *moment, struct error *err)
{
    struct operation_row row;
    struct error why = {0};
    if (operation_load(site, operation, &row, &why))
        return tick_one(site, &row, moment, err);
    if (why.code != ERROR_CORRUPT)
        return fail(err, why.code, "%s", why.text);
    /* Nobody can tell what an edited row was: its watches are taken away and it is left for people. */
    disarm(site, operation);
    log_write(LOG_ERROR, "operation_row_edited", "%s", why.text);
    return true;
}

bool operation_tick(struct site *site, struct error *err)
{
    struct moment moment = {.now_s = 0};
    if (!look_around(site, &moment, err))
        return false;
    AUTO(json) json_t *ids = operation_ids(site, "wiped = 0", err);
    if (!ids)
        return false;
    bool well = true;
    size_t index;
    const json_t *id;
    json_array_foreach (ids, index, id) {
        well = tick_id(site, json_string_value(id), &moment, well ? err : NULL) && well;
    }
    return well;
}

static bool resume(struct site *site, struct operation_row *row, struct error *err)
{
    AUTO(armament) struct armament armament = {.token = NULL};
    struct error why = {0};
    size_t armed = 0;
    if (row->ends_s <= clock_now_s())
        return true;
    if (!operation_prove(site, row, &armament, &why)) {
        log_write(LOG_ERROR, "operation_not_armed", "operation %s: %s", row->operation, why.text);
        const char *word = may_come_back(&why) ? "unavailable" : "not_as_signed";
        return move_alone(site, row, OPERATION_HALTED, word, true, err);
    }
    AUTO(json) json_t *withheld = entries_to_withhold(site, row, &armed, err);
    if (!withheld || !ledger_begin(site->ledger, err))
        return false;
    if (!record_arming(site, row, withheld, armed, err) || !ledger_commit(site->ledger, err)) {
        ledger_abort(site->ledger);
        return false;
    }
    arm(site, row, &armament, withheld);
    return true;
}

void rearming_done(struct rearming *rearming)
{
    armament_done(&rearming->armament);
    json_decref(rearming->withheld);
    rearming->withheld = NULL;
}

static bool nothing_hinders(struct site *site, const struct operation_row *row, struct error *err)
{
    struct moment moment = {.now_s = 0};
    if (!look_around(site, &moment, err))
        return false;
    const char *why = moment.hindrance;
    if (!why && row->ends_s <= moment.now_s)
        why = "time_over";
    if (!why && !other_operations_leave_room(site, row, &why, err))
        return false;
    return !why || fail(err, ERROR_CONFLICT, "operation %s cannot run now: %s", row->operation, why);
}

bool operation_rearm_prepare(
    struct site *site, const struct operation_row *row, struct rearming *out, struct error *err)
{
    size_t armed = 0;
    if (!nothing_hinders(site, row, err) || !operation_prove(site, row, &out->armament, err) ||
        !(out->withheld = entries_to_withhold(site, row, &armed, err)))
        return false;
    if (armed == 0)
        return fail(err, ERROR_CONFLICT, "operation %s has no entry that may be armed", row->operation);
    return record_arming(site, row, out->withheld, armed, err);
}

void operation_rearm(struct site *site, const struct operation_row *row, const struct rearming *rearming)
{
    arm(site, row, &rearming->armament, rearming->withheld);
}

bool operation_resume_all(struct site *site, struct error *err)
{
    AUTO(json) json_t *ids = operation_ids(site, "state IN ('running', 'paused')", err);
    if (!ids)
        return false;
    bool well = true;
    size_t index;
    const json_t *id;
    json_array_foreach (ids, index, id) {
        struct operation_row row;
        struct error why = {0};
        if (!operation_load(site, json_string_value(id), &row, &why))
            log_write(LOG_ERROR, "operation_not_armed", "%s", why.text);
        else
            well = resume(site, &row, well ? err : NULL) && well;
    }
    return well;
}

void operation_disarm_halted(struct site *site)
{
    AUTO(json) json_t *ids = operation_ids(site, "state = 'halted'", NULL);
    size_t index;
    const json_t *id;
    json_array_foreach (ids, index, id) {
        disarm(site, json_string_value(id));
    }
}
