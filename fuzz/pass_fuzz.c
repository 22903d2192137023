/* What signs somebody in: a challenge, its signed answer, password and code, a new pass, its first code. The
 * input's first byte chooses which and whether the officer has a pass; the rest is the body. No process
 * hashes here, so nothing may be answered with 200 but a challenge, and a first code that is the secret's. */
#include "../tests/http/desk.h"

#include "base/clock.h"
#include "base/one_time_code.h"
#include "base/text.h"
#include "list/pass.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HAS_PASS = 0x80, DRAFT_S = 600 };

static const char *const paths[] = {"/api/v1/challenges", "/api/v1/sessions",
    "/api/v1/sessions/current/proof", "/api/v1/passes", "/api/v1/passes/confirmation"};
enum { CHALLENGE, SIGN_IN, PROOF, PASS, CONFIRMATION, SIGNED_SIGN_IN, WAYS };

static struct desk *desk;

static void must(bool done)
{
    if (!done)
        abort();
}

static void remove_desk(void)
{
    void *state = desk;
    desk_teardown(&state);
}

static void make_desk(void)
{
    void *state = NULL;
    char id[24];
    struct pass_secrets secrets = {.password = "no hash at all"};
    must(desk_setup(&state) == 0);
    desk = state;
    atexit(remove_desk);
    desk->site.needs_passes = true;
    desk->service.sessions.burst = desk->service.addresses.burst = INT32_MAX;
    random_fill(secrets.code, sizeof secrets.code);
    must(ledger_begin(desk->site.ledger, NULL) &&
         pass_make(&desk->site, person_id(AUDITOR), &secrets, 0, id, NULL) &&
         ledger_commit(desk->site.ledger, NULL));
}

/* A new pass that waits for its first code: five wrong ones end it, and then it is made again. */
static struct pass_draft *keep_draft(enum person person)
{
    struct pass_draft *draft = &desk->service.pass_drafts[0];
    struct session session;
    must(session_find(&desk->site, desk->token[person], &session, NULL));
    *draft = (struct pass_draft){.until_us = clock_monotonic_us() + DRAFT_S * 1000000LL};
    snprintf(draft->officer, sizeof draft->officer, "%s", session.officer);
    memcpy(draft->session, session.id, sizeof draft->session);
    memset(draft->secrets.code, 7, sizeof draft->secrets.code);
    return draft;
}

/* The body as a statement that the officer's own key has signed, now, whatever it says. NULL for none. */
static char *sign(enum person person, const char *body, size_t size)
{
    AUTO(json) json_t *fields = json_loadb(body, size, 0, NULL);
    if (!json_is_object(fields))
        return NULL;
    json_object_set_new(fields, "at", json_integer(clock_now_s()));
    return desk_forge(desk, person, fields);
}

static bool code_fits(const struct pass_draft *draft, const char *body, size_t size)
{
    int64_t step;
    AUTO(json) json_t *json = json_loadb(body, size, 0, NULL);
    const char *code = json_string_value(json_object_get(json, "code"));
    return code && strlen(code) == CODE_DIGITS && strspn(code, "0123456789") == CODE_DIGITS &&
           one_time_code_fits(draft->secrets.code, clock_now_s(), 0, code, &step);
}

static void try_body(int way, enum person person, const char *body, size_t size)
{
    const struct pass_draft draft = *keep_draft(person);
    AUTO(text) char *signed_body = way == SIGNED_SIGN_IN ? sign(person, body, size) : NULL;
    if ((way == SIGNED_SIGN_IN && !signed_body) || size == 0)
        return;
    const struct ask ask = {.method = "POST",
        .path = way == SIGNED_SIGN_IN ? paths[SIGN_IN] : paths[way],
        .token = way == PROOF || way == PASS || way == CONFIRMATION ? desk->token[person] : NULL,
        .body = signed_body ? signed_body : body,
        .body_size = signed_body ? strlen(signed_body) : size};
    int status = desk_status(desk, &ask, NULL);
    if (status == 200 && way != CHALLENGE && !(way == CONFIRMATION && code_fits(&draft, body, size)))
        __builtin_trap();
    if (status >= 500 && status != 503)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!desk)
        make_desk();
    if (size == 0 || size - 1 > JSON_BODY_LIMIT)
        return 0;
    try_body((data[0] & ~HAS_PASS) % WAYS, data[0] & HAS_PASS ? AUDITOR : REVIEWER, (const char *)data + 1,
        size - 1);
    return 0;
}
