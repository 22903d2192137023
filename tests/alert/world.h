/* A site with its people present, for the tests of alerts: real database, keyring, log, roster, cameras,
 * presence and ports. Entries and operations stand in neighbours.c, so that a test can say what they answer.
 */
#pragma once

#include "alert/alert.h"
#include "alert/redress.h"
#include "base/clock.h"
#include "base/text.h"
#include "list/ports.h"
#include "sign/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum person {
    PROPOSER,        /* office 1 */
    APPROVER,        /* office 2; may review other entries */
    REVIEWER_ONE,    /* office 1 */
    REVIEWER_TWO,    /* office 2 */
    REVIEWER_THREE,  /* office 3 */
    REVIEWER_BESIDE, /* office 1 too */
    DISPATCHER,      /* office 1 */
    BOTH,            /* office 3; reviewer and dispatcher */
    CREW_ONE,
    CREW_TWO,
    STATION,
    STATION_BESIDE, /* at the other station, office 10 */
    ADMIN,
    AUTHORISER_ONE,    /* office 7 */
    AUTHORISER_TWO,    /* office 8 */
    AUTHORISER_BESIDE, /* office 7 too */
    AUTHORISER_THREE,  /* office 3 */
    INSPECTOR,         /* office 9, outside the force */
    PEOPLE,
};

#define ENTRY "e-0000000000000001"
#define OTHER_ENTRY "e-0000000000000002"
#define CASE "k-0000000000000001"
#define OTHER_CASE "k-0000000000000002"
#define CAMERA "c-0000000000000001"
#define OPERATION "op-0000000000000001"
#define UNIT "u-0000000000000001"
#define OTHER_UNIT "u-0000000000000002"
#define STATION_ID "s-0000000000000001"
#define OTHER_STATION "s-0000000000000002"
#define OTHER_PHOTO "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define FOREIGN_PHOTO "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define CNIC "42101-1234567-1"

struct world {
    struct site site;
    char folder[64];
    char ports_path[96];
    uint8_t site_key[DATA_KEY_SIZE];
    uint8_t secret[PEOPLE][SECRET_KEY_SIZE], root_secret[SECRET_KEY_SIZE];
    uint8_t unit_secret[32], other_unit_secret[32], station_secret[32], other_station_secret[32],
        oversight_secret[32];
    int64_t ago_us;  /* how long before now the next sighting was captured */
    int64_t told_at; /* makes each statement a different one */
    char alert[24], passage[24], pictures_hash[HEX_HASH_SIZE];
    uint8_t crop[CROP_BYTES];
};

/* cmocka's setup and teardown of a test: everybody of a normal shift present, nothing raised. */
int world_setup(void **state);
int world_teardown(void **state);

/* The desk stops, and starts again with what lies in the folder then. */
void world_stop(struct world *world);
void world_start(struct world *world);

const char *id_of(enum person person);
const struct officer *officer_of(struct world *world, enum person person);
void be_present(struct world *world, enum person person, const char *as, const char *unit);
void leave(struct world *world, enum person person);
/* register "yes" for the sample "thumb" on CNIC; anything else through the text. */
void ports_say(struct world *world, const char *ini);

/* Takes `fields`, adds type, site, by, at. */
struct envelope *said_by(struct world *world, enum person person, const char *type, json_t *fields);
/* Signs and acts; true when the desk accepted. The error stands in `wrong`. */
typedef json_t *deed(struct site *, const struct envelope *, struct error *);
bool act(struct world *world, deed *does, enum person person, const char *type, json_t *fields);
extern struct error wrong;
/* The reply of the last accepted act; borrowed. */
extern json_t *answer;

/* A well-formed sighting of ENTRY; pictures are valid until the next one. */
struct sighting sighting_of(struct world *world, const char *entry);
/* Raises one and remembers alert, passage and pictures hash. */
void raise_one(struct world *world);
/* A sighting whose passage and pictures hash the world remembers instead. */
void raise_again(struct world *world, const struct sighting *sighting);
/* "Side gate", c-0000000000000002. */
void register_second_camera(struct world *world);
/* What a review of the world's alert and passage says, with a likeness and a difference. */
json_t *review_of(const struct world *world, const char *word);
bool review_as(struct world *world, enum person person, const char *word);
/* Puts a pair before the reviewers; the world's alert and pictures are that pair's. `photo_entry` is ENTRY
 * for a pair of one person. */
bool plant_pair(struct world *world, enum person person, const char *photo_entry);
/* Both drawn reviewers answer. */
void agree(struct world *world);
json_t *dispatch_fields(struct world *world, const char *unit);
bool dispatch_by(struct world *world, enum person person, const char *unit);
bool crew_answers(struct world *world, const char *word);
bool arrive(struct world *world);
/* Stops the person; the slip's code stands in `slip`. */
bool stop_person(struct world *world);
extern char slip[16], slip_proof[HEX_HASH_SIZE];
/* Takes an outcome's fields, adds the proof of the slip with this code; "": none. */
json_t *with_slip(json_t *fields, const char *code);
/* In place of the process that hashes. */
const uint8_t *slow_key(const struct slip_question *question);
/* redress_ask as the desk does it. */
json_t *ask_at_counter(struct site *site, const struct envelope *envelope, struct error *err);
json_t *verify_with(struct world *world, enum person person, const json_t *body);
bool verify(struct world *world, const char *cnic, const char *sample, const char *expected);
bool ask_status_of(struct world *world, const char *case_id, const char *expected);
bool ask_status(struct world *world, const char *expected);
bool outcome(struct world *world, const char *word, const char *means, const char *case_id, const char *code);
/* With the outcome that waits, as far as one does. */
json_t *concurrence_fields(struct world *world, const char *word);
bool concur(struct world *world, enum person person, const char *word);
/* From nothing to `on_scene`, and to `stopped`. */
void come_to_scene(struct world *world);
void come_to_stop(struct world *world);

/* Asks for the picture and is shown it; *out: the words that are to stand in it. That nothing is shown which
 * is not marked: tests/web/page.test.mjs, tests/api/cameras.test.mjs. */
bool look_at_picture(struct world *world, enum person person, const char *name, struct bytes *out);

/* Whether the officer is drawn and awaited. */
bool is_drawn(struct world *world, enum person person);
const char *state_of(struct world *world);
const char *outcome_of(struct world *world);
int64_t number(struct world *world, const char *sql);
void sql(struct world *world, const char *statement);
bool is_recorded(struct world *world, const char *kind);

/* What the neighbours were told, and what they answer. */
struct neighbours {
    bool operation_allows, near_pair;
    const char *operation_state;
    int halts, suspensions, withdrawals, watches_told, disarms;
    int records_owed; /* public records that have to be published anew */
    int camera_halts; /* told to the supervisor */
    char halted_operation[24], halted_camera[24];
    char reason[40];
    int more_cases;           /* the entry's, beyond CASE: OTHER_CASE and on */
    const char *case_station; /* NULL: the case names none */
    uint8_t enrolled;         /* a byte of the enrolled picture */
    const char *marked;
    bool missing, minor; /* the entry's person */
    bool no_trial;
    const char *refused_for; /* the newest sighting that was counted as refused */
    int64_t refused;
    const char *ground; /* NULL: court_warrant */
};
extern struct neighbours neighbours;
extern const char neighbour_tables[];

#define accepted(call)                                                                                       \
    do {                                                                                                     \
        if (!(call))                                                                                         \
            fail_msg("%s: %s", #call, wrong.text);                                                           \
    } while (0)
#define refused(call, expected)                                                                              \
    do {                                                                                                     \
        if (call)                                                                                            \
            fail_msg("%s was accepted", #call);                                                              \
        if (wrong.code != (expected))                                                                        \
            fail_msg("%s: %s: %s", #call, error_word(wrong.code), wrong.text);                               \
    } while (0)
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
