#include "list/section.h"

#include "base/memory.h"
#include "base/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum law { PENAL_CODE, ELECTRONIC_CRIMES, ANTI_TERRORISM };

struct blocked_range {
    int from, to;
    enum law law;
    bool lettered; /* only with a letter: 124-A is sedition, 124 is assault on the President */
};

static const struct blocked_range blocked[] = {
    {123, 124, PENAL_CODE, true},  /* condemnation of the State's creation, sedition */
    {141, 151, PENAL_CODE, false}, /* unlawful assembly and rioting; 144 Cr.P.C. orders */
    {153, 153, PENAL_CODE, true},
    {157, 158, PENAL_CODE, false}, /* harbouring or being hired for an unlawful assembly */
    {188, 188, PENAL_CODE, false}, {295, 295, PENAL_CODE, false},
    {298, 298, PENAL_CODE, false}, /* religion and blasphemy, with all their letters */
    {499, 502, PENAL_CODE, false}, /* defamation */
    {505, 505, PENAL_CODE, false}, /* statements conducing to public mischief */
    {9, 9, ELECTRONIC_CRIMES, false}, {11, 11, ELECTRONIC_CRIMES, false}, {20, 20, ELECTRONIC_CRIMES, false},
    {26, 26, ELECTRONIC_CRIMES, true}, {8, 9, ANTI_TERRORISM, false}, /* words and writings */
    {11, 11, ANTI_TERRORISM, true}, /* 11-W, and with it whatever else of section 11 has a letter but N */
};

/* However they are numbered; the ordinance on public order detains without an offence. */
static const char *const blocked_words[] = {
    "MPO", "PUBLIC ORDER", "SEDIT", "BLASPHEM", "DEFAM", "ASSEMBL", "توہین", "بغاوت", "ہتک"};

/* Penal Code, Criminal Procedure, Anti-Terrorism, Arms (Sindh and Pakistan), narcotics, electronic crimes,
 * explosives, accountability, money laundering, prohibition, foreigners, customs, trafficking in persons. */
static const char *const acts[] = {"PPC", "CRPC", "CR PC", "ATA", "SAA", "PAO", "CNSA", "PECA", "ESA", "NAO",
    "AMLA", "PEHO", "FA", "CA", "PTPA"};
/* What is read as another word, the longer one first; a letter only where one may stand: "۳۶۵ الف". */
static const struct {
    const char *written, *plain;
    bool is_letter;
} other_words[] = {{"CR PC", " CRPC ", false}, {"تعزیرات پاکستان", " PPC ", false},
    {"تعزیرات", " PPC ", false}, {"ت پ", " PPC ", false}, {"تپ", " PPC ", false},
    {"ضابطہ فوجداری", " CRPC ", false}, {"ض ف", " CRPC ", false}, {"ضف", " CRPC ", false},
    {"دفعات", " ", false}, {"دفعہ", " ", false}, {"زیر", " ", false}, {"اور", " ", false}, {"الف", "A", true},
    {"ب", "B", true}, {"ج", "C", true}, {"د", "D", true}};
static const char known_acts[] = "PPC (ت پ), CrPC (ض ف), ATA, SAA, PAO, CNSA, PECA, ESA, NAO, AMLA, PEHO, "
                                 "FA, CA, PTPA";

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* What a character of more than one byte is written as; NULL: as it is. */
static const char *plain_form(const char *at, size_t *length)
{
    static const char *const forms[][2] = {{"،", ","}, {"؛", ","}, {"۔", ""}, {"\u200b", ""}, {"\u200c", ""},
        {"\u200d", ""}, {"\u200e", ""}, {"\u200f", ""}, {"\u061c", ""}, {"\ufeff", ""}, {"\u00a0", " "},
        {"\u2010", "-"}, {"\u2011", "-"}, {"\u2012", "-"}, {"\u2013", "-"}, {"\u2014", "-"}, {".", ""}};
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        *length = strlen(forms[i][0]);
        if (begins(at, forms[i][0]))
            return forms[i][1];
    }
    return NULL;
}

/* The digits of Urdu (۰) and of Arabic (٠). -1 for anything else. */
static int digit_of(const char *at)
{
    const unsigned char *bytes = (const unsigned char *)at;
    if (bytes[0] == 0xDB && bytes[1] >= 0xB0 && bytes[1] <= 0xB9)
        return bytes[1] - 0xB0;
    return bytes[0] == 0xD9 && bytes[1] >= 0xA0 && bytes[1] <= 0xA9 ? bytes[1] - 0xA0 : -1;
}

/* Adds what the character at `at` is written as; returns how many bytes it takes there. */
static size_t add_plain(struct text *plain, const char *at)
{
    size_t length = 0;
    int digit = digit_of(at);
    const char *form = plain_form(at, &length);
    if (digit >= 0)
        text_add(plain, "%d", digit);
    else if (form)
        text_add(plain, "%s", form);
    else
        text_add(plain, "%c", toupper((unsigned char)*at));
    return digit >= 0 ? 2 : form ? length : 1;
}

/* Capitals, ASCII digits, no dots. */
static struct text plain_text(const char *section)
{
    struct text plain = {0};
    text_add(&plain, "%s", "");
    for (const char *at = section; *at;)
        at += add_plain(&plain, at);
    return plain;
}

static bool stands_as_letter(const char *text, const char *at, size_t length)
{
    return at > text && strchr("0123456789 -(", at[-1]) && (unsigned char)at[length] < 0x80;
}

char *section_plain(const char *section)
{
    AUTO(text_buffer) struct text text = plain_text(section);
    struct text plain = {0};
    text_add(&plain, "%s", "");
    for (const char *at = text.data; *at;) {
        size_t i = 0, length = 0;
        for (; i < COUNT_OF(other_words); i++) {
            length = strlen(other_words[i].written);
            if (begins(at, other_words[i].written) &&
                (!other_words[i].is_letter || stands_as_letter(text.data, at, length)))
                break;
        }
        if (i < COUNT_OF(other_words))
            text_add(&plain, "%s", other_words[i].plain);
        else
            text_add(&plain, "%c", *at);
        at += i < COUNT_OF(other_words) ? length : 1;
    }
    return plain.data;
}

bool section_is_act(const char *word)
{
    for (size_t i = 0; i < COUNT_OF(acts); i++)
        if (strcmp(word, acts[i]) == 0)
            return true;
    return false;
}

/* Where the word stands by itself; digits may touch it ("302PPC"). */
static const char *find_word(const char *text, const char *word)
{
    for (const char *at = text; (at = strstr(at, word)); at++) {
        bool begins_here = at == text || !isalpha((unsigned char)at[-1]);
        if (begins_here && !isalpha((unsigned char)at[strlen(word)]))
            return at;
    }
    return NULL;
}

static bool number_is_blocked(int number, bool lettered, enum law law)
{
    for (size_t i = 0; i < COUNT_OF(blocked); i++) {
        const struct blocked_range *range = &blocked[i];
        if (range->law == law && number >= range->from && number <= range->to &&
            (lettered || !range->lettered))
            return true;
    }
    return false;
}

/* The first act from here on; NULL for none. */
static const char *next_act(const char *text)
{
    const char *first = NULL;
    for (size_t i = 0; i < COUNT_OF(acts); i++) {
        const char *found = find_word(text, acts[i]);
        if (found && (!first || found < first))
            first = found;
    }
    return first;
}

/* An act stands behind its sections, or before them when none does: "8 ATA", "ATA 8". */
static bool is_of_anti_terrorism(const char *text, const char *number, const char *end)
{
    const char *before = number;
    while (before > text && before[-1] == ' ')
        before--;
    if (before - text >= 3 && begins(before - 3, "ATA"))
        return true;
    const char *act = next_act(end);
    return act ? begins(act, "ATA") : find_word(text, "ATA") || strstr(text, "TERROR");
}

/* The letter of "124-A", "124 A", "124(A)"; of "153 R/W 34" there is none. '\0' for none. */
static char letter_of(const char *end)
{
    static const char *const urdu[] = {"الف", "ا", "ب", "ج", "د"};
    const char *at = end + strspn(end, " -(");
    for (size_t i = 0; i < COUNT_OF(urdu); i++) {
        if (begins(at, urdu[i]) && (unsigned char)at[strlen(urdu[i])] < 0x80)
            return 'A';
    }
    bool is_one = isalpha((unsigned char)at[0]) && !isalpha((unsigned char)at[1]);
    return is_one && !begins(at, "R/W") && !begins(at, "U/S") ? at[0] : '\0';
}

static bool is_blocked_here(const char *text, const char *at, const char *end)
{
    long number = strtol(at, NULL, 10);
    char letter = letter_of(end);
    if (number >= 10000)
        return false;
    if (number_is_blocked((int)number, letter, PENAL_CODE))
        return true;
    if ((strstr(text, "PECA") || strstr(text, "ELECTRONIC")) &&
        number_is_blocked((int)number, letter, ELECTRONIC_CRIMES))
        return true;
    return letter != 'N' && number_is_blocked((int)number, letter, ANTI_TERRORISM) &&
           is_of_anti_terrorism(text, at, end);
}

static bool has_blocked_word(const char *text)
{
    for (size_t i = 0; i < COUNT_OF(blocked_words); i++)
        if (i == 0 ? find_word(text, blocked_words[i]) : strstr(text, blocked_words[i]))
            return true;
    return false;
}

bool section_is_blocked(const char *section)
{
    AUTO(text_buffer) struct text plain = plain_text(section);
    const char *text = plain.data;
    if (has_blocked_word(text))
        return true;
    for (const char *at = text; *at;) {
        const char *end = at + strspn(at, "0123456789");
        if (end > at && is_blocked_here(text, at, end))
            return true;
        at = end > at ? end : at + 1;
    }
    return false;
}

/* Letters and signs of Urdu and of ASCII: digits of other scripts would be read as none. */
static bool is_readable(const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        if (*at < 0x80)
            continue;
        if (*at < 0xD8 || *at > 0xDB || !*++at)
            return false;
    }
    return true;
}

bool section_names_law(const char *section, struct error *err)
{
    AUTO(text) char *text = section_plain(section);
    return (next_act(text) && is_readable(text) && strpbrk(text, "0123456789")) ||
           fail(err, ERROR_INVALID,
               "'%s' names no section of a known act; write '302/34 PPC'; the acts are %s", section,
               known_acts);
}
