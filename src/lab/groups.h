/* Labels of people for evaluation only: which group each person of a data set belongs to. Nothing else in the
 * program knows groups. */
#pragma once

#include "lab/dataset.h"

enum { GROUPS_LIMIT = 32, GROUP_WORD_SIZE = 32 };

struct groups {
    char words[GROUPS_LIMIT][GROUP_WORD_SIZE];
    int count;
    int *of; /* person → group, −1 when the text does not say; owned */
};

/* Lines "name group"; names that the data set does not have are passed over. ERROR_INVALID names the line. */
bool groups_parse(
    const char *text, const char *name, const struct dataset *dataset, struct groups *out, struct error *err);
void groups_done(struct groups *groups);
static inline void groups_auto(struct groups *slot)
{
    groups_done(slot);
}
