#include "list/operation.h"
#include "list/operation_build.h"

#include "govern/report.h"
#include "http/handlers.h"
#include "http/service.h"
#include "list/operation_publish.h"

static void free_build(void *work)
{
    list_build_free(work);
}

static bool draft(struct request *request, struct reply *reply, struct error *err)
{
    bool done = false;
    if (!list_build_step(request->site, request->work, &done, err))
        return false;
    return done ? reply_json(reply,
                      operation_draft(request->site, request->officer, request->json, request->work, err))
                : service_wait_for_turn(request, draft, reply, err);
}

bool operations_draft(struct request *request, struct reply *reply, struct error *err)
{
    request->work = operation_draft_build(request->site, request->json, err);
    request->free_work = free_build;
    return request->work && draft(request, reply, err);
}

static bool ask(struct request *request, struct reply *reply, struct error *err)
{
    bool done = !request->work;
    if (!done && !list_build_step(request->site, request->work, &done, err))
        return false;
    return done ? reply_json(reply, operation_request(request->site, request->envelope, request->work, err))
                : service_wait_for_turn(request, ask, reply, err);
}

bool operations_create(struct request *request, struct reply *reply, struct error *err)
{
    request->work = operation_request_build(request->site, request->envelope);
    request->free_work = free_build;
    return ask(request, reply, err);
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

static void free_record(void *made)
{
    public_record_free(made);
}

static bool begin_record(struct request *request, int64_t through, struct error *err)
{
    request->work = public_record_begin(request->site, request->parameters[0], through, err);
    request->free_work = free_record;
    return request->work != NULL;
}

/* Goes on in the next turn when it is not done. */
static bool make_record(
    struct request *request, request_continue *next, struct reply *reply, bool *done, struct error *err)
{
    if (!public_record_step(request->work, done, err))
        return false;
    return *done || service_wait_for_turn(request, next, reply, err);
}

static bool show_record(struct request *request, struct reply *reply, struct error *err)
{
    bool done = false;
    return make_record(request, show_record, reply, &done, err) &&
           (!done || reply_json(reply, operation_record(request->officer, request->work, err)));
}

static bool publish_record(struct request *request, struct reply *reply, struct error *err)
{
    bool done = false;
    return make_record(request, publish_record, reply, &done, err) &&
           (!done ||
               reply_json(reply, operation_publish(request->site, request->envelope, request->work, err)));
}

bool operations_record(struct request *request, struct reply *reply, struct error *err)
{
    return begin_record(request, REPORT_ALL, err) && show_record(request, reply, err);
}

bool operations_publish(struct request *request, struct reply *reply, struct error *err)
{
    int64_t through = json_integer_value(json_object_get(request->envelope->fields, "through"));
    return begin_record(request, through, err) && publish_record(request, reply, err);
}

bool operations_listed(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, operation_listed(request->site, request->officer, request->parameters[0], err));
}
