/* The bodies of the wire's messages: what each type carries, written and read in one place. Reading checks
 * form and bounds and allocates nothing from outside's word alone; pointers into a message live as long as
 * it. ERROR_CORRUPT for everything that is not in its form. */
#pragma once

#include "sign/camera.h"
#include "sign/token.h"
#include "video/packet.h"
#include "watch/supervisor.h"
#include "watch/survey.h"
#include "watch/wire.h"

enum {
    RECORD_LIMIT = 2048,
    TOKEN_MESSAGE_LIMIT = TOKEN_LIMIT,
    ITEMS_A_MESSAGE = 100,
    ITEM_LIMIT = GALLERY_ENTRIES * GALLERY_PHOTOS,
    STILL_PICTURE_LIMIT = 8 << 20,
    MARK_WORDS_LIMIT = 160,
};

struct feed_start {
    char record[RECORD_LIMIT]; /* canonical JSON of the camera's record */
    char url[320];             /* as in the record: no credentials */
    char user[128];            /* "" without */
    char password[128];
};

struct feed_status {
    bool connected;
    char text[256]; /* why not */
};

enum watch_word { WATCH_IDLE, WATCH_ARMED, WATCH_PAUSED, WATCH_REFUSED, WATCH_ENDED, WATCH_WORDS };

struct watch_state {
    enum watch_word word;
    char reason[256];
};

struct child_ready {
    uint8_t pack_hash[HASH_SIZE];
    char missing[256]; /* what the lock-up could not have; "" when nothing */
};

struct arming {
    uint8_t camera_key[HASH_SIZE]; /* the camera this watch is for */
    struct bytes token;            /* borrowed */
};

struct still_failure {
    enum error_code code;
    char text[256];
};

void message_put_feed_start(struct wire_out *out, const struct feed_start *start);
void message_put_greeting(struct wire_out *out, const char *record);
void message_put_stream(struct wire_out *out, const struct stream *stream);
void message_put_packet(struct wire_out *out, const struct packet *packet);
void message_put_feed_status(struct wire_out *out, const struct feed_status *status);
void message_put_arm(
    struct wire_out *out, const uint8_t camera_key[static HASH_SIZE], const char *token, size_t size);
/* In as many messages as it takes. */
void message_put_items(struct wire_out *out, const struct gallery_item *items, size_t count);
/* For WIRE_WITHDRAW and WIRE_WITHDRAWN. */
void message_put_entry(struct wire_out *out, enum wire_type type, const char *entry);
void message_put_pause(struct wire_out *out, bool paused);
void message_put_empty(struct wire_out *out, enum wire_type type);
void message_put_ready(struct wire_out *out, const struct child_ready *ready);
void message_put_state(struct wire_out *out, const struct watch_state *state);
void message_put_health(struct wire_out *out, const struct watch_health *health);
/* Without camera and operation: the desk knows those itself. */
void message_put_sighting(struct wire_out *out, const struct sighting *sighting);
void message_put_surveyed(struct wire_out *out, const struct survey *survey, const struct bytes *preview);
void message_put_enrol(struct wire_out *out, const void *jpeg, size_t size);
void message_put_mark(struct wire_out *out, const char *words, const void *jpeg, size_t size);
void message_put_enrolled(struct wire_out *out, const struct enrolment *enrolment);
void message_put_marked(struct wire_out *out, const struct bytes *jpeg);
void message_put_failed(struct wire_out *out, const struct error *cause);

bool message_feed_start(const struct wire_message *message, struct feed_start *out, struct error *err);
/* `record` has room for RECORD_LIMIT. */
bool message_greeting(const struct wire_message *message, char *record, struct error *err);
bool message_stream(const struct wire_message *message, struct stream *out, struct error *err);
bool message_packet(const struct wire_message *message, struct packet *out, struct error *err);
bool message_feed_status(const struct wire_message *message, struct feed_status *out, struct error *err);
bool message_arm(const struct wire_message *message, struct arming *out, struct error *err);
/* `items` has room for ITEMS_A_MESSAGE. */
bool message_items(
    const struct wire_message *message, struct gallery_item *items, size_t *count, struct error *err);
bool message_entry(const struct wire_message *message, char entry[static ENTRY_ID_SIZE], struct error *err);
bool message_pause(const struct wire_message *message, bool *paused, struct error *err);
bool message_ready(const struct wire_message *message, struct child_ready *out, struct error *err);
bool message_state(const struct wire_message *message, struct watch_state *out, struct error *err);
bool message_health(const struct wire_message *message, struct watch_health *out, struct error *err);
/* camera and operation stay as they are; the rest borrows the message. */
bool message_sighting(const struct wire_message *message, struct sighting *out, struct error *err);
/* preview borrows the message. */
bool message_surveyed(
    const struct wire_message *message, struct survey *out, struct bytes *preview, struct error *err);
bool message_enrol(const struct wire_message *message, struct bytes *jpeg, struct error *err);
/* `words` has room for MARK_WORDS_LIMIT. */
bool message_mark(const struct wire_message *message, char *words, struct bytes *jpeg, struct error *err);
/* picture is a copy that the caller owns. */
bool message_enrolled(const struct wire_message *message, struct enrolment *out, struct error *err);
bool message_marked(const struct wire_message *message, struct bytes *jpeg, struct error *err);
bool message_failed(const struct wire_message *message, struct still_failure *out, struct error *err);
