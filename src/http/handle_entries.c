#include "list/entry.h"

#include "http/handlers.h"

bool entries_create(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, entry_propose(request->site, request->envelope, err));
}

bool entries_list(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, entry_list(request->site, request->officer, err));
}

bool entries_older(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, entry_older(request->site, request->officer, request->parameters[0], err));
}

bool entries_show(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, entry_show(request->site, request->officer, request->parameters[0], err));
}

bool entries_approve(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, entry_approve(request->site, request->envelope, err));
}

bool entries_fetch(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, entry_fetch(request->site, request->envelope, err));
}

bool entries_renew(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, entry_renew(request->site, request->envelope, err));
}

bool entries_withdraw(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, entry_withdraw(request->site, request->envelope, err));
}
