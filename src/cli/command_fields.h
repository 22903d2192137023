/* A command line's options and the fields they make: statements by the forms of sign/types.c, so that what
 * can be signed can be typed. */
#pragma once

#include "base/json.h"
#include "sign/form.h"

#include <stdio.h>

enum { COMMAND_POSITIONS = 3, COMMAND_FIELDS = 40 };

struct command_options { /* all borrowed from the command line or the environment; NULL where not given */
    const char *site, *authority, *key, *session; /* or MIZAN_SITE, MIZAN_CA, MIZAN_KEY, MIZAN_SESSION */
    const char *officer, *unit, *device, *to, *file, *after;
    bool json, yes, help;
    const char *positions[COMMAND_POSITIONS];
    size_t position_count;
    struct {
        const char *name, *value;
    } fields[COMMAND_FIELDS];
    size_t field_count;
};

bool command_options_read(int count, char **words, struct command_options *out, struct error *err);

/* A statement's own field comes before the option of its name: "--to" of a hand-over is whom it is for. */
void command_options_yield(struct command_options *options, const struct form *form);
/* Sets what the options name, on top of what is there. ERROR_USAGE for an option that is no field and for a
 * value that cannot be read as the field's kind. */
bool command_fields_read(
    const struct command_options *options, const struct form *form, json_t *fields, struct error *err);
/* Without a form: text; "=JSON" or "@FILE" for anything else. */
bool command_body_read(const struct command_options *options, json_t *fields, struct error *err);
/* Seconds since 1970: a number, "now", "+7d", "-30m", "2026-12-31", "2026-12-31T08:00:00Z". */
bool command_time_read(const char *text, int64_t *out, struct error *err);
/* A line for each field. */
void command_fields_help(const struct form *form, FILE *to);
