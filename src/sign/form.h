/* The form of a statement's fields: which there are, of what type, within which bounds. Text has no control
 * characters; every list is bounded and its plain items differ. */
#pragma once

#include "base/json.h"

enum { SERVICE_NUMBER_SIZE = 25 };

enum form_kind {
    FORM_ID,      /* `of` is the prefix: "e"; or one of several: "s u" */
    FORM_ID_NONE, /* an id or "" */
    FORM_HEX,     /* 64 lower-case hex digits */
    FORM_TEXT,    /* `least` to `most` bytes */
    FORM_SERVICE, /* a service number: 2 to 24 of A-Z, a-z, 0-9, '-' and '/' */
    FORM_WORD,    /* one of the words in `of`, separated by spaces */
    FORM_INTEGER, /* `least` to `most` */
    FORM_BOOLEAN,
    FORM_TRUE,
    FORM_LIST,   /* `least` to `most` items of form `inner` */
    FORM_RISING, /* the same, each item greater than the one before */
    FORM_OBJECT, /* exactly the fields in `inner`, which ends with a NULL name */
};

struct form {
    const char *name;
    enum form_kind kind;
    const char *of;
    int64_t least, most;
    const struct form *inner;
    bool may_lack; /* a field that came later: statements signed before it stay what they were */
    bool former;   /* stands in statements signed before; nobody signs it any more */
};

bool form_check(const json_t *value, const struct form *form, struct error *err);
/* The object has exactly these fields (and those of `also`, which may be NULL), each of its form; only a
 * field that `may_lack` or is a `former` one may be away. */
bool form_check_fields(
    const json_t *object, const struct form *fields, const struct form *also, struct error *err);
bool form_is_id(const char *text, const char *prefix);
bool form_is_service_number(const char *text);
