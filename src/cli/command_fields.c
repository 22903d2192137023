#include "cli/command_fields.h"

#include "base/clock.h"
#include "base/file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { VALUE_LIMIT = 256 * 1024, WORD_LIMIT = 64 };

struct known_option {
    const char *name, *variable;
    size_t offset;
    bool is_flag;
};

#define VALUE(name, variable, member)                                                                        \
    {                                                                                                        \
        name, variable, offsetof(struct command_options, member), false                                      \
    }
#define FLAG(name, member)                                                                                   \
    {                                                                                                        \
        name, NULL, offsetof(struct command_options, member), true                                           \
    }

static const struct known_option known_options[] = {VALUE("site", "MIZAN_SITE", site),
    VALUE("ca", "MIZAN_CA", authority), VALUE("key", "MIZAN_KEY", key),
    VALUE("session", "MIZAN_SESSION", session), VALUE("by", NULL, officer), VALUE("sign-in-unit", NULL, unit),
    VALUE("device", NULL, device), VALUE("to", NULL, to), VALUE("fields", NULL, file),
    VALUE("after", NULL, after), FLAG("json", json), FLAG("yes", yes), FLAG("help", help)};

static void set_value(struct command_options *options, const struct known_option *known, const char *value)
{
    memcpy((char *)options + known->offset, &value, sizeof value);
}

static const struct known_option *find_option(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(known_options); i++) {
        if (strcmp(known_options[i].name, name) == 0)
            return &known_options[i];
    }
    return NULL;
}

static bool take_position(struct command_options *options, const char *word, struct error *err)
{
    if (options->position_count == COMMAND_POSITIONS)
        return fail(err, ERROR_USAGE, "'%s' is one word too many", word);
    options->positions[options->position_count++] = word;
    return true;
}

static bool take_field(
    struct command_options *options, const char *name, const char *value, struct error *err)
{
    if (options->field_count == COMMAND_FIELDS)
        return fail(err, ERROR_USAGE, "there are more than %d fields", COMMAND_FIELDS);
    options->fields[options->field_count].name = name;
    options->fields[options->field_count++].value = value;
    return true;
}

bool command_options_read(int count, char **words, struct command_options *out, struct error *err)
{
    struct command_options options = {0};
    for (size_t i = 0; i < COUNT_OF(known_options); i++) {
        if (known_options[i].variable)
            set_value(&options, &known_options[i], getenv(known_options[i].variable));
    }
    for (int i = 0; i < count; i++) {
        if (strncmp(words[i], "--", 2) != 0) {
            if (!take_position(&options, words[i], err))
                return false;
            continue;
        }
        const struct known_option *known = find_option(words[i] + 2);
        if (known && known->is_flag) {
            *((bool *)((char *)&options + known->offset)) = true;
            continue;
        }
        if (i + 1 == count)
            return fail(err, ERROR_USAGE, "%s needs a value", words[i]);
        if (known)
            set_value(&options, known, words[i + 1]);
        else if (!take_field(&options, words[i] + 2, words[i + 1], err))
            return false;
        i++;
    }
    *out = options;
    return true;
}

/* "--why-here" is the field why_here. */
static bool names_field(const char *option, const char *field)
{
    for (; *option && *field; option++, field++) {
        if (*option != *field && !(*option == '-' && *field == '_'))
            return false;
    }
    return *option == *field;
}

static bool read_span(const char *text, int64_t *out)
{
    char *end;
    int64_t number = strtoll(text, &end, 10);
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        if (end[0] == units[i].unit && !end[1] && end > text + 1 && llabs(number) < 1000000) {
            *out = clock_now_s() + number * units[i].seconds;
            return true;
        }
    }
    return false;
}

static bool read_date(const char *text, int64_t *out)
{
    static const char *const formats[] = {"%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ"};
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        struct tm parts = {0};
        const char *end = strptime(text, formats[i], &parts);
        if (!end || *end)
            continue;
        *out = timegm(&parts);
        return true;
    }
    return false;
}

bool command_time_read(const char *text, int64_t *out, struct error *err)
{
    size_t digits = strspn(text, "0123456789");
    if (digits > 0 && digits < 16 && !text[digits]) {
        *out = strtoll(text, NULL, 10);
        return true;
    }
    if (strcmp(text, "now") == 0) {
        *out = clock_now_s();
        return true;
    }
    if (((*text == '+' || *text == '-') && read_span(text, out)) || read_date(text, out))
        return true;
    return fail(err, ERROR_USAGE,
        "'%s' is no time: seconds, now, +7d, -30m, 2026-12-31 or 2026-12-31T08:00:00Z", text);
}

static bool is_time(const struct form *form)
{
    size_t size = strlen(form->name);
    return strcmp(form->name, "dated") == 0 || (size > 3 && strcmp(form->name + size - 3, "_at") == 0) ||
           (size > 6 && strcmp(form->name + size - 6, "_dated") == 0);
}

static json_t *read_json_text(const char *text, struct error *err)
{
    json_error_t why;
    json_t *json = json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &why);
    if (!json)
        fail(err, ERROR_USAGE, "'%.40s' is no JSON: %s", text, why.text);
    return json;
}

static json_t *read_json_file(const char *path, struct error *err)
{
    AUTO(bytes) struct bytes content = {NULL, 0};
    if (!file_read(path, VALUE_LIMIT, &content, err))
        return NULL;
    json_t *json = json_read((const char *)content.data, content.size, VALUE_LIMIT, err);
    if (!json)
        fail_within(err, "%s", path);
    return json;
}

static json_t *read_value(const struct form *form, const char *text, struct error *err);

/* Where the next of a rising list belongs. */
static size_t place_of(const json_t *list, const json_t *value)
{
    size_t place = json_array_size(list);
    const char *text = json_string_value(value);
    while (text && place > 0 && strcmp(json_string_value(json_array_get(list, place - 1)), text) > 0)
        place--;
    return place;
}

/* Items between commas. */
static json_t *read_list(const struct form *form, const char *text, struct error *err)
{
    AUTO(json) json_t *list = json_array();
    AUTO(text) char *copy = memory_copy_text(text);
    char *rest = *copy ? copy : NULL;
    for (char *item = strsep(&rest, ","); item; item = strsep(&rest, ",")) {
        json_t *value = read_value(form->inner, item, err);
        if (!value)
            return NULL;
        json_array_insert_new(
            list, form->kind == FORM_RISING ? place_of(list, value) : json_array_size(list), value);
    }
    return STEAL(list);
}

static json_t *read_number(const struct form *form, const char *text, struct error *err)
{
    char *end;
    int64_t number = strtoll(text, &end, 10);
    if (is_time(form) ? command_time_read(text, &number, err) : *text && !*end)
        return json_integer(number);
    if (!is_time(form))
        fail(err, ERROR_USAGE, "'%s' is no whole number", text);
    return NULL;
}

static json_t *read_truth(const char *text, struct error *err)
{
    if (strcmp(text, "true") == 0 || strcmp(text, "yes") == 0)
        return json_true();
    if (strcmp(text, "false") == 0 || strcmp(text, "no") == 0)
        return json_false();
    fail(err, ERROR_USAGE, "'%s' is neither yes nor no", text);
    return NULL;
}

static json_t *read_value(const struct form *form, const char *text, struct error *err)
{
    bool is_list = form->kind == FORM_LIST || form->kind == FORM_RISING;
    if ((is_list || form->kind == FORM_OBJECT) && *text == '@')
        return read_json_file(text + 1, err);
    if (form->kind == FORM_OBJECT || (is_list && *text == '['))
        return read_json_text(text, err);
    if (is_list)
        return read_list(form, text, err);
    if (form->kind == FORM_INTEGER)
        return read_number(form, text, err);
    if (form->kind == FORM_BOOLEAN || form->kind == FORM_TRUE)
        return read_truth(text, err);
    json_t *value = json_string(text);
    if (!value)
        fail(err, ERROR_USAGE, "the text is not UTF-8");
    return value;
}

static const struct form *form_named(const struct form *form, const char *option)
{
    for (; form->name; form++) {
        if (!form->former && names_field(option, form->name))
            return form;
    }
    return NULL;
}

static bool read_field_file(const struct command_options *options, json_t *fields, struct error *err)
{
    if (!options->file)
        return true;
    AUTO(json) json_t *given = read_json_file(options->file, err);
    if (!given)
        return false;
    if (!json_is_object(given))
        return fail(err, ERROR_INVALID, "%s: has to hold an object of fields", options->file);
    return json_object_update(fields, given) == 0;
}

void command_options_yield(struct command_options *options, const struct form *form)
{
    if (!options->to || !form_named(form, "to") || options->field_count == COMMAND_FIELDS)
        return;
    options->fields[options->field_count].name = "to";
    options->fields[options->field_count++].value = options->to;
    options->to = NULL;
}

bool command_fields_read(
    const struct command_options *options, const struct form *form, json_t *fields, struct error *err)
{
    if (!read_field_file(options, fields, err))
        return false;
    for (size_t i = 0; i < options->field_count; i++) {
        const char *name = options->fields[i].name;
        const struct form *field = form_named(form, name);
        if (!field)
            return fail(err, ERROR_USAGE, "there is no option --%s here; see --help", name);
        json_t *value = read_value(field, options->fields[i].value, err);
        if (!value)
            return fail_within(err, "--%s", name);
        json_object_set_new(fields, field->name, value);
    }
    return true;
}

bool command_body_read(const struct command_options *options, json_t *fields, struct error *err)
{
    if (!read_field_file(options, fields, err))
        return false;
    for (size_t i = 0; i < options->field_count; i++) {
        const char *text = options->fields[i].value;
        char name[WORD_LIMIT];
        snprintf(name, sizeof name, "%s", options->fields[i].name);
        for (char *at = name; *at; at++)
            *at = *at == '-' ? '_' : *at;
        json_t *value = *text == '='   ? read_json_text(text + 1, err)
                        : *text == '@' ? read_json_file(text + 1, err)
                                       : json_string(text);
        if (!value || json_object_set_new(fields, name, value) != 0)
            return fail_within(err, "--%s", options->fields[i].name);
    }
    return true;
}

static void print_kind(const struct form *form, FILE *to)
{
    bool is_list = form->kind == FORM_LIST || form->kind == FORM_RISING;
    if (form->kind == FORM_ID || form->kind == FORM_ID_NONE)
        fprintf(to, "%s-…%s", form->of, form->kind == FORM_ID_NONE ? " or \"\"" : "");
    else if (form->kind == FORM_WORD)
        fprintf(to, "one of: %s", form->of);
    else if (form->kind == FORM_HEX)
        fprintf(to, "64 hex digits");
    else if (form->kind == FORM_INTEGER && is_time(form))
        fprintf(to, "a time: seconds, now, +7d, -30m, 2026-12-31");
    else if (form->kind == FORM_INTEGER)
        fprintf(to, "a whole number from %" PRId64 " to %" PRId64, form->least, form->most);
    else if (form->kind == FORM_BOOLEAN || form->kind == FORM_TRUE)
        fprintf(to, "yes%s", form->kind == FORM_TRUE ? "" : " or no");
    else if (form->kind == FORM_OBJECT || (is_list && form->inner->kind == FORM_OBJECT))
        fprintf(to, "%s: JSON, or @FILE with it", is_list ? "a list of objects" : "an object");
    else if (is_list)
        fprintf(to, "up to %" PRId64 ", between commas", form->most);
    else
        fprintf(to, "text of %" PRId64 " to %" PRId64 " bytes", form->least, form->most);
}

void command_fields_help(const struct form *form, FILE *to)
{
    for (; form->name; form++) {
        char name[WORD_LIMIT];
        if (form->former)
            continue;
        snprintf(name, sizeof name, "%s", form->name);
        for (char *at = name; *at; at++)
            *at = *at == '_' ? '-' : *at;
        fprintf(to, "  --%-20s ", name);
        print_kind(form, to);
        fputc('\n', to);
    }
}
