#include "list/operation_proof.h"

#include "base/clock.h"
#include "base/text.h"
#include "list/camera.h"
#include "sign/token.h"

#include <string.h>

enum { SIGNATURES = 8 };

struct papers { /* an operation's signed statements; owned */
    struct envelope *request;
    struct envelope *urgencies[SIGNATURES];
    size_t urgency_count;
    struct envelope *signatures[SIGNATURES];
    size_t count;
};

static void papers_auto(struct papers *papers)
{
    envelope_free(papers->request);
    for (size_t i = 0; i < papers->urgency_count; i++)
        envelope_free(papers->urgencies[i]);
    for (size_t i = 0; i < papers->count; i++)
        envelope_free(papers->signatures[i]);
}

void armament_done(struct armament *armament)
{
    memory_release(armament->token);
    memory_wipe(armament->credentials, sizeof armament->credentials);
    operation_list_done(&armament->list);
    armament->token = NULL;
}

static bool read_papers(
    struct site *site, const struct operation_row *row, struct papers *out, struct error *err)
{
    size_t requests = 0;
    char hash[HEX_HASH_SIZE];
    if (!operation_statements(site, row->operation, "request", &out->request, 1, &requests, err))
        return false;
    if (requests == 0)
        return fail(err, ERROR_CORRUPT, "operation %s has no signed request", row->operation);
    envelope_hash_hex(out->request, hash);
    if (strcmp(hash, row->request_hash) != 0)
        return fail(
            err, ERROR_CORRUPT, "operation %s has another request than the signed one", row->operation);
    return operation_statements(
               site, row->operation, "urgency", out->urgencies, SIGNATURES, &out->urgency_count, err) &&
           operation_statements(
               site, row->operation, "authorisation", out->signatures, SIGNATURES, &out->count, err);
}

/* An authoriser's who counts today: the token's roster knows nothing of suspensions. NULL when there is none.
 */
static const struct envelope *urgency_of(struct site *site, const struct papers *papers)
{
    for (size_t i = 0; i < papers->urgency_count; i++) {
        if (roster_check(site->roster, papers->urgencies[i], ROLE_AUTHORISER, NULL))
            return papers->urgencies[i];
    }
    return NULL;
}

static struct signatures count_signatures(struct site *site, const struct papers *papers)
{
    const char *first = NULL;
    struct signatures found = {.urgent = urgency_of(site, papers) != NULL};
    for (size_t i = 0; i < papers->count; i++) {
        const struct officer *officer = roster_check_any(site->roster, papers->signatures[i], NULL);
        if (!officer)
            continue;
        if (officer_has(officer, ROLE_OUTSIDE_SIGNER))
            found.outside = true;
        else if (!officer_has(officer, ROLE_AUTHORISER))
            continue;
        else if (!first)
            first = officer->office;
        else
            found.two_offices = found.two_offices || strcmp(first, officer->office) != 0;
    }
    return found;
}

/* token_verify asks again. */
static bool is_complete(
    struct site *site, const struct papers *papers, const struct signatures *found, bool is_protected)
{
    bool may_lack_outside = !is_protected && (found->urgent || site->kind == SITE_DEMO);
    return found->two_offices && (found->outside || may_lack_outside) &&
           roster_check(site->roster, papers->request, ROLE_WATCH_OFFICER, NULL);
}

bool operation_signatures(
    struct site *site, const struct operation_row *row, struct signatures *out, struct error *err)
{
    AUTO(papers) struct papers papers = {.request = NULL};
    if (!read_papers(site, row, &papers, err))
        return false;
    *out = count_signatures(site, &papers);
    return true;
}

bool operation_token(
    struct site *site, const struct operation_row *row, char **token, bool *complete, struct error *err)
{
    AUTO(papers) struct papers papers = {.request = NULL};
    bool is_protected = true;
    if (!read_papers(site, row, &papers, err) || !operation_is_protected(site, row, &is_protected, err))
        return false;
    struct signatures found = count_signatures(site, &papers);
    *complete = is_complete(site, &papers, &found, is_protected);
    if (!*complete)
        return true;
    if (!site->report)
        return fail(err, ERROR_UNAVAILABLE, "the site has no evaluation report");
    AUTO(json)
    json_t *json = token_json(papers.request, (const struct envelope *const *)papers.signatures, papers.count,
        site->report, roster_envelope(site->roster));
    if (found.urgent && !found.outside)
        json_object_set_new(json, "urgency", envelope_json(urgency_of(site, &papers)));
    if (site->endorsement)
        json_object_set_new(json, "endorsement", envelope_json(site->endorsement));
    char *text = json_canonical(json, err);
    if (!text)
        return false;
    *token = text;
    return true;
}

static bool terms_are_the_rows(
    const struct operation_row *row, const struct token_terms *terms, struct error *err)
{
    char list_hash[HEX_HASH_SIZE];
    hex_write(terms->list_hash, HASH_SIZE, list_hash);
    if (strcmp(terms->operation, row->operation) != 0 || strcmp(list_hash, row->list_hash) != 0 ||
        terms->starts_s != row->starts_s || terms->ends_s != row->ends_s ||
        terms->list_size != row->list_size)
        return fail(err, ERROR_CORRUPT, "operation %s is not as its signed request says", row->operation);
    return true;
}

bool operation_token_holds(
    struct site *site, const struct operation_row *row, const char *token, int64_t now_s, struct error *err)
{
    AUTO(json) json_t *cameras = operation_parts(site, row->operation, "camera", err);
    if (!cameras)
        return false;
    if (json_array_size(cameras) == 0)
        return fail(err, ERROR_CORRUPT, "operation %s has no cameras", row->operation);
    /* Whether a pack is for demonstration the watch reads in the pack itself; the desk does not open packs.
     */
    struct token_terms terms;
    struct token_context context = {.site = site->name,
        .kind = site->kind,
        .root_key = site->root_key,
        .endorsement_key = site->endorsement_key,
        .camera_keys = cameras,
        .pack_hash = site->pack_hash,
        .pack_is_demo = false,
        .least_roster_number = roster_number(site->roster),
        .now_s = now_s};
    return token_verify(token, strlen(token), &context, &terms, err) && terms_are_the_rows(row, &terms, err);
}

/* By the start, so that no notice grows too old in the middle of an operation. */
static bool prove_cameras(
    struct site *site, const struct operation_row *row, struct armament *out, struct error *err)
{
    const char *operation = row->operation;
    AUTO(json) json_t *keys = operation_parts(site, operation, "camera", err);
    if (!keys)
        return false;
    if (json_array_size(keys) > ARMAMENT_CAMERAS)
        return fail(err, ERROR_TOO_LARGE, "operation %s has too many cameras", operation);
    size_t index;
    const json_t *key;
    json_array_foreach (keys, index, key) {
        struct camera found;
        if (!camera_find_by_key(site, json_string_value(key), &found, err) ||
            !camera_find(site, found.id, &out->cameras[index], out->credentials[index], err) ||
            !camera_signs_hold(site, found.id, row->starts_s, err))
            return false;
        out->camera_count = index + 1;
    }
    return true;
}

bool operation_prove_signed(
    struct site *site, const struct operation_row *row, struct armament *out, struct error *err)
{
    bool complete = false;
    if (!operation_token(site, row, &out->token, &complete, err))
        return false;
    if (!complete)
        return fail(err, ERROR_FORBIDDEN, "operation %s is not signed by all who have to", row->operation);
    return operation_token_holds(site, row, out->token, clock_now_s(), err) &&
           prove_cameras(site, row, out, err) && operation_list_open(site, row->operation, &out->list, err);
}

bool operation_prove_list(
    const struct operation_row *row, const struct operation_list *list, struct error *err)
{
    char list_hash[HEX_HASH_SIZE];
    hex_write(list->hash, HASH_SIZE, list_hash);
    return (list->measured == list->count && strcmp(list_hash, row->list_hash) == 0) ||
           fail(err, ERROR_CORRUPT, "operation %s: the list is not the signed one", row->operation);
}

bool operation_prove(
    struct site *site, const struct operation_row *row, struct armament *out, struct error *err)
{
    if (!operation_prove_signed(site, row, out, err))
        return false;
    while (out->list.measured < out->list.count) {
        if (!operation_list_measure_next(&out->list, err))
            return false;
    }
    return operation_prove_list(row, &out->list, err);
}
