#include "alert/erase.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>

enum { ERASE_AT_A_TIME = 32 };

static const int64_t second_us = 1000000;

static int64_t keep_s(const char *outcome)
{
    static const char *const true_outcomes[] = {"right_person_not_wanted", "right_person_no_action",
        "other_custody", "found_safe", "contact_declined"};
    if (strcmp(outcome, "custody") == 0)
        return 31 * 86400;
    return word_is_in(outcome, true_outcomes, COUNT_OF(true_outcomes)) ? 86400 : 0;
}

static bool set_hour(struct site *site, const struct alert *alert, int64_t erase_us, struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(site->ledger->store, "UPDATE alert SET erase_us = :erase WHERE alert = :alert", err);
    query_integer(query, ":erase", erase_us);
    query_text(query, ":alert", alert->id);
    return query_done(query, err);
}

bool erase_at_outcome(struct site *site, const struct alert *alert, struct error *err)
{
    return set_hour(site, alert, clock_now_us() + keep_s(alert->outcome) * second_us, err);
}

bool erase_now(struct site *site, const struct alert *alert, struct error *err)
{
    return set_hour(site, alert, clock_now_us(), err);
}

static bool due_ids(struct site *site, int64_t now_us, char ids[][ALERT_ID_SIZE], size_t *count, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT alert FROM alert WHERE erased = 0 AND erase_us <= :now ORDER BY erase_us LIMIT 32", err);
    query_integer(query, ":now", now_us);
    *count = 0;
    while (*count < ERASE_AT_A_TIME && query_next(query))
        snprintf(ids[(*count)++], ALERT_ID_SIZE, "%s", query_get_text(query, 0));
    return query_ok(query, err);
}

static bool destroy_keys(
    struct site *site, char ids[][ALERT_ID_SIZE], size_t count, struct error *err)
{
    char names[ERASE_AT_A_TIME][40];
    const char *list[ERASE_AT_A_TIME];
    for (size_t i = 0; i < count; i++) {
        alert_key_name(ids[i], names[i]);
        list[i] = names[i];
    }
    return keyring_destroy(site->ledger->keyring, list, count, err);
}

static bool delete_rows(struct site *site, const char *alert, const char *sql, struct error *err)
{
    AUTO(query) struct query *query = query_new(site->ledger->store, sql, err);
    query_text(query, ":alert", alert);
    return query_done(query, err);
}

static bool forget_alert(struct site *site, const char *id, struct error *err)
{
    static const char *const statements[] = {
        "DELETE FROM alert_picture WHERE passage IN (SELECT passage FROM alert_passage WHERE alert = :alert)",
        "DELETE FROM alert_draw WHERE passage IN (SELECT passage FROM alert_passage WHERE alert = :alert)",
        "DELETE FROM alert_passage WHERE alert = :alert",
        "DELETE FROM alert_note WHERE alert = :alert",
        "DELETE FROM alert_packet WHERE alert = :alert",
        "DELETE FROM alert_handover WHERE alert = :alert",
        "UPDATE alert SET erased = 1 WHERE alert = :alert",
    };
    for (size_t i = 0; i < COUNT_OF(statements); i++) {
        if (!delete_rows(site, id, statements[i], err))
            return false;
    }
    struct alert alert = {0};
    snprintf(alert.id, sizeof alert.id, "%s", id);
    return alert_record(site, &alert, "alert_pictures_erased", "site", NULL, err);
}

bool erase_due(struct site *site, int64_t now_us, struct error *err)
{
    char ids[ERASE_AT_A_TIME][ALERT_ID_SIZE];
    size_t count = 0;
    if (!due_ids(site, now_us, ids, &count, err))
        return false;
    if (count == 0)
        return true;
    if (!destroy_keys(site, ids, count, err) || !ledger_begin(site->ledger, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!forget_alert(site, ids[i], err)) {
            ledger_abort(site->ledger);
            return false;
        }
    }
    return ledger_commit(site->ledger, err);
}
