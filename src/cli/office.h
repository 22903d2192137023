/* An officer at the command line: signed in at one desk, with a key file for what has to be signed. */
#pragma once

#include "cli/client.h"
#include "cli/command.h"
#include "cli/command_fields.h"
#include "sign/statement.h"

struct office {
    const struct command_options *options; /* borrowed */
    struct client *client;                 /* owned */
    char url[256];
    char site[64], kind[8];
    char officer[24];
    char token[SESSION_TOKEN_SIZE]; /* "" until signed in */
    char needs[12];                 /* of that session: list/pass.h's words */
    bool is_kept;                   /* the session lies in a file and outlives this command */
    const uint8_t *device_secret;   /* borrowed; NULL without --device */
    bool key_is_open;
    uint8_t secret_key[SECRET_KEY_SIZE];
};

enum office_session {
    OFFICE_GUEST,
    OFFICE_BEGUN, /* with the key alone, to make or change a pass */
    OFFICE_WHOLE, /* with password and code where the desk wants them */
};

/* Finds the desk and who it is; signs in as far as asked. */
bool office_open(const struct command_options *options, enum office_session session, struct office *out,
    struct error *err);
/* Asks for password and code and shows them to the desk. */
bool office_prove(struct office *office, struct error *err);
/* `mizan pass set`. */
bool office_set_pass(struct office *office, struct error *err);
/* Into the file that --session names, if it does: what the desk answered to a step of signing in. */
bool office_keep(struct office *office, const json_t *opened, struct error *err);
/* Ends a session that is not kept; wipes the key. */
void office_done(struct office *office);

/* A problem of the desk's becomes an error of the same code. */
bool office_ask(
    struct office *office, const struct client_request *request, struct client_reply *out, struct error *err);
/* NULL when the reply is no JSON. */
json_t *office_ask_json(
    struct office *office, const char *method, const char *path, const json_t *body, struct error *err);
/* Adds type, site, by and at, and signs. */
struct envelope *office_sign(struct office *office, const char *type, json_t *fields, struct error *err);

/* The pattern of a path with what the command line names in place; heap text. */
bool office_path(const struct office_command *command, const char *pattern,
    const struct command_options *options, char **out, struct error *err);
/* The request's body: for a statement its subject is shown, missing fields are filled, the officer is asked.
 */
json_t *office_body(struct office *office, const struct office_command *command,
    struct command_options *options, struct error *err);

/* A body that 'import csv' answered becomes the lines that 'import proposals' sends: each that was well is
 * shown and signed. Any other body stays as it is. */
bool office_sign_proposals(struct office *office, struct bytes *body, struct error *err);

/* JSON for people: names and values, a line each; nothing that a terminal would obey. */
void office_print(const json_t *value, FILE *to);
