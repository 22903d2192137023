#include "net/byte_kernels.h"

#include "base/memory.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* More than 64 columns, as sets do so many at once, and some beside. */
enum { ROWS = 37, DEPTH = 13 * DEPTH_STEP, COLUMNS = 7 * PANEL, TAPS = 25 };

static uint32_t seed = 1;

static uint32_t random_number(uint32_t below)
{
    seed = seed * 1664525U + 1013904223U;
    return (seed >> 8) % below;
}

struct row_data {
    int32_t bias[COLUMNS], skip_zero[COLUMNS];
    float above[COLUMNS], below[COLUMNS], skip_scale[COLUMNS];
    int16_t zero[COLUMNS];
    uint8_t skip[ROWS * COLUMNS + STORE_SLACK];
};

static struct byte_finish make_finish(struct row_data *data, bool skips)
{
    for (size_t c = 0; c < COLUMNS; c++) {
        data->bias[c] = (int32_t)random_number(100000) - 50000;
        data->above[c] = (float)(1 + random_number(1000)) * 1e-5F;
        data->below[c] = data->above[c] * ((float)random_number(300) / 100 - 1);
        data->zero[c] = (int16_t)random_number(CODE_MOST + 1);
        data->skip_zero[c] = (int32_t)random_number(CODE_MOST + 1);
        data->skip_scale[c] = (float)random_number(200) / 100;
    }
    for (size_t i = 0; i < COUNT_OF(data->skip); i++)
        data->skip[i] = (uint8_t)random_number(CODE_MOST + 1);
    return (struct byte_finish){.bias = data->bias,
        .above = data->above,
        .below = data->below,
        .zero = data->zero,
        .skip = skips ? data->skip : NULL,
        .skip_stride = COLUMNS,
        .skip_scale = data->skip_scale,
        .skip_zero = data->skip_zero};
}

/* Weights whose chains go up to the limit, on both sides. */
static void make_weights(int8_t *weights)
{
    for (size_t column = 0; column < COLUMNS; column++) {
        int left[DEPTH / DEPTH_STEP * 2][2];
        for (size_t lane = 0; lane < COUNT_OF(left); lane++)
            left[lane][0] = left[lane][1] = CHAIN_LIMIT;
        for (size_t i = 0; i < DEPTH; i++) {
            size_t sign = random_number(2), most = (size_t)left[byte_lane(i)][sign];
            int weight = (int)(random_number(3) ? random_number((uint32_t)(most < 127 ? most : 127) + 1)
                                                : (most < 127 ? most : 127));
            left[byte_lane(i)][sign] -= weight;
            weights[column / PANEL * PANEL * DEPTH + i / 4 * 4 * PANEL + column % PANEL * 4 + i % 4] =
                (int8_t)(sign ? -weight : weight);
        }
    }
}

static void every_set_multiplies_to_the_plain_set_s_bits(void **state)
{
    static struct row_data data;
    static int8_t weights[COLUMNS * DEPTH];
    static uint8_t rows[ROWS * DEPTH], expected[ROWS * COLUMNS + STORE_SLACK], got[sizeof expected];
    (void)state;
    for (int round = 0; round < 40; round++) {
        make_weights(weights);
        for (size_t i = 0; i < sizeof rows; i++)
            rows[i] = (uint8_t)(round % 4 == 0 ? CODE_MOST : random_number(CODE_MOST + 1));
        struct byte_product job = {.rows = rows,
            .row_stride = DEPTH,
            .count = 1 + (size_t)round % ROWS,
            .depth = DEPTH,
            .weights = weights,
            .columns = COLUMNS,
            .out_stride = COLUMNS,
            .finish = make_finish(&data, round % 2)};
        job.codes = expected;
        byte_kernels_plain.product(&job);
        for (size_t k = 0; byte_kernels_at(k); k++) {
            if (!byte_kernels_at(k)->runs_here())
                continue;
            memset(got, 0xee, sizeof got);
            job.codes = got;
            byte_kernels_at(k)->product(&job);
            assert_memory_equal(got, expected, job.count * COLUMNS);
        }
    }
}

static void every_set_gives_the_same_plain_numbers(void **state)
{
    static struct row_data data;
    static int8_t weights[COLUMNS * DEPTH];
    static uint8_t rows[ROWS * DEPTH];
    static float expected[ROWS * COLUMNS], got[ROWS * COLUMNS];
    (void)state;
    make_weights(weights);
    for (size_t i = 0; i < sizeof rows; i++)
        rows[i] = (uint8_t)random_number(CODE_MOST + 1);
    struct byte_product job = {.rows = rows,
        .row_stride = DEPTH,
        .count = ROWS,
        .depth = DEPTH,
        .weights = weights,
        .columns = COLUMNS,
        .out_stride = COLUMNS,
        .finish = make_finish(&data, false),
        .floats = expected};
    byte_kernels_plain.product(&job);
    for (size_t k = 0; byte_kernels_at(k); k++) {
        if (!byte_kernels_at(k)->runs_here())
            continue;
        memset(got, 0xee, sizeof got);
        job.floats = got;
        byte_kernels_at(k)->product(&job);
        assert_memory_equal(got, expected, sizeof got);
    }
}

/* With `weights`, the taps of a channel after those of another, packed as the set wants them. */
static void run_each(const struct byte_kernels *set, const int16_t *weights, struct byte_each *job)
{
    void *packed = memory_allocate_aligned(set->each_bytes(job->channels, job->tap_count));
    for (size_t c = 0; c < job->channels; c++)
        set->pack_each(weights + c * job->tap_count, job->tap_count, c, packed);
    job->weights = packed;
    set->each(job);
    free(packed);
}

static void every_set_weighs_channels_to_the_plain_set_s_bits(void **state)
{
    static struct row_data data;
    static int16_t weights[COLUMNS * TAPS];
    static uint8_t pixels[TAPS * ROWS * COLUMNS], expected[ROWS * COLUMNS + STORE_SLACK],
        got[sizeof expected];
    static const size_t tap_counts[] = {1, 9, 6, TAPS};
    const uint8_t *taps[TAPS];
    (void)state;
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)random_number(CODE_MOST + 1);
    for (size_t t = 0; t < TAPS; t++)
        taps[t] = pixels + t * ROWS * COLUMNS;
    for (size_t round = 0; round < COUNT_OF(tap_counts) * 2; round++) {
        for (size_t i = 0; i < COUNT_OF(weights); i++)
            weights[i] = (int16_t)((int)random_number(255) - 127);
        struct byte_each job = {.taps = taps,
            .tap_count = tap_counts[round / 2],
            .step = COLUMNS,
            .count = ROWS,
            .channels = COLUMNS,
            .finish = make_finish(&data, round % 2),
            .codes = expected,
            .out_stride = COLUMNS};
        run_each(&byte_kernels_plain, weights, &job);
        for (size_t k = 0; byte_kernels_at(k); k++) {
            if (!byte_kernels_at(k)->runs_here())
                continue;
            memset(got, 0xee, sizeof got);
            job.codes = got;
            run_each(byte_kernels_at(k), weights, &job);
            assert_memory_equal(got, expected, (size_t)ROWS * COLUMNS);
        }
    }
}

static void every_set_encodes_to_the_plain_set_s_bits(void **state)
{
    enum { PIXELS = 29 };
    static const float awkward[] = {0, -0.0F, NAN, INFINITY, -INFINITY, 0x1p-140F, 1e30F, -1e30F, 1, -1};
    static const float scale[4] = {128, 1, 0.5F, 1000};
    static const int16_t zero[4] = {127, 0, 3, 255};
    float planes[4 * PIXELS];
    uint8_t expected[4 * PIXELS], got[4 * PIXELS];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(planes); i++)
        planes[i] = random_number(3) ? (float)((int)random_number(4000) - 2000) / 1000
                                     : awkward[random_number(COUNT_OF(awkward))];
    for (size_t channels = 1; channels <= 4; channels++) {
        byte_kernels_plain.encode(planes, PIXELS, channels, scale, zero, expected);
        for (size_t k = 0; byte_kernels_at(k); k++) {
            if (!byte_kernels_at(k)->runs_here())
                continue;
            memset(got, 0xee, sizeof got);
            byte_kernels_at(k)->encode(planes, PIXELS, channels, scale, zero, got);
            assert_memory_equal(got, expected, sizeof got);
        }
    }
}

static void a_sum_comes_back_by_the_rule(void **state)
{
    static int8_t weights[DEPTH_STEP * PANEL];
    static float above[PANEL], below[PANEL];
    static int32_t bias[PANEL];
    static int16_t zero[PANEL];
    uint8_t row[DEPTH_STEP] = {10, 20}, out[PANEL + STORE_SLACK];
    (void)state;
    weights[0] = 3;
    weights[1] = -1;
    for (size_t c = 0; c < PANEL; c++) {
        above[c] = 0.5F;
        below[c] = 0.25F;
        zero[c] = 100;
        bias[c] = c == 1 ? -42 : c == 2 ? 5 : c == 3 ? 100000 : c == 4 ? -100000 : 1;
    }
    struct byte_product job = {.rows = row,
        .row_stride = DEPTH_STEP,
        .count = 1,
        .depth = DEPTH_STEP,
        .weights = weights,
        .columns = PANEL,
        .codes = out,
        .out_stride = PANEL,
        .finish = {.bias = bias, .above = above, .below = below, .zero = zero}};
    byte_kernels_plain.product(&job);
    assert_int_equal(out[0], 106); /* 11 × 0.5 = 5.5, to even */
    assert_int_equal(out[1], 90);  /* −42 × 0.25 = −10.5, to even */
    assert_int_equal(out[2], 102); /* 2.5, to even */
    assert_int_equal(out[3], CODE_MOST);
    assert_int_equal(out[4], 0);
}

static void the_best_set_runs_here(void **state)
{
    (void)state;
    assert_true(byte_kernels_best()->runs_here());
    assert_true(byte_kernels_plain.runs_here());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_set_multiplies_to_the_plain_set_s_bits),
        cmocka_unit_test(every_set_gives_the_same_plain_numbers),
        cmocka_unit_test(every_set_weighs_channels_to_the_plain_set_s_bits),
        cmocka_unit_test(every_set_encodes_to_the_plain_set_s_bits),
        cmocka_unit_test(a_sum_comes_back_by_the_rule),
        cmocka_unit_test(the_best_set_runs_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
