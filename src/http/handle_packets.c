#include "alert/alert.h"

#include "http/handlers.h"

bool packets_show(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, alert_packet(request->site, request->officer, request->parameters[0], err));
}
