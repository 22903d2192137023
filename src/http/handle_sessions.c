#include "list/presence.h"

#include "base/text.h"
#include "http/handlers.h"
#include "http/service.h"
#include "http/sign_in_reply.h"

#include <stdio.h>

bool challenges_create(struct request *request, struct reply *reply, struct error *err)
{
    uint8_t challenge[CHALLENGE_SIZE];
    char hex[2 * CHALLENGE_SIZE + 1];
    int64_t expires_s;
    static const char *const names[] = {NULL};
    if (!json_only_fields(request->json, names, err))
        return false;
    challenge_new(&request->service->challenges, challenge, &expires_s);
    hex_write(challenge, sizeof challenge, hex);
    return reply_json(reply, json_pack("{s:s, s:I}", "challenge", hex, "expires_at", (json_int_t)expires_s));
}

static json_t *roles_json(const struct officer *officer)
{
    json_t *roles = json_array();
    for (size_t role = 0; role < ROLE_COUNT; role++) {
        if (officer_has(officer, (enum role)role))
            json_array_append_new(roles, json_string(role_word((enum role)role)));
    }
    return roles;
}

enum { DEVICE_S = 400 * 86400 };

/* So that two officers' answers from one browser are told apart from those of two (SAFEGUARDS 29). */
static void name_device(const struct request *request, struct reply *reply)
{
    uint8_t drawn[32];
    char device[SESSION_TOKEN_SIZE];
    if (!service_find_device(&request->head, device)) {
        random_fill(drawn, sizeof drawn);
        hex_write(drawn, sizeof drawn, device);
    }
    snprintf(reply->device_cookie, sizeof reply->device_cookie,
        "mizan_device=%s; Path=/; Max-Age=%d; HttpOnly; Secure; SameSite=Strict", device, DEVICE_S);
}

bool sign_in_reply(
    struct request *request, const char *token, const struct session *session, struct reply *reply)
{
    const struct officer *officer = roster_officer(request->site->roster, session->officer);
    bool whole = session->standing == STANDING_WHOLE;
    snprintf(reply->cookie, sizeof reply->cookie,
        "mizan_session=%s; Path=/; Max-Age=%d; HttpOnly; Secure; SameSite=Strict", token,
        whole ? SESSION_S : SESSION_BEGUN_S);
    return reply_json(
        reply, json_pack("{s:s, s:s, s:o, s:s, s:I, s:s}", "session", token, "officer", officer->id, "roles",
                   roles_json(officer), "office", officer->office, "expires_at",
                   (json_int_t)session->expires_s, "needs", standing_word(session->standing)));
}

bool sessions_create(struct request *request, struct reply *reply, struct error *err)
{
    char token[SESSION_TOKEN_SIZE];
    struct session session;
    if (!session_open(request->site, &request->service->challenges, request->envelope, token, &session, err))
        return false;
    request->service->session_changes++;
    name_device(request, reply);
    return sign_in_reply(request, token, &session, reply);
}

bool sessions_delete(struct request *request, struct reply *reply, struct error *err)
{
    /* Nobody is kept signed in by what is open: the page would show a sign-out that did not happen. Who shows
     * the key only has confirmed no presence and ends none. */
    bool whole = request->session.standing == STANDING_WHOLE;
    if ((whole && !presence_end(request->site, request->officer->id, err)) ||
        !session_close(request->site, &request->session, err))
        return false;
    request->service->session_changes++;
    snprintf(reply->cookie, sizeof reply->cookie,
        "mizan_session=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict");
    return reply_json(reply, json_object());
}
