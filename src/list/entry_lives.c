#include "list/entry_lives.h"

#include <string.h>

enum { RULE = 1 << 30, WATCH = 1U << ROLE_WATCH_OFFICER, AUTHORISER = 1U << ROLE_AUTHORISER };

static const struct {
    int from;
    enum entry_state to;
    uint32_t by;
} lives[] = {
    {ENTRY_NOWHERE, ENTRY_PROPOSED, WATCH},
    {ENTRY_PROPOSED, ENTRY_APPROVED, AUTHORISER},
    {ENTRY_PROPOSED, ENTRY_WITHDRAWN, WATCH | AUTHORISER}, /* also the refusal of a proposal */
    {ENTRY_PROPOSED, ENTRY_EXPIRED, RULE},
    {ENTRY_APPROVED, ENTRY_SUSPENDED, RULE},
    {ENTRY_APPROVED, ENTRY_WITHDRAWN, WATCH | AUTHORISER | RULE},
    {ENTRY_APPROVED, ENTRY_EXPIRED, RULE},
    {ENTRY_SUSPENDED, ENTRY_APPROVED, AUTHORISER}, /* two of them, neither proposer nor first approver */
    {ENTRY_SUSPENDED, ENTRY_WITHDRAWN, WATCH | AUTHORISER | RULE},
    {ENTRY_SUSPENDED, ENTRY_EXPIRED, RULE},
};

static const char *const words[] = {
    [ENTRY_PROPOSED] = "proposed",
    [ENTRY_APPROVED] = "approved",
    [ENTRY_SUSPENDED] = "suspended",
    [ENTRY_WITHDRAWN] = "withdrawn",
    [ENTRY_EXPIRED] = "expired",
};

const char *entry_state_word(enum entry_state state)
{
    return words[state];
}

bool entry_state_read(const char *word, enum entry_state *out)
{
    for (size_t i = 0; word && i < COUNT_OF(words); i++) {
        if (strcmp(word, words[i]) == 0) {
            *out = (enum entry_state)i;
            return true;
        }
    }
    return false;
}

bool entry_is_over(enum entry_state state)
{
    return state == ENTRY_WITHDRAWN || state == ENTRY_EXPIRED;
}

bool entry_may_move(int from, enum entry_state to, const struct officer *officer, struct error *err)
{
    uint32_t by = 0;
    for (size_t i = 0; i < COUNT_OF(lives); i++)
        if (lives[i].from == from && lives[i].to == to)
            by = lives[i].by;
    const char *before = from == ENTRY_NOWHERE ? "new" : words[from];
    if (!by)
        return fail(err, ERROR_CONFLICT, "an entry that is %s cannot become %s", before, words[to]);
    if (!officer && !(by & RULE))
        return fail(err, ERROR_FORBIDDEN, "no rule makes an entry that is %s %s", before, words[to]);
    if (officer && !(officer->roles & by))
        return fail(
            err, ERROR_FORBIDDEN, "%s may not make an entry that is %s %s", officer->id, before, words[to]);
    return true;
}
