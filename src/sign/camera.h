/* A camera's record and its key: what an operation token names. */
#pragma once

#include "sign/statement.h"

struct camera {
    char id[24];
    char name[96];
    char address[256]; /* rtsp://host:port/path, no credentials; file:… on demo sites is not accepted here */
    int64_t latitude_e7;
    int64_t longitude_e7;
    int64_t heading_deg;
    char tls[96];
};

/* From the fields of a `camera` statement or of the six-field record. */
bool camera_read(const json_t *fields, struct camera *out, struct error *err);
/* Canonical JSON of {address, camera, heading_deg, latitude_e7, longitude_e7, tls}: heap text. */
char *camera_record(const struct camera *camera);
void camera_key(const struct camera *camera, uint8_t out[static HASH_SIZE]);
