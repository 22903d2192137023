#include "face/model.h"

#include "base/config.h"
#include "base/file.h"
#include "base/text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PACK_TEXT_LIMIT = 64 * 1024, NUMBERS_LIMIT = 8 };

static const char *const role_words[MODEL_ROLES] = {"detect", "landmarks", "embed"};

static bool pack_need_word(const struct config *config, const char *section, const char *key,
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

/* Numbers between blanks; between `least` and `most`, at most `room` of them. */
struct number_rule {
    double least;
    double most;
    int room;
};

static bool pack_need_numbers(const struct config *config, const char *section, const char *key,
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

static bool pack_need_number(const struct config *config, const char *section, const char *key, double least,
    double most, float *out, struct error *err)
{
    int count = 0;
    struct number_rule rule = {least, most, 1};
    return pack_need_numbers(config, section, key, &rule, out, &count, err);
}

static bool read_colours(
    const struct config *config, const char *section, enum colours *out, struct error *err)
{
    static const char *const words[] = {"rgb", "bgr", "grey"};
    const char *value = NULL;
    if (!config_need(config, section, "colours", &value, err))
        return false;
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (!strcmp(value, words[i])) {
            *out = (enum colours)i;
            return true;
        }
    return fail(err, ERROR_INVALID, "[%s] colours: rgb, bgr or grey, not '%s'", section, value);
}

static bool file_name_is_plain(const char *name)
{
    return name[0] != '.' && !strchr(name, '/');
}

/* The decoder is part of the role: a pack cannot bring another one. */
static bool read_decoder(
    const struct config *config, enum model_role role, struct model *model, struct error *err)
{
    static const struct {
        const char *decoder, *outputs[2], *ignored;
    } rows[MODEL_ROLES] = {
        {"rfb", {"scores", "regressions"}, "boxes"},
        {"points68", {"points", NULL}, NULL},
        {"unit", {"template", NULL}, NULL},
    };
    const char *section = role_words[role];
    const char *decoder = NULL;
    if (!config_need(config, section, "decoder", &decoder, err))
        return false;
    if (strcmp(decoder, rows[role].decoder) != 0)
        return fail(err, ERROR_INVALID, "[%s] decoder: '%s', not '%s'", section, rows[role].decoder, decoder);
    for (int i = 0; i < 2 && rows[role].outputs[i]; i++) {
        if (!pack_need_word(config, section, rows[role].outputs[i], model->outputs[i], err))
            return false;
        model->output_count = i + 1;
    }
    const char *ignored = rows[role].ignored;
    if (ignored && config_get(config, section, ignored))
        return pack_need_word(config, section, ignored, model->ignored, err);
    return true;
}

static bool read_model(
    const struct config *config, enum model_role role, struct model *model, struct error *err)
{
    const char *section = role_words[role];
    const char *hash = NULL;
    if (!pack_need_word(config, section, "file", model->file, err) ||
        !config_need(config, section, "sha256", &hash, err))
        return false;
    if (!file_name_is_plain(model->file))
        return fail(
            err, ERROR_INVALID, "[%s] file: a name inside the pack's folder, not '%s'", section, model->file);
    if (!hex_read(hash, model->sha256, HASH_SIZE))
        return fail(err, ERROR_INVALID, "[%s] sha256: 64 hex digits", section);
    struct preparation *preparation = &model->preparation;
    return pack_need_word(config, section, "input", model->input, err) &&
           read_colours(config, section, &preparation->colours, err) &&
           pack_need_number(config, section, "mean", -1024, 1024, &preparation->mean, err) &&
           pack_need_number(config, section, "divisor", 0.001, 1024, &preparation->divisor, err) &&
           read_decoder(config, role, model, err);
}

static bool read_rfb(const struct config *config, struct rfb *rfb, struct error *err)
{
    const char *section = role_words[MODEL_DETECT];
    const struct number_rule stride_rule = {1, 512, STRIDE_LIMIT};
    const struct number_rule box_rule = {1, 4096, STRIDE_BOXES};
    const struct number_rule variance_rule = {0.001, 10, 2};
    float strides[STRIDE_LIMIT] = {0};
    float variances[2] = {0};
    int variance_count = 0;
    if (!pack_need_numbers(config, section, "strides", &stride_rule, strides, &rfb->stride_count, err) ||
        !pack_need_numbers(config, section, "variances", &variance_rule, variances, &variance_count, err) ||
        !pack_need_number(config, section, "overlap", 0.01, 0.99, &rfb->overlap, err))
        return false;
    if (variance_count != 2)
        return fail(err, ERROR_INVALID, "[%s] variances: two numbers, for the centre and the size", section);
    rfb->centre_variance = variances[0];
    rfb->size_variance = variances[1];
    for (int i = 0; i < rfb->stride_count; i++) {
        char key[24];
        snprintf(key, sizeof key, "box_sizes_%d", i + 1);
        rfb->strides[i] = (int)strides[i];
        if (!pack_need_numbers(config, section, key, &box_rule, rfb->box_sizes[i], &rfb->box_counts[i], err))
            return false;
    }
    return true;
}

static bool sections_are_known(const struct config *config, struct error *err)
{
    const char *section = NULL;
    for (size_t i = 0; (section = config_section(config, i)) != NULL; i++) {
        bool known = !strcmp(section, "pack");
        for (int role = 0; role < MODEL_ROLES; role++)
            known = known || !strcmp(section, role_words[role]);
        if (!known)
            return fail(err, ERROR_FORBIDDEN,
                "role '%s' is refused: a pack finds faces, their points and their templates, nothing else",
                section);
    }
    return true;
}

static bool key_is_among(const char *key, const char *const *names)
{
    for (; *names; names++)
        if (!strcmp(key, *names))
            return true;
    return false;
}

static bool key_is_known(const char *section, const char *key, const struct rfb *rfb)
{
    static const char *const head[] = {"name", "use", "licence", "source", "template_length", NULL};
    static const char *const network[] = {
        "file", "sha256", "input", "colours", "mean", "divisor", "decoder", NULL};
    static const char *const own[MODEL_ROLES][6] = {
        {"scores", "regressions", "boxes", "strides", "variances", "overlap"}, {"points"}, {"template"}};
    if (!strcmp(section, "pack"))
        return key_is_among(key, head);
    int place = 0;
    int end = 0;
    if (!strcmp(section, role_words[MODEL_DETECT]) && sscanf(key, "box_sizes_%1d%n", &place, &end) == 1)
        return !key[end] && place >= 1 && place <= rfb->stride_count;
    for (int role = 0; role < MODEL_ROLES; role++)
        for (size_t i = 0; !strcmp(section, role_words[role]) && i < COUNT_OF(own[0]) && own[role][i]; i++)
            if (!strcmp(key, own[role][i]))
                return true;
    return key_is_among(key, network);
}

/* A key that nobody reads was meant to do something. */
static bool keys_are_known(const struct config *config, const struct rfb *rfb, struct error *err)
{
    const char *section = NULL;
    const char *key = NULL;
    for (size_t i = 0; config_key(config, i, &section, &key); i++)
        if (!key_is_known(section, key, rfb))
            return fail(err, ERROR_INVALID, "[%s] %s: no such key; docs/pack.md lists them", section, key);
    return true;
}

static bool read_head(const struct config *config, struct pack *pack, struct error *err)
{
    const char *use = NULL;
    const char *licence = NULL;
    int64_t length = 0;
    if (!pack_need_word(config, "pack", "name", pack->name, err) ||
        !config_need(config, "pack", "use", &use, err) ||
        !config_need(config, "pack", "licence", &licence, err) ||
        !config_need_integer(config, "pack", "template_length", &length, err))
        return false;
    if (strcmp(use, "demo") != 0 && strcmp(use, "live") != 0)
        return fail(err, ERROR_INVALID, "[pack] use: demo or live, not '%s'", use);
    if (length != TEMPLATE_LENGTH)
        return fail(
            err, ERROR_INVALID, "[pack] template_length: %d, not %lld", TEMPLATE_LENGTH, (long long)length);
    pack->use = strcmp(use, "live") == 0 ? PACK_LIVE : PACK_DEMO;
    return true;
}

struct pack *pack_parse(const char *text, const char *name, struct error *err)
{
    AUTO(config) struct config *config = config_parse(text, name, err);
    if (!config)
        return NULL;
    AUTO(pack) struct pack *pack = memory_allocate(1, sizeof *pack);
    bool read =
        sections_are_known(config, err) && read_head(config, pack, err) && read_rfb(config, &pack->rfb, err);
    for (int role = 0; read && role < MODEL_ROLES; role++)
        read = read_model(config, (enum model_role)role, &pack->models[role], err);
    if (!read || !keys_are_known(config, &pack->rfb, err)) {
        fail_within(err, "%s", name);
        return NULL;
    }
    hash_bytes(text, strlen(text), pack->hash);
    return STEAL(pack);
}

static bool read_onnx(const char *folder, struct model *model, struct error *err)
{
    AUTO(text) char *path = text_format("%s/%s", folder, model->file);
    uint8_t hash[HASH_SIZE];
    AUTO(bytes) struct bytes onnx = {NULL, 0};
    if (!file_read(path, NET_FILE_LIMIT, &onnx, err))
        return false;
    hash_bytes(onnx.data, onnx.size, hash);
    if (!bytes_equal(hash, model->sha256, HASH_SIZE))
        return fail(err, ERROR_CORRUPT, "%s: not the file that pack.ini names (its SHA-256 differs)", path);
    model->onnx = onnx;
    onnx = (struct bytes){NULL, 0};
    return true;
}

static bool graph_is_known(const struct model *model, const struct net *net, struct error *err)
{
    for (int i = 0; i < net_output_count(net); i++) {
        const char *name = net_output_name(net, i);
        bool known = !strcmp(name, model->ignored);
        for (int k = 0; k < model->output_count; k++)
            known = known || !strcmp(name, model->outputs[k]);
        if (!known)
            return fail(err, ERROR_FORBIDDEN, "%s: it has an output '%s' that pack.ini does not declare",
                model->file, name);
    }
    return true;
}

/* Loads each graph with all its outputs, so that one that computes more than its role is noticed. */
static bool graphs_are_known(const struct pack *pack, struct error *err)
{
    for (int role = 0; role < MODEL_ROLES; role++) {
        const struct model *model = &pack->models[role];
        struct net_options options = {0, 0, NULL};
        AUTO(net) struct net *net = net_load(model->onnx.data, model->onnx.size, &options, err);
        if (!net)
            return fail_within(err, "%s", model->file);
        if (!graph_is_known(model, net, err))
            return false;
    }
    return true;
}

struct pack *pack_open(const char *folder, struct error *err)
{
    AUTO(text) char *path = text_format("%s/pack.ini", folder);
    AUTO(bytes) struct bytes text = {NULL, 0};
    if (!file_read(path, PACK_TEXT_LIMIT, &text, err))
        return NULL;
    if (strlen((const char *)text.data) != text.size) {
        fail(err, ERROR_INVALID, "%s: holds a zero byte; this is not an INI file", path);
        return NULL;
    }
    AUTO(pack) struct pack *pack = pack_parse((const char *)text.data, path, err);
    if (!pack)
        return NULL;
    for (int role = 0; role < MODEL_ROLES; role++)
        if (!read_onnx(folder, &pack->models[role], err))
            return NULL;
    if (!graphs_are_known(pack, err))
        return NULL;
    return STEAL(pack);
}

void pack_free(struct pack *pack)
{
    if (!pack)
        return;
    for (int role = 0; role < MODEL_ROLES; role++)
        bytes_free(&pack->models[role].onnx);
    free(pack);
}

const uint8_t *pack_hash(const struct pack *pack)
{
    return pack->hash;
}

enum pack_use pack_use_of(const struct pack *pack)
{
    return pack->use;
}

const char *pack_name(const struct pack *pack)
{
    return pack->name;
}
