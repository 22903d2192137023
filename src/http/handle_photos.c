#include "list/photo.h"

#include "http/handlers.h"
#include "http/service.h"

static bool keep(struct request *request, struct reply *reply, struct error *err)
{
    uint8_t file_hash[HASH_SIZE];
    hash_bytes(request->body.data, request->body.size, file_hash);
    return reply_json(
        reply, photo_keep(request->site, request->officer, &request->enrolment, file_hash, err));
}

bool photos_create(struct request *request, struct reply *reply, struct error *err)
{
    return photo_may_add(request->officer, request->body.size, err) &&
           service_wait_for_enrolment(request, keep, reply, err);
}
