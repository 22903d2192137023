/* The message of a set-up view: a survey and one reduced preview. */
#include "watch/message.h"

#include <assert.h>

static void put_counts(struct wire_out *out, const uint64_t *counts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        wire_put_u64(out, counts[i]);
}

static void get_counts(struct wire_fields *fields, uint64_t *counts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        counts[i] = wire_get_u64(fields);
        fields->broken = fields->broken || counts[i] > SURVEY_COUNT_LIMIT;
    }
}

void message_put_surveyed(struct wire_out *out, const struct survey *survey, const struct bytes *preview)
{
    assert(preview->size <= SURVEY_PREVIEW_LIMIT);
    wire_begin(out, WIRE_SURVEYED);
    wire_put_text(out, survey->codec);
    wire_put_u32(out, survey->width);
    wire_put_u32(out, survey->height);
    wire_put_u32(out, survey->lasted_ms);
    put_counts(out,
        (const uint64_t[]){
            survey->pictures, survey->looked, survey->previews, survey->sharpness_e6, survey->light_e6},
        5);
    put_counts(out, survey->bands, SURVEY_BANDS);
    put_counts(out, survey->verdicts, SURVEY_VERDICTS);
    wire_put_bytes(out, preview->data, preview->size);
    wire_end(out);
}

bool message_surveyed(
    const struct wire_message *message, struct survey *out, struct bytes *preview, struct error *err)
{
    struct wire_fields fields = wire_fields(message);
    struct survey survey = {0};
    uint64_t sums[5];
    wire_get_text(&fields, survey.codec, sizeof survey.codec);
    survey.width = wire_get_u32(&fields);
    survey.height = wire_get_u32(&fields);
    survey.lasted_ms = wire_get_u32(&fields);
    get_counts(&fields, sums, COUNT_OF(sums));
    get_counts(&fields, survey.bands, SURVEY_BANDS);
    get_counts(&fields, survey.verdicts, SURVEY_VERDICTS);
    struct bytes jpeg = wire_get_bytes(&fields, SURVEY_PREVIEW_LIMIT);
    bool picture = jpeg.size > 4 && jpeg.data[0] == 0xFF && jpeg.data[1] == 0xD8;
    fields.broken = fields.broken || !picture || survey.width > IMAGE_SIDE_LIMIT ||
                    survey.height > IMAGE_SIDE_LIMIT ||
                    (survey.codec[0] && !stream_codec_known(survey.codec));
    if (!wire_read_all(&fields, "surveyed", err))
        return false;
    survey.pictures = sums[0];
    survey.looked = sums[1];
    survey.previews = sums[2];
    survey.sharpness_e6 = sums[3];
    survey.light_e6 = sums[4];
    *out = survey;
    *preview = jpeg;
    return true;
}
