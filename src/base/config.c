#include "base/config.h"

#include "base/file.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONFIG_BYTES = 64 * 1024, CONFIG_KEYS = 1024 };

struct config_pair {
    char *section;
    char *key;
    char *value;
};

struct config {
    char *name;
    struct config_pair pairs[CONFIG_KEYS];
    size_t count;
    struct error problem;
};

static int keep_pair(void *user, const char *section, const char *key, const char *value)
{
    struct config *config = user;
    if (config->problem.code)
        return 0;
    if (config_get(config, section, key)) {
        fail(&config->problem, ERROR_INVALID, "%s: '%s' in [%s] is given twice", config->name, key, section);
        return 0;
    }
    if (config->count == CONFIG_KEYS) {
        fail(&config->problem, ERROR_TOO_LARGE, "%s: more than %d keys", config->name, CONFIG_KEYS);
        return 0;
    }
    config->pairs[config->count++] =
        (struct config_pair){memory_copy_text(section), memory_copy_text(key), memory_copy_text(value)};
    return 1;
}

struct config *config_parse(const char *text, const char *name, struct error *err)
{
    AUTO(config) struct config *config = memory_allocate(1, sizeof *config);
    config->name = memory_copy_text(name);
    int line = ini_parse_string(text, keep_pair, config);
    if (config->problem.code) {
        fail(err, config->problem.code, "%s", config->problem.text);
        return NULL;
    }
    if (line) {
        fail(err, ERROR_INVALID, "%s: line %d is not 'key = value' or '[section]'", name, line);
        return NULL;
    }
    return STEAL(config);
}

struct config *config_load(const char *path, struct error *err)
{
    AUTO(bytes) struct bytes content = {NULL, 0};
    if (!file_read(path, CONFIG_BYTES, &content, err))
        return NULL;
    if (strlen((const char *)content.data) != content.size) {
        fail(err, ERROR_INVALID, "%s: holds a zero byte; this is not an INI file", path);
        return NULL;
    }
    return config_parse((const char *)content.data, path, err);
}

void config_free(struct config *config)
{
    if (!config)
        return;
    for (size_t i = 0; i < config->count; i++) {
        free(config->pairs[i].section);
        free(config->pairs[i].key);
        free(config->pairs[i].value);
    }
    free(config->name);
    free(config);
}

const char *config_get(const struct config *config, const char *section, const char *key)
{
    for (size_t i = 0; i < config->count; i++)
        if (!strcmp(config->pairs[i].section, section) && !strcmp(config->pairs[i].key, key))
            return config->pairs[i].value;
    return NULL;
}

bool config_need(
    const struct config *config, const char *section, const char *key, const char **out, struct error *err)
{
    const char *value = config_get(config, section, key);
    if (!value)
        return fail(err, ERROR_INVALID, "%s: [%s] needs '%s'", config->name, section, key);
    *out = value;
    return true;
}

bool config_need_integer(
    const struct config *config, const char *section, const char *key, int64_t *out, struct error *err)
{
    const char *text = config_get(config, section, key);
    if (!text)
        return config_need(config, section, key, &text, err);
    char *end = NULL;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno || end == text || *end)
        return fail(err, ERROR_INVALID, "%s: '%s' in [%s] has to be a whole number, not '%s'", config->name,
            key, section, text);
    *out = value;
    return true;
}

const char *config_section(const struct config *config, size_t index)
{
    const char *last = NULL;
    for (size_t i = 0; i < config->count; i++) {
        if (last && !strcmp(last, config->pairs[i].section))
            continue;
        last = config->pairs[i].section;
        if (index-- == 0)
            return last;
    }
    return NULL;
}

bool config_key(const struct config *config, size_t index, const char **section, const char **key)
{
    if (index >= config->count)
        return false;
    *section = config->pairs[index].section;
    *key = config->pairs[index].key;
    return true;
}
