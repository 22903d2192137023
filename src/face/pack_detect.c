#include "base/text.h"
#include "face/pack_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char detect[] = "detect";

bool pack_need_word(const struct config *config, const char *section, const char *key,
    char out[static TENSOR_NAME_SIZE], struct error *err)
{
    const char *value = NULL;
    if (!config_need(config, section, key, &value, err))
        return false;
    size_t length = strlen(value);
    if (length == 0 || length >= TENSOR_NAME_SIZE || !text_is_utf8(value, length))
        return fail(err, ERROR_INVALID, "[%s] %s: 1 to %d bytes of text", section, key, TENSOR_NAME_SIZE - 1);
    memcpy(out, value, length + 1);
    return true;
}

bool pack_need_numbers(const struct config *config, const char *section, const char *key,
    const struct number_rule *rule, float *out, int *count, struct error *err)
{
    const char *value = NULL;
    if (!config_need(config, section, key, &value, err))
        return false;
    int got = 0;
    while (*value) {
        char *end = NULL;
        double number = strtod(value, &end);
        bool right = end != value && (*end == ' ' || *end == '\0') && number >= rule->least &&
                     number <= rule->most && got < rule->room;
        if (!right)
            return fail(err, ERROR_INVALID, "[%s] %s: up to %d numbers between %g and %g, blanks between",
                section, key, rule->room, rule->least, rule->most);
        out[got++] = (float)number;
        value = end + strspn(end, " ");
    }
    if (got == 0)
        return fail(err, ERROR_INVALID, "[%s] %s: no number", section, key);
    *count = got;
    return true;
}

bool pack_need_number(const struct config *config, const char *section, const char *key, double least,
    double most, float *out, struct error *err)
{
    int count = 0;
    struct number_rule rule = {least, most, 1};
    return pack_need_numbers(config, section, key, &rule, out, &count, err);
}

static bool read_rfb(const struct config *config, struct rfb *rfb, struct error *err)
{
    const struct number_rule stride_rule = {1, 512, STRIDE_LIMIT};
    const struct number_rule box_rule = {1, 4096, STRIDE_BOXES};
    const struct number_rule variance_rule = {0.001, 10, 2};
    float strides[STRIDE_LIMIT] = {0};
    float variances[2] = {0};
    int variance_count = 0;
    if (!pack_need_numbers(config, detect, "strides", &stride_rule, strides, &rfb->stride_count, err) ||
        !pack_need_numbers(config, detect, "variances", &variance_rule, variances, &variance_count, err) ||
        !pack_need_number(config, detect, "overlap", 0.01, 0.99, &rfb->overlap, err))
        return false;
    if (variance_count != 2)
        return fail(err, ERROR_INVALID, "[%s] variances: two numbers, for the centre and the size", detect);
    rfb->centre_variance = variances[0];
    rfb->size_variance = variances[1];
    for (int i = 0; i < rfb->stride_count; i++) {
        char key[24];
        snprintf(key, sizeof key, "box_sizes_%d", i + 1);
        rfb->strides[i] = (int)strides[i];
        if (!pack_need_numbers(config, detect, key, &box_rule, rfb->box_sizes[i], &rfb->box_counts[i], err))
            return false;
    }
    return true;
}

static bool read_rfb_outputs(const struct config *config, struct model *model, struct error *err)
{
    model->output_count = 2;
    return pack_need_word(config, detect, "scores", model->outputs[0], err) &&
           pack_need_word(config, detect, "regressions", model->outputs[1], err) &&
           (!config_get(config, detect, "boxes") ||
               pack_need_word(config, detect, "boxes", model->ignored, err));
}

static const char *const kind_words[GRID_KINDS] = {"scores", "objects", "boxes", "points"};

int grid_numbers(enum detect_decoder decoder, enum grid_kind kind)
{
    static const int numbers[DECODERS][GRID_KINDS] = {
        [DECODER_YUNET] = {1, 1, 4, 10}, [DECODER_SCRFD] = {1, 0, 4, 10}};
    return numbers[decoder][kind];
}

/* The names of one kind of tensor, one for each stride, blanks between. */
static bool read_names(
    const struct config *config, const char *key, int count, struct model *model, struct error *err)
{
    const char *value = NULL;
    if (!config_need(config, detect, key, &value, err))
        return false;
    int got = 0;
    for (size_t length = 0; *value; value += length, value += strspn(value, " "), got++) {
        length = strcspn(value, " ");
        bool fits =
            got < count && length > 0 && length < TENSOR_NAME_SIZE && model->output_count < NET_TENSORS;
        if (!fits || !text_is_utf8(value, length))
            break;
        memcpy(model->outputs[model->output_count++], value, length);
    }
    return (got == count && !*value) ||
           fail(err, ERROR_INVALID, "[%s] %s: names of %d tensors, one for each stride, at most %d in all",
               detect, key, count, NET_TENSORS);
}

static bool read_strides(const struct config *config, struct grid *grid, struct error *err)
{
    const struct number_rule rule = {1, 512, STRIDE_LIMIT};
    float strides[STRIDE_LIMIT] = {0};
    if (!pack_need_numbers(config, detect, "strides", &rule, strides, &grid->stride_count, err))
        return false;
    for (int i = 0; i < grid->stride_count; i++)
        grid->strides[i] = (int)strides[i];
    return true;
}

static bool read_grid(const struct config *config, struct pack *pack, struct error *err)
{
    struct grid *grid = &pack->grid;
    float anchors = 1;
    if (!read_strides(config, grid, err) ||
        !pack_need_number(config, detect, "overlap", 0.01, 0.99, &grid->overlap, err) ||
        (pack->decoder == DECODER_SCRFD &&
            !pack_need_number(config, detect, "anchors", 1, ANCHOR_LIMIT, &anchors, err)))
        return false;
    grid->anchors = (int)anchors;
    grid->has_points = config_get(config, detect, "points") != NULL;
    if (!grid->has_points && !pack->has_landmarks)
        return fail(err, ERROR_INVALID, "[%s] points: needed where there is no section [landmarks]", detect);
    for (int kind = 0; kind < GRID_KINDS; kind++)
        if (grid_numbers(pack->decoder, (enum grid_kind)kind) && (kind != GRID_POINTS || grid->has_points) &&
            !read_names(config, kind_words[kind], grid->stride_count, &pack->models[MODEL_DETECT], err))
            return false;
    return true;
}

bool pack_read_detection(const struct config *config, struct pack *pack, struct error *err)
{
    static const char *const words[DECODERS] = {"rfb", "yunet", "scrfd"};
    const char *word = NULL;
    if (!config_need(config, detect, "decoder", &word, err))
        return false;
    int decoder = 0;
    while (decoder < DECODERS && strcmp(word, words[decoder]) != 0)
        decoder++;
    if (decoder == DECODERS)
        return fail(err, ERROR_INVALID, "[%s] decoder: rfb, yunet or scrfd, not '%s'", detect, word);
    pack->decoder = (enum detect_decoder)decoder;
    if (pack->decoder != DECODER_RFB)
        return read_grid(config, pack, err);
    if (!pack->has_landmarks)
        return fail(err, ERROR_INVALID, "[landmarks]: missing, and decoder rfb gives no points");
    return read_rfb(config, &pack->rfb, err) && read_rfb_outputs(config, &pack->models[MODEL_DETECT], err);
}

static bool is_box_sizes(const char *key, const struct rfb *rfb)
{
    int place = 0;
    int end = 0;
    return sscanf(key, "box_sizes_%1d%n", &place, &end) == 1 && !key[end] && place >= 1 &&
           place <= rfb->stride_count;
}

bool pack_detection_has(const struct pack *pack, const char *key)
{
    static const char *const keys[DECODERS][7] = {
        [DECODER_RFB] = {"scores", "regressions", "boxes", "strides", "variances", "overlap"},
        [DECODER_YUNET] = {"scores", "objects", "boxes", "points", "strides", "overlap"},
        [DECODER_SCRFD] = {"scores", "boxes", "points", "strides", "anchors", "overlap"}};
    for (const char *const *known = keys[pack->decoder]; *known; known++)
        if (!strcmp(key, *known))
            return true;
    return pack->decoder == DECODER_RFB && is_box_sizes(key, &pack->rfb);
}
