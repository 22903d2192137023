/* Showing and making a pass: password and one-time code (list/pass.h). The password goes to a process that
 * hashes; the request waits for it and is judged again before it goes on. */
#include "base/clock.h"
#include "base/text.h"
#include "http/guard.h"
#include "http/handlers.h"
#include "http/service.h"
#include "http/sign_in_reply.h"

#include <stdio.h>
#include <string.h>

static bool address_may(const struct request *request, struct error *err)
{
    return !address_is_locked(
               &request->service->address_locks, request->head.address, clock_monotonic_us()) ||
           fail(err, ERROR_FORBIDDEN, "too many wrong answers from this address; it is locked for %d min",
               ADDRESS_LOCK_S / 60);
}

/* Counts a refusal that was about password or code; `err` holds it. */
static bool count_refusal(struct request *request, const struct pass *pass, struct error *err)
{
    struct error why = {0};
    if (err->code != ERROR_UNSIGNED)
        return false;
    address_failed(&request->service->address_locks, request->head.address, clock_monotonic_us());
    if (!pass_failed(request->site, pass, &why))
        *err = why;
    return false;
}

/* With the answer of the process: whether password and code are those of the pass that the officer has now.
 */
static bool is_shown(struct request *request, struct pass *pass, int64_t *step, struct error *err)
{
    const char *code = json_string_value(json_object_get(request->json, "code"));
    if (!request->answer.done)
        return fail(err, ERROR_UNAVAILABLE, "the password could not be looked at; try again");
    if (!address_may(request, err) || !pass_to_try(request->site, request->officer->id, pass, err))
        return false;
    if (pass_fits(request->site, pass, request->answer.fits, code, step, err))
        return true;
    return count_refusal(request, pass, err);
}

static bool ask_hash(struct request *request, const char *password, const char *stored,
    request_continue *next, struct reply *reply, struct error *err)
{
    return service_wait_for_hash(request, request->officer->id, password, stored, next, reply, err);
}

/* Begins the comparison with the password that is kept. */
static bool ask_whether_fits(
    struct request *request, request_continue *next, struct reply *reply, struct error *err)
{
    struct pass pass;
    struct pass_secrets secrets;
    const char *password = json_string_value(json_object_get(request->json, "password"));
    if (!address_may(request, err) || !pass_to_try(request->site, request->officer->id, &pass, err) ||
        !pass_open(request->site, &pass, &secrets, err))
        return false;
    bool asked = ask_hash(request, password, secrets.password, next, reply, err);
    memory_wipe(&secrets, sizeof secrets);
    return asked;
}

static bool need_fields(const struct request *request, const char *const *texts, struct error *err)
{
    const char *text;
    for (size_t i = 0; texts[i]; i++) {
        if (!json_need_text(request->json, texts[i], &text, err))
            return false;
        if (strlen(text) > PASSWORD_MOST)
            return fail(err, ERROR_INVALID, "%s has at most %d bytes", texts[i], PASSWORD_MOST);
    }
    return true;
}

static bool finish_proof(struct request *request, struct reply *reply, struct error *err)
{
    struct pass pass;
    int64_t step = 0;
    char token[SESSION_TOKEN_SIZE];
    struct session session;
    if (!is_shown(request, &pass, &step, err) ||
        !session_prove(request->site, &request->session, &pass, step, token, &session, err))
        return false;
    request->service->session_changes++;
    return sign_in_reply(request, token, &session, reply);
}

bool sessions_prove(struct request *request, struct reply *reply, struct error *err)
{
    static const char *const names[] = {"password", "code", NULL};
    if (!json_only_fields(request->json, names, err) || !need_fields(request, names, err))
        return false;
    if (request->session.standing == STANDING_WHOLE)
        return fail(err, ERROR_CONFLICT, "this session needs no password any more");
    return ask_whether_fits(request, finish_proof, reply, err);
}

static void pass_draft_forget(struct pass_draft *draft)
{
    memory_wipe(draft, sizeof *draft);
}

/* One an officer; the oldest makes room. */
static struct pass_draft *pass_draft_for(struct service *service, const char *officer, bool make)
{
    int64_t now_us = clock_monotonic_us();
    struct pass_draft *oldest = &service->pass_drafts[0];
    for (size_t i = 0; i < PASS_DRAFTS; i++) {
        struct pass_draft *draft = &service->pass_drafts[i];
        if (draft->until_us && draft->until_us < now_us)
            pass_draft_forget(draft);
        if (strcmp(draft->officer, officer) == 0)
            return draft;
        oldest = draft->until_us < oldest->until_us ? draft : oldest;
    }
    return make ? oldest : NULL;
}

static bool wants_new_codes(const struct request *request)
{
    return json_is_true(json_object_get(request->json, "new_codes"));
}

/* The secret is told here and never again. */
static bool tell_secret(const struct request *request, const struct pass_draft *draft, struct reply *reply)
{
    AUTO(text) char *secret = one_time_secret_text(draft->secrets.code);
    AUTO(text)
    char *uri = text_format("otpauth://totp/Mizan:%s?secret=%s&issuer=Mizan%%20%s", request->officer->id,
        secret, request->site->name);
    bool told = reply_json(reply, json_pack("{s:s, s:s, s:i, s:i}", "secret", secret, "uri", uri, "digits",
                                      CODE_DIGITS, "period_s", CODE_STEP_S));
    memory_wipe(secret, strlen(secret));
    memory_wipe(uri, strlen(uri));
    return told;
}

static bool put_in_force(struct request *request, const struct pass_secrets *secrets, int64_t step,
    struct reply *reply, struct error *err)
{
    char token[SESSION_TOKEN_SIZE];
    struct session session;
    if (!session_renew(request->site, &request->session, secrets, step, token, &session, err))
        return false;
    request->service->session_changes++;
    return sign_in_reply(request, token, &session, reply);
}

/* The new password is hashed: with new codes a draft, until a code of theirs comes; else it counts at once.
 */
static bool finish_making(struct request *request, struct reply *reply, struct error *err)
{
    struct pass pass = {.step = 0};
    struct pass_secrets secrets = {.password = ""};
    if (!request->answer.done)
        return fail(err, ERROR_UNAVAILABLE, "the password could not be kept; try again");
    if (!wants_new_codes(request)) {
        bool made = pass_to_try(request->site, request->officer->id, &pass, err) &&
                    pass_open(request->site, &pass, &secrets, err);
        memcpy(secrets.password, request->answer.made, sizeof secrets.password);
        made = made && put_in_force(request, &secrets, pass.step, reply, err);
        memory_wipe(&secrets, sizeof secrets);
        return made;
    }
    struct pass_draft *draft = pass_draft_for(request->service, request->officer->id, true);
    *draft = (struct pass_draft){.until_us = clock_monotonic_us() + SESSION_BEGUN_S * 1000000LL};
    memcpy(draft->officer, request->officer->id, sizeof draft->officer);
    memcpy(draft->session, request->session.id, sizeof draft->session);
    memcpy(draft->secrets.password, request->answer.made, sizeof draft->secrets.password);
    random_fill(draft->secrets.code, sizeof draft->secrets.code);
    return tell_secret(request, draft, reply);
}

static bool hash_new_password(struct request *request, struct reply *reply, struct error *err)
{
    const char *password = json_string_value(json_object_get(request->json, "new_password"));
    return pass_password_holds(request->officer, password, err) &&
           ask_hash(request, password, "", finish_making, reply, err);
}

/* The old pass was shown with a code, which counts once. */
static bool use_old_pass(struct request *request, struct reply *reply, struct error *err)
{
    struct pass pass;
    int64_t step = 0;
    return is_shown(request, &pass, &step, err) && pass_shown(request->site, &pass, step, err) &&
           hash_new_password(request, reply, err);
}

bool passes_create(struct request *request, struct reply *reply, struct error *err)
{
    static const char *const names[] = {"password", "code", "new_password", "new_codes", NULL};
    static const char *const texts[] = {"password", "code", "new_password", NULL};
    struct pass pass;
    if (!json_only_fields(request->json, names, err) || !need_fields(request, texts, err))
        return false;
    if (!json_is_boolean(json_object_get(request->json, "new_codes")))
        return fail(err, ERROR_INVALID, "'new_codes' has to be true or false");
    if (request->session.standing == STANDING_BROKEN)
        return fail(err, ERROR_FORBIDDEN, "two officers have to reset the pass first");
    const char *password = json_string_value(json_object_get(request->json, "new_password"));
    if (!pass_password_holds(request->officer, password, err))
        return false;
    if (pass_find(request->site, request->officer->id, &pass) != PASS_NONE)
        return ask_whether_fits(request, use_old_pass, reply, err);
    if (!wants_new_codes(request))
        return fail(err, ERROR_INVALID, "the first pass has codes, too: 'new_codes' has to be true");
    return hash_new_password(request, reply, err);
}

bool passes_confirm(struct request *request, struct reply *reply, struct error *err)
{
    static const char *const names[] = {"code", NULL};
    const char *code;
    int64_t step = 0;
    if (!json_only_fields(request->json, names, err) || !json_need_text(request->json, "code", &code, err))
        return false;
    struct pass_draft *draft = pass_draft_for(request->service, request->officer->id, false);
    if (!draft || strcmp(draft->session, request->session.id) != 0)
        return fail(err, ERROR_CONFLICT, "no new pass waits for its first code; begin again");
    if (!one_time_code_fits(draft->secrets.code, clock_now_s(), 0, code, &step)) {
        if (++draft->failures >= PASS_TRIES)
            pass_draft_forget(draft);
        return fail(err, ERROR_INVALID, "this is no code of the new secret; is the device's clock right?");
    }
    bool made = put_in_force(request, &draft->secrets, step, reply, err);
    if (made)
        pass_draft_forget(draft);
    return made;
}

static json_t *locked_addresses(const struct service *service)
{
    json_t *addresses = json_array();
    int64_t now_us = clock_monotonic_us();
    for (size_t i = 0; i < ADDRESSES; i++) {
        const struct address_failures *slot = &service->address_locks.slots[i];
        char text[46];
        if (slot->until_us <= now_us || slot->failures < ADDRESS_TRIES)
            continue;
        guard_address_text(slot->key, text);
        json_array_append_new(
            addresses, json_pack("{s:s, s:I}", "address", text, "locked_until",
                           (json_int_t)clock_now_s() + (slot->until_us - now_us) / 1000000));
    }
    return addresses;
}

bool passes_list(struct request *request, struct reply *reply, struct error *err)
{
    json_t *list = pass_list(request->site, err);
    if (list)
        json_object_set_new(list, "addresses", locked_addresses(request->service));
    return reply_json(reply, list);
}

bool passes_release(struct request *request, struct reply *reply, struct error *err)
{
    bool done = reply_json(reply, pass_release(request->site, request->envelope, err));
    request->service->session_changes += done;
    return done;
}
