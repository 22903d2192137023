#include "alert/alert.h"
#include "alert/slip.h"

#include "http/handlers.h"
#include "http/service.h"

#include <string.h>

bool alerts_list(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, alert_list(request->site, request->officer, err));
}

bool alerts_show(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, alert_show(request->site, request->officer, request->parameters[0], err));
}

static void free_asked(void *asked)
{
    picture_asked_done(asked);
    memory_release(asked);
}

static bool show_picture(struct request *request, struct reply *reply, struct error *err)
{
    if (!alert_picture_shown(request->site, request->officer, request->parameters[0], request->parameters[1],
            request->work, err))
        return false;
    reply_bytes(reply, "image/jpeg", request->marked);
    request->marked = (struct bytes){0};
    return true;
}

bool alerts_picture(struct request *request, struct reply *reply, struct error *err)
{
    struct picture_asked *asked = memory_allocate(1, sizeof *asked);
    request->work = asked;
    request->free_work = free_asked;
    return alert_picture_ask(
               request->site, request->officer, request->parameters[0], request->parameters[1], asked, err) &&
           service_wait_for_mark(request, asked->picture, asked->words, show_picture, reply, err);
}

bool alerts_review(struct request *request, struct reply *reply, struct error *err)
{
    char device[HEX_HASH_SIZE];
    service_device(&request->head, device);
    return reply_json(reply, alert_review_on(request->site, request->envelope, device, err));
}

bool alerts_plant(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, alert_plant(request->site, request->envelope, err));
}

bool alerts_dispatch(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, alert_dispatch(request->site, request->envelope, err));
}

bool alerts_accept(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, alert_accept(request->site, request->envelope, err));
}

bool alerts_arrive(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, alert_arrive(request->site, request->envelope, err));
}

bool alerts_stop(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, alert_stop(request->site, request->envelope, err));
}

bool alerts_outcome(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, alert_outcome(request->site, request->envelope, err));
}

bool alerts_acknowledge(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, alert_acknowledge(request->site, request->envelope, err));
}

bool alerts_radio(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, alert_radio(request->site, request->officer, request->parameters[0], err));
}

bool alerts_amend(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, alert_amend(request->site, request->envelope, err));
}

bool alerts_acknowledge_by_radio(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, alert_acknowledge_by_radio(request->site, request->envelope, err));
}

bool alerts_concur(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, alert_concur(request->site, request->envelope, err));
}

bool alerts_hand_over(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, alert_hand_over(request->site, request->envelope, err));
}

bool alerts_receive(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, alert_receive(request->site, request->envelope, err));
}

static bool verify(struct request *request, struct reply *reply, struct error *err)
{
    const uint8_t *key = service_key(request, err);
    return key && reply_json(reply, alert_verify(request->site, request->officer, request->parameters[0],
                                        request->json, key, err));
}

bool alerts_verify(struct request *request, struct reply *reply, struct error *err)
{
    struct slip_question question;
    return alert_verify_begin(
               request->site, request->officer, request->parameters[0], request->json, &question, err) &&
           service_wait_for_key(request, question.digits, question.salt, verify, reply, err);
}

static bool look_at_earlier_slip(struct request *request, struct reply *reply, struct error *err)
{
    const uint8_t *key = service_key(request, err);
    return key && reply_json(reply, alert_earlier_slip(request->site, request->officer,
                                        request->parameters[0], request->json, key, err));
}

bool alerts_earlier_slip(struct request *request, struct reply *reply, struct error *err)
{
    struct slip_question question;
    return alert_earlier_slip_begin(
               request->site, request->officer, request->parameters[0], request->json, &question, err) &&
           service_wait_for_key(request, question.digits, question.salt, look_at_earlier_slip, reply, err);
}

bool alerts_case_status(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply,
        alert_case_status(request->site, request->officer, request->parameters[0], request->json, err));
}
