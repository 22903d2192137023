#include "alert/alert.h"

#include "http/handlers.h"

bool handovers_show(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(
        reply, alert_handover_packet(request->site, request->officer, request->parameters[0], err));
}
