/* What a proposal has to be, beyond its form (SAFEGUARDS 1, 2, 4, 7, 8, 9, 52). */
#pragma once

#include "list/site.h"

bool entry_rules_check(struct site *site, const struct envelope *proposal, struct error *err);
/* Asked again when an operation arms: the ground is still one of this kind of site, and for suspects the
 * offence table of this program counts and still allows each case (SAFEGUARDS 2). */
bool entry_rules_still_arm(struct site *site, const struct envelope *proposal, struct error *err);
/* Whether an entry may live until `expires_s` by a renewal now. */
bool entry_rules_renew(const struct envelope *proposal, int64_t expires_s, struct error *err);
/* Only the year is known, so the youngest possible age counts. */
bool born_is_minor(int64_t born);
/* NNNNN-NNNNNNN-N */
bool cnic_is_valid(const char *cnic);
