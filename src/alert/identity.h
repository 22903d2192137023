/* What the ports answered during this stop (SAFEGUARDS 36, 37). */
#pragma once

#include "alert/row.h"

enum { CNIC_DIGITS = 13 };

/* The answer to a slip of an earlier stop that ends this one. */
#define NOT_THE_PERSON "not_the_person"

struct identity {
    bool asked;                  /* the register answered yes or no to some number */
    bool is_entry;               /* the newest yes or no: yes, to the entry's own number */
    bool is_another;             /* the newest yes or no: yes, to another number */
    bool is_cleared;             /* an earlier slip says that it is not the entry's person, and the register
                                  * does not say that it is */
    char binding[HEX_HASH_SIZE]; /* of the slip to the newest yes, which a later no does not take back; ""
                                  * without one */
};

bool identity_load(struct site *site, const struct alert *alert, struct identity *out, struct error *err);
/* The newest answer about the case in this stop: "live", "closed" (also when it was closed since),
 * "unavailable", "" when not asked. */
bool case_status_load(struct site *site, const struct alert *alert, const char *case_id, char out[static 16],
    struct error *err);
/* ERROR_INVALID when the case is not one of the entry's. */
bool case_is_of_entry(struct site *site, const struct alert *alert, const char *case_id, struct error *err);
/* The digits of a number as it is written on the card; false for anything else. */
bool cnic_digits(const char *cnic, char out[static CNIC_DIGITS + 1]);
