/* A site's own certificate authority and its server certificate (GnuTLS), so that browsers and tablets can be
 * told to trust exactly this site. */
#pragma once

#include "base/error.h"

/* Writes ca.pem, server.pem and server.key into `folder` and ca.key into `offline`. `hosts` is a
 * comma-separated list of names and addresses for the server. ECDSA P-256; ten years for the authority, 397
 * days for the server. */
bool certificate_make(
    const char *folder, const char *offline, const char *site, const char *hosts, struct error *err);
