/* What a proposal has to be, beyond its form (SAFEGUARDS 1, 2, 4, 7, 8, 9, 52). */
#pragma once

#include "list/site.h"

bool entry_rules_check(struct site *site, const struct envelope *proposal, struct error *err);
/* NNNNN-NNNNNNN-N */
bool cnic_is_valid(const char *cnic);
/* PPC and PECA sections on speech, blasphemy, sedition, assembly and defamation, anywhere in the text. */
bool section_is_blocked(const char *section);
