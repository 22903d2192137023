/* A TLS client for the tests of the server: raw bytes out, raw bytes in. */
#pragma once

#include "desk.h"

/* Makes a certificate and starts the server on a free port of loopback. */
void wire_serve(struct desk *desk);

struct conversation {
    const char *send;
    size_t send_size;  /* 0: the length of `send` */
    const char *until; /* stop at this text; NULL: until the server closes */
    char *heard;       /* heap text, the caller's */
};
/* Speaks in a thread of its own while this one serves; `meanwhile` (or NULL) is called here once, when the
 * client has heard something. */
void wire_talk(struct desk *desk, struct conversation *conversation, void (*meanwhile)(struct desk *desk));
int wire_status(const struct conversation *conversation);
