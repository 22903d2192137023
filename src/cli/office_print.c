#include "cli/office.h"

static void print_indent(size_t depth, FILE *to)
{
    for (size_t i = 0; i < depth; i++)
        fputs("  ", to);
}

/* Control characters of C0 and, in UTF-8, of C1. */
static void print_text(const char *text, FILE *to)
{
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        bool second = at[0] == 0xC2 && at[1] >= 0x80 && at[1] < 0xA0;
        if (*at < 0x20 || *at == 0x7F || second)
            fputc('?', to);
        else
            fputc(*at, to);
        at += second;
    }
}

static void print_value(const json_t *value, size_t depth, FILE *to);

static void print_object(const json_t *object, size_t depth, FILE *to)
{
    const char *name;
    const json_t *value;
    bool first = true;
    json_object_foreach ((json_t *)(uintptr_t)object, name, value) {
        if (!first)
            print_indent(depth, to);
        first = false;
        print_text(name, to);
        bool nests = (json_is_object(value) && json_object_size(value)) ||
                     (json_is_array(value) && json_array_size(value));
        fputs(nests ? ":\n" : ": ", to);
        if (nests)
            print_indent(depth + 1, to);
        print_value(value, depth + 1, to);
    }
    if (first)
        fputs("-\n", to);
}

static void print_list(const json_t *list, size_t depth, FILE *to)
{
    size_t index;
    const json_t *item;
    json_array_foreach (list, index, item) {
        if (index > 0)
            print_indent(depth, to);
        fputs("- ", to);
        print_value(item, depth + 1, to);
    }
    if (json_array_size(list) == 0)
        fputs("none\n", to);
}

static void print_value(const json_t *value, size_t depth, FILE *to)
{
    if (json_is_object(value)) {
        print_object(value, depth, to);
    } else if (json_is_array(value)) {
        print_list(value, depth, to);
    } else if (json_is_string(value)) {
        print_text(json_string_value(value), to);
        fputc('\n', to);
    } else {
        char *text = json_dumps(value, JSON_ENCODE_ANY);
        fprintf(to, "%s\n", text ? text : "?");
        memory_release(text);
    }
}

void office_print(const json_t *value, FILE *to)
{
    print_value(value, 0, to);
}
