/* The one message format between desk, feed, watch and still, over stream socket pairs.
 *
 * A message is a header of 12 bytes (magic, version, type, length of the body; little-endian) and a body.
 * Every type has its own limit on the body; a link takes only the types its end expects. Whatever breaks a
 * rule breaks the link: there is no way to find back into a stream. One thread per value. */
#pragma once

#include "base/memory.h"

enum { WIRE_HEADER = 12, WIRE_VERSION = 1, WIRE_TEXT_LIMIT = 512 };

enum wire_type {
    /* desk → feed */
    WIRE_FEED_START = 1,
    /* feed → watch */
    WIRE_GREETING = 2,
    WIRE_STREAM = 3,
    WIRE_PACKET = 4,
    /* feed → desk */
    WIRE_FEED_STATUS = 5,
    /* desk → watch: ARM, ITEMS…, WITHDRAW…, BEGIN; then WITHDRAW, PAUSE, END */
    WIRE_ARM = 10,
    WIRE_ITEMS = 11,
    WIRE_WITHDRAW = 12,
    WIRE_BEGIN = 13,
    WIRE_PAUSE = 14,
    WIRE_END = 15,
    WIRE_SURVEY = 16, /* instead of ARM: a set-up view, once in a process's life */
    /* watch → desk */
    WIRE_READY = 20, /* also still → desk */
    WIRE_STATE = 21,
    WIRE_HEALTH = 22,
    WIRE_WITHDRAWN = 23,
    WIRE_SIGHTING = 24,
    WIRE_SURVEYED = 25,
    /* desk → still */
    WIRE_ENROL = 30,
    WIRE_MARK = 31,
    /* still → desk */
    WIRE_ENROLLED = 32,
    WIRE_MARKED = 33,
    WIRE_FAILED = 34,
    WIRE_TYPES = 40,
};

#define WIRE_BIT(type) ((uint64_t)1 << (type))

#define WIRE_FEED_TAKES WIRE_BIT(WIRE_FEED_START)
#define WIRE_WATCH_TAKES_FROM_FEED (WIRE_BIT(WIRE_GREETING) | WIRE_BIT(WIRE_STREAM) | WIRE_BIT(WIRE_PACKET))
#define WIRE_WATCH_TAKES_FROM_DESK                                                                           \
    (WIRE_BIT(WIRE_ARM) | WIRE_BIT(WIRE_ITEMS) | WIRE_BIT(WIRE_WITHDRAW) | WIRE_BIT(WIRE_BEGIN) |            \
        WIRE_BIT(WIRE_PAUSE) | WIRE_BIT(WIRE_END) | WIRE_BIT(WIRE_SURVEY))
#define WIRE_STILL_TAKES (WIRE_BIT(WIRE_ENROL) | WIRE_BIT(WIRE_MARK))
#define WIRE_DESK_TAKES_FROM_FEED WIRE_BIT(WIRE_FEED_STATUS)
#define WIRE_DESK_TAKES_FROM_WATCH                                                                           \
    (WIRE_BIT(WIRE_READY) | WIRE_BIT(WIRE_STATE) | WIRE_BIT(WIRE_HEALTH) | WIRE_BIT(WIRE_WITHDRAWN) |        \
        WIRE_BIT(WIRE_SIGHTING) | WIRE_BIT(WIRE_SURVEYED))
#define WIRE_DESK_TAKES_FROM_STILL                                                                           \
    (WIRE_BIT(WIRE_READY) | WIRE_BIT(WIRE_ENROLLED) | WIRE_BIT(WIRE_MARKED) | WIRE_BIT(WIRE_FAILED))

/* The largest body of the type; 0 for a type that does not exist (WIRE_BEGIN, WIRE_END, WIRE_SURVEY have
 * empty bodies).
 */
size_t wire_limit(enum wire_type type);
bool wire_type_known(unsigned type);

/* Messages to be sent, one after another in one buffer. */
struct wire_out {
    uint8_t *data;
    size_t size; /* bytes put in */
    size_t sent; /* bytes of them already on the socket */
    size_t capacity;
    size_t began; /* where the message being written starts */
};

void wire_begin(struct wire_out *out, enum wire_type type);
/* Fills in the length. Asserts that the body is within its limit: writers bound what they put in. */
void wire_end(struct wire_out *out);
void wire_put_u8(struct wire_out *out, uint8_t value);
void wire_put_u32(struct wire_out *out, uint32_t value);
void wire_put_u64(struct wire_out *out, uint64_t value);
void wire_put_i64(struct wire_out *out, int64_t value);
void wire_put_float(struct wire_out *out, float value);
void wire_put_raw(struct wire_out *out, const void *bytes, size_t size);   /* no length: the type says it */
void wire_put_bytes(struct wire_out *out, const void *bytes, size_t size); /* length, bytes */
void wire_put_text(struct wire_out *out, const char *text);                /* the same, without the NUL */
/* The same for sentences that may hold anything: what wire_get_text would refuse is written as '?', and it is
 * cut to fewer than `room` bytes. */
void wire_put_sentence(struct wire_out *out, const char *text, size_t room);
/* Wipes and frees. */
void wire_out_done(struct wire_out *out);
static inline void wire_out_auto(struct wire_out *slot)
{
    wire_out_done(slot);
}

/* Blocks until everything is written; the buffer is wiped and empty then. */
bool wire_send(struct wire_out *out, int descriptor, struct error *err);
/* Writes what the socket takes now. */
bool wire_flush(struct wire_out *out, int descriptor, struct error *err);
static inline bool wire_pending(const struct wire_out *out)
{
    return out->size > out->sent;
}

struct wire_message {
    enum wire_type type;
    uint8_t *data; /* borrowed until the next wire_next or wire_fill */
    size_t size;
};

struct wire_in {
    uint64_t takes; /* WIRE_BIT of the types this end expects */
    uint8_t *data;
    size_t capacity;
    size_t start; /* of the message given last, or of the first byte not used yet */
    size_t given; /* size of the message given last, with its header: wiped at the next call */
    size_t end;
};

void wire_in_init(struct wire_in *in, uint64_t takes);
/* Wipes and frees. */
void wire_in_done(struct wire_in *in);

/* One read from the socket. *open is false when the other end closed. Nothing to read on a descriptor that
 * does not block is success. */
bool wire_fill(struct wire_in *in, int descriptor, bool *open, struct error *err);
/* For tests and fuzzers: the same with bytes in memory. */
void wire_feed(struct wire_in *in, const void *bytes, size_t size);
/* *found says whether a whole message was there. ERROR_CORRUPT when a header breaks the rules; the link is
 * over then. */
bool wire_next(struct wire_in *in, struct wire_message *message, bool *found, struct error *err);

/* Whether bytes lie behind the message given last. */
static inline bool wire_more(const struct wire_in *in)
{
    return in->end > in->start + in->given;
}

/* Reads a body's fields in order. The first field that is not there makes everything after it zero and
 * wire_read_all false. */
struct wire_fields {
    uint8_t *data;
    size_t size;
    size_t at;
    bool broken;
};

struct wire_fields wire_fields(const struct wire_message *message);
uint8_t wire_get_u8(struct wire_fields *fields);
uint32_t wire_get_u32(struct wire_fields *fields);
uint64_t wire_get_u64(struct wire_fields *fields);
int64_t wire_get_i64(struct wire_fields *fields);
float wire_get_float(struct wire_fields *fields);
/* NULL when there are not so many. Borrowed. */
uint8_t *wire_get_raw(struct wire_fields *fields, size_t size);
struct bytes wire_get_bytes(struct wire_fields *fields, size_t limit); /* borrowed */
/* Copies into `out` (room for `room`, with the NUL). Refuses what is not UTF-8 or holds control characters.
 */
void wire_get_text(struct wire_fields *fields, char *out, size_t room);
/* Everything was there and nothing is left over. */
bool wire_read_all(const struct wire_fields *fields, const char *what, struct error *err);
