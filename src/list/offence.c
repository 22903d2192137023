#include "list/offence.h"

#include "list/row.h"
#include "sign/limits.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { WORD_SIZE = 24, WAITING = 12, MONTHS_LIFE = 1200, MONTHS_DEATH = 2400 };

struct citation { /* what was read of a case's sections; `waiting` has no act yet */
    char waiting[WAITING][WORD_SIZE];
    size_t count;
    int64_t gravest;
    bool any;
};

static int64_t months_of(const char *word)
{
    if (strncmp(word, "life", 4) == 0)
        return MONTHS_LIFE;
    return strncmp(word, "death", 5) == 0 ? MONTHS_DEATH : strtol(word, NULL, 10);
}

static bool same_word(const char *word, const char *cell, size_t length)
{
    return strlen(word) == length && strncasecmp(word, cell, length) == 0;
}

/* The months of a row; -1 when there is none. */
static int64_t find_row(const char *table, const char *act, const char *section)
{
    for (const char *line = table; *line; line += strcspn(line, "\n") + 1) {
        size_t act_length = strcspn(line, "\t\n");
        if (line[0] == '#' || line[act_length] != '\t')
            continue;
        const char *second = line + act_length + 1;
        size_t section_length = strcspn(second, "\t\n");
        if (second[section_length] == '\t' && same_word(act, line, act_length) &&
            same_word(section, second, section_length))
            return months_of(second + section_length + 1);
    }
    return -1;
}

static bool is_act(const char *word)
{
    static const char *const acts[] = {"PPC", "ATA", "SAA", "CNSA"};
    for (size_t i = 0; i < COUNT_OF(acts); i++)
        if (strcasecmp(word, acts[i]) == 0)
            return true;
    return false;
}

static bool says_nothing(const char *word)
{
    static const char *const words[] = {"r", "w", "read", "with", "and", "of", "s", "section", "sections"};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strcasecmp(word, words[i]) == 0)
            return true;
    return false;
}

static bool add_act(struct citation *citation, const char *table, const char *act, struct error *err)
{
    if (citation->count == 0)
        return fail(err, ERROR_INVALID, "write the sections before their act, as in '302/34 PPC'");
    for (size_t i = 0; i < citation->count; i++) {
        int64_t months = find_row(table, act, citation->waiting[i]);
        if (months < 0)
            return fail(
                err, ERROR_INVALID, "section %s %s is not in the offence table", citation->waiting[i], act);
        citation->gravest = months > citation->gravest ? months : citation->gravest;
        citation->any = true;
    }
    citation->count = 0;
    return true;
}

/* "23 (1) (a)" is one section. */
static bool add_section(struct citation *citation, const char *word, struct error *err)
{
    if (word[0] == '(' && citation->count > 0) {
        char *last = citation->waiting[citation->count - 1];
        if (strlen(last) + strlen(word) < WORD_SIZE) {
            strncat(last, word, WORD_SIZE - strlen(last) - 1);
            return true;
        }
    } else if (isdigit((unsigned char)word[0]) && citation->count < WAITING) {
        row_text(citation->waiting[citation->count++], WORD_SIZE, word);
        return true;
    }
    return fail(err, ERROR_INVALID, "'%s' is no section and no act of the offence table", word);
}

static bool add_word(struct citation *citation, const char *table, const char *word, struct error *err)
{
    if (is_act(word))
        return add_act(citation, table, word, err);
    return says_nothing(word) || add_section(citation, word, err);
}

/* The next word without hyphens and dots: "395-A" is 395A, "P.P.C" is PPC. */
static const char *take_word(const char *at, char out[static WORD_SIZE], struct error *err)
{
    size_t length = 0;
    for (; *at && !strchr("/,;& ", *at); at++) {
        if (*at == '-' || *at == '.')
            continue;
        if (length + 1 == WORD_SIZE) {
            fail(err, ERROR_INVALID, "'%.20s…' is too long for a section", out);
            return NULL;
        }
        out[length++] = *at;
    }
    out[length] = '\0';
    return at + strspn(at, "/,;& ");
}

bool offence_gravest(const char *table, const char *sections, int64_t *months, struct error *err)
{
    struct citation citation = {.count = 0};
    const char *at = sections + strspn(sections, "/,;& ");
    while (*at) {
        char word[WORD_SIZE] = "";
        at = take_word(at, word, err);
        if (!at || (*word && !add_word(&citation, table, word, err)))
            return false;
    }
    if (citation.count > 0 || !citation.any)
        return fail(err, ERROR_INVALID, "'%.40s' names no act; write '302/34 PPC'", sections);
    *months = citation.gravest;
    return true;
}

bool offence_allows_suspect(const char *table, const char *sections, struct error *err)
{
    int64_t months = 0;
    if (!offence_gravest(table, sections, &months, err))
        return false;
    return months >= LIMIT_SUSPECT_MONTHS ||
           fail(err, ERROR_FORBIDDEN, "'%.40s' carries at most %lld months; suspects are listed from %d on",
               sections, (long long)months, LIMIT_SUSPECT_MONTHS);
}
