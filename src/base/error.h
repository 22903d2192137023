/* One error value for the whole program.
 *
 * A function that can fail returns bool (or a pointer, NULL on failure) and takes `struct error *err` last.
 * It fills the error exactly when it fails, and leaves its other outputs untouched then. Only a program's top
 * level prints errors. The message names the thing and, where there is one, the cure; it is one line of
 * UTF-8, whatever was put into it. */
#pragma once

#include "base/wording.h"

#include <stdbool.h>

enum error_code {
    ERROR_NONE,
    ERROR_INVALID,     /* the input breaks a rule of form: 400, exit 65 */
    ERROR_UNSIGNED,    /* not signed in, or a signature does not verify: 401, exit 77 */
    ERROR_FORBIDDEN,   /* the rules do not let this person do this: 403, exit 77 */
    ERROR_MISSING,     /* no such thing: 404, exit 66 */
    ERROR_CONFLICT,    /* the thing's state does not allow it: 409, exit 69 */
    ERROR_TOO_LARGE,   /* over a stated bound: 413, exit 65 */
    ERROR_CORRUPT,     /* stored or received bytes are not what was written: 500, exit 65 */
    ERROR_UNAVAILABLE, /* something this needs is away; trying later may help: 503, exit 75 */
    ERROR_SYSTEM,      /* the operating system said no: 500, exit 71 */
    ERROR_USAGE,       /* a command line that cannot be understood: exit 64 */
};

struct error {
    enum error_code code;
    char text[512];
    struct wording wording;
};

/* Fills *err (which may be NULL) and returns false, so that a failing function ends in one line. */
bool fail(struct error *err, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with ": " and the text of errno's value at the call. */
bool fail_errno(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts words before the text of an error that is already there: "camera c-12: no route to host". Returns
 * false. */
bool fail_within(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Gives on another error as it is. Returns false. */
bool fail_as(struct error *err, const struct error *cause);

/* A stable word for the code, as used in JSON and in logs: "invalid", "forbidden", ... */
const char *error_word(enum error_code code);
int error_http_status(enum error_code code);
int error_exit_status(enum error_code code);
