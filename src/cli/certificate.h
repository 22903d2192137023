/* A site's own certificate authority and its server certificate (GnuTLS), so that browsers and tablets can be
 * told to trust exactly this site. */
#pragma once

#include "base/error.h"

#include <stdint.h>

/* Writes ca.pem, server.pem and server.key into `folder` and ca.key into `offline`. `hosts` is a
 * comma-separated list of names and addresses for the server. ECDSA P-256; ten years for the authority, 397
 * days for the server. */
bool certificate_make(
    const char *folder, const char *offline, const char *site, const char *hosts, struct error *err);
/* Of folder/server.pem, which has to be of ca.pem and belong to server.key: whole days until it is over,
 * negative after. */
bool certificate_days_left(const char *folder, int64_t *days, struct error *err);
