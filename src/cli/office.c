#include "cli/office.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/keyfile.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { KEPT_LIMIT = 4096, KEPT_MARGIN_S = 30 };

static const char default_url[] = "https://localhost:8443";

static enum error_code code_of(const char *word)
{
    for (enum error_code code = ERROR_INVALID; code <= ERROR_USAGE; code++) {
        if (word && strcmp(error_word(code), word) == 0)
            return code;
    }
    return ERROR_UNAVAILABLE;
}

static bool take_problem(const struct client_reply *reply, struct error *err)
{
    AUTO(json) json_t *problem = json_loadb((const char *)reply->body.data, reply->body.size, 0, NULL);
    const char *detail = json_string_value(json_object_get(problem, "detail"));
    enum error_code code = code_of(json_string_value(json_object_get(problem, "code")));
    return fail(
        err, code, "the desk refuses: %s (%d)", detail ? detail : "it does not say why", reply->status);
}

bool office_ask(
    struct office *office, const struct client_request *request, struct client_reply *out, struct error *err)
{
    struct client_request whole = *request;
    struct client_reply reply = {0};
    whole.token = office->token[0] ? office->token : NULL;
    if (!client_ask(office->client, &whole, &reply, err))
        return false;
    if (reply.status >= 300) {
        take_problem(&reply, err);
        client_reply_done(&reply);
        return false;
    }
    *out = reply;
    return true;
}

json_t *office_ask_json(
    struct office *office, const char *method, const char *path, const json_t *body, struct error *err)
{
    AUTO(text) char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    const struct client_request request = {.method = method,
        .path = path,
        .type = text ? "application/json" : NULL,
        .body = {(uint8_t *)text, text ? strlen(text) : 0}};
    AUTO(client_reply) struct client_reply reply = {0};
    if (!office_ask(office, &request, &reply, err))
        return NULL;
    json_t *json = json_loadb((const char *)reply.body.data, reply.body.size, JSON_REJECT_DUPLICATES, NULL);
    if (!json)
        fail(err, ERROR_CORRUPT, "the desk's answer to %s %s is no JSON", method, path);
    return json;
}

static bool meet_site(struct office *office, struct error *err)
{
    AUTO(json) json_t *site = office_ask_json(office, "GET", "/api/v1/site", NULL, err);
    const char *name, *kind;
    if (!site || !json_need_text(site, "site", &name, err) || !json_need_text(site, "kind", &kind, err))
        return false;
    snprintf(office->site, sizeof office->site, "%s", name);
    snprintf(office->kind, sizeof office->kind, "%s", kind);
    return true;
}

/* Who acts stands in the key file; --by has to say the same, or stands in for a key that is not needed. */
static bool find_officer(struct office *office, struct error *err)
{
    const struct command_options *options = office->options;
    uint8_t public_key[PUBLIC_KEY_SIZE];
    if (options->key && !keyfile_read_public(options->key, public_key, office->officer, err))
        return false;
    if (options->officer && office->officer[0] && strcmp(options->officer, office->officer) != 0)
        return fail(err, ERROR_USAGE, "%s is the key of %s, not of %s", options->key, office->officer,
            options->officer);
    if (options->officer)
        snprintf(office->officer, sizeof office->officer, "%s", options->officer);
    return true;
}

static bool open_key(struct office *office, struct error *err)
{
    if (office->key_is_open)
        return true;
    const char *path = office->options->key;
    if (!path)
        return fail(
            err, ERROR_USAGE, "this needs your key: --key FILE, or MIZAN_KEY ('mizan key new' makes one)");
    if (!office->officer[0])
        return fail(err, ERROR_USAGE, "%s names no officer: give --by o-…", path);
    AUTO(text) char *passphrase = keyfile_ask_passphrase(path, err);
    if (!passphrase)
        return false;
    office->key_is_open = keyfile_open(path, passphrase, office->secret_key, err);
    memory_wipe(passphrase, strlen(passphrase));
    return office->key_is_open;
}

struct envelope *office_sign(struct office *office, const char *type, json_t *fields, struct error *err)
{
    if (!open_key(office, err))
        return NULL;
    AUTO(json)
    json_t *common = json_pack("{s:s, s:s, s:s, s:I}", "type", type, "site", office->site, "by",
        office->officer, "at", (json_int_t)clock_now_s());
    json_object_update(fields, common);
    return envelope_sign(fields, office->secret_key, err);
}

/* The session of this desk and officer that an earlier command left. */
static bool take_kept(struct office *office)
{
    const char *path = office->options->session;
    AUTO(bytes) struct bytes content = {NULL, 0};
    if (!path || access(path, F_OK) != 0 || !file_read(path, KEPT_LIMIT, &content, NULL))
        return false;
    AUTO(json) json_t *kept = json_read((const char *)content.data, content.size, KEPT_LIMIT, NULL);
    memory_wipe(content.data, content.size);
    const char *url, *officer, *token;
    int64_t expires_s;
    if (!kept || !json_need_text(kept, "desk", &url, NULL) ||
        !json_need_text(kept, "officer", &officer, NULL) || !json_need_text(kept, "session", &token, NULL) ||
        !json_need_integer(kept, "expires_at", &expires_s, NULL))
        return false;
    bool other = office->officer[0] && strcmp(officer, office->officer) != 0;
    if (other || strcmp(url, office->url) != 0 || expires_s - KEPT_MARGIN_S < clock_now_s() ||
        strlen(token) != SESSION_TOKEN_SIZE - 1 ||
        strspn(token, "0123456789abcdef") != SESSION_TOKEN_SIZE - 1)
        return false;
    snprintf(office->officer, sizeof office->officer, "%s", officer);
    snprintf(office->token, sizeof office->token, "%s", token);
    office->is_kept = true;
    return true;
}

bool office_keep(struct office *office, const json_t *opened, struct error *err)
{
    if (!office->options->session)
        return true;
    AUTO(json)
    json_t *kept = json_pack("{s:s, s:s, s:s, s:O}", "desk", office->url, "officer", office->officer,
        "session", office->token, "expires_at", json_object_get(opened, "expires_at"));
    AUTO(text) char *text = kept ? json_dumps(kept, JSON_COMPACT) : NULL;
    if (!text || !file_write(office->options->session, 0600, text, strlen(text), err))
        return false;
    office->is_kept = true;
    memory_wipe(text, strlen(text));
    return true;
}

static bool sign_in(struct office *office, struct error *err)
{
    AUTO(json) json_t *empty = json_object();
    AUTO(json) json_t *challenge = office_ask_json(office, "POST", "/api/v1/challenges", empty, err);
    const char *hex, *token, *needs, *unit = office->options->unit ? office->options->unit : "";
    if (!challenge || !json_need_text(challenge, "challenge", &hex, err))
        return false;
    AUTO(json) json_t *fields = json_pack("{s:s, s:s}", "challenge", hex, "unit", unit);
    AUTO(envelope) struct envelope *envelope = fields ? office_sign(office, "sign_in", fields, err) : NULL;
    if (!envelope)
        return false;
    AUTO(json) json_t *body = envelope_json(envelope);
    AUTO(json) json_t *opened = office_ask_json(office, "POST", "/api/v1/sessions", body, err);
    if (!opened || !json_need_text(opened, "session", &token, err) ||
        !json_need_text(opened, "needs", &needs, err))
        return fail_within(err, "signing in as %s", office->officer);
    snprintf(office->token, sizeof office->token, "%s", token);
    snprintf(office->needs, sizeof office->needs, "%s", needs);
    return strcmp(needs, "nothing") != 0 || office_keep(office, opened, err);
}

static bool finish_sign_in(struct office *office, enum office_session session, struct error *err)
{
    if (session == OFFICE_BEGUN && strcmp(office->needs, "reset") != 0)
        return true;
    if (strcmp(office->needs, "pass") == 0)
        return office_prove(office, err);
    if (strcmp(office->needs, "enrolment") == 0)
        return fail(err, ERROR_FORBIDDEN,
            "this site wants a password and codes beside the key: make them with 'mizan pass set'");
    return strcmp(office->needs, "nothing") == 0 ||
           fail(
               err, ERROR_FORBIDDEN, "the pass of %s has to be reset by two officers first", office->officer);
}

/* A kept session may be over before its time, after a sign-out elsewhere or another roster. */
static bool kept_still_counts(struct office *office)
{
    struct error err = {0};
    AUTO(json)
    json_t *roster = take_kept(office) ? office_ask_json(office, "GET", "/api/v1/roster", NULL, &err) : NULL;
    if (roster)
        return true;
    office->token[0] = '\0';
    office->is_kept = false;
    return false;
}

bool office_open(
    const struct command_options *options, enum office_session session, struct office *out, struct error *err)
{
    *out = (struct office){.options = options};
    if (!options->authority)
        return fail(
            err, ERROR_USAGE, "which desk? --site URL --ca FILE (its ca.pem), or MIZAN_SITE and MIZAN_CA");
    snprintf(out->url, sizeof out->url, "%s", options->site ? options->site : default_url);
    out->client = client_new(out->url, options->authority, err);
    return out->client && find_officer(out, err) && meet_site(out, err) &&
           (session == OFFICE_GUEST || (session == OFFICE_WHOLE && kept_still_counts(out)) ||
               (sign_in(out, err) && finish_sign_in(out, session, err)));
}

void office_done(struct office *office)
{
    if (office->token[0] && !office->is_kept) {
        json_t *ended = office_ask_json(office, "DELETE", "/api/v1/sessions/current", NULL, NULL);
        json_decref(ended);
    }
    client_free(office->client);
    memory_wipe(office, sizeof *office);
}
