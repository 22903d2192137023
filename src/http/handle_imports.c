#include "list/import.h"
#include "list/status.h"

#include "http/handlers.h"

bool imports_csv(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(
        reply, import_csv(request->site, request->officer, request->body.data, request->body.size, err));
}

bool imports_signed(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(
        reply, import_signed(request->site, request->officer, request->body.data, request->body.size, err));
}

bool statuses_create(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, status_feed(request->site, request->envelope, err));
}
