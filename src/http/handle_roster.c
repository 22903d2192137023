#include "list/succession.h"

#include "http/handlers.h"
#include "http/service.h"

bool roster_create(struct request *request, struct reply *reply, struct error *err)
{
    static const char *const names[] = {"adoption", "endorsement", "roster", NULL};
    const json_t *json, *roster;
    if (!json_only_fields(request->json, names, err) ||
        !json_need_object(request->json, "adoption", &json, err) ||
        !json_need_object(request->json, "roster", &roster, err))
        return false;
    AUTO(envelope) struct envelope *adoption = service_read_envelope(request, json, "roster_adoption", err);
    return adoption && reply_json(reply, roster_bring(request->site, adoption, roster,
                                             json_object_get(request->json, "endorsement"), err));
}

bool suspensions_create(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, suspension_sign(request->site, request->envelope, err));
}
