#include "base/error.h"

#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *word;
    int http_status;
    int exit_status;
} code_table[] = {
    [ERROR_NONE] = {"none", 200, 0},
    [ERROR_INVALID] = {"invalid", 400, 65},
    [ERROR_UNSIGNED] = {"unsigned", 401, 77},
    [ERROR_FORBIDDEN] = {"forbidden", 403, 77},
    [ERROR_MISSING] = {"missing", 404, 66},
    [ERROR_CONFLICT] = {"conflict", 409, 69},
    [ERROR_TOO_LARGE] = {"too_large", 413, 65},
    [ERROR_CORRUPT] = {"corrupt", 500, 65},
    [ERROR_UNAVAILABLE] = {"unavailable", 503, 75},
    [ERROR_SYSTEM] = {"system", 500, 71},
    [ERROR_USAGE] = {"usage", 400, 64},
};

bool fail(struct error *err, enum error_code code, const char *format, ...)
{
    if (!err)
        return false;
    va_list arguments;
    va_start(arguments, format);
    err->code = code;
    vsnprintf(err->text, sizeof err->text, format, arguments);
    va_end(arguments);
    va_start(arguments, format);
    wording_anew(&err->wording, format, arguments);
    va_end(arguments);
    text_make_plain(err->text);
    return false;
}

bool fail_as(struct error *err, const struct error *cause)
{
    if (err)
        *err = *cause;
    return false;
}

bool fail_errno(struct error *err, const char *format, ...)
{
    int number = errno;
    if (!err)
        return false;
    va_list arguments;
    va_start(arguments, format);
    err->code = ERROR_SYSTEM;
    vsnprintf(err->text, sizeof err->text, format, arguments);
    va_end(arguments);
    va_start(arguments, format);
    wording_anew(&err->wording, format, arguments);
    va_end(arguments);
    size_t used = strlen(err->text);
    snprintf(err->text + used, sizeof err->text - used, ": %s", strerror(number));
    text_make_plain(err->text);
    return false;
}

bool fail_within(struct error *err, const char *format, ...)
{
    if (!err)
        return false;
    char inner[sizeof err->text];
    memcpy(inner, err->text, sizeof inner);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(err->text, sizeof err->text, format, arguments);
    va_end(arguments);
    va_start(arguments, format);
    wording_around(&err->wording, format, arguments);
    va_end(arguments);
    size_t used = strlen(err->text);
    snprintf(err->text + used, sizeof err->text - used, ": %s", inner);
    text_make_plain(err->text);
    return false;
}

const char *error_word(enum error_code code)
{
    return code_table[code].word;
}

int error_http_status(enum error_code code)
{
    return code_table[code].http_status;
}

int error_exit_status(enum error_code code)
{
    return code_table[code].exit_status;
}
