#include "list/entry.h"
#include "list/look_alike.h"

#include "http/handlers.h"
#include "http/service.h"

static void free_search(void *work)
{
    look_alikes_free(work);
}

/* Look-alikes are looked for among all open entries, in turns; `next` comes when they are found. */
static bool search(struct request *request, request_continue *next, struct reply *reply, struct error *err)
{
    struct error why = {0}; /* next tells it by itself */
    request->work = entry_search(request->site, request->parameters[0], request->officer, &why);
    request->free_work = free_search;
    return next(request, reply, err);
}

static bool is_found(struct request *request)
{
    return !request->work || look_alikes_step(request->site, request->work);
}

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

static bool show(struct request *request, struct reply *reply, struct error *err)
{
    if (!is_found(request))
        return service_wait_for_turn(request, show, reply, err);
    return reply_json(
        reply, entry_show(request->site, request->officer, request->parameters[0], request->work, err));
}

bool entries_show(struct request *request, struct reply *reply, struct error *err)
{
    return search(request, show, reply, err);
}

static bool approve(struct request *request, struct reply *reply, struct error *err)
{
    if (!is_found(request))
        return service_wait_for_turn(request, approve, reply, err);
    return reply_json(reply, entry_approve(request->site, request->envelope, request->work, err));
}

bool entries_approve(struct request *request, struct reply *reply, struct error *err)
{
    return search(request, approve, reply, err);
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
