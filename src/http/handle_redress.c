#include "alert/redress.h"

#include "http/handlers.h"

bool redress_create(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, redress_ask(request->site, request->envelope, err));
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
