/* Statements made from their form: every type has a well-formed one, and many that are not. */
#pragma once

#include "sign/types.h"

/* A value of this form; a new reference. */
json_t *example_value(const struct form *form);
/* The type's own fields; a new reference. */
json_t *example_fields(const struct statement_type *type);
/* Values that `form` does not allow: the i-th, NULL past the last; a new reference. */
json_t *example_wrong(const struct form *form, size_t index);
