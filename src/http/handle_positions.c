#include "list/position.h"

#include "http/handlers.h"

bool positions_put(struct request *request, struct reply *reply, struct error *err)
{
    static const char *const names[] = {"latitude_e7", "longitude_e7", NULL};
    int64_t latitude_e7 = 0, longitude_e7 = 0;
    if (!json_only_fields(request->json, names, err) ||
        !json_need_integer(request->json, "latitude_e7", &latitude_e7, err) ||
        !json_need_integer(request->json, "longitude_e7", &longitude_e7, err))
        return false;
    return reply_json(
        reply, position_put(request->site, request->session.unit, latitude_e7, longitude_e7, err));
}
