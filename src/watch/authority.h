/* What the watch may do: the operation's token, its list and its time, judged here and nowhere else.
 *
 * The desk sends ARM, ITEMS…, WITHDRAW…, BEGIN; nothing is allowed before BEGIN has been judged together with
 * the feed's greeting. A gallery exists exactly while the verified token's time runs. */
#pragma once

#include "match/gallery.h"
#include "sign/token.h"
#include "watch/message.h"

struct authority_options { /* what the watch knows by itself; the pointers are borrowed */
    const char *site;
    enum site_kind kind;
    uint8_t root_key[PUBLIC_KEY_SIZE];
    uint8_t endorsement_key[PUBLIC_KEY_SIZE]; /* the oversight body's, when has_endorsement_key */
    bool has_endorsement_key;
    uint8_t pack_hash[HASH_SIZE];
    bool pack_is_demo;
};

struct authority {
    struct authority_options options;
    bool greeted;
    uint8_t greeting_key[HASH_SIZE]; /* computed from the record the feed greeted with */
    bool arming;                     /* between ARM and BEGIN */
    bool begun;                      /* BEGIN came, the greeting did not yet */
    uint8_t camera_key[HASH_SIZE];   /* the camera the desk armed this watch for */
    struct bytes token;
    struct gallery_item *items;
    size_t item_count;
    char (*withdrawn)[ENTRY_ID_SIZE]; /* in this arming, before BEGIN */
    size_t withdrawn_count;
    struct gallery *gallery;
    struct token_terms terms;
    int64_t least_roster_number;
    bool paused;
    bool armed;    /* ever */
    bool surveyed; /* a set-up view was asked for; the watch is for nothing else then */
    int64_t survey_ends_us;
    struct watch_state state;
};

void authority_init(struct authority *authority, const struct authority_options *options);
/* Wipes. */
void authority_done(struct authority *authority);

/* The feed's greeting: at most one camera in a process's life. ERROR_CORRUPT for a record that is none. */
bool authority_greet(struct authority *authority, const char *record, struct error *err);

/* The desk's messages. A wrong order or too many items are ERROR_CORRUPT: the link is over. Refusals of a
 * token or a list are no failures: they are the state. */
bool authority_arm(struct authority *authority, const struct arming *arming, struct error *err);
bool authority_items(
    struct authority *authority, const struct gallery_item *items, size_t count, struct error *err);
bool authority_withdraw(struct authority *authority, const char *entry, struct error *err);
bool authority_begin(struct authority *authority, int64_t now_s, struct error *err);
/* A set-up view: at most LIMIT_SET_UP_S on clock_monotonic_us, once, of the camera that greets, and never in
 * a watch that was or will be armed. ERROR_CORRUPT else. */
bool authority_survey(struct authority *authority, int64_t now_us, struct error *err);
bool authority_surveys(const struct authority *authority, int64_t now_us);
void authority_pause(struct authority *authority, bool paused);
void authority_end(struct authority *authority);

/* Ends the operation when its time has come. Call it before every packet. */
void authority_tick(struct authority *authority, int64_t now_s);

/* The gallery while faces may be compared at this time, else NULL. */
const struct gallery *authority_gallery(const struct authority *authority, int64_t now_s);
/* Whether pictures may be decoded: a running operation, paused or not yet started included. */
bool authority_decodes(const struct authority *authority);
