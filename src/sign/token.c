#include "sign/token.h"

#include "base/text.h"
#include "sign/limits.h"
#include "sign/reasons.h"

#include <assert.h>
#include <string.h>

enum { TOKEN_AUTHORISATIONS = 8 };

struct token { /* the parts of a token while it is verified; all owned */
    struct roster *roster;
    struct envelope *request;
    struct envelope *report;
    struct envelope *urgency; /* NULL when there is none */
    struct envelope *authorisations[TOKEN_AUTHORISATIONS];
    size_t authorisation_count;
};

static void token_done(struct token *token)
{
    roster_free(token->roster);
    envelope_free(token->request);
    envelope_free(token->report);
    envelope_free(token->urgency);
    for (size_t i = 0; i < token->authorisation_count; i++)
        envelope_free(token->authorisations[i]);
}

static int64_t integer_of(const struct envelope *envelope, const char *field)
{
    return json_integer_value(json_object_get(envelope->fields, field));
}

static const char *text_of(const struct envelope *envelope, const char *field)
{
    return json_string_value(json_object_get(envelope->fields, field));
}

static bool hash_is(const struct envelope *envelope, const char *field, const uint8_t hash[static HASH_SIZE])
{
    char hex[HEX_HASH_SIZE];
    hex_write(hash, HASH_SIZE, hex);
    return strcmp(text_of(envelope, field), hex) == 0;
}

static struct envelope *read_part(const json_t *json, const char *name, const char *type, struct error *err)
{
    const json_t *part = json_object_get(json, name);
    if (!part) {
        fail(err, ERROR_INVALID, "the token has no %s", name);
        return NULL;
    }
    AUTO(envelope) struct envelope *envelope = envelope_read(part, err);
    if (!envelope || !envelope_is(envelope, type, err)) {
        fail_within(err, "the token's %s", name);
        return NULL;
    }
    return STEAL(envelope);
}

static bool check_endorsement(
    const struct token *token, const json_t *json, const struct token_context *context, struct error *err)
{
    AUTO(envelope) struct envelope *endorsement = NULL;
    if (json_object_get(json, "endorsement")) {
        endorsement = read_part(json, "endorsement", "roster_endorsement", err);
        if (!endorsement)
            return false;
    }
    return roster_counts(token->roster, endorsement, context->endorsement_key, context->now_s, err);
}

static bool read_roster(
    struct token *token, const json_t *json, const struct token_context *context, struct error *err)
{
    const json_t *part = json_object_get(json, "roster");
    if (!part)
        return fail(err, ERROR_INVALID, "the token has no %s", "roster");
    AUTO(envelope) struct envelope *envelope = envelope_read_roster(part, err);
    if (!envelope)
        return fail_within(err, "the token's %s", "roster");
    token->roster = roster_read(envelope, context->root_key, context->site, err);
    if (!token->roster)
        return false;
    if (roster_kind(token->roster) != context->kind)
        return fail(err, ERROR_FORBIDDEN, "the token's roster is of another kind of site");
    if (roster_number(token->roster) < context->least_roster_number)
        return fail(err, ERROR_FORBIDDEN, "the token's roster is number %lld; number %lld is known already",
            (long long)roster_number(token->roster), (long long)context->least_roster_number);
    return check_endorsement(token, json, context, err);
}

static bool read_authorisations(struct token *token, const json_t *json, struct error *err)
{
    const json_t *list, *item;
    size_t index;
    if (!json_need_array(json, "authorisations", &list, err))
        return false;
    if (json_array_size(list) > TOKEN_AUTHORISATIONS)
        return fail(err, ERROR_TOO_LARGE, "the token has more than %d authorisations", TOKEN_AUTHORISATIONS);
    json_array_foreach (list, index, item) {
        struct envelope *envelope = envelope_read(item, err);
        if (!envelope)
            return fail_within(err, "the token's authorisation %zu", index + 1);
        token->authorisations[token->authorisation_count++] = envelope;
        if (!envelope_is(envelope, "authorisation", err))
            return false;
    }
    return true;
}

static bool read_token(struct token *token, const char *bytes, size_t size,
    const struct token_context *context, struct error *err)
{
    static const char *const names[] = {
        "authorisations", "endorsement", "report", "request", "roster", "urgency", NULL};
    if (size == 0)
        return fail(err, ERROR_UNSIGNED, "there is no token");
    AUTO(json) json_t *json = json_read(bytes, size, TOKEN_LIMIT, err);
    if (!json)
        return fail_within(err, "token");
    if (!json_is_object(json))
        return fail(err, ERROR_INVALID, "a token has to be an object");
    if (!json_only_fields(json, names, err) || !read_roster(token, json, context, err))
        return false;
    token->request = read_part(json, "request", "operation_request", err);
    if (!token->request)
        return false;
    token->report = read_part(json, "report", "report", err);
    if (!token->report)
        return false;
    if (json_object_get(json, "urgency") && !(token->urgency = read_part(json, "urgency", "urgency", err)))
        return false;
    return read_authorisations(token, json, err);
}

static bool check_request_signer(
    const struct token *token, const struct token_context *context, struct error *err)
{
    if (!roster_check(token->roster, token->request, ROLE_WATCH_OFFICER, err))
        return false;
    bool live = strcmp(text_of(token->request, "kind"), "live") == 0;
    if (live != (context->kind == SITE_LIVE))
        return fail(err, ERROR_FORBIDDEN, "the operation is for a %s site", live ? "live" : "demo");
    return true;
}

struct signers {
    const struct officer *authorisers[2];
    const struct officer *outside;
};

static bool check_authorisation_terms(
    const struct token *token, const struct envelope *authorisation, struct error *err)
{
    if (strcmp(text_of(authorisation, "operation"), text_of(token->request, "operation")) != 0 ||
        !hash_is(authorisation, "request_hash", token->request->hash))
        return fail(err, ERROR_UNSIGNED, "%s authorised another request", authorisation->by);
    if (strcmp(text_of(authorisation, "answer"), "authorised") != 0)
        return fail(err, ERROR_FORBIDDEN, "%s refused the operation", authorisation->by);
    if (strcmp(authorisation->by, token->request->by) == 0)
        return fail(
            err, ERROR_FORBIDDEN, "%s requested the operation and cannot authorise it", authorisation->by);
    return true;
}

static bool add_signer(const struct token *token, const struct envelope *authorisation,
    struct signers *signers, struct error *err)
{
    const struct officer *officer = roster_check_any(token->roster, authorisation, err);
    if (!officer || !check_authorisation_terms(token, authorisation, err))
        return false;
    if (officer_has(officer, ROLE_OUTSIDE_SIGNER)) {
        signers->outside = officer;
        return true;
    }
    if (!officer_has(officer, ROLE_AUTHORISER))
        return fail(err, ERROR_FORBIDDEN, "%s is not an authoriser", officer->id);
    if (!signers->authorisers[0])
        signers->authorisers[0] = officer;
    else if (strcmp(signers->authorisers[0]->office, officer->office) != 0)
        signers->authorisers[1] = officer;
    return true;
}

/* Threat to life and missing persons cannot wait for the outside signer; such an operation is short. */
static bool check_urgency(const struct token *token, struct error *err)
{
    const struct envelope *urgency = token->urgency, *request = token->request;
    const struct officer *officer = roster_check(token->roster, urgency, ROLE_AUTHORISER, err);
    if (!officer)
        return false;
    if (strcmp(text_of(urgency, "operation"), text_of(request, "operation")) != 0 ||
        !hash_is(urgency, "request_hash", request->hash))
        return fail(err, ERROR_UNSIGNED, "%s declared another request urgent", urgency->by);
    if (strcmp(urgency->by, request->by) == 0)
        return fail(
            err, ERROR_FORBIDDEN, "%s requested the operation and cannot declare it urgent", urgency->by);
    if (strcmp(text_of(urgency, "reason"), "missing") == 0 &&
        strcmp(text_of(request, "purpose"), "missing_persons") != 0)
        return fail(
            err, ERROR_FORBIDDEN, "the operation is urgent for missing persons and has another purpose");
    if (integer_of(request, "ends_at") - integer_of(request, "starts_at") > LIMIT_URGENT_S)
        return fail(
            err, ERROR_FORBIDDEN, "an urgent operation lasts at most %d hours", LIMIT_URGENT_S / 3600);
    return true;
}

static bool check_outside_signer(const struct token *token, const struct signers *signers, struct error *err)
{
    const char *office = signers->outside->office;
    const struct officer *requester = roster_officer(token->roster, token->request->by);
    if (strcmp(office, signers->authorisers[0]->office) == 0 ||
        strcmp(office, signers->authorisers[1]->office) == 0 || strcmp(office, requester->office) == 0)
        return fail(err, ERROR_FORBIDDEN, "%s is of an office that takes part and signs nothing from outside",
            signers->outside->id);
    return true;
}

static bool check_signers(const struct token *token, const struct token_context *context, struct error *err)
{
    struct signers signers = {0};
    for (size_t i = 0; i < token->authorisation_count; i++) {
        if (!add_signer(token, token->authorisations[i], &signers, err))
            return false;
    }
    if (!signers.authorisers[1])
        return fail(err, ERROR_FORBIDDEN, "the operation needs two authorisers of different offices");
    if (token->urgency && !check_urgency(token, err))
        return false;
    if (!signers.outside && context->kind == SITE_LIVE && !token->urgency)
        return fail(err, ERROR_FORBIDDEN, "a live site's operation needs an outside signer");
    return !signers.outside || check_outside_signer(token, &signers, err);
}

static bool check_times(const struct token *token, const struct token_context *context, struct error *err)
{
    int64_t starts = integer_of(token->request, "starts_at"), ends = integer_of(token->request, "ends_at");
    if (ends <= starts)
        return fail(err, ERROR_INVALID, "the operation ends before it starts");
    if (ends - starts > LIMIT_OPERATION_S)
        return fail(err, ERROR_FORBIDDEN, "the operation is longer than %d hours", LIMIT_OPERATION_S / 3600);
    if (context->now_s < starts)
        return fail(err, ERROR_FORBIDDEN, "the operation has not started yet");
    if (context->now_s >= ends)
        return fail(err, ERROR_FORBIDDEN, "the operation is over");
    return true;
}

/* Of a request from before. */
static bool check_one_reason(const struct token *token, struct error *err)
{
    const char *reference = text_of(token->request, "why_reference");
    int64_t starts = integer_of(token->request, "starts_at"), why = integer_of(token->request, "why_dated");
    if (!text_of(token->request, "why_here") || !reference)
        return fail(err, ERROR_FORBIDDEN, "the request gives no reason for the place");
    if (why > starts || starts - why > LIMIT_WHY_AGE_S)
        return fail(err, ERROR_FORBIDDEN, "the reason for the place is not of the %d days before the start",
            LIMIT_WHY_AGE_S / 86400);
    return true;
}

static bool check_reasons(const struct token *token, struct error *err)
{
    const json_t *reasons = json_object_get(token->request->fields, "reasons");
    if (!reasons)
        return check_one_reason(token, err);
    AUTO(json) json_t *by_entry = reasons_by_entry(reasons, err);
    if (!by_entry || !reasons_are_fresh(reasons, integer_of(token->request, "starts_at"), err))
        return false;
    if ((int64_t)json_object_size(by_entry) != integer_of(token->request, "list_size"))
        return fail(err, ERROR_FORBIDDEN, "%zu entries have a reason for the place; the list has %lld",
            json_object_size(by_entry), (long long)integer_of(token->request, "list_size"));
    return true;
}

static bool names_camera(const json_t *cameras, const char *key)
{
    const json_t *item;
    size_t index;
    json_array_foreach (cameras, index, item) {
        if (key && strcmp(json_string_value(item), key) == 0)
            return true;
    }
    return false;
}

static bool check_cameras(const struct token *token, const struct token_context *context, struct error *err)
{
    const json_t *cameras = json_object_get(token->request->fields, "cameras");
    size_t most = context->kind == SITE_LIVE ? LIMIT_OPERATION_CAMERAS : LIMIT_DEMO_CAMERAS;
    if (json_array_size(cameras) > most)
        return fail(err, ERROR_TOO_LARGE, "the operation has more than %zu cameras", most);
    char hex[HEX_HASH_SIZE];
    if (context->camera_key) {
        hex_write(context->camera_key, HASH_SIZE, hex);
        if (!names_camera(cameras, hex))
            return fail(err, ERROR_FORBIDDEN, "the operation does not name this camera");
    }
    const json_t *key;
    size_t index;
    json_array_foreach (context->camera_keys, index, key) {
        if (!names_camera(cameras, json_string_value(key)))
            return fail(err, ERROR_FORBIDDEN, "the operation does not name this camera");
    }
    return true;
}

static bool check_list(const struct token *token, const struct token_context *context, struct error *err)
{
    int64_t most = context->kind == SITE_LIVE ? LIMIT_OPERATION_ENTRIES : LIMIT_DEMO_ENTRIES;
    if (integer_of(token->request, "list_size") > most)
        return fail(
            err, ERROR_TOO_LARGE, "the operation's list is longer than %lld entries", (long long)most);
    return true;
}

static bool check_pack(const struct token *token, const struct token_context *context, struct error *err)
{
    if (context->kind == SITE_LIVE && context->pack_is_demo)
        return fail(err, ERROR_FORBIDDEN, "a pack for demonstration does not arm a live site");
    if (!hash_is(token->request, "pack_hash", context->pack_hash))
        return fail(err, ERROR_FORBIDDEN, "the operation is for another pack");
    if (!hash_is(token->report, "pack_hash", context->pack_hash))
        return fail(err, ERROR_FORBIDDEN, "the report is of another pack");
    return true;
}

static bool check_report(const struct token *token, enum site_kind kind, struct error *err)
{
    const struct envelope *report = token->report;
    if (!roster_trusts_report_key(token->roster, report->key))
        return fail(err, ERROR_UNSIGNED, "the report is not signed with a report key of the roster");
    if (!hash_is(token->request, "report_hash", report->hash))
        return fail(err, ERROR_FORBIDDEN, "the operation names another report");
    if (integer_of(report, "fpir_bound_e9") > LIMIT_FPIR_E9)
        return fail(err, ERROR_FORBIDDEN, "the report's bound of false alerts is over 1 in 1,000 passages");
    if (integer_of(report, "n") < integer_of(token->request, "list_size"))
        return fail(err, ERROR_FORBIDDEN, "the report was made for a list of %lld entries, not %lld",
            (long long)integer_of(report, "n"), (long long)integer_of(token->request, "list_size"));
    if (strcmp(text_of(report, "camera_class"), text_of(token->request, "camera_class")) != 0)
        return fail(err, ERROR_FORBIDDEN, "the report is of camera class %s, the operation of %s",
            text_of(report, "camera_class"), text_of(token->request, "camera_class"));
    if (kind == SITE_LIVE &&
        integer_of(report, "fpir_bound_e9") * integer_of(token->request, "expected_passages") >
            LIMIT_FALSE_ALERTS_E9)
        return fail(err, ERROR_FORBIDDEN, "with %lld passages more than one false alert is to be expected",
            (long long)integer_of(token->request, "expected_passages"));
    if (integer_of(token->request, "threshold_e6") < integer_of(report, "threshold_e6"))
        return fail(err, ERROR_FORBIDDEN, "the threshold is under the report's");
    return true;
}

static bool fill_terms(const struct token *token, struct token_terms *out, struct error *err)
{
    struct token_terms terms = {0};
    const char *operation = text_of(token->request, "operation");
    if (strlen(operation) >= sizeof terms.operation)
        return fail(err, ERROR_INVALID, "the operation's id is too long");
    memcpy(terms.operation, operation, strlen(operation) + 1);
    if (!json_need_hex(token->request->fields, "list_hash", terms.list_hash, HASH_SIZE, err))
        return false;
    terms.list_size = integer_of(token->request, "list_size");
    terms.starts_s = integer_of(token->request, "starts_at");
    terms.ends_s = integer_of(token->request, "ends_at");
    terms.roster_number = roster_number(token->roster);
    terms.threshold = (float)integer_of(token->request, "threshold_e6") / 1e6F;
    const json_t *reasons = json_object_get(token->request->fields, "reasons");
    AUTO(json) json_t *by_entry = reasons ? reasons_by_entry(reasons, err) : NULL;
    if (reasons && !by_entry)
        return false;
    terms.names_entries = by_entry != NULL;
    if (by_entry)
        reasons_entries_hash(by_entry, terms.entries_hash);
    *out = terms;
    return true;
}

bool token_verify(const char *bytes, size_t size, const struct token_context *context,
    struct token_terms *out, struct error *err)
{
    __attribute__((cleanup(token_done))) struct token token = {0};
    if (!read_token(&token, bytes, size, context, err))
        return false;
    assert(token.roster && token.request && token.report);
    return check_request_signer(&token, context, err) && check_signers(&token, context, err) &&
           check_times(&token, context, err) && check_cameras(&token, context, err) &&
           check_list(&token, context, err) && check_pack(&token, context, err) &&
           check_report(&token, context->kind, err) && check_reasons(&token, err) &&
           fill_terms(&token, out, err);
}

json_t *token_json(const struct envelope *request, const struct envelope *const *authorisations, size_t count,
    const struct envelope *report, const struct envelope *roster)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, envelope_json(authorisations[i]));
    return json_pack("{s:o, s:o, s:o, s:o}", "authorisations", list, "report", envelope_json(report),
        "request", envelope_json(request), "roster", envelope_json(roster));
}
