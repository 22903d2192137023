#include "lab/groups.h"

#include "lab/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The word's place, a new one where it is not there yet; −1 when there is no room. */
static int group_place(struct groups *groups, const char *word)
{
    for (int i = 0; i < groups->count; i++)
        if (!strcmp(groups->words[i], word))
            return i;
    if (groups->count == GROUPS_LIMIT)
        return -1;
    memcpy(groups->words[groups->count], word, strlen(word) + 1);
    return groups->count++;
}

static bool read_line(
    struct groups *groups, const struct lines *lines, const struct dataset *dataset, struct error *err)
{
    char name[DATASET_NAME_SIZE];
    char word[GROUP_WORD_SIZE];
    char rest = 0;
    if (sscanf(lines->text, "%127s %31s %c", name, word, &rest) != 2)
        return fail(
            err, ERROR_INVALID, "%s, line %d: not a name and a group's word", lines->name, lines->number);
    int person = dataset_person(dataset, name);
    int group = group_place(groups, word);
    if (group < 0)
        return fail(
            err, ERROR_INVALID, "%s, line %d: more than %d groups", lines->name, lines->number, GROUPS_LIMIT);
    if (person < 0) {
        groups->strangers++;
        return true;
    }
    if (groups->of[person] >= 0 && groups->of[person] != group)
        return fail(err, ERROR_INVALID, "%s, line %d: this person is in another group already", lines->name,
            lines->number);
    groups->labelled += groups->of[person] < 0;
    groups->of[person] = group;
    return true;
}

/* A group of nobody would bound nothing, and so everything. */
static void leave_out_empty(struct groups *groups, int persons)
{
    int members[GROUPS_LIMIT] = {0}, place[GROUPS_LIMIT] = {0}, kept = 0;
    for (int i = 0; i < persons; i++)
        if (groups->of[i] >= 0)
            members[groups->of[i]]++;
    for (int i = 0; i < groups->count; i++) {
        place[i] = kept;
        memmove(groups->words[kept], groups->words[i], sizeof groups->words[i]);
        kept += members[i] > 0;
    }
    for (int i = 0; i < persons; i++)
        if (groups->of[i] >= 0)
            groups->of[i] = place[groups->of[i]];
    groups->count = kept;
}

bool groups_parse(const struct bytes *text, const char *name, const struct dataset *dataset,
    struct groups *out, struct error *err)
{
    AUTO(groups)
    struct groups groups = {.of = memory_allocate((size_t)dataset->person_count + 1, sizeof(int))};
    struct lines lines;
    bool over = false;
    for (int i = 0; i < dataset->person_count; i++)
        groups.of[i] = -1;
    lines_begin(&lines, text, name);
    while (!over)
        if (!lines_next(&lines, &over, err) || (!over && !read_line(&groups, &lines, dataset, err)))
            return false;
    if (groups.labelled == 0)
        return fail(err, ERROR_INVALID, "%s: no line names anybody who has pictures here", name);
    leave_out_empty(&groups, dataset->person_count);
    *out = groups;
    groups.of = NULL;
    return true;
}

void groups_done(struct groups *groups)
{
    free(groups->of);
    groups->of = NULL;
}
