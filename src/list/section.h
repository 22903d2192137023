/* What an officer writes for the law of a case: sections and their acts, in English or Urdu (SAFEGUARDS 2).
 */
#pragma once

#include "base/error.h"

#include <stdbool.h>

/* Sections on speech, blasphemy, sedition, assembly and defamation, of whatever act and anywhere in the text.
 */
bool section_is_blocked(const char *section);
/* Has a number and an act of the closed set: what is neither could not be held against the blocked ones. */
bool section_names_law(const char *section, struct error *err);
/* Capitals, ASCII digits, no dots, the words of Urdu as those of English: "۳۹۲ ت پ" is "392 PPC". Heap text.
 */
char *section_plain(const char *section);
/* A word of the plain form that names an act of the closed set. */
bool section_is_act(const char *word);
