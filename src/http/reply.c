#include "http/reply.h"

#include "base/log.h"

#include <string.h>

void reply_done(struct reply *reply)
{
    bytes_free(&reply->body);
    log_reader_free(reply->log);
    *reply = (struct reply){0};
}

void reply_bytes(struct reply *reply, const char *type, struct bytes body)
{
    bytes_free(&reply->body);
    reply->status = 200;
    reply->type = type;
    reply->body = body;
}

static bool set_json(struct reply *reply, int status, const char *type, json_t *json)
{
    AUTO(json) json_t *taken = json;
    char *text = taken ? json_dumps(taken, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    if (!text)
        return false;
    reply_bytes(reply, type, (struct bytes){(uint8_t *)text, strlen(text)});
    reply->status = status;
    return true;
}

bool reply_json(struct reply *reply, json_t *json)
{
    return set_json(reply, 200, "application/json", json);
}

static const char *title_of(int status)
{
    static const struct {
        int status;
        const char *title;
    } titles[] = {{400, "Bad Request"}, {401, "Unauthorized"}, {403, "Forbidden"}, {404, "Not Found"},
        {405, "Method Not Allowed"}, {409, "Conflict"}, {413, "Content Too Large"}, {414, "URI Too Long"},
        {429, "Too Many Requests"}, {503, "Service Unavailable"}};
    for (size_t i = 0; i < COUNT_OF(titles); i++) {
        if (titles[i].status == status)
            return titles[i].title;
    }
    return "Internal Server Error";
}

void reply_problem_status(struct reply *reply, int status, const struct error *err)
{
    struct error told = *err;
    if (status == 500) {
        log_write(LOG_ERROR, "request_failed", "%s", err->text);
        fail(&told, err->code, "the desk could not do this; its log says why");
    }
    reply_done(reply);
    set_json(reply, status, "application/problem+json",
        json_pack("{s:s, s:s, s:i, s:s, s:s, s:o}", "type", "about:blank", "title", title_of(status),
            "status", status, "detail", told.text, "code", error_word(err->code), "says",
            wording_json(&told.wording)));
}

void reply_problem(struct reply *reply, const struct error *err)
{
    reply_problem_status(reply, err->code == ERROR_NONE ? 500 : error_http_status(err->code), err);
}
