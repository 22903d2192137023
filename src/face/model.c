#include "face/model.h"

#include "video/picture.h"

#include <stddef.h>

static size_t shape_size(const struct net_shape *shape)
{
    size_t size = 1;
    for (int i = 0; i < shape->count; i++)
        size *= (size_t)shape->dims[i];
    return size;
}

static bool input_fits(
    const struct model *model, const struct net *net, int height, int width, struct error *err)
{
    int channels = model->preparation.colours == COLOURS_GREY ? 1 : 3;
    const struct net_shape *shape = net_input_shape(net);
    if (shape->count == 4 && shape->dims[0] == 1 && shape->dims[1] == channels && shape->dims[2] == height &&
        shape->dims[3] == width)
        return true;
    return fail(
        err, ERROR_INVALID, "%s: its input is not 1 × %d × %d × %d", model->file, channels, height, width);
}

/* Pairs of (not face, face) and four numbers a box; detectors without priors are looked at with their sizes
 * (grid.c). */
static bool outputs_fit(
    const struct pack *pack, enum model_role role, const struct net *net, struct error *err)
{
    static const size_t fixed[MODEL_ROLES] = {0, (size_t)2 * POINTS_68, TEMPLATE_LENGTH};
    const struct model *model = &pack->models[role];
    if (net_output_count(net) != model->output_count)
        return fail(err, ERROR_INVALID, "%s: an output is missing", model->file);
    size_t size = shape_size(net_output_shape(net, 0));
    if (role != MODEL_DETECT)
        return size == fixed[role] || fail(err, ERROR_INVALID, "%s: %zu numbers come out of '%s', not %zu",
                                          model->file, size, model->outputs[0], fixed[role]);
    return pack->decoder != DECODER_RFB ||
           (size % 2 == 0 && shape_size(net_output_shape(net, 1)) == 2 * size) ||
           fail(err, ERROR_INVALID, "%s: scores and regressions do not belong together", model->file);
}

static struct net *load(const struct pack *pack, enum model_role role, struct net_options options, int height,
    int width, struct error *err)
{
    const struct model *model = &pack->models[role];
    if (!model->onnx.data) {
        fail(err, ERROR_MISSING, "pack %s has no section [%s]; take a pack that has it", pack->name,
            model_role_word(role));
        return NULL;
    }
    const char *outputs[NET_TENSORS + 1] = {NULL};
    for (int i = 0; i < model->output_count; i++)
        outputs[i] = model->outputs[i];
    options.height = height;
    options.width = width;
    options.outputs = outputs;
    AUTO(net) struct net *net = net_load(model->onnx.data, model->onnx.size, &options, err);
    if (!net || !net_warm_up(net, err)) {
        fail_within(err, "%s", model->file);
        return NULL;
    }
    if (!input_fits(model, net, height, width, err) || !outputs_fit(pack, role, net, err))
        return NULL;
    return STEAL(net);
}

struct net *model_load(
    const struct pack *pack, enum model_role role, int height, int width, struct error *err)
{
    struct net_options options = {.ranges = pack->models[role].ranges};
    return load(pack, role, options, height, width, err);
}

struct net *model_load_observed(
    const struct pack *pack, enum model_role role, int height, int width, struct error *err)
{
    struct net_options options = {.observed = true};
    return load(pack, role, options, height, width, err);
}

static void fill_grey(const struct preparation *preparation, const struct image *image, float *input)
{
    for (int y = 0; y < image->height; y++) {
        const uint8_t *row = image->rgb + (size_t)y * (size_t)image->stride;
        for (int x = 0; x < image->width; x++, row += 3) {
            float grey = 0.299f * (float)row[0] + 0.587f * (float)row[1] + 0.114f * (float)row[2];
            *input++ = (grey - preparation->mean) / preparation->divisor;
        }
    }
}

void preparation_fill(const struct preparation *preparation, const struct image *image, float *input)
{
    if (preparation->colours == COLOURS_GREY) {
        fill_grey(preparation, image, input);
        return;
    }
    const struct picture_kernel *kernel = picture_kernel_best();
    size_t width = (size_t)image->width, plane = width * (size_t)image->height;
    bool reversed = preparation->colours == COLOURS_BGR;
    for (size_t y = 0; y < (size_t)image->height; y++)
        kernel->split_row(image->rgb + y * (size_t)image->stride, width, preparation->mean,
            preparation->divisor, reversed ? -(ptrdiff_t)plane : (ptrdiff_t)plane,
            input + y * width + (reversed ? 2 * plane : 0));
}
