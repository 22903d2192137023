#include "list/offence.h"

#include "base/text.h"
#include "list/row.h"
#include "list/section.h"
#include "sign/limits.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { WORD_SIZE = 24, KEY_SIZE = 4 * WORD_SIZE, WAITING = 12, MONTHS_LIFE = 1200, MONTHS_DEATH = 2400 };

struct citation { /* what was read of a case's sections; `waiting` has no act yet */
    char waiting[WAITING][WORD_SIZE];
    size_t count;
    int64_t gravest;
    bool any, has_act;
    char unknown[WORD_SIZE], unknown_act[WORD_SIZE]; /* the first that the table does not have */
};

static int64_t months_of(const char *word)
{
    if (strncmp(word, "life", 4) == 0)
        return MONTHS_LIFE;
    return strncmp(word, "death", 5) == 0 ? MONTHS_DEATH : strtol(word, NULL, 10);
}

/* Of a Roman numeral; 0 for other letters. */
static int roman_value(const char *letters, size_t length)
{
    static const char *const numerals[] = {"I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"};
    for (size_t i = 0; i < COUNT_OF(numerals); i++)
        if (strlen(numerals[i]) == length && strncasecmp(numerals[i], letters, length) == 0)
            return (int)i + 1;
    return 0;
}

/* Digits or letters; a section's own letter, which touches its number, is one by itself: "337Aiv". 0 for a
 * sign between them. */
static size_t part_length(const char *section, const char *at)
{
    size_t length = strspn(at, "0123456789");
    if (length)
        return length;
    while (isalpha((unsigned char)at[length]))
        length++;
    bool touches = at > section && isdigit((unsigned char)at[-1]);
    return touches && length > 1 && roman_value(at + 1, length - 1) ? 1 : length;
}

/* However it is written, a section is its numbers and letters in turn: "337-A(iv)", "337Aiv" and "337A(4)"
 * are one, and "23(1)(a)" is "23(i)A". */
static void write_key(const char *section, char key[static KEY_SIZE])
{
    size_t used = 0;
    for (const char *at = section; *at;) {
        size_t length = part_length(section, at);
        int number = roman_value(at, length);
        if (number)
            used += (size_t)snprintf(key + used, KEY_SIZE - used, "%d.", number);
        else if (length)
            used += (size_t)snprintf(key + used, KEY_SIZE - used, "%.*s.", (int)length, at);
        at += length ? length : 1;
    }
    key[used] = '\0';
}

/* The months of a row; -1 when there is none. */
static int64_t find_row(const char *table, const char *act, const char *section)
{
    char cited[KEY_SIZE], row[KEY_SIZE], cell[WORD_SIZE];
    write_key(section, cited);
    for (const char *line = table; *line; line += strcspn(line, "\n") + 1) {
        size_t act_length = strcspn(line, "\t\n");
        if (line[0] == '#' || line[act_length] != '\t')
            continue;
        const char *second = line + act_length + 1;
        size_t section_length = strcspn(second, "\t\n");
        if (second[section_length] != '\t' || section_length >= WORD_SIZE || act_length != strlen(act) ||
            strncmp(act, line, act_length) != 0)
            continue;
        snprintf(cell, sizeof cell, "%.*s", (int)section_length, second);
        write_key(cell, row);
        if (strcasecmp(cited, row) == 0)
            return months_of(second + section_length + 1);
    }
    return -1;
}

static bool says_nothing(const char *word)
{
    static const char *const words[] = {
        "R", "W", "U", "READ", "WITH", "AND", "OF", "S", "SECTION", "SECTIONS"};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    return !word[strspn(word, "-")];
}

/* A section that the table does not have counts nothing, beside one that it has. */
static bool add_act(struct citation *citation, const char *table, const char *act, struct error *err)
{
    if (citation->count == 0)
        return fail(err, ERROR_INVALID, "write the sections before their act, as in '302/34 PPC'");
    for (size_t i = 0; i < citation->count; i++) {
        int64_t months = find_row(table, act, citation->waiting[i]);
        if (months < 0 && !*citation->unknown) {
            row_text(citation->unknown, WORD_SIZE, citation->waiting[i]);
            row_text(citation->unknown_act, WORD_SIZE, act);
        }
        citation->gravest = months > citation->gravest ? months : citation->gravest;
        citation->any = citation->any || months >= 0;
    }
    citation->count = 0;
    citation->has_act = true;
    return true;
}

/* "23 (1) (a)" is one section, and so is "395 A". */
static bool continues(const char *word)
{
    return word[0] == '(' || word[0] == '-' || (isalpha((unsigned char)word[0]) && !word[1]);
}

/* "7 ATA 1997". */
static bool is_year(const struct citation *citation, const char *word)
{
    return citation->count == 0 && citation->has_act && strlen(word) == 4 &&
           strspn(word, "0123456789") == 4 && strcmp(word, "1800") > 0;
}

static bool add_section(struct citation *citation, const char *word, struct error *err)
{
    if (continues(word) && citation->count > 0) {
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
    if (section_is_act(word))
        return add_act(citation, table, word, err);
    return says_nothing(word) || is_year(citation, word) || add_section(citation, word, err);
}

static const char *take_word(const char *at, char out[static WORD_SIZE], struct error *err)
{
    size_t length = strcspn(at, "/,;& ");
    if (length >= WORD_SIZE) {
        fail(err, ERROR_INVALID, "'%.20s…' is too long for a section", at);
        return NULL;
    }
    memcpy(out, at, length);
    out[length] = '\0';
    return at + length + strspn(at + length, "/,;& ");
}

bool offence_gravest(const char *table, const char *sections, int64_t *months, struct error *err)
{
    struct citation citation = {.count = 0};
    AUTO(text) char *plain = section_plain(sections);
    const char *at = plain + strspn(plain, "/,;& ");
    while (*at) {
        char word[WORD_SIZE] = "";
        at = take_word(at, word, err);
        if (!at || !add_word(&citation, table, word, err))
            return false;
    }
    if (citation.count > 0 || !citation.has_act)
        return fail(err, ERROR_INVALID, "'%.40s' names no act; write '302/34 PPC'", sections);
    if (!citation.any)
        return fail(err, ERROR_INVALID, "section %s %s is not in the offence table", citation.unknown,
            citation.unknown_act);
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
