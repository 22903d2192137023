/* Two answers, blind to each other (SAFEGUARDS 29). The desk draws who answers; the verdict is a function of
 * the answers alone. */
#pragma once

#include "alert/row.h"

enum answer { ANSWER_NONE, ANSWER_SAME, ANSWER_DIFFERENT, ANSWER_CANNOT_TELL };

struct asked { /* one drawn reviewer */
    char officer[24];
    char office[24];
    int64_t drawn_us;
    enum answer answer; /* NONE while it is awaited, or when it was passed on */
    bool passed;
};

enum { ASKED_LIMIT = 32 };

struct panel {
    struct asked asked[ASKED_LIMIT];
    size_t count;
};

enum verdict {
    VERDICT_AWAITED,  /* somebody who was asked has not answered */
    VERDICT_ASK_MORE, /* a reviewer is missing */
    VERDICT_AGREED,
    VERDICT_REJECTED,
    VERDICT_NONE, /* no two "same" can come any more */
};

/* Nothing is decided while an answer is awaited. */
enum verdict panel_verdict(const struct panel *panel);

/* Carries the review on: passes an unanswered one on, draws who is missing, moves the alert when the answers
 * are in. In the caller's transaction. `halted` is set when the breaker halted the operation. */
bool review_continue(struct site *site, struct alert *alert, int64_t now_us, bool *halted, struct error *err);
/* Passes on and draws for the passage that alert->passage names, without moving the alert: AGREED, REJECTED,
 * NONE (over without an agreement), or AWAITED. In the caller's transaction. */
bool panel_carry_on(
    struct site *site, const struct alert *alert, int64_t now_us, enum verdict *out, struct error *err);
/* Which answers there were about the passage that alert->passage names, once nobody's can change any more:
 * the public record counts disagreement from these. */
bool review_record_answers(struct site *site, const struct alert *alert, struct error *err);
/* After a rejection, of an alert or of a later passage, is counted: mutes the entry on that camera, and halts
 * the operation, as often as it is too many. */
bool review_rejected(struct site *site, const struct alert *alert, bool *halted, struct error *err);
/* From the signed answers and the draws. */
bool panel_load(struct site *site, const struct alert *alert, struct panel *out, struct error *err);
/* NULL when the officer was not drawn for the reviewed passage. */
const struct asked *panel_find(const struct panel *panel, const char *officer);
