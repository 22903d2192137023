#include "alert/redress_answer.h"

#include "alert/amend.h"
#include "alert/evidence.h"
#include "alert/identity.h"
#include "base/text.h"
#include "list/entry_answer.h"

#include <stdio.h>
#include <string.h>

static const int64_t second_us = 1000000;

static void add_office(char offices[][ALERT_ID_SIZE], size_t *count, const char *office)
{
    for (size_t i = 0; i < *count; i++) {
        if (strcmp(offices[i], office) == 0)
            return;
    }
    snprintf(offices[(*count)++], ALERT_ID_SIZE, "%s", office);
}

struct counted {
    json_int_t answers[3];
    char offices[STATEMENTS_AN_ALERT][ALERT_ID_SIZE];
    size_t office_count;
};

static const char *const answer_words[] = {"same", "different", "cannot_tell"};

/* A reviewer who has left the roster since has reviewed all the same: the signature is checked, not the role.
 */
static void count_review(struct site *site, const char *text, struct counted *counted)
{
    AUTO(envelope) struct envelope *review = envelope_parse(text, strlen(text), NULL);
    const char *said = review ? json_string_value(json_object_get(review->fields, "answer")) : NULL;
    const struct officer *officer = review ? roster_officer(site->roster, review->by) : NULL;
    for (size_t i = 0; said && i < COUNT_OF(answer_words); i++)
        counted->answers[i] += strcmp(said, answer_words[i]) == 0;
    if (officer && counted->office_count < COUNT_OF(counted->offices))
        add_office(counted->offices, &counted->office_count, officer->office);
}

/* How many officers of how many offices looked, and what they said. */
static json_t *reviews_json(struct site *site, const struct alert *alert, struct error *err)
{
    struct counted counted = {0};
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT envelope FROM alert_statement WHERE alert = :alert AND type = 'review' ORDER BY number", err);
    query_text(query, ":alert", alert->id);
    while (query_next(query))
        count_review(site, query_get_text(query, 0), &counted);
    if (!query_ok(query, err))
        return NULL;
    return json_pack("{s:I, s:I, s:I, s:I}", answer_words[0], counted.answers[0], answer_words[1],
        counted.answers[1], answer_words[2], counted.answers[2], "offices", (json_int_t)counted.office_count);
}

/* Stops of before did not keep it: the operation tells it for as long as it can. */
static bool know_reason(struct site *site, struct alert *alert, struct error *err)
{
    return alert->why_here[0] || operation_reason_of(site, alert->operation, alert->entry, alert->why_here,
                                     &alert->why_dated_s, err);
}

static bool add_alert(struct site *site, const char *id, json_t *facts, struct error *err)
{
    struct alert alert;
    char holds[40], ground[32], state[16];
    if (!alert_load(site, id, &alert, err) || !amended_outcome(site, &alert, holds, err) ||
        !know_reason(site, &alert, err) || !entry_ground_of(site, alert.entry, ground, state, err))
        return false;
    json_t *reviews = reviews_json(site, &alert, err);
    if (!reviews)
        return false;
    json_object_set_new(facts, "reviews", reviews);
    json_object_set_new(facts, "stopped_at", json_integer(alert.stopped_us / second_us));
    json_object_set_new(facts, "why", json_string(ground));
    json_object_set_new(facts, "why_here", json_string(alert.why_here));
    json_object_set_new(facts, "why_dated", json_integer(alert.why_dated_s));
    json_object_set_new(facts, "entry_state", json_string(state));
    json_object_set_new(facts, "operation", json_string(alert.operation));
    json_object_set_new(facts, "outcome", json_string(holds));
    return json_object_set_new(facts, "amended", json_boolean(strcmp(holds, alert.outcome) != 0)) == 0;
}

static bool add_listed(struct site *site, const char *cnic, json_t *facts, struct error *err)
{
    bool listed = false;
    char digits[CNIC_DIGITS + 1];
    if (!cnic_digits(cnic, digits))
        return fail(err, ERROR_CORRUPT, "a request with a number that is none");
    /* As it is written on the card and in the list. */
    AUTO(text) char *written = text_format("%.5s-%.7s-%s", digits, digits + 5, digits + 12);
    return entry_number_is_listed(site, written, &listed, err) &&
           json_object_set_new(facts, "listed", json_boolean(listed)) == 0;
}

json_t *redress_facts(
    struct site *site, const char *cnic, const char *alert, bool tells_listed, struct error *err)
{
    AUTO(json) json_t *facts = json_pack("{s:b}", "alerted", alert[0] != 0);
    if (tells_listed && !add_listed(site, cnic, facts, err))
        return NULL;
    if (alert[0] && !add_alert(site, alert, facts, err))
        return NULL;
    return STEAL(facts);
}
