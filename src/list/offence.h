/* Offences and their maximum sentences (assets/offences.tsv, in the program): who may be listed as a suspect.
 * The table counts on a live site once an outside signer has signed its hash (SAFEGUARDS 2).
 */
#pragma once

#include "list/site.h"

extern const char offence_table[]; /* the file's text */
extern const char offence_sql[];

/* "302/34 PPC, 7 ATA" or "۳۰۲/۳۴ ت پ": sections, then their act. The gravest maximum of those named, in
 * months (life and death are more than any number of them); what the table does not have counts nothing
 * beside what it has. ERROR_INVALID when it has none of them. Blocked sections are section_is_blocked's. */
bool offence_gravest(const char *table, const char *sections, int64_t *months, struct error *err);
/* At least one of the sections has a maximum of LIMIT_SUSPECT_MONTHS. */
bool offence_allows_suspect(const char *table, const char *sections, struct error *err);

/* A statement `offence_table` on this table's hash is kept and verifies now; nothing is asked on a demo
 * site. */
bool offence_table_counts(struct site *site, struct error *err);
/* An action: new references as in list/entry.h. */
json_t *offence_confirm(struct site *site, const struct envelope *envelope, struct error *err);
json_t *offence_show(struct site *site, struct error *err);
