/* Handing an operation to its watches: who may be armed, what is withheld, and again after a halt. */
#include "base/clock.h"
#include "base/log.h"
#include "list/camera.h"
#include "list/entry_proof.h"
#include "list/entry_rules.h"
#include "list/heartbeat.h"
#include "list/operation_recorded.h"
#include "list/operation_run.h"
#include "list/presence.h"
#include "list/restored.h"
#include "list/turn.h"
#include "sign/limits.h"

#include <string.h>

enum { CAMERA_RETRY_S = 10 };

bool moment_look(struct site *site, struct moment *out, struct error *err)
{
    struct error none = {0};
    bool enough = presence_is_enough(site, &none);
    if (none.code != ERROR_NONE)
        return fail_as(err, &none);
    out->now_s = clock_now_s();
    out->hindrance = heartbeat_hinders(site)  ? "log"
                     : site->rows_differ      ? "not_as_recorded"
                     : restored_hinders(site) ? "restored"
                     : !enough                ? "presence"
                     : !clock_is_steady()     ? "clock"
                                              : site->hindrance;
    out->retries = site->supervisor && out->now_s >= site->retry_cameras_s;
    if (out->retries)
        site->retry_cameras_s = out->now_s + CAMERA_RETRY_S;
    return true;
}

/* One camera works for one operation, and all running ones together stay under the ceiling. */
bool operation_find_room(
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
static bool entry_may_arm(
    struct site *site, const struct operation_row *row, const char *entry, int64_t *known_s)
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
           entry_is_live(site, proposal, known_s);
}

static bool names(const json_t *list, const json_t *entry)
{
    size_t index;
    const json_t *one;
    json_array_foreach (list, index, one) {
        if (json_equal(one, entry))
            return true;
    }
    return false;
}

/* The log is asked besides the rows: who was withheld once stays so, whatever became of the row since. */
static json_t *said_withheld(struct site *site, const char *operation)
{
    struct error why = {0};
    json_t *said = operation_withheld_said(site, operation, &why);
    if (!said) /* what the log says of it cannot be read: nobody arms */
        log_write(LOG_ERROR, "operation_not_armed", "operation %s: %s", operation, why.text);
    return said;
}

static void judge(struct site *site, const struct operation_row *row, const json_t *said, json_t *entry,
    json_t *armed, json_t *withheld)
{
    const char *id = json_string_value(entry);
    int64_t known_s = 0;
    if (said && !names(said, entry) && entry_may_arm(site, row, id, &known_s))
        json_object_set_new(armed, id, json_integer(known_s));
    else
        json_array_append(withheld, entry);
}

json_t *operation_withheld_now(
    struct site *site, const struct operation_row *row, const struct operation_list *list, json_t *armed)
{
    AUTO(json) json_t *entries = operation_list_entries(list);
    AUTO(json) json_t *said = said_withheld(site, row->operation);
    json_t *withheld = json_array();
    size_t index;
    json_t *entry;
    json_array_foreach (entries, index, entry) {
        judge(site, row, said, entry, armed, withheld);
    }
    return withheld;
}

void arming_free(struct arming *arming)
{
    if (!arming)
        return;
    armament_done(&arming->armament);
    json_decref(arming->entries);
    json_decref(arming->said);
    json_decref(arming->armed);
    json_decref(arming->withheld);
    memory_release(arming);
}

static struct arming *begin_arming(struct site *site, const struct operation_row *row, struct error *err)
{
    AUTO(arming) struct arming *arming = memory_allocate(1, sizeof *arming);
    arming->row = *row;
    arming->begun_s = clock_now_s();
    arming->standing = standing_now(site);
    if (!operation_prove_signed(site, row, &arming->armament, err))
        return NULL;
    arming->entries = operation_list_entries(&arming->armament.list);
    arming->said = said_withheld(site, row->operation);
    arming->armed = json_object();
    arming->withheld = json_array();
    return STEAL(arming);
}

bool arming_is_of(const struct arming *arming, const struct operation_row *row)
{
    return arming && strcmp(arming->row.operation, row->operation) == 0 && arming->row.phase == row->phase &&
           arming->row.changed_s == row->changed_s;
}

/* What happened to an entry since it was asked about counts as at the end. */
static bool ask_again(struct site *site, struct arming *arming, struct error *err)
{
    if (!standing_is(site, &arming->standing))
        return fail(err, ERROR_UNAVAILABLE, "who may sign changed meanwhile");
    AUTO(json)
    json_t *changed = operation_entries_changed(site, arming->row.operation, arming->begun_s, err);
    size_t index;
    json_t *entry;
    json_array_foreach (changed, index, entry) {
        if (json_object_del(arming->armed, json_string_value(entry)) == 0)
            judge(site, &arming->row, arming->said, entry, arming->armed, arming->withheld);
    }
    return changed != NULL;
}

static bool judge_next(
    struct site *site, const struct operation_row *row, struct arming *arming, struct error *err)
{
    json_t *entry = json_array_get(arming->entries, arming->next++);
    judge(site, row, arming->said, entry, arming->armed, arming->withheld);
    return operation_list_measure_next(&arming->armament.list, err);
}

static bool drop(struct site *site)
{
    arming_drop(site);
    return false;
}

bool arming_step(struct site *site, const struct operation_row *row, bool *done, struct error *err)
{
    *done = false;
    if (site->arming && strcmp(site->arming->row.operation, row->operation) != 0)
        return true; /* one after the other */
    if (!arming_is_of(site->arming, row))
        arming_drop(site);
    struct turn turn = turn_begin(site);
    if (!site->arming && !(site->arming = begin_arming(site, row, err)))
        return false;
    struct arming *arming = site->arming;
    arming->is_wanted = true;
    while (arming->next < json_array_size(arming->entries)) {
        if (!judge_next(site, row, arming, err))
            return drop(site);
        if (turn_is_over(&turn))
            return true;
    }
    *done = operation_prove_list(row, &arming->armament.list, err) && ask_again(site, arming, err);
    return *done || drop(site);
}

void arming_drop(struct site *site)
{
    arming_free(site->arming);
    site->arming = NULL;
}

static bool camera_is_armed(struct site *site, const char *camera)
{
    enum camera_state state = CAMERA_OFF;
    const char *reason = NULL;
    return supervisor_health(site->supervisor, camera, &state, &reason) && state != CAMERA_SET_UP;
}

/* The list has to be the signed one to the byte, so what may not arm is handed over and withdrawn at once. */
void operation_arm(struct site *site, const struct operation_row *row, const struct armament *armament,
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
        supervisor_withdraw(site->supervisor, row->operation, json_string_value(entry));
    }
    if (row->phase == OPERATION_PAUSED)
        supervisor_pause(site->supervisor, row->operation, true);
}

/* Who was handed over and who was withheld: the latter stay out, whatever happens to them later. */
bool operation_record_arming(struct site *site, const struct operation_row *row, const json_t *withheld,
    json_t *armed, struct error *err)
{
    size_t index;
    const json_t *entry;
    const char *id;
    json_t *known;
    json_object_foreach (armed, id, known) {
        if (!operation_know_live(site, row->operation, id, json_integer_value(known), err))
            return false;
    }
    json_array_foreach (withheld, index, entry) {
        if (!operation_withhold(site, row->operation, json_string_value(entry), err))
            return false;
    }
    /* Which ones lies beside the log until the wipe: leaves stay, and would join one person's operations. */
    char key[40];
    operation_key_name(row->operation, key);
    AUTO(json)
    json_t *fields = json_pack("{s:s, s:I, s:I}", "operation", row->operation, "entries_armed",
        (json_int_t)json_object_size(armed), "entries_withheld", (json_int_t)json_array_size(withheld));
    AUTO(json) json_t *hidden = json_pack("{s:O}", "withheld", withheld);
    struct record record = {.kind = "operation_armed",
        .by = "site",
        .public_fields = fields,
        .private_fields = hidden,
        .private_key = key};
    return ledger_record(site->ledger, &record, err);
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

static bool arm_again(struct site *site, const struct operation_row *row, const struct armament *armament,
    const json_t *withheld, json_t *armed, struct error *err)
{
    if (!ledger_begin(site->ledger, err))
        return false;
    if (!operation_record_arming(site, row, withheld, armed, err) || !ledger_commit(site->ledger, err)) {
        ledger_abort(site->ledger);
        return false;
    }
    operation_arm(site, row, armament, withheld);
    return true;
}

bool operation_arm_again(
    struct site *site, const struct operation_row *row, const struct armament *armament, struct error *err)
{
    AUTO(json) json_t *armed = json_object();
    AUTO(json) json_t *withheld = operation_withheld_now(site, row, &armament->list, armed);
    return arm_again(site, row, armament, withheld, armed, err);
}

/* A camera that did not arm is handed everything again, proved again. */
bool operation_retry_cameras(struct site *site, const struct operation_row *row, struct error *err)
{
    bool all = false, done = false;
    if (!arming_is_of(site->arming, row) && !all_cameras_are_armed(site, row, &all, err))
        return false;
    if (all)
        return true;
    if (!arming_step(site, row, &done, err))
        return false;
    if (!done)
        return true;
    AUTO(arming) struct arming *arming = STEAL(site->arming);
    return arm_again(site, row, &arming->armament, arming->withheld, arming->armed, err);
}

void rearming_done(struct rearming *rearming)
{
    armament_done(&rearming->armament);
    json_decref(rearming->withheld);
    rearming->withheld = NULL;
}

bool operation_may_run_now(struct site *site, const struct operation_row *row, struct error *err)
{
    struct moment moment = {.now_s = 0};
    if (!moment_look(site, &moment, err))
        return false;
    const char *why = moment.hindrance;
    if (!why && row->ends_s <= moment.now_s)
        why = "time_over";
    if (!why && !operation_find_room(site, row, &why, err))
        return false;
    return !why || fail(err, ERROR_CONFLICT, "operation %s cannot run now: %s", row->operation, why);
}

bool operation_rearm_prepare(
    struct site *site, const struct operation_row *row, struct rearming *out, struct error *err)
{
    AUTO(json) json_t *armed = json_object();
    if (!operation_prove(site, row, &out->armament, err))
        return false;
    out->withheld = operation_withheld_now(site, row, &out->armament.list, armed);
    if (json_object_size(armed) == 0)
        return fail(err, ERROR_CONFLICT, "operation %s has no entry that may be armed", row->operation);
    return operation_record_arming(site, row, out->withheld, armed, err);
}

void operation_rearm(struct site *site, const struct operation_row *row, const struct rearming *rearming)
{
    operation_arm(site, row, &rearming->armament, rearming->withheld);
}
