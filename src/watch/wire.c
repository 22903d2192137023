#include "watch/wire.h"

#include "base/text.h"
#include "sign/token.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LEAST_READ = 64 * 1024 };

static const uint8_t magic[4] = {'M', 'Z', 'N', 'W'};

static const struct {
    bool known;
    size_t limit;
} type_table[WIRE_TYPES] = {
    [WIRE_FEED_START] = {true, 8192},
    [WIRE_GREETING] = {true, 4096},
    [WIRE_STREAM] = {true, 4096 + 256},
    [WIRE_PACKET] = {true, (8 << 20) + 64},
    [WIRE_FEED_STATUS] = {true, 1024},
    [WIRE_ARM] = {true, TOKEN_LIMIT + 256},
    [WIRE_ITEMS] = {true, (size_t)256 * 1024},
    [WIRE_WITHDRAW] = {true, 64},
    [WIRE_BEGIN] = {true, 0},
    [WIRE_PAUSE] = {true, 1},
    [WIRE_END] = {true, 0},
    [WIRE_SURVEY] = {true, 0},
    [WIRE_READY] = {true, 1024},
    [WIRE_STATE] = {true, 1024},
    [WIRE_HEALTH] = {true, 256},
    [WIRE_WITHDRAWN] = {true, 64},
    [WIRE_SIGHTING] = {true, 1 << 20},
    [WIRE_SURVEYED] = {true, 20 << 10},
    [WIRE_ENROL] = {true, (8 << 20) + 64},
    [WIRE_MARK] = {true, (8 << 20) + 1024},
    [WIRE_ENROLLED] = {true, (8 << 20) + 4096},
    [WIRE_MARKED] = {true, (8 << 20) + 64},
    [WIRE_FAILED] = {true, 1024},
};

bool wire_type_known(unsigned type)
{
    return type < WIRE_TYPES && type_table[type].known;
}

size_t wire_limit(enum wire_type type)
{
    return wire_type_known(type) ? type_table[type].limit : 0;
}

static void write_u32(uint8_t *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

static uint32_t read_u32(const uint8_t *from)
{
    uint32_t value = 0;
    for (int i = 3; i >= 0; i--)
        value = value << 8 | from[i];
    return value;
}

static void wire_put_space(struct wire_out *out, size_t size)
{
    if (out->capacity - out->size >= size)
        return;
    size_t wanted = out->capacity ? out->capacity : 4096;
    while (wanted - out->size < size)
        wanted *= 2;
    uint8_t *larger = memory_allocate(wanted, 1);
    if (out->size)
        memcpy(larger, out->data, out->size);
    if (out->data)
        memory_wipe(out->data, out->capacity);
    free(out->data);
    out->data = larger;
    out->capacity = wanted;
}

void wire_put_raw(struct wire_out *out, const void *bytes, size_t size)
{
    wire_put_space(out, size);
    if (size)
        memcpy(out->data + out->size, bytes, size);
    out->size += size;
}

void wire_begin(struct wire_out *out, enum wire_type type)
{
    uint8_t header[WIRE_HEADER] = {0};
    memcpy(header, magic, sizeof magic);
    header[4] = WIRE_VERSION;
    header[6] = (uint8_t)type;
    out->began = out->size;
    wire_put_raw(out, header, sizeof header);
}

void wire_end(struct wire_out *out)
{
    size_t body = out->size - out->began - WIRE_HEADER;
    assert(body <= wire_limit(out->data[out->began + 6]));
    write_u32(out->data + out->began + 8, (uint32_t)body);
}

void wire_put_u8(struct wire_out *out, uint8_t value)
{
    wire_put_raw(out, &value, 1);
}

void wire_put_u32(struct wire_out *out, uint32_t value)
{
    uint8_t bytes[4];
    write_u32(bytes, value);
    wire_put_raw(out, bytes, sizeof bytes);
}

void wire_put_u64(struct wire_out *out, uint64_t value)
{
    wire_put_u32(out, (uint32_t)value);
    wire_put_u32(out, (uint32_t)(value >> 32));
}

void wire_put_i64(struct wire_out *out, int64_t value)
{
    wire_put_u64(out, (uint64_t)value);
}

void wire_put_float(struct wire_out *out, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    wire_put_u32(out, bits);
}

void wire_put_bytes(struct wire_out *out, const void *bytes, size_t size)
{
    wire_put_u32(out, (uint32_t)size);
    wire_put_raw(out, bytes, size);
}

void wire_put_text(struct wire_out *out, const char *text)
{
    wire_put_bytes(out, text, strlen(text));
}

void wire_put_sentence(struct wire_out *out, const char *text, size_t room)
{
    char plain[WIRE_TEXT_LIMIT];
    size_t count = 0;
    if (room > sizeof plain)
        room = sizeof plain;
    for (; text[count] && count + 1 < room; count++)
        plain[count] = text[count] >= 32 && text[count] < 127 ? text[count] : '?';
    wire_put_bytes(out, plain, count);
}

static void wire_out_empty(struct wire_out *out)
{
    if (out->data)
        memory_wipe(out->data, out->size);
    out->size = out->sent = out->began = 0;
}

void wire_out_done(struct wire_out *out)
{
    wire_out_empty(out);
    free(out->data);
    *out = (struct wire_out){0};
}

bool wire_send(struct wire_out *out, int descriptor, struct error *err)
{
    while (wire_pending(out)) {
        ssize_t count = write(descriptor, out->data + out->sent, out->size - out->sent);
        if (count < 0 && errno != EINTR)
            return fail_errno(err, "cannot write to the other process");
        if (count > 0)
            out->sent += (size_t)count;
    }
    wire_out_empty(out);
    return true;
}

bool wire_flush(struct wire_out *out, int descriptor, struct error *err)
{
    while (wire_pending(out)) {
        ssize_t count =
            send(descriptor, out->data + out->sent, out->size - out->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count < 0 && errno == EAGAIN)
            return true;
        if (count < 0 && errno != EINTR)
            return fail_errno(err, "cannot write to the other process");
        if (count > 0)
            out->sent += (size_t)count;
    }
    wire_out_empty(out);
    return true;
}

void wire_in_init(struct wire_in *in, uint64_t takes)
{
    *in = (struct wire_in){.takes = takes};
}

void wire_in_done(struct wire_in *in)
{
    if (in->data)
        memory_wipe(in->data, in->capacity);
    free(in->data);
    *in = (struct wire_in){.takes = in->takes};
}

static void wire_in_forget_given(struct wire_in *in)
{
    if (in->given)
        memory_wipe(in->data + in->start, in->given);
    in->start += in->given;
    in->given = 0;
    if (in->start == in->end)
        in->start = in->end = 0;
}

/* Room for `size` more bytes behind `end`. What lies before is bounded by the largest message. */
static void wire_in_space(struct wire_in *in, size_t size)
{
    wire_in_forget_given(in);
    if (in->capacity - in->end >= size)
        return;
    size_t held = in->end - in->start;
    if (in->capacity >= held + size) {
        memmove(in->data, in->data + in->start, held);
        memory_wipe(in->data + held, in->start);
    } else {
        uint8_t *larger = memory_allocate(held + size, 1);
        if (held)
            memcpy(larger, in->data + in->start, held);
        if (in->data)
            memory_wipe(in->data, in->capacity);
        free(in->data);
        in->data = larger;
        in->capacity = held + size;
    }
    in->start = 0;
    in->end = held;
}

static bool wire_check_header(const struct wire_in *in, const uint8_t *header, struct error *err)
{
    unsigned type = header[6] | (unsigned)header[7] << 8;
    uint32_t length = read_u32(header + 8);
    if (memcmp(header, magic, sizeof magic) != 0 || header[4] != WIRE_VERSION || header[5])
        return fail(err, ERROR_CORRUPT, "the other process does not speak this format");
    if (!wire_type_known(type) || !(in->takes & WIRE_BIT(type)))
        return fail(err, ERROR_CORRUPT, "a message of type %u is not expected on this link", type);
    if (length > type_table[type].limit)
        return fail(err, ERROR_CORRUPT, "a message of type %u has %u bytes; the limit is %zu", type, length,
            type_table[type].limit);
    return true;
}

/* How many bytes of the message at `start` are still missing; 0 while its header is not there or is wrong. */
static size_t wire_in_missing(const struct wire_in *in)
{
    size_t held = in->end - in->start;
    if (held < WIRE_HEADER || !wire_check_header(in, in->data + in->start, NULL))
        return 0;
    size_t whole = WIRE_HEADER + read_u32(in->data + in->start + 8);
    return whole > held ? whole - held : 0;
}

bool wire_next(struct wire_in *in, struct wire_message *message, bool *found, struct error *err)
{
    wire_in_forget_given(in);
    *found = false;
    size_t held = in->end - in->start;
    if (held < WIRE_HEADER)
        return true;
    uint8_t *header = in->data + in->start;
    if (!wire_check_header(in, header, err))
        return false;
    size_t body = read_u32(header + 8);
    if (held < WIRE_HEADER + body)
        return true;
    *message = (struct wire_message){header[6], header + WIRE_HEADER, body};
    in->given = WIRE_HEADER + body;
    *found = true;
    return true;
}

bool wire_fill(struct wire_in *in, int descriptor, bool *open, struct error *err)
{
    wire_in_forget_given(in);
    size_t missing = wire_in_missing(in);
    wire_in_space(in, missing > LEAST_READ ? missing : LEAST_READ);
    ssize_t count;
    do
        count = read(descriptor, in->data + in->end, in->capacity - in->end);
    while (count < 0 && errno == EINTR);
    *open = count != 0 && !(count < 0 && errno == ECONNRESET);
    if (count < 0 && errno != EAGAIN && errno != ECONNRESET)
        return fail_errno(err, "cannot read from the other process");
    if (count > 0)
        in->end += (size_t)count;
    return true;
}

void wire_feed(struct wire_in *in, const void *bytes, size_t size)
{
    wire_in_space(in, size ? size : 1);
    if (size)
        memcpy(in->data + in->end, bytes, size);
    in->end += size;
}

struct wire_fields wire_fields(const struct wire_message *message)
{
    return (struct wire_fields){.data = message->data, .size = message->size};
}

uint8_t *wire_get_raw(struct wire_fields *fields, size_t size)
{
    if (fields->broken || fields->size - fields->at < size) {
        fields->broken = true;
        return NULL;
    }
    uint8_t *bytes = fields->data + fields->at;
    fields->at += size;
    return bytes;
}

uint8_t wire_get_u8(struct wire_fields *fields)
{
    const uint8_t *bytes = wire_get_raw(fields, 1);
    return bytes ? bytes[0] : 0;
}

uint32_t wire_get_u32(struct wire_fields *fields)
{
    const uint8_t *bytes = wire_get_raw(fields, 4);
    return bytes ? read_u32(bytes) : 0;
}

uint64_t wire_get_u64(struct wire_fields *fields)
{
    const uint8_t *bytes = wire_get_raw(fields, 8);
    return bytes ? read_u32(bytes) | (uint64_t)read_u32(bytes + 4) << 32 : 0;
}

int64_t wire_get_i64(struct wire_fields *fields)
{
    return (int64_t)wire_get_u64(fields);
}

float wire_get_float(struct wire_fields *fields)
{
    uint32_t bits = wire_get_u32(fields);
    float value;
    memcpy(&value, &bits, sizeof value);
    if (!__builtin_isfinite(value)) {
        fields->broken = true;
        return 0;
    }
    return value;
}

struct bytes wire_get_bytes(struct wire_fields *fields, size_t limit)
{
    size_t size = wire_get_u32(fields);
    if (size > limit)
        fields->broken = true;
    uint8_t *bytes = wire_get_raw(fields, size);
    return bytes ? (struct bytes){bytes, size} : (struct bytes){NULL, 0};
}

void wire_get_text(struct wire_fields *fields, char *out, size_t room)
{
    struct bytes text = wire_get_bytes(fields, room - 1);
    bool good = !fields->broken && text_is_utf8((const char *)text.data, text.size);
    for (size_t i = 0; good && i < text.size; i++)
        good = text.data[i] >= 32 && text.data[i] != 127;
    if (!good)
        fields->broken = true;
    size_t size = good ? text.size : 0;
    if (size)
        memcpy(out, text.data, size);
    out[size] = 0;
}

bool wire_read_all(const struct wire_fields *fields, const char *what, struct error *err)
{
    if (fields->broken || fields->at != fields->size)
        return fail(err, ERROR_CORRUPT, "the %s message is not in its form", what);
    return true;
}
