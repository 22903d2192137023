/* Inside face/: how pack.ini's keys are read, and the part of it that belongs to the detector's decoder. */
#pragma once

#include "base/config.h"
#include "face/model.h"

bool pack_need_word(const struct config *config, const char *section, const char *key,
    char out[static TENSOR_NAME_SIZE], struct error *err);

/* Numbers between blanks; between `least` and `most`, at most `room` of them. */
struct number_rule {
    double least;
    double most;
    int room;
};

bool pack_need_numbers(const struct config *config, const char *section, const char *key,
    const struct number_rule *rule, float *out, int *count, struct error *err);
bool pack_need_number(const struct config *config, const char *section, const char *key, double least,
    double most, float *out, struct error *err);

/* Decoder, outputs and boxes of the section [detect]. */
bool pack_read_detection(const struct config *config, struct pack *pack, struct error *err);
/* Whether the decoder that was read has this key. */
bool pack_detection_has(const struct pack *pack, const char *key);
