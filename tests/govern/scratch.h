/* A site in a folder of its own, for the tests of this folder. */
#pragma once

#include "govern/ledger.h"

struct scratch {
    char folder[64];
    uint8_t site_key[DATA_KEY_SIZE];
    struct ledger_options options; /* borrows the two above */
};

/* Makes the folder and the site in it; aborts the test when that fails. */
void scratch_make(struct scratch *scratch);
void scratch_remove(struct scratch *scratch);
/* The same for each test of its own: *state is the struct scratch. */
int scratch_begin(void **state);
int scratch_end(void **state);
struct ledger *scratch_open(struct scratch *scratch);
/* One committed record of the kind; private fields {"name": private_name} under "entry/e-1" unless NULL. */
void scratch_write(struct ledger *ledger, const char *kind, const char *private_name);
char *scratch_path(const struct scratch *scratch, const char *name);
/* Whether the text stands anywhere in the bytes of the folder's files. */
bool scratch_holds(const struct scratch *scratch, const char *text);
