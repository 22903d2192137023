/* What happens to operations by themselves: start, pause, resume, end, wipe. */
#include "base/clock.h"
#include "base/log.h"
#include "list/operation.h"
#include "list/operation_listed.h"
#include "list/operation_passages.h"
#include "list/operation_proof.h"
#include "list/operation_publish.h"
#include "list/operation_recorded.h"
#include "list/operation_run.h"
#include "list/overdue.h"
#include "list/row.h"
#include "sign/limits.h"

#include <string.h>

enum { DRAFT_LIFE_S = 86400, LIVE_WIPE_DELAY_S = LIMIT_ALERT_S };

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

static bool record_start(struct site *site, struct operation_row *row, const struct operation_list *list,
    const json_t *withheld, json_t *armed, struct error *err)
{
    return operation_record_arming(site, row, withheld, armed, err) &&
           operation_owe_ratification(site, row, err) && operation_commit_listed(site, row, list, err) &&
           operation_move(site, row, OPERATION_RUNNING, NULL, "", err);
}

static bool begin_run(
    struct site *site, struct operation_row *row, const struct arming *arming, struct error *err)
{
    if (json_object_size(arming->armed) == 0)
        return wait_for(site, row, "no_live_case", err);
    if (!ledger_begin(site->ledger, err))
        return false;
    if (!record_start(site, row, &arming->armament.list, arming->withheld, arming->armed, err) ||
        !ledger_commit(site->ledger, err)) {
        ledger_abort(site->ledger);
        return false;
    }
    operation_arm(site, row, &arming->armament, arming->withheld);
    return true;
}

/* What of the site it waits for: NULL when for nothing. */
static bool what_is_missing(
    struct site *site, const struct operation_row *row, const char **why, struct error *err)
{
    bool owed = false;
    if (!operation_find_room(site, row, why, err) || !operation_unpublished(site, row->operation, &owed, err))
        return false;
    if (!*why && owed)
        *why = "publication";
    return true;
}

/* It is asked before the first turn and before it runs: not in each turn, as it grows with the operations
 * that there ever were. */
static bool start(struct site *site, struct operation_row *row, struct error *err)
{
    struct error wrong = {0};
    const char *why = NULL;
    bool done = false;
    if (!arming_is_of(site->arming, row) && !what_is_missing(site, row, &why, err))
        return false;
    if (why)
        return wait_for(site, row, why, err);
    if (!arming_step(site, row, &done, &wrong))
        return refuse_to_start(site, row, &wrong, err);
    if (!done)
        return true;
    if (!what_is_missing(site, row, &why, err))
        return false;
    if (why) {
        arming_drop(site);
        return wait_for(site, row, why, err);
    }
    AUTO(arming) struct arming *arming = STEAL(site->arming);
    return begin_run(site, row, arming, err);
}

static bool tick_authorised(
    struct site *site, struct operation_row *row, const struct moment *moment, struct error *err)
{
    if (row->ends_s <= moment->now_s)
        return move_alone(site, row, OPERATION_CANCELLED, "never_started", false, err);
    if (row->starts_s > moment->now_s)
        return true;
    if (moment->hindrance)
        return wait_for(site, row, moment->hindrance, err);
    /* A list of which nothing armed is not proved again each second. */
    bool waits = site->supervisor && !moment->retries && strcmp(row->why, "no_live_case") == 0;
    return (waits && !arming_is_of(site->arming, row)) || start(site, row, err);
}

/* A running operation that cannot be proved any more (a camera's record or a signature counts no more) does
 * not go on with what happens to be armed still. */
static bool retry_cameras(struct site *site, struct operation_row *row, struct error *err)
{
    struct error why = {0};
    if (operation_retry_cameras(site, row, &why))
        return true;
    if (may_come_back(&why))
        return fail_as(err, &why);
    log_write(LOG_ERROR, "operation_not_armed", "operation %s: %s", row->operation, why.text);
    disarm(site, row->operation);
    return move_alone(site, row, OPERATION_HALTED, "not_as_signed", true, err);
}

static bool tick_armed(
    struct site *site, struct operation_row *row, const struct moment *moment, struct error *err)
{
    if (row->ends_s <= moment->now_s) {
        disarm(site, row->operation);
        return move_alone(site, row, OPERATION_ENDED, "time_over", true, err);
    }
    const char *why = moment->hindrance;
    if (!operation_passages_hinder(site, row, moment->retries, &why, err))
        return false;
    if (row->phase == OPERATION_RUNNING && why) {
        if (site->supervisor)
            supervisor_pause(site->supervisor, row->operation, true);
        return move_alone(site, row, OPERATION_PAUSED, why, false, err);
    }
    if (row->phase == OPERATION_PAUSED && !why) {
        if (!move_alone(site, row, OPERATION_RUNNING, "", false, err))
            return false;
        if (site->supervisor)
            supervisor_pause(site->supervisor, row->operation, false);
    }
    return (!moment->retries && !arming_is_of(site->arming, row)) || retry_cameras(site, row, err);
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
        return operation_wipe(site, row, err);
    case OPERATION_REFUSED:
    case OPERATION_CANCELLED:
        return operation_wipe(site, row, err);
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
        return fail_as(err, &why);
    /* Nobody can tell what an edited row was: its watches are taken away and it is left for people. */
    disarm(site, operation);
    log_write(LOG_ERROR, "operation_row_edited", "%s", why.text);
    return true;
}

bool operation_tick(struct site *site, struct error *err)
{
    struct moment moment = {.now_s = 0};
    if (!moment_look(site, &moment, err))
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
    well = operation_destroy_unratified(site, well ? err : NULL) && well;
    well = operation_forget_lists(site, overdue_time_s(site), well ? err : NULL) && well;
    return operation_listed_expire(site, overdue_time_s(site), well ? err : NULL) && well;
}

bool operation_is_arming(const struct site *site)
{
    return site->arming != NULL;
}

void operation_stop_arming(struct site *site)
{
    arming_drop(site);
}

/* Nothing asked to go on with it: another person's deed came in between. */
static void drop_unwanted(struct site *site)
{
    if (site->arming && !site->arming->is_wanted)
        arming_drop(site);
}

bool operation_go_on(struct site *site, struct error *err)
{
    if (!site->arming)
        return true;
    char operation[24];
    struct moment moment = {.now_s = 0};
    int64_t retry_s = site->retry_cameras_s;
    bool looked = moment_look(site, &moment, err);
    site->retry_cameras_s = retry_s;
    moment.retries = false;
    row_text(operation, sizeof operation, site->arming->row.operation);
    site->arming->is_wanted = false;
    bool well = looked && tick_id(site, operation, &moment, err);
    drop_unwanted(site);
    return well;
}

static bool resume(struct site *site, struct operation_row *row, struct error *err)
{
    AUTO(armament) struct armament armament = {.token = NULL};
    struct error why = {0};
    if (row->ends_s <= clock_now_s())
        return true;
    if (site->rows_differ) /* what it may still use of its budgets, nobody can tell */
        return move_alone(site, row, OPERATION_HALTED, "not_as_recorded", true, err);
    if (site->ledger->restored_s) /* what happened to it since the backup, nobody here knows */
        return move_alone(site, row, OPERATION_HALTED, "restored", true, err);
    if (!operation_prove(site, row, &armament, &why)) {
        log_write(LOG_ERROR, "operation_not_armed", "operation %s: %s", row->operation, why.text);
        const char *word = may_come_back(&why) ? "unavailable" : "not_as_signed";
        return move_alone(site, row, OPERATION_HALTED, word, true, err);
    }
    return operation_arm_again(site, row, &armament, err);
}

bool operation_resume_all(struct site *site, struct error *err)
{
    bool as_recorded = false;
    if (!operation_rows_are_as_recorded(site, &as_recorded, err))
        return false;
    site->rows_differ = !as_recorded;
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
