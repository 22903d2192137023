/* Alerts: from a sighting to a receipt (DESIGN §4). One file per step beside this one; lives.c has the table
 * of moves. Conventions as in list/entry.h. `viewer` and the unit it is present with decide what is shown. */
#pragma once

#include "alert/picture.h"

struct slip_question; /* alert/slip.h */

extern const struct migration alert_migrations[];
extern const size_t alert_migration_count;

/* Intake. A second sighting of an entry with an open alert waits beside it. */
bool alert_raise(struct site *site, const struct sighting *sighting, struct error *err);
/* Once at start, before anything is armed: what the log says of muted entries and halted cameras holds again,
 * and an operation one of whose alerts is not what the log says is halted. */
bool alert_begin(struct site *site, struct error *err);
/* Tells the supervisor which cameras passed their rate of alerts: after each sighting and each second, so
 * that a halt outlives a restart. */
bool alert_halt_cameras(struct site *site, struct error *err);

json_t *alert_list(struct site *site, const struct officer *viewer, struct error *err);
json_t *alert_show(struct site *site, const struct officer *viewer, const char *alert, struct error *err);
/* Whether the officer is with the unit, "" for none, or was last: its crew is told of what the unit has, and
 * that it is taken from it. */
bool crew_hears_of_unit(struct site *site, const struct officer *officer, const char *unit);
/* Whether somebody who reviews is told of this: that an own answer is asked for, passed on, or asked no more;
 * somebody at a station: that a person is handed over to it; or an authoriser who does not review: an end. */
bool alert_event_is_for(struct site *site, const char *officer, const char *alert, const char *state);
/* name: probe, enrolled, scene. What the viewer may see of it now; the still process marks it with `words`.
 */
struct picture_asked {
    char passage[24];
    char words[PICTURE_WORDS_SIZE];
    struct bytes picture; /* owned */
};
bool alert_picture_ask(struct site *site, const struct officer *viewer, const char *alert, const char *name,
    struct picture_asked *out, struct error *err);
void picture_asked_done(struct picture_asked *asked);
/* That it is shown, marked: asks again whether it may, and records it. Nothing is shown before.
 * ERROR_CONFLICT when it is another passage by now. */
bool alert_picture_shown(struct site *site, const struct officer *viewer, const char *alert, const char *name,
    const struct picture_asked *asked, struct error *err);

json_t *alert_review(struct site *site, const struct envelope *envelope, struct error *err);
/* The same from a device: two officers' answers about one passage come from two devices. "" is no device. */
json_t *alert_review_on(
    struct site *site, const struct envelope *envelope, const char *device, struct error *err);
/* A pair whose answer is known, in a trial (plant.h). */
json_t *alert_plant(struct site *site, const struct envelope *envelope, struct error *err);
json_t *alert_dispatch(struct site *site, const struct envelope *envelope, struct error *err);
json_t *alert_accept(struct site *site, const struct envelope *envelope, struct error *err);
json_t *alert_arrive(struct site *site, const struct envelope *envelope, struct error *err);
json_t *alert_stop(struct site *site, const struct envelope *envelope, struct error *err);
/* Whether this may be asked now, before anything slow is done for it, and what the key `slow` of the next is
 * made of. */
bool alert_verify_begin(struct site *site, const struct officer *officer, const char *alert,
    const json_t *body, struct slip_question *out, struct error *err);
json_t *alert_verify(struct site *site, const struct officer *officer, const char *alert, const json_t *body,
    const uint8_t slow[static DATA_KEY_SIZE], struct error *err);
json_t *alert_case_status(struct site *site, const struct officer *officer, const char *alert,
    const json_t *body, struct error *err);
/* Of an earlier stop for the same entry: {"answer": "not_the_person"} ends this one; else "unknown". */
bool alert_earlier_slip_begin(struct site *site, const struct officer *officer, const char *alert,
    const json_t *body, struct slip_question *out, struct error *err);
json_t *alert_earlier_slip(struct site *site, const struct officer *officer, const char *alert,
    const json_t *body, const uint8_t slow[static DATA_KEY_SIZE], struct error *err);
json_t *alert_outcome(struct site *site, const struct envelope *envelope, struct error *err);
/* The crew has heard the recall. */
json_t *alert_acknowledge(struct site *site, const struct envelope *envelope, struct error *err);
/* Over the radio, because its page is silent: a dispatcher signs the word that it has read back. */
json_t *alert_acknowledge_by_radio(struct site *site, const struct envelope *envelope, struct error *err);
json_t *alert_amend(struct site *site, const struct envelope *envelope, struct error *err);
json_t *alert_concur(struct site *site, const struct envelope *envelope, struct error *err);
json_t *alert_hand_over(struct site *site, const struct envelope *envelope, struct error *err);
json_t *alert_receive(struct site *site, const struct envelope *envelope, struct error *err);

/* What a dispatcher reads out when the page does not reach the car; recorded. */
json_t *alert_radio(struct site *site, const struct officer *officer, const char *alert, struct error *err);
/* The unit's sealed packet and the station's; recorded. */
json_t *alert_packet(struct site *site, const struct officer *officer, const char *alert, struct error *err);
json_t *alert_handover_packet(
    struct site *site, const struct officer *officer, const char *alert, struct error *err);

/* Operations with an alert that has had no outcome for 24 h, as a list of ids: a new reference. */
json_t *alert_overdue_operations(struct site *site, struct error *err);

/* Each second: reviews passed on, lapses, packets that die, erasure that is due. */
bool alert_tick(struct site *site, struct error *err);
/* After a withdrawal, halt or end (in the caller's transaction): open alerts are recalled; stopped ones are
 * told; what an operation's muted entries and halted cameras saw beyond what is recorded is counted. */
bool alert_recall_entry(struct site *site, const char *entry, const char *reason, struct error *err);
bool alert_recall_operation(struct site *site, const char *operation, const char *reason, struct error *err);
/* Whether an alert of the entry is open, or a custody that is not handed over and not erased yet. */
bool alert_holds_entry(struct site *site, const char *entry, bool *out, struct error *err);
/* In the caller's transaction: the keys and rows of the operation's alerts that are over. Sets how many still
 * are open. Oversight's sealed copies stay: a person who was stopped is answered from them. */
bool alert_erase_operation(struct site *site, const char *operation, int64_t *left, struct error *err);
