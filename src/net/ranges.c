#include "net/ranges.h"

#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LINES_LIMIT = NODE_LIMIT, NAME_LIMIT = 256, DIGITS = 3 };

struct range {
    char name[NAME_LIMIT];
    float least, most;
};

struct ranges {
    struct range *lines; /* owns */
    int count;
};

void ranges_free(struct ranges *ranges)
{
    if (!ranges)
        return;
    free(ranges->lines);
    free(ranges);
}

/* The number after a blank; NULL where there is none. */
static const char *parse_number(const char *at, float *out)
{
    char *end = NULL;
    if (*at != ' ')
        return NULL;
    *out = strtof(at + 1, &end);
    return end != at + 1 && isfinite(*out) ? end : NULL;
}

static bool parse_line(const char *text, size_t size, struct range *out, struct error *err)
{
    char line[NAME_LIMIT + 64] = "";
    size_t length = size < sizeof line ? size : 0;
    memcpy(line, text, length);
    size_t name = strcspn(line, " ");
    const char *at = NULL;
    if (name > 0 && name < NAME_LIMIT && strlen(line) == length)
        at = parse_number(line + name, &out->least);
    at = at ? parse_number(at, &out->most) : NULL;
    if (!at || *at || out->least > out->most || !isfinite(out->most - out->least))
        return fail(err, ERROR_INVALID, "not a tensor's name, its least and its most number");
    memcpy(out->name, line, name);
    return true;
}

struct ranges *ranges_parse(const char *text, size_t size, struct error *err)
{
    AUTO(ranges) struct ranges *made = memory_allocate(1, sizeof *made);
    const char *end = text + size;
    made->lines = memory_allocate(LINES_LIMIT, sizeof *made->lines);
    while (text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        if (!stop || made->count == LINES_LIMIT) {
            fail(err, ERROR_INVALID, "ranges: lines of text are wanted, at most %d", LINES_LIMIT);
            return NULL;
        }
        if (!parse_line(text, (size_t)(stop - text), &made->lines[made->count++], err)) {
            fail_within(err, "ranges, line %d", made->count);
            return NULL;
        }
        text = stop + 1;
    }
    return STEAL(made);
}

bool ranges_find(const struct ranges *ranges, const char *name, float *least, float *most, struct error *err)
{
    for (int i = 0; name && i < ranges->count; i++) {
        const struct range *range = &ranges->lines[i];
        if (strcmp(range->name, name) != 0)
            continue;
        *least = range->least;
        *most = range->most;
        return true;
    }
    return fail(err, ERROR_MISSING, "the ranges have no tensor '%.80s'", name ? name : "");
}

struct observed {
    float *least, *most; /* a value each */
    int count;
};

struct observed *observed_new(const struct graph *graph)
{
    struct observed *made = memory_allocate(1, sizeof *made);
    made->count = graph->value_count;
    made->least = memory_allocate((size_t)made->count + 1, sizeof *made->least);
    made->most = memory_allocate((size_t)made->count + 1, sizeof *made->most);
    return made;
}

void observed_free(struct observed *observed)
{
    if (!observed)
        return;
    free(observed->least);
    free(observed->most);
    free(observed);
}

/* Blocks are padded with zeroes, and every range holds zero. */
void observed_add(struct observed *observed, const struct graph *graph, int index)
{
    const struct value *value = &graph->values[index];
    size_t count = value->integer ? 0 : value_bytes(value) / sizeof(float);
    const float *x = value->data;
    float least = observed->least[index], most = observed->most[index];
    for (size_t i = 0; i < count; i++) {
        least = x[i] < least ? x[i] : least;
        most = x[i] > most ? x[i] : most;
    }
    observed->least[index] = least;
    observed->most[index] = most;
}

/* Away from zero, so that the range holds what was seen. */
static double outwards(float number)
{
    if (number == 0)
        return 0;
    double unit = pow(10, floor(log10(fabs((double)number))) - (DIGITS - 1));
    double steps = (double)number / unit;
    return (number < 0 ? floor(steps) : ceil(steps)) * unit;
}

static void write_range(
    const struct observed *observed, const struct graph *graph, int index, struct text *out)
{
    const char *name = graph->values[index].name;
    if (name && !strpbrk(name, " \n") && strlen(name) < NAME_LIMIT)
        text_add(out, "%s %.*g %.*g\n", name, DIGITS, outwards(observed->least[index]), DIGITS,
            outwards(observed->most[index]));
}

void observed_write(const struct observed *observed, const struct graph *graph, struct text *out)
{
    write_range(observed, graph, graph->input, out);
    for (int i = 0; i < graph->node_count; i++)
        write_range(observed, graph, graph->nodes[i].output, out);
}
