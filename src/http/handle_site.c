#include "list/camera.h"

#include "base/text.h"
#include "http/handlers.h"

bool site_show(struct request *request, struct reply *reply, struct error *err)
{
    (void)err;
    const struct site *site = request->site;
    char root_key[2 * PUBLIC_KEY_SIZE + 1], log_key[2 * PUBLIC_KEY_SIZE + 1];
    hex_write(site->root_key, PUBLIC_KEY_SIZE, root_key);
    hex_write(ledger_log_public_key(site->ledger), PUBLIC_KEY_SIZE, log_key);
    return reply_json(reply, json_pack("{s:s, s:s, s:I, s:s, s:s, s:s}", "site", site->name, "kind",
                                 site->kind == SITE_LIVE ? "live" : "demo", "roster_number",
                                 (json_int_t)roster_number(site->roster), "root_key", root_key, "log_key",
                                 log_key, "version", MIZAN_VERSION));
}

/* Ready means that the log answers: without it nothing may match. */
static bool is_ready(const struct site *site, struct error *err)
{
    AUTO(text) char *note = ledger_checkpoint(site->ledger, err);
    if (!note || site->log_is_down)
        return fail(err, ERROR_UNAVAILABLE, note ? "the log cannot be written" : "the log does not answer");
    return true;
}

bool site_health(struct request *request, struct reply *reply, struct error *err)
{
    return is_ready(request->site, err) && reply_json(reply, json_pack("{s:b}", "ready", 1));
}

bool site_roster(struct request *request, struct reply *reply, struct error *err)
{
    (void)err;
    const struct roster *roster = request->site->roster;
    const struct envelope *endorsement = request->site->endorsement;
    return reply_json(
        reply, json_pack("{s:o, s:O, s:o*}", "envelope", envelope_json(roster_envelope(roster)), "suspended",
                   roster_suspended(roster), "endorsement", endorsement ? envelope_json(endorsement) : NULL));
}

/* Whole numbers of a camera's health, one metric each. */
static void add_health(struct text *text, const char *camera, const json_t *health)
{
    const char *name;
    const json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)health, name, value) {
        if (json_is_integer(value))
            text_add(text, "mizan_camera_%s{camera=\"%s\"} %lld\n", name, camera,
                (long long)json_integer_value(value));
    }
}

static void add_cameras(struct text *text, const json_t *cameras)
{
    const json_t *item;
    size_t index;
    json_array_foreach (cameras, index, item) {
        const char *camera = json_string_value(json_object_get(item, "camera"));
        const char *state = json_string_value(json_object_get(item, "state"));
        if (camera && state)
            text_add(text, "mizan_camera_state{camera=\"%s\",state=\"%s\"} 1\n", camera, state);
        if (camera)
            add_health(text, camera, json_object_get(item, "health"));
    }
}

bool metrics_show(struct request *request, struct reply *reply, struct error *err)
{
    AUTO(json) json_t *cameras = camera_list(request->site, NULL, err);
    if (!cameras)
        return false;
    struct text text = {0};
    text_add(&text, "# TYPE mizan_replies_total counter\n");
    for (int hundreds = 2; hundreds <= 5; hundreds++)
        text_add(&text, "mizan_replies_total{status=\"%dxx\"} %llu\n", hundreds,
            (unsigned long long)request->service->replies[hundreds]);
    text_add(&text, "# TYPE mizan_event_streams gauge\nmizan_event_streams %zu\n", request->service->streams);
    const struct connection_counts *connections = &request->service->connections;
    text_add(&text,
        "# TYPE mizan_connections gauge\nmizan_connections %zu\n# TYPE mizan_connections_ended_total "
        "counter\n"
        "mizan_connections_ended_total{why=\"rate\"} %llu\nmizan_connections_ended_total{why=\"room\"} %llu\n"
        "mizan_connections_ended_total{why=\"late\"} %llu\n",
        connections->open, (unsigned long long)connections->refused, (unsigned long long)connections->evicted,
        (unsigned long long)connections->late);
    text_add(&text, "# TYPE mizan_events_total counter\nmizan_events_total %lld\n",
        (long long)ledger_last_event(request->site->ledger));
    text_add(&text, "# TYPE mizan_ready gauge\nmizan_ready %d\n", is_ready(request->site, NULL));
    text_add(&text, "# TYPE mizan_roster_number gauge\nmizan_roster_number %lld\n",
        (long long)roster_number(request->site->roster));
    text_add(&text, "# TYPE mizan_sightings_refused_total counter\nmizan_sightings_refused_total %llu\n",
        (unsigned long long)request->site->sightings_refused);
    add_cameras(&text, json_object_get(cameras, "cameras"));
    reply_bytes(
        reply, "text/plain; version=0.0.4; charset=utf-8", (struct bytes){(uint8_t *)text.data, text.size});
    return true;
}
