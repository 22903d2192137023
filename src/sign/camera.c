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

enum { DEVICE_DIGITS = 3 };

static const struct camera_scheme schemes[] = {
    {.text = "rtsp://", .port = 554},
    {.text = "rtsp+udp://", .port = 554, .datagrams = true},
    {.text = "http://", .port = 80},
    {.text = "v4l2:/dev/video", .device = true},
};

const struct camera_scheme *camera_scheme(const char *address)
{
    for (size_t i = 0; i < COUNT_OF(schemes); i++)
        if (strncmp(address, schemes[i].text, strlen(schemes[i].text)) == 0)
            return &schemes[i];
    return NULL;
}

static bool check_device(const char *number, struct error *err)
{
    size_t digits = strspn(number, "0123456789");
    return (digits >= 1 && digits <= DEVICE_DIGITS && !number[digits]) ||
           fail(err, ERROR_INVALID, "a webcam's address is v4l2:/dev/video0, with its number");
}

/* Credentials in the address would enter the signed record, tokens and logs. */
bool camera_check_address(const char *address, struct error *err)
{
    const struct camera_scheme *scheme = camera_scheme(address);
    const char *host = scheme ? address + strlen(scheme->text) : "";
    if (strncmp(address, "rtsps://", 8) == 0 || strncmp(address, "https://", 8) == 0)
        return fail(err, ERROR_INVALID,
            "a camera's certificate cannot be checked here, so %.5s:// is not taken: let a tunnel check it "
            "and "
            "give the tunnel's near end as rtsp:// or http:// (docs/cameras.md)",
            address);
    if (scheme && scheme->device)
        return check_device(host, err);
    if (!*host || *host == '/' || *host == ':')
        return fail(err, ERROR_INVALID,
            "a camera's address has to be rtsp://host…, rtsp+udp://host… or http://host…; on a demo site "
            "also "
            "v4l2:/dev/video0");
    if (memchr(host, '@', strcspn(host, "/")))
        return fail(err, ERROR_INVALID, "a camera's address has no user or password; give credentials apart");
    return true;
}

static bool check_fingerprint(const char *tls, struct error *err)
{
    size_t digits = strspn(tls, "0123456789abcdef");
    if (tls[digits] || (digits && digits != HEX_HASH_SIZE - 1))
        return fail(err, ERROR_INVALID,
            "a camera's 'tls' is empty, or the SHA-256 of a certificate in %d small hex digits",
            HEX_HASH_SIZE - 1);
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
    if (!camera_check_address(camera.address, err) || !check_fingerprint(camera.tls, err))
        return false;
    *out = camera;
    return true;
}

bool camera_fits_site(const struct camera *camera, enum site_kind kind, struct error *err)
{
    const struct camera_scheme *scheme = camera_scheme(camera->address);
    return kind == SITE_DEMO || (scheme && !scheme->device) ||
           fail(err, ERROR_FORBIDDEN,
               "a live site takes cameras of the network only: a webcam is for demo sites");
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
