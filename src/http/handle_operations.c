#include "list/operation.h"

#include "http/handlers.h"

bool operations_draft(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, operation_draft(request->site, request->officer, request->json, err));
}

bool operations_create(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, operation_request(request->site, request->envelope, err));
}

bool operations_list(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, operation_list(request->site, request->officer, err));
}

bool operations_older(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, operation_older(request->site, request->officer, request->parameters[0], err));
}

bool operations_show(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, operation_show(request->site, request->officer, request->parameters[0], err));
}

bool operations_authorise(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, operation_authorise(request->site, request->envelope, err));
}

bool operations_declare_urgent(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, operation_declare_urgent(request->site, request->envelope, err));
}

bool operations_ratify(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, operation_ratify(request->site, request->envelope, err));
}

bool operations_halt(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, operation_halt(request->site, request->envelope, err));
}

bool operations_end(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, operation_end(request->site, request->envelope, err));
}

bool operations_resume(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, operation_resume(request->site, request->envelope, err));
}

bool operations_record(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, operation_record(request->site, request->officer, request->parameters[0], err));
}

bool operations_publish(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, operation_publish(request->site, request->envelope, err));
}

bool operations_listed(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, operation_listed(request->site, request->officer, request->parameters[0], err));
}
