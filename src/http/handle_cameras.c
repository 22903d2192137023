#include "alert/picture.h"
#include "list/camera.h"
#include "list/camera_set_up.h"

#include "http/handlers.h"
#include "http/service.h"

bool cameras_create(struct request *request, struct reply *reply, struct error *err)
{
    static const char *const names[] = {"credentials", "envelope", NULL};
    const char *credentials;
    const json_t *json;
    if (!json_only_fields(request->json, names, err) ||
        !json_need_text(request->json, "credentials", &credentials, err) ||
        !json_need_object(request->json, "envelope", &json, err))
        return false;
    AUTO(envelope) struct envelope *envelope = service_read_envelope(request, json, "camera", err);
    return envelope && reply_json(reply, camera_register(request->site, envelope, credentials, err));
}

bool cameras_list(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, camera_list(request->site, request->officer, err));
}

bool cameras_set_up(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, camera_set_up(request->site, request->officer, request->parameters[0], err));
}

static bool show_set_up(struct request *request, struct reply *reply, struct error *err)
{
    return reply_json(reply, camera_set_up_show(request->site, request->parameters[0], request->marked, err));
}

/* Marked like every picture that is shown. */
bool cameras_set_up_show(struct request *request, struct reply *reply, struct error *err)
{
    char words[PICTURE_WORDS_SIZE];
    struct bytes picture = {NULL, 0};
    if (!camera_set_up_picture(request->site, request->parameters[0], &picture, err))
        return false;
    if (picture.size == 0)
        return show_set_up(request, reply, err);
    picture_words(request->site, request->officer->id, words);
    return service_wait_for_mark(request, picture, words, show_set_up, reply, err);
}
