/* A TLS client for the tests of the server: raw bytes out, raw bytes in. */
#pragma once

#include "desk.h"

/* Makes a certificate and starts the server on a free port of loopback. Strangers are soon ended: from the
 * WIRE_STRANGERS-th connection on, or without a request in WIRE_HEAD_S; a body may take WIRE_BODY_S. */
enum { WIRE_STRANGERS = 12, WIRE_HEAD_S = 2, WIRE_BODY_S = 3 };
void wire_serve(struct desk *desk);
/* A bare connection from 127.0.0.`host`, without a word said. */
int wire_knock(struct desk *desk, int host);
/* Whether the server has ended it. */
bool wire_is_over(int descriptor);
/* Serves for so long. */
void wire_pass(struct desk *desk, int milliseconds);

struct conversation {
    const char *send;
    size_t send_size;  /* 0: the length of `send` */
    const char *until; /* stop at this text; NULL: until the server closes */
    int pause_ms;      /* after the head, before each byte of the body; 0: all at once */
    char *heard;       /* heap text, the caller's */
};
/* Speaks in a thread of its own while this one serves; `meanwhile` (or NULL) is called here once, when the
 * client has heard something. */
void wire_talk(struct desk *desk, struct conversation *conversation, void (*meanwhile)(struct desk *desk));
int wire_status(const struct conversation *conversation);
