/* The desk's link to a witness outside the force: the newest checkpoint goes there by plain HTTP (it is
 * public and signed, and so is the answer), the cosigned note is kept in FOLDER/witnessed.note. Nothing here
 * blocks: the desk's tick moves it along. One thread. */
#pragma once

#include "govern/ledger.h"

#include <netinet/in.h>

enum { WITNESS_EVERY_S = 60 };

struct witness_options {
    const char *address; /* numeric address and port: "192.0.2.1:8080" */
    const char *name;
    const uint8_t *key; /* PUBLIC_KEY_SIZE */
    const char *folder;
};

/* A numeric IPv4 address and a port of 1 to 65535, with nothing after it. */
bool witness_address_read(const char *text, struct sockaddr_in *out);

struct witness_link;

struct witness_link *witness_link_new(const struct witness_options *options, struct error *err);
void witness_link_free(struct witness_link *link); /* NULL is allowed */

/* Starts an exchange when one is due, or goes on with the one that runs. */
void witness_link_tick(struct witness_link *link, struct ledger *ledger, int64_t now_s);

/* "witness" when none has answered for 30 minutes, or not yet since the start; "clock" when its time is not
 * the desk's; NULL when matching may go on. */
const char *witness_link_hindrance(const struct witness_link *link, int64_t now_s);
/* Whether its newest cosignature was made within LIMIT_STATEMENT_SKEW_S of the desk's time; not before the
 * first since the start. The desk's time goes on by itself, so this stays true while the witness is silent.
 */
bool witness_link_says_same_time(const struct witness_link *link);
