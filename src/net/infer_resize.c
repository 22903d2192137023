#include "net/infer_resize.h"

#include "net/import.h"
#include "net/infer_move.h"

#include <math.h>
#include <string.h>

enum { SCALE_LIMIT = 64 };

/* By scales: a list of four numbers, as an input or, in the oldest operator sets, as an attribute that is not
 * read here. */
static bool by_scales(const struct value *value, const struct net_shape *from, int64_t dims[static NET_DIMS],
    float step[static 2], struct error *err)
{
    if (!value->constant || value->integer || shape_size(&value->shape) != NET_DIMS)
        return fail(err, ERROR_INVALID, "scales are not four constant numbers");
    const float *scales = value->data;
    for (int i = 0; i < NET_DIMS; i++) {
        if (!(scales[i] > 0 && scales[i] <= SCALE_LIMIT) || (i < 2 && scales[i] != 1))
            return fail(err, ERROR_INVALID, "scale %d is %g", i, (double)scales[i]);
        dims[i] = (int64_t)floorf((float)from->dims[i] * scales[i]);
    }
    step[0] = 1 / scales[2];
    step[1] = 1 / scales[3];
    return true;
}

static bool by_sizes(const struct graph *graph, const struct node *node, const struct net_shape *from,
    int64_t dims[static NET_DIMS], float step[static 2], struct error *err)
{
    int count = 0;
    if (!infer_list(graph, node, "sizes", 3, dims, &count, err))
        return false;
    if (count != NET_DIMS || dims[0] != from->dims[0] || dims[1] != from->dims[1] || dims[2] < 1 ||
        dims[3] < 1)
        return fail(err, ERROR_INVALID, "sizes are not four numbers that keep the channels");
    for (int i = 0; i < 2; i++)
        step[i] = (float)from->dims[i + 2] / (float)dims[i + 2];
    return true;
}

static bool read_modes(
    const struct graph *graph, const struct node *node, struct resize *resize, struct error *err)
{
    bool old = graph->opset < 11;
    resize->linear = source_is(node, "mode", "linear") || source_is(node, "mode", "bilinear");
    if (!resize->linear && source_has(node, "mode") && !source_is(node, "mode", "nearest"))
        return fail(err, ERROR_INVALID, "modes other than nearest and linear are not supported");
    if (old) {
        resize->floored = true;
        return true;
    }
    bool places = source_has(node, "coordinate_transformation_mode");
    resize->centred = !source_is(node, "coordinate_transformation_mode", "asymmetric");
    if (places && resize->centred && !source_is(node, "coordinate_transformation_mode", "half_pixel") &&
        !source_is(node, "coordinate_transformation_mode", "pytorch_half_pixel"))
        return fail(err, ERROR_INVALID, "coordinates other than asymmetric and half_pixel are not supported");
    resize->floored = source_is(node, "nearest_mode", "floor");
    if (source_has(node, "nearest_mode") && !resize->floored &&
        !source_is(node, "nearest_mode", "round_prefer_floor"))
        return fail(err, ERROR_INVALID, "rounding other than floor and round_prefer_floor is not supported");
    return true;
}

bool infer_resize(struct graph *graph, struct node *node, struct error *err)
{
    const struct value *x = infer_input(graph, node, 0);
    const struct net_shape from = x->shape;
    struct resize resize = {0};
    int64_t dims[NET_DIMS] = {0};
    if (x->integer || from.count != NET_DIMS)
        return fail(err, ERROR_INVALID, "needs a picture of four dimensions");
    const struct value *scales = infer_input(graph, node, graph->opset < 11 ? 1 : 2);
    bool has_scales = scales && shape_size(&scales->shape) > 0;
    if (!has_scales && !infer_input(graph, node, 3))
        return fail(err, ERROR_INVALID, "neither scales nor sizes are given as inputs");
    if (!read_modes(graph, node, &resize, err) ||
        !(has_scales ? by_scales(scales, &from, dims, resize.step, err)
                     : by_sizes(graph, node, &from, dims, resize.step, err)))
        return false;
    node->resize = resize;
    node->input_count = 1;
    return infer_set_shape(graph, node, dims, NET_DIMS, err);
}
