#include "alert/inspector.h"

#include "http/handlers.h"

bool copies_list(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, inspector_copies(request->site, request->officer, err));
}

bool copies_open(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, inspector_open(request->site, request->envelope, err));
}
