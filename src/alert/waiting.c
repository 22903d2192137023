#include "alert/waiting.h"

#include "alert/passage.h"
#include "alert/review.h"
#include "base/clock.h"
#include "list/operation_row.h"

#include <stdio.h>
#include <string.h>

enum { REVIEWED_BESIDE = 4 }; /* passages an alert; each costs two officers' attention */

static const int64_t second_us = 1000000;

static bool may_be_steered(const struct alert *alert)
{
    return alert->state >= ALERT_AGREED && alert->state <= ALERT_ON_SCENE;
}

/* `sql` gives one passage; "" when there is none. */
static bool find_passage(struct site *site, const struct alert *alert, const char *sql,
    char out[static ALERT_ID_SIZE], struct error *err)
{
    AUTO(query) struct query *query = query_new(site->ledger->store, sql, err);
    query_text(query, ":alert", alert->id);
    query_text(query, ":passage", alert->passage);
    out[0] = 0;
    if (query_next(query))
        snprintf(out, ALERT_ID_SIZE, "%s", query_get_text(query, 0));
    return query_ok(query, err);
}

static bool mark_review(struct site *site, const char *passage, const char *review, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(
        site->ledger->store, "UPDATE alert_passage SET review = :review WHERE passage = :passage", err);
    query_text(query, ":review", review);
    query_text(query, ":passage", passage);
    return query_done(query, err);
}

static bool look_beside(struct site *site, const struct alert *alert, const char *passage, struct alert *out,
    int64_t *captured_us, struct error *err)
{
    AUTO(json) json_t *facts = passage_facts(site, alert->id, passage, err);
    const char *camera = NULL;
    if (!facts || !json_need_text(facts, "camera", &camera, err) ||
        !json_need_integer(facts, "captured_us", captured_us, err))
        return false;
    struct alert beside = *alert;
    beside.state = ALERT_RAISED;
    snprintf(beside.passage, sizeof beside.passage, "%s", passage);
    snprintf(beside.camera, sizeof beside.camera, "%s", camera);
    *out = beside;
    return true;
}

bool waiting_beside(
    struct site *site, const struct alert *alert, struct alert *out, bool *found, struct error *err)
{
    char passage[ALERT_ID_SIZE] = "";
    int64_t captured_us = 0;
    if (may_be_steered(alert) &&
        !find_passage(site, alert,
            "SELECT passage FROM alert_passage WHERE alert = :alert AND review = 'asked'"
            " AND passage <> :passage",
            passage, err))
        return false;
    *found = passage[0] != 0;
    return !*found || look_beside(site, alert, passage, out, &captured_us, err);
}

static bool count_reviewed(struct site *site, const struct alert *alert, int64_t *count, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT COUNT(*) FROM alert_passage WHERE alert = :alert AND review <> 'waiting'", err);
    query_text(query, ":alert", alert->id);
    if (query_next(query))
        *count = query_get_integer(query, 0);
    return query_ok(query, err);
}

/* The newest that waits is put to review, when it is newer than what was reviewed and still of use. */
static bool ask_about_newest(struct site *site, const struct alert *alert, int64_t now_us, struct alert *out,
    bool *found, struct error *err)
{
    char passage[ALERT_ID_SIZE];
    int64_t reviewed = 0;
    int64_t reviewed_us = 0;
    int64_t captured_us = 0;
    *found = false;
    if (!find_passage(site, alert,
            "SELECT passage FROM alert_passage WHERE alert = :alert AND review = 'waiting'"
            " AND passage <> :passage ORDER BY arrived_us DESC, rowid DESC LIMIT 1",
            passage, err))
        return false;
    if (!passage[0])
        return true;
    if (!count_reviewed(site, alert, &reviewed, err) || !passage_captured(site, alert, &reviewed_us, err) ||
        !look_beside(site, alert, passage, out, &captured_us, err))
        return false;
    if (reviewed >= REVIEWED_BESIDE || captured_us <= reviewed_us ||
        now_us - captured_us > LIMIT_DISPATCH_S * second_us)
        return true;
    *found = true;
    return mark_review(site, passage, "asked", err);
}

/* Nobody is sent by it: it changes what a dispatcher may send to. */
static bool take_over(struct site *site, struct alert *alert, const struct alert *beside, struct error *err)
{
    if (!mark_review(site, alert->passage, "before", err))
        return false;
    memcpy(alert->passage, beside->passage, sizeof alert->passage);
    memcpy(alert->camera, beside->camera, sizeof alert->camera);
    return alert_save(site, alert, err);
}

/* The passage's own rows go with the alert; this one stays to be counted. */
static bool count_rejection(struct site *site, const struct alert *beside, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO alert_rejection (passage, operation, camera, entry, rejected_us)"
        " VALUES (:passage, :operation, :camera, :entry, :now)",
        err);
    query_text(query, ":passage", beside->passage);
    query_text(query, ":operation", beside->operation);
    query_text(query, ":camera", beside->camera);
    query_text(query, ":entry", beside->entry);
    query_integer(query, ":now", clock_now_us());
    return query_done(query, err);
}

static bool settle_beside(struct site *site, struct alert *alert, const struct alert *beside,
    enum verdict verdict, bool *halted, struct error *err)
{
    const char *word = verdict == VERDICT_AGREED     ? "same"
                       : verdict == VERDICT_REJECTED ? "different"
                                                     : "none";
    char key[40];
    operation_key_name(alert->operation, key);
    json_t *more = json_pack("{s:s, s:s}", "answer", word, "operation", alert->operation);
    json_t *hidden = json_pack(
        "{s:s, s:s, s:s}", "passage", beside->passage, "camera", beside->camera, "entry", alert->entry);
    if (!alert_record_hiding(site, alert, "passage_reviewed", "site", more, key, hidden, err) ||
        !review_record_answers(site, beside, err) || !mark_review(site, beside->passage, word, err) ||
        (verdict == VERDICT_AGREED && !take_over(site, alert, beside, err)) ||
        !ledger_event(site->ledger, "alert", alert->id, "passage_reviewed", err))
        return false;
    /* Last, because a halt recalls the alert. */
    return verdict != VERDICT_REJECTED ||
           (count_rejection(site, beside, err) && review_rejected(site, beside, halted, err));
}

bool waiting_continue(struct site *site, struct alert *alert, int64_t now_us, bool *halted, struct error *err)
{
    struct alert beside;
    bool found = false;
    enum verdict verdict = VERDICT_AWAITED;
    if (!may_be_steered(alert) || !waiting_beside(site, alert, &beside, &found, err))
        return !may_be_steered(alert);
    if (!found && !ask_about_newest(site, alert, now_us, &beside, &found, err))
        return false;
    if (!found)
        return true;
    if (!panel_carry_on(site, &beside, now_us, &verdict, err))
        return false;
    return verdict == VERDICT_AWAITED || settle_beside(site, alert, &beside, verdict, halted, err);
}

bool waiting_for(struct site *site, const struct officer *viewer, struct alert *alert, struct error *err)
{
    struct alert beside;
    struct panel panel;
    bool found = false;
    if (!officer_has(viewer, ROLE_REVIEWER))
        return true;
    if (!waiting_beside(site, alert, &beside, &found, err) ||
        (found && !panel_load(site, &beside, &panel, err)))
        return false;
    const struct asked *asked = found ? panel_find(&panel, viewer->id) : NULL;
    if (asked && !asked->passed)
        *alert = beside;
    return true;
}
