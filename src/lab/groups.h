/* Labels of people for evaluation only: which group each person of a data set belongs to. Nothing else in the
 * program knows groups. */
#pragma once

#include "lab/dataset.h"

enum { GROUPS_LIMIT = 32, GROUP_WORD_SIZE = 32 };

struct groups {
    char words[GROUPS_LIMIT][GROUP_WORD_SIZE];
    int count;
    int *of;        /* person → group, −1 when the text does not say; owned */
    int labelled;   /* persons that have one */
    long strangers; /* labels of persons that the data set does not have */
};

/* Lines "name group"; names that the data set does not have are counted, and groups without anybody in it
 * left out. ERROR_INVALID names the line, also that of a person who is in another group already. */
bool groups_parse(const struct bytes *text, const char *name, const struct dataset *dataset,
    struct groups *out, struct error *err);
void groups_done(struct groups *groups);
static inline void groups_auto(struct groups *slot)
{
    groups_done(slot);
}
