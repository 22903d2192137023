#include "alert/review.h"

#include "alert/action.h"
#include "alert/erase.h"
#include "alert/passage.h"
#include "alert/plant.h"
#include "alert/waiting.h"
#include "base/clock.h"
#include "base/text.h"
#include "list/entry.h"
#include "list/operation.h"
#include "list/operation_row.h"
#include "list/presence.h"
#include "list/row.h"

#include <stdio.h>
#include <string.h>

static const int64_t second_us = 1000000;

/* Counting offices: an answer "cannot tell" no longer binds its office, the answers beside it do. */
static bool office_is_taken(const struct panel *panel, const char *office)
{
    for (size_t i = 0; i < panel->count; i++) {
        const struct asked *asked = &panel->asked[i];
        if (!asked->passed && asked->answer != ANSWER_CANNOT_TELL && strcmp(asked->office, office) == 0)
            return true;
    }
    return false;
}

/* Who has seen the name, or has signed anything but a review, is not blind to it any more. */
static bool is_blind(struct site *site, const struct alert *alert, const char *officer)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT 1 FROM alert_seen WHERE alert = :alert AND officer = :officer UNION ALL"
        " SELECT 1 FROM alert_statement WHERE alert = :alert AND officer = :officer AND type <> 'review'",
        NULL);
    query_text(query, ":alert", alert->id);
    query_text(query, ":officer", officer);
    return !query_next(query) && query_ok(query, NULL);
}

static bool may_be_drawn(
    struct site *site, const struct alert *alert, const struct panel *panel, const struct officer *officer)
{
    struct error unknown = {0};
    return officer_has(officer, ROLE_REVIEWER) && !panel_find(panel, officer->id) &&
           !office_is_taken(panel, officer->office) && is_blind(site, alert, officer->id) &&
           presence_is_here(site, officer->id, "reviewer") &&
           !entry_is_party(site, alert->entry, officer->id, &unknown) && unknown.code == ERROR_NONE;
}

/* One of those who may, at random, so that nobody can choose who judges. NULL when there is nobody. */
static const struct officer *draw(struct site *site, const struct alert *alert, const struct panel *panel)
{
    const struct officer *drawn = NULL;
    uint32_t candidates = 0;
    for (size_t i = 0; i < roster_officers(site->roster); i++) {
        const struct officer *officer = roster_officer_at(site->roster, i);
        if (!may_be_drawn(site, alert, panel, officer))
            continue;
        uint32_t number = 0;
        random_fill(&number, sizeof number);
        candidates++;
        if (number % candidates == 0)
            drawn = officer;
    }
    return drawn;
}

static bool write_draw(struct site *site, const struct alert *alert, struct panel *panel,
    const struct officer *officer, int64_t now_us, struct error *err)
{
    if (panel->count == ASKED_LIMIT)
        return fail(err, ERROR_TOO_LARGE, "alert %s was asked of too many", alert->id);
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO alert_draw (passage, officer, drawn_us, state) VALUES (:passage, :officer, :now, "
        "'asked')",
        err);
    query_text(query, ":passage", alert->passage);
    query_text(query, ":officer", officer->id);
    query_integer(query, ":now", now_us);
    if (!query_done(query, err))
        return false;
    struct asked *asked = &panel->asked[panel->count++];
    *asked = (struct asked){.drawn_us = now_us};
    memcpy(asked->officer, officer->id, sizeof asked->officer);
    memcpy(asked->office, officer->office, sizeof asked->office);
    return alert_record(site, alert, "reviewer_drawn", "site",
               json_pack("{s:s, s:s}", "officer", officer->id, "passage", alert->passage), err) &&
           ledger_event(site->ledger, "alert", alert->id, "raised", err);
}

static bool set_draw_state(
    struct site *site, const struct alert *alert, const char *officer, const char *state, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "UPDATE alert_draw SET state = :state WHERE passage = :passage AND officer = :officer", err);
    query_text(query, ":state", state);
    query_text(query, ":passage", alert->passage);
    query_text(query, ":officer", officer);
    return query_done(query, err);
}

/* Passes on every answer that is late, and those of who is away as soon as somebody else may be drawn. Where
 * nobody else is there to take over a late one, `stuck` says so. */
static bool pass_on(struct site *site, const struct alert *alert, struct panel *panel, int64_t now_us,
    bool *stuck, struct error *err)
{
    for (size_t i = 0; i < panel->count; i++) {
        struct asked *asked = &panel->asked[i];
        bool late = now_us - asked->drawn_us >= LIMIT_REVIEW_S * second_us;
        if (asked->passed || asked->answer != ANSWER_NONE ||
            (!late && presence_is_here(site, asked->officer, "reviewer")))
            continue;
        asked->passed = true; /* its office is free again for the next */
        const struct officer *next = draw(site, alert, panel);
        if (!next) {
            asked->passed = false;
            *stuck = *stuck || late;
            continue;
        }
        if (!set_draw_state(site, alert, asked->officer, "passed", err) ||
            !alert_record(site, alert, "review_passed_on", "site",
                json_pack("{s:s, s:s}", "officer", asked->officer, "passage", alert->passage), err) ||
            !write_draw(site, alert, panel, next, now_us, err))
            return false;
    }
    return true;
}

static bool draw_missing(
    struct site *site, const struct alert *alert, struct panel *panel, int64_t now_us, struct error *err)
{
    const struct officer *next = NULL;
    while (panel_verdict(panel) == VERDICT_ASK_MORE && (next = draw(site, alert, panel))) {
        if (!write_draw(site, alert, panel, next, now_us, err))
            return false;
    }
    return true;
}

static bool count_rejected(struct site *site, const struct alert *alert, const char *sql, int64_t since_us,
    int64_t *count, struct error *err)
{
    AUTO(query) struct query *query = query_new(site->ledger->store, sql, err);
    query_text(query, ":operation", alert->operation);
    query_text(query, ":camera", alert->camera);
    query_text(query, ":entry", alert->entry);
    query_integer(query, ":since", since_us);
    if (query_next(query))
        *count = query_get_integer(query, 0);
    return query_ok(query, err);
}

/* Alerts, and the later passages beside one. */
static bool mute_on_camera(struct site *site, const struct alert *alert, struct error *err)
{
    int64_t rejections = 0;
    if (!count_rejected(site, alert,
            "SELECT (SELECT COUNT(*) FROM alert WHERE outcome = 'rejected' AND operation = :operation"
            " AND camera = :camera AND entry = :entry AND closed_us >= :since) + (SELECT COUNT(*) FROM"
            " alert_rejection WHERE operation = :operation AND camera = :camera AND entry = :entry)",
            0, &rejections, err))
        return false;
    if (rejections < LIMIT_REJECTIONS_PER_CAMERA)
        return true;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT OR IGNORE INTO alert_mute (operation, camera, entry) VALUES (:operation, :camera, :entry)",
        err);
    query_text(query, ":operation", alert->operation);
    query_text(query, ":camera", alert->camera);
    query_text(query, ":entry", alert->entry);
    char key[40]; /* the alert's is destroyed with its pictures */
    operation_key_name(alert->operation, key);
    return query_done(query, err) &&
           alert_record_hiding(site, alert, "entry_muted", "site",
               json_pack("{s:s}", "operation", alert->operation), key,
               json_pack("{s:s, s:s}", "entry", alert->entry, "camera", alert->camera), err);
}

static bool rejection_breaker(struct site *site, const struct alert *alert, bool *halted, struct error *err)
{
    int64_t rejections = 0;
    if (!count_rejected(site, alert,
            "SELECT (SELECT COUNT(*) FROM alert WHERE outcome = 'rejected' AND operation = :operation"
            " AND closed_us >= :since AND :camera = :camera AND :entry = :entry) + (SELECT COUNT(*) FROM"
            " alert_rejection WHERE operation = :operation AND rejected_us >= :since)",
            clock_now_us() - 3600 * second_us, &rejections, err))
        return false;
    return rejections < LIMIT_REJECTIONS_AN_HOUR ||
           operation_breaks(site, alert->operation, "breaker", halted, err);
}

bool review_rejected(struct site *site, const struct alert *alert, bool *halted, struct error *err)
{
    return mute_on_camera(site, alert, err) && rejection_breaker(site, alert, halted, err);
}

static bool reject(struct site *site, struct alert *alert, bool *halted, struct error *err)
{
    return alert_close(site, alert, "rejected", BY_REVIEW, "site", err) &&
           review_rejected(site, alert, halted, err);
}

static bool any_different(const struct panel *panel)
{
    for (size_t i = 0; i < panel->count; i++) {
        if (panel->asked[i].answer == ANSWER_DIFFERENT)
            return true;
    }
    return false;
}

static bool is_too_late(
    struct site *site, const struct alert *alert, int64_t now_us, bool *late, struct error *err)
{
    int64_t captured_us = 0;
    if (!passage_captured(site, alert, &captured_us, err))
        return false;
    *late = now_us - captured_us > LIMIT_DISPATCH_S * second_us;
    return true;
}

bool panel_carry_on(
    struct site *site, const struct alert *alert, int64_t now_us, enum verdict *out, struct error *err)
{
    struct panel panel;
    bool stuck = false;
    bool late = false;
    if (!panel_load(site, alert, &panel, err) || !is_too_late(site, alert, now_us, &late, err) ||
        (!late && (!pass_on(site, alert, &panel, now_us, &stuck, err) ||
                      !draw_missing(site, alert, &panel, now_us, err))))
        return false;
    enum verdict verdict = panel_verdict(&panel);
    bool over = stuck || late || verdict == VERDICT_NONE;
    if (verdict == VERDICT_AGREED)
        *out = VERDICT_AGREED;
    else if (verdict == VERDICT_REJECTED || (over && any_different(&panel)))
        *out = VERDICT_REJECTED;
    else
        *out = over ? VERDICT_NONE : VERDICT_AWAITED;
    return true;
}

bool review_record_answers(struct site *site, const struct alert *alert, struct error *err)
{
    struct panel panel;
    int64_t same = 0, different = 0, cannot_tell = 0;
    if (!panel_load(site, alert, &panel, err))
        return false;
    for (size_t i = 0; i < panel.count; i++) {
        same += panel.asked[i].answer == ANSWER_SAME;
        different += panel.asked[i].answer == ANSWER_DIFFERENT;
        cannot_tell += panel.asked[i].answer == ANSWER_CANNOT_TELL;
    }
    json_t *more = json_pack("{s:I, s:I, s:I}", "same", (json_int_t)same, "different", (json_int_t)different,
        "cannot_tell", (json_int_t)cannot_tell);
    return alert_record(site, alert, "reviews_counted", "site", more, err);
}

bool review_continue(struct site *site, struct alert *alert, int64_t now_us, bool *halted, struct error *err)
{
    enum verdict verdict = VERDICT_AWAITED;
    if (!panel_carry_on(site, alert, now_us, &verdict, err))
        return false;
    if (alert->planted)
        return verdict == VERDICT_AWAITED || plant_end(site, alert, err);
    if (verdict != VERDICT_AWAITED && !review_record_answers(site, alert, err))
        return false;
    if (verdict == VERDICT_AGREED)
        return alert_move(site, alert, ALERT_AGREED, "", BY_REVIEW, "site", err);
    if (verdict == VERDICT_REJECTED)
        return reject(site, alert, halted, err);
    return verdict == VERDICT_AWAITED || alert_close(site, alert, "lapsed", BY_TIMER, "site", err);
}

static bool review_is_for_what_was_shown(
    struct site *site, const struct alert *alert, const struct envelope *envelope, struct error *err)
{
    const char *passage = NULL;
    const char *hash = NULL;
    char shown[HEX_HASH_SIZE];
    if (!json_need_text(envelope->fields, "passage", &passage, err) ||
        !json_need_text(envelope->fields, "pictures_hash", &hash, err) ||
        !passage_verify(site, alert, shown, err))
        return false;
    if (strcmp(passage, alert->passage) != 0 || strcmp(hash, shown) != 0)
        return fail(
            err, ERROR_CONFLICT, "this review is of other pictures than those of alert %s", alert->id);
    return true;
}

static bool reviewer_is_awaited(
    struct site *site, const struct alert *alert, const struct officer *officer, struct error *err)
{
    struct panel panel;
    if (!panel_load(site, alert, &panel, err))
        return false;
    const struct asked *asked = panel_find(&panel, officer->id);
    if (!asked)
        return fail(err, ERROR_FORBIDDEN, "%s was not drawn for alert %s", officer->id, alert->id);
    if (asked->passed)
        return fail(err, ERROR_CONFLICT, "this review was passed on to another officer");
    if (asked->answer != ANSWER_NONE)
        return fail(err, ERROR_CONFLICT, "%s has answered", officer->id);
    return person_is_no_party(site, officer->id, alert, err);
}

/* Both pictures were shown to this officer, and long enough ago; less a second, which the way to the screen
 * and back may take. */
static bool has_looked(
    struct site *site, const struct alert *alert, const struct officer *officer, struct error *err)
{
    int64_t pictures = 0, shown_us = 0;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT count(*), coalesce(max(shown_us), 0) FROM alert_look WHERE passage = :passage"
        " AND officer = :officer AND name IN ('probe', 'enrolled')",
        err);
    query_text(query, ":passage", alert->passage);
    query_text(query, ":officer", officer->id);
    if (query_next(query)) {
        pictures = query_get_integer(query, 0);
        shown_us = query_get_integer(query, 1);
    }
    if (!query_ok(query, err) || site->look_s == 0)
        return query_ok(query, err);
    if (pictures < 2)
        return fail(
            err, ERROR_CONFLICT, "%s was not shown both pictures of alert %s", officer->id, alert->id);
    if (clock_now_us() - shown_us < (site->look_s - 1) * second_us)
        return fail(err, ERROR_CONFLICT, "look at the pictures for %lld s first", (long long)site->look_s);
    return true;
}

/* An answer says what it rests on: whoever contests it later reads that. */
static bool gives_a_reason(const struct envelope *envelope, struct error *err)
{
    const char *answer = NULL;
    if (!json_need_text(envelope->fields, "answer", &answer, err))
        return false;
    if (strcmp(answer, "same") == 0 && !json_array_size(json_object_get(envelope->fields, "likenesses")))
        return fail(err, ERROR_INVALID, "'same' names at least one likeness");
    if (strcmp(answer, "different") == 0 &&
        !json_array_size(json_object_get(envelope->fields, "differences")))
        return fail(err, ERROR_INVALID, "'different' names at least one difference");
    return true;
}

/* The alert's own review, or that of the passage beside it. */
static bool find_reviewed(struct act *act, struct alert *out, struct error *err)
{
    bool found = act->alert.state == ALERT_RAISED;
    if (found)
        *out = act->alert;
    else if (!waiting_beside(act->site, &act->alert, out, &found, err))
        return false;
    return found || fail(err, ERROR_CONFLICT, "alert %s is not under review", act->alert.id);
}

static bool carry_on(struct act *act, struct error *err)
{
    int64_t now_us = clock_now_us();
    return act->alert.state == ALERT_RAISED
               ? review_continue(act->site, &act->alert, now_us, &act->halted, err)
               : waiting_continue(act->site, &act->alert, now_us, &act->halted, err);
}

/* In the log and in the row: it says nothing to who has no key, and joins no two passages. */
static bool mark_device(
    struct act *act, const struct alert *reviewed, char out[static HEX_HASH_SIZE], struct error *err)
{
    uint8_t mark[HASH_SIZE];
    AUTO(json) json_t *fields = json_pack("{s:s, s:s}", "passage", reviewed->passage, "device", act->device);
    if (!row_mark(act->site, "alert_device", fields, mark, err))
        return false;
    hex_write(mark, sizeof mark, out);
    return true;
}

/* Two officers on one device are no two answers apart. Rows from before hold the device itself. */
static bool device_is_apart(
    struct act *act, const struct alert *reviewed, const char *mark, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(act->site->ledger->store,
        "SELECT 1 FROM alert_device WHERE passage = :passage AND device IN (:device, :mark)"
        " AND officer <> :officer",
        err);
    query_text(query, ":passage", reviewed->passage);
    query_text(query, ":device", act->device);
    query_text(query, ":mark", mark);
    query_text(query, ":officer", act->officer->id);
    bool shared = query_next(query);
    if (!query_ok(query, err))
        return false;
    return !shared ||
           fail(err, ERROR_FORBIDDEN, "another officer's answer came from this device; answer from your own");
}

static bool keep_device(struct act *act, const struct alert *reviewed, const char *mark, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(act->site->ledger->store,
        "INSERT OR REPLACE INTO alert_device (passage, officer, device) VALUES (:passage, :officer, :device)",
        err);
    query_text(query, ":passage", reviewed->passage);
    query_text(query, ":officer", act->officer->id);
    query_text(query, ":device", mark);
    return act->device[0] == 0 || query_done(query, err);
}

static json_t *review(struct act *act, struct error *err)
{
    struct site *site = act->site;
    struct alert reviewed;
    char mark[HEX_HASH_SIZE];
    if (!find_reviewed(act, &reviewed, err) || !reviewer_is_awaited(site, &reviewed, act->officer, err) ||
        !review_is_for_what_was_shown(site, &reviewed, act->envelope, err) ||
        !gives_a_reason(act->envelope, err) || !has_looked(site, &reviewed, act->officer, err) ||
        !mark_device(act, &reviewed, mark, err) || !device_is_apart(act, &reviewed, mark, err) ||
        !keep_device(act, &reviewed, mark, err))
        return NULL;
    AUTO(json) json_t *reply = json_pack("{s:b}", "received", 1);
    /* No event here: nobody's screen changes before the answers are in. */
    if (!act_keep(act, reply, err) || !set_draw_state(site, &reviewed, act->officer->id, "answered", err) ||
        !alert_record(site, &reviewed, "review_received", act->officer->id,
            json_pack("{s:s, s:s*}", "passage", reviewed.passage, "device", act->device[0] ? mark : NULL),
            err) ||
        !carry_on(act, err))
        return NULL;
    return STEAL(reply);
}

json_t *alert_review_on(
    struct site *site, const struct envelope *envelope, const char *device, struct error *err)
{
    static const struct action action = {"review", ROLE_REVIEWER, review};
    return act_on_device(site, envelope, &action, device, err);
}

json_t *alert_review(struct site *site, const struct envelope *envelope, struct error *err)
{
    return alert_review_on(site, envelope, "", err);
}
