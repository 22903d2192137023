#include "list/offence.h"

#include "http/handlers.h"

bool offences_show(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, offence_show(request->site, err));
}

bool offences_confirm(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, offence_confirm(request->site, request->envelope, err));
}
