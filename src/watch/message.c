#include "watch/message.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void message_put_feed_start(struct wire_out *out, const struct feed_start *start)
{
    wire_begin(out, WIRE_FEED_START);
    wire_put_text(out, start->record);
    wire_put_text(out, start->url);
    wire_put_text(out, start->user);
    wire_put_text(out, start->password);
    wire_end(out);
}

bool message_feed_start(const struct wire_message *message, struct feed_start *out, struct error *err)
{
    struct wire_fields fields = wire_fields(message);
    wire_get_text(&fields, out->record, sizeof out->record);
    wire_get_text(&fields, out->url, sizeof out->url);
    wire_get_text(&fields, out->user, sizeof out->user);
    wire_get_text(&fields, out->password, sizeof out->password);
    return wire_read_all(&fields, "feed start", err);
}

void message_put_greeting(struct wire_out *out, const char *record)
{
    wire_begin(out, WIRE_GREETING);
    wire_put_text(out, record);
    wire_end(out);
}

bool message_greeting(const struct wire_message *message, char *record, struct error *err)
{
    struct wire_fields fields = wire_fields(message);
    wire_get_text(&fields, record, RECORD_LIMIT);
    return wire_read_all(&fields, "greeting", err);
}

void message_put_stream(struct wire_out *out, const struct stream *stream)
{
    wire_begin(out, WIRE_STREAM);
    wire_put_text(out, stream->codec);
    wire_put_u32(out, (uint32_t)stream->width);
    wire_put_u32(out, (uint32_t)stream->height);
    wire_put_bytes(out, stream->extradata, stream->extradata_size);
    wire_end(out);
}

bool message_stream(const struct wire_message *message, struct stream *out, struct error *err)
{
    struct wire_fields fields = wire_fields(message);
    struct stream stream = {0};
    wire_get_text(&fields, stream.codec, sizeof stream.codec);
    uint32_t width = wire_get_u32(&fields);
    uint32_t height = wire_get_u32(&fields);
    struct bytes extradata = wire_get_bytes(&fields, STREAM_EXTRADATA_LIMIT);
    if (!stream_codec_known(stream.codec) || width > 1 << 16 || height > 1 << 16)
        fields.broken = true;
    if (!wire_read_all(&fields, "stream", err))
        return false;
    stream.width = (int)width;
    stream.height = (int)height;
    stream.extradata_size = extradata.size;
    if (extradata.size)
        memcpy(stream.extradata, extradata.data, extradata.size);
    *out = stream;
    return true;
}

void message_put_packet(struct wire_out *out, const struct packet *packet)
{
    wire_begin(out, WIRE_PACKET);
    wire_put_i64(out, packet->pts_us);
    wire_put_i64(out, packet->captured_us);
    wire_put_u8(out, packet->key);
    wire_put_bytes(out, packet->data, packet->size);
    wire_end(out);
}

bool message_packet(const struct wire_message *message, struct packet *out, struct error *err)
{
    struct wire_fields fields = wire_fields(message);
    int64_t pts_us = wire_get_i64(&fields);
    int64_t captured_us = wire_get_i64(&fields);
    uint8_t key = wire_get_u8(&fields);
    struct bytes data = wire_get_bytes(&fields, PACKET_SIZE_LIMIT);
    if (key > 1 || !data.size || pts_us > INT64_MAX / 4 || pts_us < INT64_MIN / 4)
        fields.broken = true;
    if (!wire_read_all(&fields, "packet", err))
        return false;
    *out = (struct packet){data.data, data.size, pts_us, captured_us, key};
    return true;
}

void message_put_feed_status(struct wire_out *out, const struct feed_status *status)
{
    wire_begin(out, WIRE_FEED_STATUS);
    wire_put_u8(out, status->connected);
    wire_put_sentence(out, status->text, sizeof status->text);
    wire_end(out);
}

bool message_feed_status(const struct wire_message *message, struct feed_status *out, struct error *err)
{
    struct wire_fields fields = wire_fields(message);
    uint8_t connected = wire_get_u8(&fields);
    wire_get_text(&fields, out->text, sizeof out->text);
    fields.broken = fields.broken || connected > 1;
    out->connected = connected == 1;
    return wire_read_all(&fields, "feed status", err);
}

void message_put_arm(
    struct wire_out *out, const uint8_t camera_key[static HASH_SIZE], const char *token, size_t size)
{
    assert(size <= TOKEN_MESSAGE_LIMIT);
    wire_begin(out, WIRE_ARM);
    wire_put_raw(out, camera_key, HASH_SIZE);
    wire_put_bytes(out, token, size);
    wire_end(out);
}

bool message_arm(const struct wire_message *message, struct arming *out, struct error *err)
{
    struct wire_fields fields = wire_fields(message);
    const uint8_t *camera_key = wire_get_raw(&fields, HASH_SIZE);
    struct bytes token = wire_get_bytes(&fields, TOKEN_MESSAGE_LIMIT);
    if (!wire_read_all(&fields, "arm", err) || !camera_key)
        return false;
    memcpy(out->camera_key, camera_key, HASH_SIZE);
    out->token = token;
    return true;
}

static void put_item(struct wire_out *out, const struct gallery_item *item)
{
    wire_put_text(out, item->entry);
    wire_put_raw(out, item->photo_hash, HASH_SIZE);
    wire_put_u8(out, item->withheld);
    if (item->withheld)
        wire_put_raw(out, item->template_hash, HASH_SIZE);
    else
        for (size_t i = 0; i < GALLERY_TEMPLATE; i++)
            wire_put_float(out, item->template[i]);
}

void message_put_items(struct wire_out *out, const struct gallery_item *items, size_t count)
{
    for (size_t at = 0; at < count; at += ITEMS_A_MESSAGE) {
        size_t here = count - at < ITEMS_A_MESSAGE ? count - at : ITEMS_A_MESSAGE;
        wire_begin(out, WIRE_ITEMS);
        wire_put_u32(out, (uint32_t)here);
        for (size_t i = 0; i < here; i++)
            put_item(out, &items[at + i]);
        wire_end(out);
    }
}

static void get_hash(struct wire_fields *fields, uint8_t out[static HASH_SIZE])
{
    const uint8_t *hash = wire_get_raw(fields, HASH_SIZE);
    if (hash)
        memcpy(out, hash, HASH_SIZE);
}

static void get_item(struct wire_fields *fields, struct gallery_item *item)
{
    memset(item, 0, sizeof *item);
    wire_get_text(fields, item->entry, sizeof item->entry);
    get_hash(fields, item->photo_hash);
    uint8_t withheld = wire_get_u8(fields);
    fields->broken = fields->broken || withheld > 1;
    item->withheld = withheld == 1;
    if (item->withheld)
        get_hash(fields, item->template_hash);
    else
        for (size_t k = 0; k < GALLERY_TEMPLATE; k++)
            item->template[k] = wire_get_float(fields);
}

bool message_items(
    const struct wire_message *message, struct gallery_item *items, size_t *count, struct error *err)
{
    struct wire_fields fields = wire_fields(message);
    size_t wanted = wire_get_u32(&fields);
    if (wanted < 1 || wanted > ITEMS_A_MESSAGE)
        return fail(err, ERROR_CORRUPT, "the items message is not in its form");
    for (size_t i = 0; i < wanted && !fields.broken; i++)
        get_item(&fields, &items[i]);
    *count = wanted;
    return wire_read_all(&fields, "items", err);
}

void message_put_entry(struct wire_out *out, enum wire_type type, const char *entry)
{
    wire_begin(out, type);
    wire_put_text(out, entry);
    wire_end(out);
}

bool message_entry(const struct wire_message *message, char entry[static ENTRY_ID_SIZE], struct error *err)
{
    struct wire_fields fields = wire_fields(message);
    wire_get_text(&fields, entry, ENTRY_ID_SIZE);
    return wire_read_all(&fields, "entry", err);
}

void message_put_pause(struct wire_out *out, bool paused)
{
    wire_begin(out, WIRE_PAUSE);
    wire_put_u8(out, paused);
    wire_end(out);
}

bool message_pause(const struct wire_message *message, bool *paused, struct error *err)
{
    struct wire_fields fields = wire_fields(message);
    uint8_t value = wire_get_u8(&fields);
    fields.broken = fields.broken || value > 1;
    *paused = value == 1;
    return wire_read_all(&fields, "pause", err);
}

void message_put_empty(struct wire_out *out, enum wire_type type)
{
    wire_begin(out, type);
    wire_end(out);
}

void message_put_ready(struct wire_out *out, const struct child_ready *ready)
{
    wire_begin(out, WIRE_READY);
    wire_put_raw(out, ready->pack_hash, HASH_SIZE);
    wire_put_sentence(out, ready->missing, sizeof ready->missing);
    wire_end(out);
}

bool message_ready(const struct wire_message *message, struct child_ready *out, struct error *err)
{
    struct wire_fields fields = wire_fields(message);
    const uint8_t *hash = wire_get_raw(&fields, HASH_SIZE);
    if (hash)
        memcpy(out->pack_hash, hash, HASH_SIZE);
    wire_get_text(&fields, out->missing, sizeof out->missing);
    return wire_read_all(&fields, "ready", err);
}

void message_put_state(struct wire_out *out, const struct watch_state *state)
{
    wire_begin(out, WIRE_STATE);
    wire_put_u8(out, (uint8_t)state->word);
    wire_put_sentence(out, state->reason, sizeof state->reason);
    wire_end(out);
}

bool message_state(const struct wire_message *message, struct watch_state *out, struct error *err)
{
    struct wire_fields fields = wire_fields(message);
    uint8_t word = wire_get_u8(&fields);
    fields.broken = fields.broken || word >= WATCH_WORDS;
    out->word = word;
    wire_get_text(&fields, out->reason, sizeof out->reason);
    return wire_read_all(&fields, "state", err);
}

void message_put_health(struct wire_out *out, const struct watch_health *health)
{
    const uint64_t counts[] = {health->decoded, health->analysed, health->dropped, health->faces,
        health->failures_to_acquire, health->templates_computed, health->passages};
    wire_begin(out, WIRE_HEALTH);
    for (size_t i = 0; i < COUNT_OF(counts); i++)
        wire_put_u64(out, counts[i]);
    wire_put_u32(out, health->decode_us);
    wire_put_u32(out, health->detect_us);
    wire_put_u32(out, health->embed_us);
    for (size_t i = 0; i < HEALTH_BINS; i++)
        wire_put_u32(out, health->best_scores[i]);
    wire_end(out);
}

bool message_health(const struct wire_message *message, struct watch_health *out, struct error *err)
{
    struct wire_fields fields = wire_fields(message);
    uint64_t *const counts[] = {&out->decoded, &out->analysed, &out->dropped, &out->faces,
        &out->failures_to_acquire, &out->templates_computed, &out->passages};
    for (size_t i = 0; i < COUNT_OF(counts); i++)
        *counts[i] = wire_get_u64(&fields);
    out->decode_us = wire_get_u32(&fields);
    out->detect_us = wire_get_u32(&fields);
    out->embed_us = wire_get_u32(&fields);
    for (size_t i = 0; i < HEALTH_BINS; i++)
        out->best_scores[i] = wire_get_u32(&fields);
    return wire_read_all(&fields, "health", err);
}
