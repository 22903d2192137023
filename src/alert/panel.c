#include "alert/evidence.h"
#include "alert/review.h"

#include <stdio.h>
#include <string.h>

static enum answer answer_read(const char *word)
{
    if (strcmp(word, "same") == 0)
        return ANSWER_SAME;
    if (strcmp(word, "different") == 0)
        return ANSWER_DIFFERENT;
    return strcmp(word, "cannot_tell") == 0 ? ANSWER_CANNOT_TELL : ANSWER_NONE;
}

static size_t count_answers(const struct panel *panel, enum answer answer)
{
    size_t count = 0;
    for (size_t i = 0; i < panel->count; i++)
        count += panel->asked[i].answer == answer && (answer != ANSWER_NONE || !panel->asked[i].passed);
    return count;
}

static bool two_offices_say_same(const struct panel *panel)
{
    const struct asked *first = NULL;
    for (size_t i = 0; i < panel->count; i++) {
        const struct asked *asked = &panel->asked[i];
        if (asked->passed || asked->answer != ANSWER_SAME)
            continue;
        if (!first)
            first = asked;
        else if (strcmp(first->officer, asked->officer) != 0 && strcmp(first->office, asked->office) != 0)
            return true;
    }
    return false;
}

enum verdict panel_verdict(const struct panel *panel)
{
    size_t same = count_answers(panel, ANSWER_SAME);
    size_t different = count_answers(panel, ANSWER_DIFFERENT);
    size_t cannot_tell = count_answers(panel, ANSWER_CANNOT_TELL);
    size_t answers = same + different + cannot_tell;
    size_t awaited = count_answers(panel, ANSWER_NONE);
    if (answers + awaited < 2)
        return VERDICT_ASK_MORE;
    if (awaited)
        return VERDICT_AWAITED;
    if (different)
        return VERDICT_REJECTED;
    if (two_offices_say_same(panel))
        return VERDICT_AGREED;
    return same == 1 && cannot_tell == 1 ? VERDICT_ASK_MORE : VERDICT_NONE;
}

const struct asked *panel_find(const struct panel *panel, const char *officer)
{
    for (size_t i = 0; i < panel->count; i++) {
        if (strcmp(panel->asked[i].officer, officer) == 0)
            return &panel->asked[i];
    }
    return NULL;
}

static bool read_draws(struct site *site, const struct alert *alert, struct panel *out, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT officer, drawn_us, state FROM alert_draw WHERE passage = :passage ORDER BY drawn_us, rowid",
        err);
    query_text(query, ":passage", alert->passage);
    while (out->count < ASKED_LIMIT && query_next(query)) {
        struct asked *asked = &out->asked[out->count];
        const struct officer *officer = roster_officer(site->roster, query_get_text(query, 0));
        snprintf(asked->officer, sizeof asked->officer, "%s", query_get_text(query, 0));
        memcpy(asked->office, officer ? officer->office : "", officer ? sizeof asked->office : 1);
        asked->drawn_us = query_get_integer(query, 1);
        /* Nobody waits for the answer of who left the roster. */
        asked->passed = !officer || strcmp(query_get_text(query, 2), "passed") == 0;
        out->count++;
    }
    return query_ok(query, err);
}

bool panel_load(struct site *site, const struct alert *alert, struct panel *out, struct error *err)
{
    struct panel panel = {0};
    AUTO(statements) struct statements reviews = {0};
    if (!read_draws(site, alert, &panel, err) ||
        !statements_load(site, alert, "review", ROLE_REVIEWER, &reviews, err))
        return false;
    for (size_t i = 0; i < reviews.count; i++) {
        const struct envelope *review = reviews.list[i];
        const char *passage = json_string_value(json_object_get(review->fields, "passage"));
        struct asked *asked = (struct asked *)(uintptr_t)panel_find(&panel, review->by);
        enum answer answer = answer_read(json_string_value(json_object_get(review->fields, "answer")));
        /* The word of who left since, or lost the key, sends nobody; that it is another person stays said. */
        bool counts = !reviews.by[i].former || answer == ANSWER_DIFFERENT;
        if (asked && counts && passage && strcmp(passage, alert->passage) == 0)
            asked->answer = answer;
    }
    *out = panel;
    return true;
}
