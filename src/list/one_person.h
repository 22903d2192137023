/* One person is one officer for as long as the site lasts: a code that a person had yesterday and another
 * that they have today would be two persons to every rule that asks for two (SAFEGUARDS 12). The service
 * number tells who is who; a person who gets new keys keeps the code. */
#pragma once

#include "list/site.h"

/* ERROR_INVALID when on a live site an officer of the force has no service number; ERROR_CONFLICT when a
 * roster that was in force gave one of the next one's service numbers to another officer; ERROR_CORRUPT when
 * one of those rosters is not in the database any more. */
bool one_person_check(struct site *site, const struct roster *next, struct error *err);
/* Officers that the roster names by a service number: a roster without any need not be kept. */
size_t one_person_count(const struct roster *roster);
