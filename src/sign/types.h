/* The table of statement types (docs/statements.md): everything that can be signed, and its form. */
#pragma once

#include "sign/form.h"

struct statement_type {
    const char *name;
    const char *by; /* "root", "oversight" or "lab"; NULL: an officer's id */
    const struct form *fields;
};

/* NULL when there is no such type. */
const struct statement_type *statement_type_find(const char *name);
const struct statement_type *statement_type_at(size_t index); /* NULL past the end */
/* type, site, by, at */
extern const struct form statement_common[];
/* Of an operation's request: why it looks here for which entries. */
extern const struct form statement_reasons;
