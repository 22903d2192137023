#include "list/operation_lives.h"

#include <string.h>

enum {
    RULE = 1 << 30,
    WATCH = 1 << ROLE_WATCH_OFFICER,
    AUTHORISER = 1 << ROLE_AUTHORISER,
    SIGNER = AUTHORISER | 1 << ROLE_OUTSIDE_SIGNER,
    ROOM = WATCH | AUTHORISER | 1 << ROLE_REVIEWER | 1 << ROLE_DISPATCHER | 1 << ROLE_INSPECTOR,
};

static const struct {
    int from;
    enum operation_phase to;
    uint32_t by;
} lives[] = {
    {OPERATION_NOWHERE, OPERATION_DRAFT, WATCH},
    {OPERATION_DRAFT, OPERATION_DRAFT, WATCH},
    {OPERATION_DRAFT, OPERATION_REQUESTED, WATCH},
    {OPERATION_DRAFT, OPERATION_CANCELLED, WATCH | AUTHORISER | RULE},
    {OPERATION_REQUESTED, OPERATION_AUTHORISED, SIGNER},
    {OPERATION_REQUESTED, OPERATION_REFUSED, SIGNER},
    {OPERATION_REQUESTED, OPERATION_CANCELLED, WATCH | AUTHORISER | RULE},
    {OPERATION_AUTHORISED, OPERATION_RUNNING, RULE},
    {OPERATION_AUTHORISED, OPERATION_CANCELLED, WATCH | AUTHORISER | RULE},
    {OPERATION_AUTHORISED, OPERATION_HALTED, ROOM | RULE},
    {OPERATION_RUNNING, OPERATION_PAUSED, RULE},
    {OPERATION_PAUSED, OPERATION_RUNNING, RULE},
    {OPERATION_RUNNING, OPERATION_HALTED, ROOM | RULE},
    {OPERATION_PAUSED, OPERATION_HALTED, ROOM | RULE},
    {OPERATION_RUNNING, OPERATION_ENDED, WATCH | AUTHORISER | RULE},
    {OPERATION_PAUSED, OPERATION_ENDED, WATCH | AUTHORISER | RULE},
    {OPERATION_HALTED, OPERATION_RUNNING, AUTHORISER},
    {OPERATION_HALTED, OPERATION_ENDED, WATCH | AUTHORISER | RULE},
    {OPERATION_ENDED, OPERATION_WIPED, RULE},
};

static const char *const words[] = {
    [OPERATION_DRAFT] = "draft",
    [OPERATION_REQUESTED] = "requested",
    [OPERATION_AUTHORISED] = "authorised",
    [OPERATION_RUNNING] = "running",
    [OPERATION_PAUSED] = "paused",
    [OPERATION_ENDED] = "ended",
    [OPERATION_WIPED] = "wiped",
    [OPERATION_REFUSED] = "refused",
    [OPERATION_CANCELLED] = "cancelled",
    [OPERATION_HALTED] = "halted",
};

const char *operation_phase_word(enum operation_phase phase)
{
    return words[phase];
}

bool operation_phase_read(const char *word, enum operation_phase *out)
{
    for (size_t i = 0; word && i < COUNT_OF(words); i++) {
        if (strcmp(word, words[i]) == 0) {
            *out = (enum operation_phase)i;
            return true;
        }
    }
    return false;
}

bool operation_may_move(int from, enum operation_phase to, const struct officer *officer, struct error *err)
{
    uint32_t by = 0;
    for (size_t i = 0; i < COUNT_OF(lives); i++)
        if (lives[i].from == from && lives[i].to == to)
            by = lives[i].by;
    const char *before = from == OPERATION_NOWHERE ? "new" : words[from];
    if (!by)
        return fail(err, ERROR_CONFLICT, "an operation that is %s cannot become %s", before, words[to]);
    if (!officer && !(by & RULE))
        return fail(err, ERROR_FORBIDDEN, "no rule makes an operation that is %s %s", before, words[to]);
    if (officer && !(officer->roles & by))
        return fail(err, ERROR_FORBIDDEN, "%s may not make an operation that is %s %s", officer->id, before,
            words[to]);
    return true;
}
