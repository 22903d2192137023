#include "list/photo.h"

#include "http/handlers.h"

bool photos_create(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(
        reply, photo_add(request->site, request->officer, request->body.data, request->body.size, err));
}
