#include "face/pack_read.h"

#include "base/config.h"
#include "base/file.h"
#include "base/text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PACK_TEXT_LIMIT = 64 * 1024, RANGES_LIMIT = 1 << 20, GRAPH_SIDE = 640 };

static const char *const role_words[MODEL_ROLES] = {"detect", "landmarks", "embed"};

const char *model_role_word(enum model_role role)
{
    return role_words[role];
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
    const struct config *config, enum model_role role, struct pack *pack, struct error *err)
{
    static const char *const rows[MODEL_ROLES][2] = {
        [MODEL_LANDMARKS] = {"points68", "points"}, [MODEL_EMBED] = {"unit", "template"}};
    struct model *model = &pack->models[role];
    const char *section = role_words[role];
    const char *decoder = NULL;
    if (role == MODEL_DETECT)
        return pack_read_detection(config, pack, err);
    if (!config_need(config, section, "decoder", &decoder, err))
        return false;
    if (strcmp(decoder, rows[role][0]) != 0)
        return fail(err, ERROR_INVALID, "[%s] decoder: '%s', not '%s'", section, rows[role][0], decoder);
    model->output_count = 1;
    return pack_need_word(config, section, rows[role][1], model->outputs[0], err);
}

/* Calibrated ranges, where the network is to run in 8 bits. */
static bool read_ranges(
    const struct config *config, const char *section, struct model *model, struct error *err)
{
    const char *hash = NULL;
    if (!config_get(config, section, "ranges") && !config_get(config, section, "ranges_sha256"))
        return true;
    if (!pack_need_word(config, section, "ranges", model->ranges_file, err) ||
        !config_need(config, section, "ranges_sha256", &hash, err))
        return false;
    return (file_name_is_plain(model->ranges_file) && hex_read(hash, model->ranges_sha256, HASH_SIZE)) ||
           fail(err, ERROR_INVALID, "[%s] ranges: a name inside the pack's folder, and 64 hex digits",
               section);
}

static bool read_model(
    const struct config *config, enum model_role role, struct pack *pack, struct error *err)
{
    struct model *model = &pack->models[role];
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
           read_ranges(config, section, model, err) && read_decoder(config, role, pack, err);
}

static bool sections_are_known(const struct config *config, struct pack *pack, struct error *err)
{
    const char *section = NULL;
    for (size_t i = 0; (section = config_section(config, i)) != NULL; i++) {
        bool known = !strcmp(section, "pack");
        for (int role = 0; role < MODEL_ROLES; role++)
            known = known || !strcmp(section, role_words[role]);
        pack->has_landmarks = pack->has_landmarks || !strcmp(section, role_words[MODEL_LANDMARKS]);
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

static bool key_is_known(const char *section, const char *key, const struct pack *pack)
{
    static const char *const head[] = {"name", "use", "licence", "source", "template_length", NULL};
    static const char *const network[] = {
        "file", "sha256", "input", "colours", "mean", "divisor", "decoder", "ranges", "ranges_sha256", NULL};
    static const char *const own[MODEL_ROLES][2] = {
        [MODEL_LANDMARKS] = {"points", NULL}, [MODEL_EMBED] = {"template", NULL}};
    if (!strcmp(section, "pack"))
        return key_is_among(key, head);
    for (int role = 0; role < MODEL_ROLES; role++)
        if (!strcmp(section, role_words[role]) &&
            (role == MODEL_DETECT ? pack_detection_has(pack, key) : key_is_among(key, own[role])))
            return true;
    return key_is_among(key, network);
}

/* A key that nobody reads was meant to do something. */
static bool keys_are_known(const struct config *config, const struct pack *pack, struct error *err)
{
    const char *section = NULL;
    const char *key = NULL;
    for (size_t i = 0; config_key(config, i, &section, &key); i++)
        if (!key_is_known(section, key, pack))
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

static bool role_is_there(const struct pack *pack, int role)
{
    return role != MODEL_LANDMARKS || pack->has_landmarks;
}

struct pack *pack_parse(const char *text, const char *name, struct error *err)
{
    AUTO(config) struct config *config = config_parse(text, name, err);
    if (!config)
        return NULL;
    AUTO(pack) struct pack *pack = memory_allocate(1, sizeof *pack);
    bool read = sections_are_known(config, pack, err) && read_head(config, pack, err);
    for (int role = 0; read && role < MODEL_ROLES; role++)
        read = !role_is_there(pack, role) || read_model(config, (enum model_role)role, pack, err);
    if (!read || !keys_are_known(config, pack, err)) {
        fail_within(err, "%s", name);
        return NULL;
    }
    hash_bytes(text, strlen(text), pack->hash);
    return STEAL(pack);
}

static bool read_pinned(const char *folder, const char *name, const uint8_t sha256[static HASH_SIZE],
    size_t limit, struct bytes *out, struct error *err)
{
    AUTO(text) char *path = text_format("%s/%s", folder, name);
    uint8_t hash[HASH_SIZE];
    AUTO(bytes) struct bytes file = {NULL, 0};
    if (!file_read(path, limit, &file, err))
        return false;
    hash_bytes(file.data, file.size, hash);
    if (!bytes_equal(hash, sha256, HASH_SIZE))
        return fail(err, ERROR_CORRUPT, "%s: not the file that pack.ini names (its SHA-256 differs)", path);
    *out = file;
    file = (struct bytes){NULL, 0};
    return true;
}

static bool read_files(const char *folder, struct model *model, struct error *err)
{
    return read_pinned(folder, model->file, model->sha256, NET_FILE_LIMIT, &model->onnx, err) &&
           (!model->ranges_file[0] || read_pinned(folder, model->ranges_file, model->ranges_sha256,
                                          RANGES_LIMIT, &model->ranges, err));
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
        /* A graph of the RFB family decodes at the size of its file; the others may leave theirs open. */
        int side = role == MODEL_DETECT && pack->decoder != DECODER_RFB ? GRAPH_SIDE : 0;
        struct net_options options = {.height = side, .width = side};
        if (!role_is_there(pack, role))
            continue;
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
        if (role_is_there(pack, role) && !read_files(folder, &pack->models[role], err))
            return NULL;
    if (!graphs_are_known(pack, err))
        return NULL;
    return STEAL(pack);
}

void pack_free(struct pack *pack)
{
    if (!pack)
        return;
    for (int role = 0; role < MODEL_ROLES; role++) {
        bytes_free(&pack->models[role].onnx);
        bytes_free(&pack->models[role].ranges);
    }
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
