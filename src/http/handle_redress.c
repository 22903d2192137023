#include "alert/redress.h"

#include "http/handlers.h"
#include "http/service.h"

static bool ask_with_slip(struct request *request, struct reply *reply, struct error *err)
{
    const uint8_t *key = service_key(request, err);
    return key && reply_json(reply, redress_ask(request->site, request->envelope, key, err));
}

bool redress_create(struct request *request, struct reply *reply, struct error *err)
{
    struct slip_question question;
    if (!redress_ask_begin(request->site, request->envelope, &question, err))
        return false;
    if (!question.digits[0])
        return reply_json(reply, redress_ask(request->site, request->envelope, NULL, err));
    return service_wait_for_key(request, question.digits, question.salt, ask_with_slip, reply, err);
}

bool redress_index(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, redress_list(request->site, request->officer, err));
}

bool redress_one(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, redress_show(request->site, request->officer, request->parameters[0], err));
}

bool redress_decide(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, redress_answer(request->site, request->envelope, err));
}

bool redress_judge(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, redress_find(request->site, request->envelope, err));
}

bool redress_report(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, redress_tell(request->site, request->envelope, err));
}
