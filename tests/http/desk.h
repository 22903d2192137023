/* A demo site with a real database, log and roster, and its request path, with or without the socket. */
#pragma once

#include "http/server.h"
#include "http/service.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum person { /* one of each role */
    WATCH_OFFICER,
    AUTHORISER,
    REVIEWER,
    DISPATCHER,
    CREW,
    AUDITOR,
    ADMIN,
    STATION,
    OUTSIDE_SIGNER,
    INSPECTOR,
    PEOPLE,
};

#define UNIT "u-0000000000000001"

struct desk {
    char folder[64];
    uint8_t site_key[DATA_KEY_SIZE];
    uint8_t secret[PEOPLE][SECRET_KEY_SIZE];
    struct site site;
    struct service service;
    char token[PEOPLE][SESSION_TOKEN_SIZE];
    char certificate[96], key[96];
    struct server *server; /* desk_serve */
};

/* cmocka's setup and teardown: everybody is signed in. */
int desk_setup(void **state);
int desk_teardown(void **state);
/* As after kill -9: the database and the log are opened again, the rows held to the log; the service forgets
 * what it held. */
void desk_restart(struct desk *desk);
const char *person_id(enum person person);
enum role person_role(enum person person);

/* Fields without type, site, by and at; taken. */
struct envelope *desk_sign(struct desk *desk, enum person person, const char *type, json_t *fields);
/* Heap text of the same in an envelope. */
char *desk_statement(struct desk *desk, enum person person, const char *type, json_t *fields);
/* Heap text of an envelope signed as well as can be over whatever `fields` (not taken) say, also what no form
 * allows: only who holds a key can send it. */
char *desk_forge(struct desk *desk, enum person person, const json_t *fields);

struct ask {
    const char *method, *path;
    const char *token;        /* of a session, or NULL */
    const char *body;         /* or NULL */
    size_t body_size;         /* 0: the length of `body` */
    bool from_elsewhere;      /* not loopback */
    struct request_head head; /* further headers */
};
/* Goes the request's whole way but for the socket; X-Mizan is sent unless head.mizan says otherwise. */
void desk_ask(struct desk *desk, const struct ask *ask, struct reply *reply);
/* The status; and the JSON of the reply in *out when that is not NULL. */
int desk_status(struct desk *desk, const struct ask *ask, json_t **out);
int desk_get(struct desk *desk, enum person person, const char *path);
void desk_sign_in(
    struct desk *desk, enum person person, const char *unit, char token[static SESSION_TOKEN_SIZE]);
