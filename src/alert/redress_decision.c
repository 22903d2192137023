#include "alert/redress_decision.h"

#include <string.h>

static const char *said(const struct envelope *envelope, const char *field)
{
    const char *text = json_string_value(json_object_get(envelope->fields, field));
    return text ? text : "";
}

static bool is_refusal(const struct envelope *answer)
{
    return strcmp(said(answer, "answer"), "refused") == 0;
}

static bool same_answer(const struct envelope *a, const struct envelope *b)
{
    return strcmp(said(a, "answer"), said(b, "answer")) == 0 &&
           strcmp(said(a, "reason"), said(b, "reason")) == 0;
}

static bool are_two_offices(struct site *site, const struct envelope *a, const struct envelope *b)
{
    const struct officer *first = roster_officer(site->roster, a->by);
    const struct officer *second = roster_officer(site->roster, b->by);
    return first && second && strcmp(first->id, second->id) != 0 &&
           strcmp(first->office, second->office) != 0;
}

static bool were_two_offices(struct site *site, const struct envelope *a, const struct envelope *b)
{
    bool both_here = roster_officer(site->roster, a->by) && roster_officer(site->roster, b->by);
    return both_here ? are_two_offices(site, a, b) : strcmp(a->by, b->by) != 0;
}

/* Whether somebody of another office has signed the same before. */
static bool is_second(struct site *site, const struct redress *redress, const struct envelope *answer)
{
    for (size_t i = 1; i < json_array_size(redress->statements); i++) {
        AUTO(envelope)
        struct envelope *before = redress_statement(site, redress, i, "redress_answer", NULL);
        if (before && same_answer(before, answer) && are_two_offices(site, before, answer))
            return true;
    }
    return false;
}

bool redress_counts(struct site *site, const struct redress *redress, const struct envelope *answer)
{
    bool refused = is_refusal(answer);
    bool needs_two = refused || !redress->alert[0];
    return !needs_two || is_second(site, redress, answer);
}

struct answers {
    struct envelope **list; /* owns; oldest first */
    size_t count;
};

static void answers_read(const struct redress *redress, struct answers *out)
{
    size_t size = json_array_size(redress->statements);
    *out = (struct answers){.list = memory_allocate(size + 1, sizeof(struct envelope *))};
    for (size_t i = 1; i < size; i++) {
        struct envelope *read = envelope_read(json_array_get(redress->statements, i), NULL);
        if (read && strcmp(read->type, "redress_answer") == 0)
            out->list[out->count++] = read;
        else
            envelope_free(read);
    }
}

static void answers_done(struct answers *answers)
{
    for (size_t i = 0; i < answers->count; i++)
        envelope_free(answers->list[i]);
    memory_release(answers->list);
}

static bool has_counted(
    struct site *site, const struct redress *redress, const struct answers *answers, size_t at)
{
    const struct envelope *answer = answers->list[at];
    if (!is_refusal(answer) && redress->alert[0])
        return true;
    for (size_t i = 0; i < at; i++) {
        if (same_answer(answers->list[i], answer) && were_two_offices(site, answers->list[i], answer))
            return true;
    }
    return false;
}

enum redress_decision redress_decided(struct site *site, const struct redress *redress)
{
    struct answers answers;
    enum redress_decision decision = REDRESS_UNDECIDED;
    answers_read(redress, &answers);
    for (size_t at = answers.count; decision == REDRESS_UNDECIDED && at-- > 0;) {
        if (has_counted(site, redress, &answers, at))
            decision = is_refusal(answers.list[at]) ? REDRESS_REFUSED : REDRESS_GIVEN;
    }
    answers_done(&answers);
    return decision;
}
