#include "alert/overdue.h"

#include "alert/erase.h"
#include "alert/redress_row.h"

#include <string.h>

static const int64_t second_us = 1000000;

/* A stop is kept as its longest end is, so that no edit takes away what a custody rests on. */
static int64_t alert_kept_s(const char *kind, const json_t *fields)
{
    const char *outcome = json_string_value(json_object_get(fields, "outcome"));
    if (strcmp(kind, "alert_stopped") == 0)
        return LIMIT_EVIDENCE_S;
    return strcmp(kind, "alert_closed") == 0 && outcome ? erase_kept_s(outcome) : 0;
}

static int64_t redress_kept_s(const char *kind, const json_t *fields)
{
    (void)kind, (void)fields;
    return (int64_t)REDRESS_KEPT_DAYS * 86400;
}

static bool is_no_word(const struct error *why)
{
    return why->code == ERROR_CORRUPT || why->code == ERROR_MISSING;
}

/* When its pictures go stands beside what the mark covers. */
static bool goes_in_time(struct site *site, const struct alert *alert)
{
    enum { A_LITTLE_S = 60 }; /* between the end and the erasure's time, which are read one after the other */
    int64_t latest_us = alert->closed_us + (erase_kept_s(alert->outcome) + A_LITTLE_S) * second_us;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT 1 FROM alert WHERE alert = :alert AND erased = 0 AND erase_us <= :latest", NULL);
    query_text(query, ":alert", alert->id);
    query_integer(query, ":latest", latest_us);
    return query_next(query) || !query_ok(query, NULL);
}

static bool alert_row_rules(struct site *site, const char *id)
{
    struct alert alert;
    struct error why = {0};
    if (!alert_load(site, id, &alert, &why))
        return !is_no_word(&why);
    return alert_state_is_open(alert.state) || goes_in_time(site, &alert);
}

static bool redress_row_rules(struct site *site, const char *id)
{
    AUTO(redress) struct redress redress = {.statements = NULL};
    struct error why = {0};
    return redress_load(site, id, &redress, &why) || !is_no_word(&why);
}

static const struct overdue_noun nouns[] = {
    {"alert", FIND_ALERT, "alert", {"alert_stopped", "alert_closed"}, NULL, LIMIT_ALERT_S, alert_kept_s,
        alert_row_rules, erase_now},
    {"redress", FIND_REQUEST, "request", {"redress_asked"}, NULL, 0, redress_kept_s, redress_row_rules,
        redress_forget},
};

bool overdue_alerts_tick(struct site *site, struct error *err)
{
    return overdue_look(site, nouns, COUNT_OF(nouns), &site->look_overdue_alerts_s, err);
}
