/* The messages that carry pictures: sightings, and what the still process takes and gives. */
#include "watch/message.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static bool looks_like_jpeg(struct bytes bytes)
{
    return bytes.size > 4 && bytes.data[0] == 0xFF && bytes.data[1] == 0xD8;
}

static struct bytes get_jpeg(struct wire_fields *fields, size_t limit)
{
    struct bytes jpeg = wire_get_bytes(fields, limit);
    if (!looks_like_jpeg(jpeg))
        fields->broken = true;
    return jpeg;
}

static float get_score(struct wire_fields *fields)
{
    float score = wire_get_float(fields);
    if (fabsf(score) > 1.01F)
        fields->broken = true;
    return score;
}

void message_put_sighting(struct wire_out *out, const struct sighting *sighting)
{
    assert(sighting->crop_count <= SIGHTING_CROPS && sighting->other_count <= DECISION_OTHERS);
    assert(sighting->face.size <= SIGHTING_FACE_LIMIT && sighting->scene.size <= SIGHTING_SCENE_LIMIT);
    wire_begin(out, WIRE_SIGHTING);
    wire_put_text(out, sighting->passage);
    wire_put_text(out, sighting->entry);
    wire_put_float(out, sighting->fused_score);
    wire_put_i64(out, sighting->decided_us);
    wire_put_u32(out, (uint32_t)sighting->other_count);
    for (size_t i = 0; i < sighting->other_count; i++) {
        wire_put_text(out, sighting->others[i].entry);
        wire_put_float(out, sighting->others[i].score);
    }
    wire_put_u32(out, (uint32_t)sighting->crop_count);
    for (size_t i = 0; i < sighting->crop_count; i++) {
        wire_put_i64(out, sighting->captured_us[i]);
        wire_put_raw(out, sighting->crops[i], CROP_BYTES);
    }
    wire_put_bytes(out, sighting->face.data, sighting->face.size);
    wire_put_bytes(out, sighting->scene.data, sighting->scene.size);
    wire_end(out);
}

bool message_sighting(const struct wire_message *message, struct sighting *out, struct error *err)
{
    struct wire_fields fields = wire_fields(message);
    wire_get_text(&fields, out->passage, sizeof out->passage);
    wire_get_text(&fields, out->entry, sizeof out->entry);
    out->fused_score = get_score(&fields);
    out->decided_us = wire_get_i64(&fields);
    out->other_count = wire_get_u32(&fields);
    if (fields.broken || out->other_count > DECISION_OTHERS)
        return fail(err, ERROR_CORRUPT, "the sighting message is not in its form");
    for (size_t i = 0; i < out->other_count; i++) {
        wire_get_text(&fields, out->others[i].entry, sizeof out->others[i].entry);
        out->others[i].score = get_score(&fields);
    }
    out->crop_count = wire_get_u32(&fields);
    if (fields.broken || out->crop_count < 2 || out->crop_count > SIGHTING_CROPS)
        return fail(err, ERROR_CORRUPT, "the sighting message is not in its form");
    for (size_t i = 0; i < out->crop_count; i++) {
        out->captured_us[i] = wire_get_i64(&fields);
        out->crops[i] = wire_get_raw(&fields, CROP_BYTES);
    }
    out->face = get_jpeg(&fields, SIGHTING_FACE_LIMIT);
    out->scene = get_jpeg(&fields, SIGHTING_SCENE_LIMIT);
    return wire_read_all(&fields, "sighting", err);
}

void message_put_enrol(struct wire_out *out, const void *jpeg, size_t size)
{
    wire_begin(out, WIRE_ENROL);
    wire_put_bytes(out, jpeg, size);
    wire_end(out);
}

bool message_enrol(const struct wire_message *message, struct bytes *jpeg, struct error *err)
{
    struct wire_fields fields = wire_fields(message);
    *jpeg = wire_get_bytes(&fields, STILL_PICTURE_LIMIT);
    return wire_read_all(&fields, "enrol", err);
}

void message_put_mark(struct wire_out *out, const char *words, const void *jpeg, size_t size)
{
    wire_begin(out, WIRE_MARK);
    wire_put_text(out, words);
    wire_put_bytes(out, jpeg, size);
    wire_end(out);
}

bool message_mark(const struct wire_message *message, char *words, struct bytes *jpeg, struct error *err)
{
    struct wire_fields fields = wire_fields(message);
    wire_get_text(&fields, words, MARK_WORDS_LIMIT);
    *jpeg = wire_get_bytes(&fields, STILL_PICTURE_LIMIT);
    return wire_read_all(&fields, "mark", err);
}

void message_put_enrolled(struct wire_out *out, const struct enrolment *enrolment)
{
    wire_begin(out, WIRE_ENROLLED);
    wire_put_u8(out, enrolment->accepted);
    wire_put_text(out, enrolment->verdict);
    wire_put_sentence(out, enrolment->advice, sizeof enrolment->advice);
    wire_put_float(out, enrolment->eye_distance_px);
    if (enrolment->accepted) {
        wire_put_bytes(out, enrolment->picture.data, enrolment->picture.size);
        for (size_t i = 0; i < GALLERY_TEMPLATE; i++)
            wire_put_float(out, enrolment->template[i]);
    }
    wire_end(out);
}

/* The photo hash is the desk's own computation over the picture that arrived. */
bool message_enrolled(const struct wire_message *message, struct enrolment *out, struct error *err)
{
    struct wire_fields fields = wire_fields(message);
    struct enrolment enrolment = {0};
    struct bytes picture = {NULL, 0};
    uint8_t accepted = wire_get_u8(&fields);
    wire_get_text(&fields, enrolment.verdict, sizeof enrolment.verdict);
    wire_get_text(&fields, enrolment.advice, sizeof enrolment.advice);
    enrolment.eye_distance_px = wire_get_float(&fields);
    if (accepted == 1) {
        picture = get_jpeg(&fields, STILL_PICTURE_LIMIT);
        for (size_t i = 0; i < GALLERY_TEMPLATE; i++)
            enrolment.template[i] = wire_get_float(&fields);
    }
    fields.broken = fields.broken || accepted > 1;
    if (!wire_read_all(&fields, "enrolled", err))
        return false;
    enrolment.accepted = accepted == 1;
    if (enrolment.accepted) {
        enrolment.picture = bytes_copy(picture.data, picture.size);
        hash_bytes(picture.data, picture.size, enrolment.photo_hash);
    }
    *out = enrolment;
    memory_wipe(enrolment.template, sizeof enrolment.template);
    return true;
}

void message_put_marked(struct wire_out *out, const struct bytes *jpeg)
{
    wire_begin(out, WIRE_MARKED);
    wire_put_bytes(out, jpeg->data, jpeg->size);
    wire_end(out);
}

bool message_marked(const struct wire_message *message, struct bytes *jpeg, struct error *err)
{
    struct wire_fields fields = wire_fields(message);
    *jpeg = get_jpeg(&fields, STILL_PICTURE_LIMIT);
    return wire_read_all(&fields, "marked", err);
}

void message_put_failed(struct wire_out *out, const struct error *cause)
{
    wire_begin(out, WIRE_FAILED);
    wire_put_u8(out, (uint8_t)cause->code);
    wire_put_sentence(out, cause->text, sizeof ((struct still_failure *)NULL)->text);
    wire_end(out);
}

bool message_failed(const struct wire_message *message, struct still_failure *out, struct error *err)
{
    struct wire_fields fields = wire_fields(message);
    uint8_t code = wire_get_u8(&fields);
    wire_get_text(&fields, out->text, sizeof out->text);
    fields.broken = fields.broken || code < ERROR_INVALID || code > ERROR_USAGE;
    out->code = code;
    return wire_read_all(&fields, "failed", err);
}
