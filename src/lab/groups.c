#include "lab/groups.h"

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

static int compare_names(const void *left, const void *right)
{
    return strcmp(left, right);
}

static int find_person(const struct dataset *dataset, const char wanted[static DATASET_NAME_SIZE])
{
    const char(*found)[DATASET_NAME_SIZE] =
        bsearch(wanted, dataset->names, (size_t)dataset->person_count, sizeof *dataset->names, compare_names);
    return found ? (int)(found - (const char(*)[DATASET_NAME_SIZE])dataset->names) : -1;
}

static bool read_line(struct groups *groups, const char *line, const struct dataset *dataset)
{
    char name[DATASET_NAME_SIZE];
    char word[GROUP_WORD_SIZE];
    char rest = 0;
    if (sscanf(line, "%127s %31s %c", name, word, &rest) != 2)
        return false;
    int group = group_place(groups, word);
    int person = find_person(dataset, name);
    if (group >= 0 && person >= 0)
        groups->of[person] = group;
    return group >= 0;
}

bool groups_parse(
    const char *text, const char *name, const struct dataset *dataset, struct groups *out, struct error *err)
{
    AUTO(groups)
    struct groups groups = {.of = memory_allocate((size_t)dataset->person_count + 1, sizeof(int))};
    for (int i = 0; i < dataset->person_count; i++)
        groups.of[i] = -1;
    int number = 1;
    for (const char *at = text; *at; number++) {
        char line[DATASET_NAME_SIZE + GROUP_WORD_SIZE];
        size_t length = strcspn(at, "\n");
        if (length >= sizeof line)
            return fail(err, ERROR_INVALID, "%s, line %d: too long", name, number);
        memcpy(line, at, length);
        line[length] = '\0';
        if (line[strspn(line, " \r")] && !read_line(&groups, line, dataset))
            return fail(err, ERROR_INVALID, "%s, line %d: a name and one of at most %d groups", name, number,
                GROUPS_LIMIT);
        at += length + (at[length] == '\n');
    }
    if (groups.count == 0)
        return fail(err, ERROR_INVALID, "%s: no groups", name);
    *out = groups;
    groups.of = NULL;
    return true;
}

void groups_done(struct groups *groups)
{
    free(groups->of);
    groups->of = NULL;
}
