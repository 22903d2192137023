#include "example.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

static json_t *first_word(const char *words)
{
    return json_stringn(words, strcspn(words, " "));
}

static json_t *text_of(size_t size)
{
    AUTO(text) char *text = memory_allocate(size + 1, 1);
    memset(text, 'x', size);
    return json_string(text);
}

static json_t *example_list(const struct form *form)
{
    json_t *list = json_array();
    if (form->least > 0)
        json_array_append_new(list, example_value(form->inner));
    return list;
}

static json_t *example_object(const struct form *fields)
{
    json_t *object = json_object();
    for (; fields->name; fields++)
        json_object_set_new(object, fields->name, example_value(fields));
    return object;
}

json_t *example_value(const struct form *form)
{
    char id[24];
    switch (form->kind) {
    case FORM_ID:
        snprintf(id, sizeof id, "%.*s-000000000000000z", (int)strcspn(form->of, " "), form->of);
        return json_string(id);
    case FORM_ID_NONE:
        return json_string("");
    case FORM_HEX:
        return json_string("00000000000000000000000000000000000000000000000000000000000000aa");
    case FORM_TEXT:
        return text_of((size_t)form->least);
    case FORM_SERVICE:
        return text_of(2);
    case FORM_WORD:
        return first_word(form->of);
    case FORM_INTEGER:
        return json_integer(form->least);
    case FORM_BOOLEAN:
    case FORM_TRUE:
        return json_true();
    case FORM_LIST:
    case FORM_RISING:
        return example_list(form);
    case FORM_OBJECT:
        return example_object(form->inner);
    }
    return json_null();
}

json_t *example_fields(const struct statement_type *type)
{
    return example_object(type->fields);
}

static json_t *one_too_many(const struct form *form)
{
    json_t *list = json_array();
    for (int64_t i = 0; i <= form->most && i < 3000; i++)
        json_array_append_new(list, example_value(form->inner));
    return list;
}

json_t *example_wrong(const struct form *form, size_t index)
{
    bool is_number = form->kind == FORM_INTEGER,
         is_truth = form->kind == FORM_BOOLEAN || form->kind == FORM_TRUE;
    bool is_list = form->kind == FORM_LIST || form->kind == FORM_RISING,
         is_object = form->kind == FORM_OBJECT;
    bool is_text = !is_number && !is_truth && !is_list && !is_object;
    switch (index) {
    case 0:
        return json_null();
    case 1:
        return is_text ? json_integer(1) : json_string("1");
    case 2:
        return is_list ? json_object() : json_pack("[s]", "x");
    case 3:
        return is_object ? json_pack("{s:i}", "unheard_of", 1) : json_pack("{s:s}", "$ne", "");
    case 4:
        return is_number ? json_integer(form->least - 1) : is_list ? one_too_many(form) : text_of(2100);
    case 5:
        return is_text ? json_string("a\nb") : is_number ? json_integer(INT64_MAX) : json_integer(-1);
    default:
        return NULL;
    }
}
