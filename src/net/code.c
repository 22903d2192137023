#include "net/code.h"

#include "net/byte_kernels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of a range; a tensor that was always zero gets it. */
static const float least_width = 1e-3F;

int code_stride(int channels)
{
    if (channels <= 8)
        return channels <= 4 ? 4 : 8;
    return (channels + PANEL - 1) / PANEL * PANEL;
}

static size_t room_of(int channels)
{
    return ((size_t)channels + PANEL - 1) / PANEL * PANEL;
}

static struct code *code_new(struct graph *graph, int channels)
{
    struct code *made = memory_allocate(1, sizeof *made);
    size_t room = room_of(channels);
    made->stride = code_stride(channels);
    made->scale = memory_allocate(room, sizeof *made->scale);
    made->zero = memory_allocate(room, sizeof *made->zero);
    for (size_t c = 0; c < room; c++)
        made->scale[c] = 1;
    graph->codes = memory_resize(graph->codes, (size_t)graph->code_count + 1, sizeof(struct code *));
    graph->codes[graph->code_count++] = made;
    return made;
}

void code_free(struct code *code)
{
    free(code->scale);
    free(code->zero);
    free(code);
}

/* Zero has a code of its own, so that padding and Relu are exact. */
bool code_from_ranges(struct graph *graph, int value, bool positive, struct error *err)
{
    int channels = value_channels(&graph->values[value]);
    float least = 0, most = 0;
    if (!ranges_find(graph->ranges, graph->values[value].name, &least, &most, err))
        return false;
    struct code *code = code_new(graph, channels);
    least = positive ? 0 : fminf(least, 0);
    float width = fmaxf(most, 0) - least;
    for (int c = 0; c < channels; c++) {
        code->scale[c] = fmaxf(width, least_width) / CODE_MOST;
        code->zero[c] = (int16_t)lrintf(-least / code->scale[c]);
    }
    graph->values[value].code = code;
    return true;
}

void code_join(struct graph *graph, int value, const int *parts, int count)
{
    struct code *code = code_new(graph, value_channels(&graph->values[value]));
    int at = 0;
    for (int k = 0; k < count; k++) {
        const struct value *part = &graph->values[parts[k]];
        size_t channels = (size_t)value_channels(part);
        memcpy(code->scale + at, part->code->scale, channels * sizeof *code->scale);
        memcpy(code->zero + at, part->code->zero, channels * sizeof *code->zero);
        at += (int)channels;
    }
    graph->values[value].code = code;
}
