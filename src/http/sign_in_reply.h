/* What every step of signing in answers: the session, what it needs yet, and its cookie. */
#pragma once

#include "http/reply.h"
#include "http/request.h"

bool sign_in_reply(
    struct request *request, const char *token, const struct session *session, struct reply *reply);
