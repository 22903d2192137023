#include "schema.h"

#include "base/file.h"
#include "base/text.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct place {
    const json_t *openapi;
    char *why;
    size_t room;
};

json_t *schema_load(void)
{
    struct error err = {0};
    AUTO(bytes) struct bytes content = {0};
    AUTO(text) char *path = text_format("%s/docs/openapi.json", getenv("MIZAN_SOURCE"));
    json_t *openapi = file_read(path, 1 << 20, &content, &err)
                          ? json_read((const char *)content.data, content.size, 1 << 20, &err)
                          : NULL;
    if (!openapi)
        fprintf(stderr, "%s\n", err.text);
    return openapi;
}

static bool wrong(const struct place *place, const char *where, const char *what)
{
    snprintf(place->why, place->room, "%s: %s", where, what);
    return false;
}

/* "#/components/responses/problem" */
static const json_t *follow(const struct place *place, const json_t *schema)
{
    const char *reference = json_string_value(json_object_get(schema, "$ref"));
    if (!reference)
        return schema;
    const json_t *at = place->openapi;
    AUTO(text) char *copy = memory_copy_text(reference + 2);
    char *rest = copy;
    for (char *word = strsep(&rest, "/"); word; word = strsep(&rest, "/"))
        at = json_object_get(at, word);
    return at;
}

static bool is_of_type(const json_t *value, const char *type)
{
    static const struct {
        const char *name;
        json_type kinds[2];
    } types[] = {{"object", {JSON_OBJECT, JSON_OBJECT}}, {"array", {JSON_ARRAY, JSON_ARRAY}},
        {"string", {JSON_STRING, JSON_STRING}}, {"integer", {JSON_INTEGER, JSON_INTEGER}},
        {"number", {JSON_INTEGER, JSON_REAL}}, {"boolean", {JSON_TRUE, JSON_FALSE}},
        {"null", {JSON_NULL, JSON_NULL}}};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        if (strcmp(types[i].name, type) == 0)
            return json_typeof(value) == types[i].kinds[0] || json_typeof(value) == types[i].kinds[1];
    }
    return false;
}

static bool is_of_types(const json_t *value, const json_t *types)
{
    size_t index;
    const json_t *type;
    if (json_is_string(types))
        return is_of_type(value, json_string_value(types));
    json_array_foreach (types, index, type) {
        if (is_of_type(value, json_string_value(type)))
            return true;
    }
    return false;
}

static bool is_among(const json_t *value, const json_t *list)
{
    size_t index;
    const json_t *item;
    json_array_foreach (list, index, item) {
        if (json_equal(value, item))
            return true;
    }
    return false;
}

static bool has_pattern(const char *text, const char *pattern)
{
    regex_t compiled;
    if (!text || regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB) != 0)
        return false;
    bool found = regexec(&compiled, text, 0, NULL, 0) == 0;
    regfree(&compiled);
    return found;
}

static bool allows(const struct place *place, const json_t *schema, const json_t *value, const char *where);

static bool allows_members(
    const struct place *place, const json_t *schema, const json_t *value, const char *where)
{
    const json_t *properties = json_object_get(schema, "properties"), *name;
    const char *key;
    json_t *member;
    size_t index;
    json_array_foreach (json_object_get(schema, "required"), index, name) {
        if (json_is_object(value) && !json_object_get(value, json_string_value(name)))
            return wrong(place, where, json_string_value(name));
    }
    json_object_foreach ((json_t *)(uintptr_t)value, key, member) {
        const json_t *inner = json_object_get(properties, key);
        AUTO(text) char *deeper = text_format("%s.%s", where, key);
        if (inner ? !allows(place, inner, member, deeper)
                  : json_is_false(json_object_get(schema, "additionalProperties")))
            return inner ? false : wrong(place, deeper, "is not described");
    }
    return true;
}

static bool allows_items(
    const struct place *place, const json_t *schema, const json_t *value, const char *where)
{
    const json_t *inner = json_object_get(schema, "items"), *part;
    size_t index;
    json_t *item;
    json_array_foreach (value, index, item) {
        AUTO(text) char *deeper = text_format("%s[%zu]", where, index);
        if (inner && !allows(place, inner, item, deeper))
            return false;
    }
    json_array_foreach (json_object_get(schema, "allOf"), index, part) {
        if (!allows(place, part, value, where))
            return false;
    }
    return true;
}

static bool allows_value(
    const struct place *place, const json_t *schema, const json_t *value, const char *where)
{
    const json_t *types = json_object_get(schema, "type"), *list = json_object_get(schema, "enum");
    const json_t *constant = json_object_get(schema, "const"),
                 *longest = json_object_get(schema, "maxLength");
    const char *pattern = json_string_value(json_object_get(schema, "pattern"));
    if (types && !is_of_types(value, types))
        return wrong(place, where, "is of another type");
    if ((list && !is_among(value, list)) || (constant && !json_equal(value, constant)))
        return wrong(place, where, "is not one of the values");
    if (pattern && !has_pattern(json_string_value(value), pattern))
        return wrong(place, where, pattern);
    if (longest && (json_int_t)json_string_length(value) > json_integer_value(longest))
        return wrong(place, where, "is too long");
    return true;
}

static bool allows_any(
    const struct place *place, const json_t *schema, const json_t *value, const char *where)
{
    const json_t *parts = json_object_get(schema, "anyOf"), *part;
    size_t index;
    json_array_foreach (parts, index, part) {
        if (allows(place, part, value, where))
            return true;
    }
    return !parts;
}

static bool is_understood(const struct place *place, const json_t *schema, const char *where)
{
    static const char *const known[] = {"type", "enum", "const", "pattern", "maxLength", "properties",
        "required", "additionalProperties", "items", "allOf", "anyOf", "description", "$ref"};
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)schema, key, value) {
        bool found = false;
        for (size_t i = 0; i < COUNT_OF(known); i++)
            found = found || strcmp(known[i], key) == 0;
        if (!found)
            return wrong(place, where, key);
    }
    return true;
}

static bool allows(const struct place *place, const json_t *schema, const json_t *value, const char *where)
{
    schema = follow(place, schema);
    if (!schema)
        return wrong(place, where, "its description leads nowhere");
    return is_understood(place, schema, where) && allows_value(place, schema, value, where) &&
           allows_members(place, schema, value, where) && allows_items(place, schema, value, where) &&
           allows_any(place, schema, value, where);
}

static const json_t *response_of(const struct place *place, const struct route *route, int status)
{
    char method[8] = {0}, code[8];
    for (size_t i = 0; route->method[i] && i + 1 < sizeof method; i++)
        method[i] = (char)(route->method[i] | 0x20);
    snprintf(code, sizeof code, "%d", status);
    const json_t *path = json_object_get(json_object_get(place->openapi, "paths"), route->path);
    const json_t *responses = json_object_get(json_object_get(path, method), "responses");
    const json_t *response = json_object_get(responses, code);
    if (!response && status >= 400)
        response = json_object_get(responses, "default");
    return response ? follow(place, response) : NULL;
}

/* "text/plain; charset=utf-8" is text/plain. */
static const json_t *content_of(const json_t *response, const char *type)
{
    char plain[64];
    snprintf(plain, sizeof plain, "%.*s", (int)strcspn(type ? type : "", ";"), type ? type : "");
    return json_object_get(json_object_get(response, "content"), plain);
}

bool schema_allows(
    const json_t *openapi, const struct route *route, const struct reply *reply, char *why, size_t room)
{
    const struct place place = {openapi, why, room};
    const json_t *response = response_of(&place, route, reply->status);
    AUTO(text) char *where = text_format("%s %s %d", route->method, route->path, reply->status);
    if (!response)
        return wrong(&place, where, "this status is not described");
    const json_t *content = content_of(response, reply->type);
    if (!content)
        return wrong(&place, where, reply->type ? reply->type : "no type");
    const json_t *schema = json_object_get(content, "schema");
    if (!schema && strcmp(reply->type, "application/json") != 0)
        return true;
    AUTO(json) json_t *body = json_loadb((const char *)reply->body.data, reply->body.size, 0, NULL);
    return body && schema ? allows(&place, schema, body, where)
                          : wrong(&place, where, "no JSON, or none described");
}
