/* A camera's record and its key: what an operation token names. */
#pragma once

#include "sign/roster.h"

/* How a camera is asked for its pictures. Files are none of these, on any kind of site. */
struct camera_scheme {
    const char *text; /* what the address begins with */
    uint16_t port;    /* when the address names none */
    bool datagrams;   /* the pictures come in UDP packets */
    bool device;      /* a webcam of this machine, v4l2:/dev/video0: for demo sites */
};

/* By what the address begins with; NULL for every other beginning. */
const struct camera_scheme *camera_scheme(const char *address);

/* The form of an address: one of the schemes, a host or a device's number, no credentials. */
bool camera_check_address(const char *address, struct error *err);

struct camera {
    char id[24];
    char name[96];
    char address[256]; /* scheme, host, port, path; no credentials */
    int64_t latitude_e7;
    int64_t longitude_e7;
    int64_t heading_deg;
    char tls[96]; /* SHA-256 of the certificate that a tunnel to the camera checks, in hex; "" without */
};

/* From the fields of a `camera` statement or of the six-field record. */
bool camera_read(const json_t *fields, struct camera *out, struct error *err);
/* A live site takes cameras of the network only. */
bool camera_fits_site(const struct camera *camera, enum site_kind kind, struct error *err);
/* Canonical JSON of {address, camera, heading_deg, latitude_e7, longitude_e7, tls}: heap text. */
char *camera_record(const struct camera *camera);
void camera_key(const struct camera *camera, uint8_t out[static HASH_SIZE]);
