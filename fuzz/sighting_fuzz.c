/* The desk's intake of a sighting, past the message's form (wire_fuzz): ids, scores, times and pictures that
 * a watch which was taken over could claim. What is taken in keeps the bounds that the rest relies on. */
#include "alert/passage.h"

#include <math.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int64_t now_us = 1790000000000000;

struct reader {
    const uint8_t *at;
    size_t left;
};

static void take(struct reader *reader, void *out, size_t size)
{
    size_t given = size < reader->left ? size : reader->left;
    memset(out, 0, size);
    memcpy(out, reader->at, given);
    reader->at += given;
    reader->left -= given;
}

/* Near the desk's own time, where the edges are; the last byte chooses one far away. */
static int64_t take_time(struct reader *reader)
{
    int32_t offset_ms = 0;
    uint8_t far = 0;
    take(reader, &offset_ms, sizeof offset_ms);
    take(reader, &far, 1);
    return far == 255 ? offset_ms * ((int64_t)1 << 31) : now_us + offset_ms * 1000LL;
}

static void check(const struct sighting *sighting)
{
    bool well = sighting->crop_count >= 2 && sighting->crop_count <= SIGHTING_CROPS &&
                sighting->other_count <= DECISION_OTHERS && isfinite(sighting->fused_score) &&
                strlen(sighting->entry) < ALERT_ID_SIZE && strchr(sighting->entry, '\'') == NULL &&
                sighting->face.size <= SIGHTING_FACE_LIMIT && sighting->scene.size <= SIGHTING_SCENE_LIMIT;
    for (size_t i = 0; well && i < sighting->crop_count; i++)
        well = sighting->captured_us[i] > now_us - (int64_t)LIMIT_ALERT_S * 1000000 &&
               sighting->captured_us[i] <= sighting->decided_us;
    if (!well)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t crop[CROP_BYTES];
    struct reader reader = {data, size};
    struct sighting sighting = {0};
    struct error err = {0};
    uint8_t counts[3];
    take(&reader, counts, sizeof counts);
    take(&reader, sighting.passage, sizeof sighting.passage);
    take(&reader, sighting.camera, sizeof sighting.camera);
    take(&reader, sighting.operation, sizeof sighting.operation);
    take(&reader, sighting.entry, sizeof sighting.entry);
    take(&reader, &sighting.fused_score, sizeof sighting.fused_score);
    sighting.other_count = counts[0];
    sighting.crop_count = counts[1];
    for (size_t i = 0; i < DECISION_OTHERS; i++) {
        take(&reader, sighting.others[i].entry, sizeof sighting.others[i].entry);
        take(&reader, &sighting.others[i].score, sizeof sighting.others[i].score);
    }
    for (size_t i = 0; i < SIGHTING_CROPS; i++) {
        sighting.captured_us[i] = take_time(&reader);
        sighting.crops[i] = counts[2] & 1U << i ? NULL : crop;
    }
    sighting.decided_us = take_time(&reader);
    sighting.face = sighting.scene = (struct bytes){(uint8_t *)(uintptr_t)reader.at, reader.left};
    if (passage_check_ids(&sighting, &err) && passage_check_form(&sighting, now_us, &err))
        check(&sighting);
    else if (err.code == ERROR_NONE)
        __builtin_trap();
    return 0;
}
