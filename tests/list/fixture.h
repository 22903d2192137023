/* A demo site with a roster of people, in a folder of its own, for the tests of lists, operations and alerts:
 * real database, keyring, ledger and signatures; the clock is fake_clock's and the supervisor told's.
 * Everything here aborts the test when it fails. */
#pragma once

#include "fake_clock.h"
#include "list/camera.h"
#include "list/entry.h"
#include "list/operation.h"
#include "list/operation_publish.h"
#include "list/photo.h"
#include "list/place.h"
#include "list/ports.h"
#include "list/presence.h"
#include "told.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum person {
    WATCH_ONE,        /* office 1 */
    WATCH_TWO,        /* office 2 */
    AUTHORISER_ONE,   /* office 1 */
    AUTHORISER_TWO,   /* office 2 */
    AUTHORISER_THREE, /* office 2 */
    REVIEWER_ONE,     /* office 1 */
    REVIEWER_TWO,     /* office 2 */
    REVIEWER_THREE,   /* office 3 */
    DISPATCHER,       /* office 1 */
    CREW,             /* office 3 */
    STATION_OFFICER,  /* office 3 */
    AUDITOR,          /* office 4 */
    INSPECTOR,        /* office 4 */
    ADMIN,            /* office 1 */
    ADMIN_TWO,        /* office 2 */
    BOTH,             /* office 1; watch officer and authoriser at once */
    JUDGE,            /* office 0; outside signer */
    INSIDER,          /* office 2; outside signer of an office that takes part */
    PEOPLE,
};

struct fixture {
    char folder[64];
    char ports_path[96];
    uint8_t site_key[DATA_KEY_SIZE];
    struct site site;
    struct supervisor told; /* site.supervisor points here after fixture_watch */
    char officers[PEOPLE][24];
    char offices[PEOPLE][24];
    uint8_t public_keys[PEOPLE][PUBLIC_KEY_SIZE];
    uint8_t secret_keys[PEOPLE][SECRET_KEY_SIZE];
    uint8_t root_secret[SECRET_KEY_SIZE];
    char unit[24], station[24];
    uint8_t unit_key[PUBLIC_KEY_SIZE], unit_secret[32];
    uint8_t station_key[PUBLIC_KEY_SIZE], station_secret[32];
    uint8_t oversight_key[PUBLIC_KEY_SIZE], oversight_secret[32];
    struct migration migrations[64];
    size_t migration_count;
};

/* `more` are migrations beyond those of list/. */
void fixture_make(struct fixture *fixture, const struct migration *more, size_t more_count);
void fixture_done(struct fixture *fixture);
/* What its ledger is opened with; borrows from the fixture. */
struct ledger_options fixture_options(const struct fixture *fixture);
/* The desk stops and starts. */
void fixture_restart(struct fixture *fixture);
/* From here on the site has a supervisor, which writes down what it is told. */
void fixture_watch(struct fixture *fixture);

const struct officer *officer_of(struct fixture *fixture, enum person person);
/* Takes `fields`; fills type, site, by and at. */
struct envelope *signed_by(struct fixture *fixture, enum person person, const char *type, json_t *fields);
/* The same as another signer, "root" or "oversight". */
struct envelope *signed_with(const char *by, const uint8_t *secret, const char *type, json_t *fields);
/* SQL as somebody with the disk and no key would run it. */
void run_sql(struct fixture *fixture, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* How many rows `SELECT count(*) FROM <rest>` gives. */
int64_t count_rows(struct fixture *fixture, const char *rest);
/* How many log records have this kind. */
int64_t count_records(struct fixture *fixture, const char *kind);
/* In all its steps; NULL when it is refused. */
struct public_record *make_public_record(
    struct fixture *fixture, const char *operation, int64_t through, struct error *err);
/* What the port for case status answers: "case = live" lines under [status]. */
void set_ports(struct fixture *fixture, const char *ini);

/* A template of one face of a person (`identity`), unit length; faces of one person score above 0.9, of
 * different persons under 0.3. */
void make_template(unsigned identity, unsigned face, float out[static GALLERY_TEMPLATE]);
/* Uploads one; the photo's hash in hex. */
void upload(struct fixture *fixture, enum person person, unsigned identity, unsigned face,
    char out[static HEX_HASH_SIZE]);
/* The fields of a complete proposal for the identity with one photo: a new reference. `entry` is drawn when
 * it is empty. */
json_t *proposal_fields(struct fixture *fixture, char entry[static 24], unsigned identity, const char *photo);
/* Proposed by WATCH_ONE; then approved by AUTHORISER_ONE. Give the entry's id. */
void propose_entry(struct fixture *fixture, unsigned identity, char entry[static 24]);
void list_entry(struct fixture *fixture, unsigned identity, char entry[static 24]);
void list_entry_by(struct fixture *fixture, unsigned identity, enum person approver, char entry[static 24]);
/* As after a wrong stop, a second ago. */
void suspend_entry(struct fixture *fixture, const char *entry);
json_t *answer_fields(struct fixture *fixture, const char *entry, const char *answer);
/* The first case's id. */
void case_of(struct fixture *fixture, const char *entry, char out[static 24]);

/* Registers a camera and gives its id. */
void add_camera(struct fixture *fixture, char camera[static 24]);
/* The fields of a camera's record, with the record that they replace when there is one. */
json_t *with_replaced(struct fixture *fixture, const char *camera, json_t *fields);
/* The record of the camera that add_camera gave, signed by this person: a new reference. */
json_t *register_camera(
    struct fixture *fixture, enum person person, const char *camera, int metres, struct error *err);
/* From now on this person's key counts no more. */
void suspend_key(struct fixture *fixture, enum person person);
/* The same by this person's statement, so that the log says since when; roster_adopt comes before. */
void suspend_by_statement(struct fixture *fixture, enum person by, enum person person);
/* The roster in force, to be changed: numbered on, and following it. A new reference. */
json_t *next_roster_fields(struct fixture *fixture);
/* The person's line in it; NULL when there is none. */
json_t *roster_line(struct fixture *fixture, json_t *fields, enum person person);
json_t *without_line(struct fixture *fixture, json_t *fields, enum person person);
/* Takes `fields`: brought by ADMIN and in force; roster_adopt comes before. */
void put_roster_in_force(struct fixture *fixture, json_t *fields);
/* The next roster is in force without them, or with a new key of theirs. */
void leave_the_force(struct fixture *fixture, enum person person);
void give_new_key(struct fixture *fixture, enum person person);
/* The same so many metres north of it. */
void add_camera_north(struct fixture *fixture, int metres, char camera[static 24]);
/* One reason, of yesterday, that names each of the entries. */
json_t *reasons_for(const json_t *entries);
/* What is drafted: these entries, with that reason, on these cameras. */
json_t *draft_body(const char *operation, const json_t *entries, const json_t *cameras);
/* Drafts with the entry and the camera and gives the request's fields: a new reference. */
json_t *draft_request(
    struct fixture *fixture, char operation[static 24], const char *entry, const char *camera);
/* Draft, request (WATCH_ONE), two authorisations (AUTHORISER_ONE, AUTHORISER_TWO). */
void authorise_operation(
    struct fixture *fixture, char operation[static 24], const char *entry, const char *camera);
/* Draft and request (WATCH_ONE) for `lasts_s`; nobody has signed it yet. */
void request_operation(struct fixture *fixture, char operation[static 24], const char *entry,
    const char *camera, int64_t lasts_s, char hash[static HEX_HASH_SIZE]);
void authorise_by(
    struct fixture *fixture, enum person person, const char *operation, const char *hash, const char *state);
/* Two reviewers, a dispatcher and a crew are there. */
void fill_room(struct fixture *fixture);
/* Entry listed with a live case, camera, operation authorised, room full, ticked: running. */
void run_operation(struct fixture *fixture, char operation[static 24], char entry[static 24]);
void end_operation(struct fixture *fixture, const char *operation);
/* As the officer sees it who asked for it. */
void expect_operation(struct fixture *fixture, const char *operation, const char *state, const char *why);

/* The same for an hour, declared urgent by AUTHORISER_TWO. */
void run_urgent_operation(struct fixture *fixture, char operation[static 24], char entry[static 24],
    char hash[static HEX_HASH_SIZE]);

/* The reply's "state" (or another field) is this; releases the reply. */
void expect_field(json_t *reply, const struct error *err, const char *field, const char *value);
/* There was no reply, for this reason. */
void expect_refusal(json_t *reply, const struct error *err, enum error_code code, const char *words);
