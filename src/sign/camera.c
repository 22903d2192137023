#include "sign/camera.h"

#include <stdio.h>
#include <string.h>

static bool need_fitting_text(
    const json_t *fields, const char *name, char *out, size_t room, struct error *err)
{
    const char *text;
    if (!json_need_text(fields, name, &text, err))
        return false;
    if (strlen(text) >= room)
        return fail(err, ERROR_TOO_LARGE, "the camera's '%s' is longer than %zu bytes", name, room - 1);
    memcpy(out, text, strlen(text) + 1);
    return true;
}

/* Credentials in the address would enter the signed record, tokens and logs. */
static bool check_address(const char *address, struct error *err)
{
    size_t scheme = strncmp(address, "rtsp://", 7) == 0 ? 7 : strncmp(address, "rtsps://", 8) == 0 ? 8 : 0;
    if (!scheme || !address[scheme] || address[scheme] == '/')
        return fail(err, ERROR_INVALID, "a camera's address has to be rtsp://host… or rtsps://host…");
    if (memchr(address + scheme, '@', strcspn(address + scheme, "/")))
        return fail(err, ERROR_INVALID, "a camera's address has no user or password; give credentials apart");
    return true;
}

bool camera_read(const json_t *fields, struct camera *out, struct error *err)
{
    struct camera camera = {0};
    if (!need_fitting_text(fields, "camera", camera.id, sizeof camera.id, err) ||
        !need_fitting_text(fields, "address", camera.address, sizeof camera.address, err) ||
        !need_fitting_text(fields, "tls", camera.tls, sizeof camera.tls, err) ||
        !json_need_integer(fields, "latitude_e7", &camera.latitude_e7, err) ||
        !json_need_integer(fields, "longitude_e7", &camera.longitude_e7, err) ||
        !json_need_integer(fields, "heading_deg", &camera.heading_deg, err))
        return false;
    if (json_object_get(fields, "name") &&
        !need_fitting_text(fields, "name", camera.name, sizeof camera.name, err))
        return false;
    if (!check_address(camera.address, err))
        return false;
    *out = camera;
    return true;
}

char *camera_record(const struct camera *camera)
{
    AUTO(json)
    json_t *record =
        json_pack("{s:s, s:s, s:I, s:I, s:I, s:s}", "address", camera->address, "camera", camera->id,
            "heading_deg", (json_int_t)camera->heading_deg, "latitude_e7", (json_int_t)camera->latitude_e7,
            "longitude_e7", (json_int_t)camera->longitude_e7, "tls", camera->tls);
    return json_canonical(record, NULL);
}

void camera_key(const struct camera *camera, uint8_t out[static HASH_SIZE])
{
    AUTO(text) char *record = camera_record(camera);
    hash_bytes(record ? record : "", record ? strlen(record) : 0, out);
}
