#include "list/presence.h"

#include "http/handlers.h"

bool presence_put(struct request *request, struct reply *reply, struct error *err)
{
    static const char *const names[] = {"as", NULL};
    const char *as;
    if (!json_only_fields(request->json, names, err) || !json_need_text(request->json, "as", &as, err))
        return false;
    return reply_json(
        reply, presence_confirm(request->site, request->officer, as, request->session.unit, err));
}

bool presence_delete(struct request *request, struct reply *reply, struct error *err)
{
    return presence_leave(request->site, request->officer->id, err) && reply_json(reply, json_object());
}

bool presence_get(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, presence_show(request->site, request->officer->id, err));
}
