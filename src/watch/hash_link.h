/* The desk's end of the processes that hash passwords, and the numbers that slips are bound to: two at a time
 * at most, a hash each, so that neither the desk's loop nor its memory pays for Argon2id. Never waits. One
 * that does not answer in HASH_ANSWER_S is killed and its question fails; the next one starts another. One
 * thread. */
#pragma once

#include "base/password.h"
#include "sign/roster.h"

enum { HASH_PROCESSES = 2, HASH_QUEUE = 64, HASH_ANSWER_S = 60 };

struct hash_options {
    const char *program; /* path of the mizan binary; borrowed */
    const char *site;    /* borrowed */
    enum site_kind kind;
    unsigned uid; /* 0: the desk's */
};

struct hash_answer {
    bool done;                     /* false: there was none; try again later */
    bool fits;                     /* of a question with `stored` */
    char made[PASSWORD_HASH_SIZE]; /* of one without */
    uint8_t key[DATA_KEY_SIZE];    /* of hash_link_ask_key's */
};

typedef void hash_heard(void *context, const struct hash_answer *answer);

struct hash_link;

/* Starts nothing yet. */
struct hash_link *hash_link_new(const struct hash_options *options, struct error *err);
/* What still waits is answered with `done` false. */
void hash_link_free(struct hash_link *link);
AUTO_FREE(hash_link, struct hash_link *, hash_link_free)

/* Whether the password is that of the hash `stored`, or with "" a hash of it. `heard` is called from
 * hash_link_run. ERROR_UNAVAILABLE when too many wait, or when one of the same officer does. */
bool hash_link_ask(struct hash_link *link, const char *officer, const char *password, const char *stored,
    hash_heard *heard, void *context, struct error *err);
/* The same for a key made of `text` with this salt (passphrase_key). */
bool hash_link_ask_key(struct hash_link *link, const char *officer, const char *text,
    const uint8_t salt[static PASSPHRASE_SALT_SIZE], hash_heard *heard, void *context, struct error *err);
/* Nobody hears the answers to this context's questions any more. */
void hash_link_cancel(struct hash_link *link, const void *context);

int hash_link_descriptor(const struct hash_link *link); /* readable: run */
int hash_link_timeout_ms(const struct hash_link *link); /* -1: none */
void hash_link_run(struct hash_link *link);
