/* Password and codes at the command line: shown when signing in, made by `mizan pass set`. */
#include "cli/office.h"

#include "cli/terminal.h"
#include "list/pass.h"

#include <stdio.h>
#include <string.h>

/* A step's answer is a session in place of the one before. */
static bool take_session(struct office *office, const json_t *answer, struct error *err)
{
    const char *token, *needs;
    if (!answer || !json_need_text(answer, "session", &token, err) ||
        !json_need_text(answer, "needs", &needs, err))
        return false;
    snprintf(office->token, sizeof office->token, "%s", token);
    snprintf(office->needs, sizeof office->needs, "%s", needs);
    return office_keep(office, answer, err);
}

static json_t *ask_desk(struct office *office, const char *path, json_t *fields, struct error *err)
{
    json_t *answer = fields ? office_ask_json(office, "POST", path, fields, err) : NULL;
    json_decref(fields);
    return answer;
}

bool office_prove(struct office *office, struct error *err)
{
    SECRET_TEXT password = terminal_ask("Password", "MIZAN_PASSWORD", true, err);
    SECRET_TEXT code = password ? terminal_ask("Code of your authenticator", "MIZAN_CODE", false, err) : NULL;
    if (!code)
        return false;
    AUTO(json)
    json_t *answer = ask_desk(office, "/api/v1/sessions/current/proof",
        json_pack("{s:s, s:s}", "password", password, "code", code), err);
    return take_session(office, answer, err);
}

static bool ask_new_password(char **out, struct error *err)
{
    SECRET_TEXT once = terminal_ask("New password", "MIZAN_NEW_PASSWORD", true, err);
    SECRET_TEXT again = once ? terminal_ask("Once more", "MIZAN_NEW_PASSWORD", true, err) : NULL;
    if (!again)
        return false;
    if (strcmp(once, again) != 0)
        return fail(err, ERROR_USAGE, "the two are not the same; nothing was changed");
    *out = STEAL(once);
    return true;
}

/* What there is now is shown with the change; somebody who has none has nothing to show. */
static json_t *ask_for_pass(struct office *office, const char *new_password, struct error *err)
{
    bool first = strcmp(office->needs, "pass") != 0;
    SECRET_TEXT password =
        first ? memory_copy_text("") : terminal_ask("Password of now", "MIZAN_PASSWORD", true, err);
    SECRET_TEXT code = NULL;
    if (password)
        code = first ? memory_copy_text("")
                     : terminal_ask("A code that was not used yet", "MIZAN_CODE", false, err);
    if (!code)
        return NULL;
    return ask_desk(office, "/api/v1/passes",
        json_pack("{s:s, s:s, s:s, s:b}", "password", password, "code", code, "new_password", new_password,
            "new_codes", 1),
        err);
}

static void show_secret(const json_t *made)
{
    printf("Put this into your authenticator; it is shown this once:\n\n  %s\n\n  or type the secret: %s\n\n",
        json_string_value(json_object_get(made, "uri")), json_string_value(json_object_get(made, "secret")));
    fflush(stdout);
}

bool office_set_pass(struct office *office, struct error *err)
{
    SECRET_TEXT password = NULL;
    if (!ask_new_password(&password, err))
        return false;
    AUTO(json) json_t *made = ask_for_pass(office, password, err);
    if (!made)
        return false;
    show_secret(made);
    SECRET_TEXT code = terminal_ask("First code of the new secret", "MIZAN_FIRST_CODE", false, err);
    if (!code)
        return false;
    AUTO(json)
    json_t *answer = ask_desk(office, "/api/v1/passes/confirmation", json_pack("{s:s}", "code", code), err);
    if (!take_session(office, answer, err))
        return false;
    puts("Password and codes count from now on.");
    return true;
}
