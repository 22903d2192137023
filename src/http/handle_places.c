#include "list/place.h"

#include "http/handlers.h"

bool places_create(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, places_sign(request->site, request->envelope, err));
}

bool places_list(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, places_show(request->site, err));
}
