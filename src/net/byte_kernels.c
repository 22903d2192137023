#include "net/byte_kernels.h"

#include <math.h>
#include <string.h>

/* The processor's rounding, to nearest even; the layer saw to it that no result leaves 32 bits. */
static int32_t rounded(float real)
{
    return (int32_t)lrintf(real);
}

static float scaled(const struct byte_finish *finish, size_t channel, int32_t sum)
{
    return (float)sum * (sum < 0 ? finish->below[channel] : finish->above[channel]);
}

static uint8_t cut(int32_t code)
{
    return (uint8_t)(code < 0 ? 0 : code > CODE_MOST ? CODE_MOST : code);
}

static uint8_t finished(const struct byte_finish *finish, size_t row, size_t channel, int32_t sum)
{
    float real = scaled(finish, channel, sum);
    if (finish->skip) {
        int32_t skip = finish->skip[row * finish->skip_stride + channel] - finish->skip_zero[channel];
        real = real + (float)skip * finish->skip_scale[channel];
    }
    return cut(rounded(real) + finish->zero[channel]);
}

static int32_t sum_of_row(const struct byte_product *job, size_t row, size_t column)
{
    const uint8_t *x = job->rows + row * job->row_stride;
    const int8_t *weights = job->weights + column / PANEL * PANEL * job->depth + column % PANEL * 4;
    int32_t sum = job->finish.bias[column];
    for (size_t i = 0; i < job->depth; i++)
        sum += x[i] * weights[i / 4 * 4 * PANEL + i % 4];
    return sum;
}

static void product_plain(const struct byte_product *job)
{
    for (size_t column = 0; column < job->columns; column += PANEL)
        for (size_t row = 0; row < job->count; row++)
            for (size_t c = column; c < column + PANEL; c++) {
                int32_t sum = sum_of_row(job, row, c);
                if (job->codes)
                    job->codes[row * job->out_stride + c] = finished(&job->finish, row, c, sum);
                else
                    job->floats[row * job->out_stride + c] = scaled(&job->finish, c, sum);
            }
}

static size_t each_bytes_plain(size_t channels, size_t taps)
{
    return channels * taps * sizeof(int16_t);
}

static void pack_each_plain(const int16_t *taps, size_t tap_count, size_t channel, void *weights)
{
    memcpy((int16_t *)weights + channel * tap_count, taps, tap_count * sizeof *taps);
}

static int32_t sum_of_taps(const struct byte_each *job, size_t pixel, size_t channel)
{
    const int16_t *weights = (const int16_t *)job->weights + channel * job->tap_count;
    int32_t sum = job->finish.bias[channel];
    for (size_t t = 0; t < job->tap_count; t++)
        sum += job->taps[t][pixel * job->step + channel] * weights[t];
    return sum;
}

static void each_plain(const struct byte_each *job)
{
    for (size_t pixel = 0; pixel < job->count; pixel++)
        for (size_t c = 0; c < job->channels; c++)
            job->codes[pixel * job->out_stride + c] =
                finished(&job->finish, pixel, c, sum_of_taps(job, pixel, c));
}

static void encode_plain(const float *planes, size_t pixels, size_t channels, const float *scale,
    const int16_t *zero, uint8_t *codes)
{
    static const float far = 1024;
    memset(codes, 0, pixels * 4);
    for (size_t c = 0; c < channels; c++)
        for (size_t p = 0; p < pixels; p++) {
            float real = planes[c * pixels + p] * scale[c];
            real = real > -far ? real : -far;
            real = real < far ? real : far;
            codes[p * 4 + c] = cut(rounded(real) + zero[c]);
        }
}

static bool runs_everywhere(void)
{
    return true;
}

const struct byte_kernels byte_kernels_plain = {
    "plain", runs_everywhere, product_plain, each_bytes_plain, pack_each_plain, each_plain, encode_plain};

const struct byte_kernels *byte_kernels_at(size_t index)
{
    static const struct byte_kernels *const sets[] = {
        &byte_kernels_amx, &byte_kernels_vnni, &byte_kernels_avx2, &byte_kernels_plain};
    return index < sizeof sets / sizeof sets[0] ? sets[index] : NULL;
}

const struct byte_kernels *byte_kernels_best(void)
{
    size_t index = 0;
    while (!byte_kernels_at(index)->runs_here())
        index++;
    return byte_kernels_at(index);
}
