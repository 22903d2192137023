#include "alert/shift.h"

#include "http/handlers.h"

bool shifts_show(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, shift_show(request->site, request->officer, err));
}

bool shifts_hand(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, shift_hand(request->site, request->envelope, err));
}

bool shifts_answer(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, shift_answer(request->site, request->envelope, err));
}
