#include "net/tile_layer.h"

#include "net/tiles.h"

#include <immintrin.h>
#include <oneapi/dnnl/dnnl.h>
#include <stdlib.h>
#include <string.h>

#define TILES __attribute__((target("amx-tile,amx-bf16,avx512f,avx512bw,avx512dq,avx512vl,avx512bf16")))
#define TILES_INLINE                                                                                         \
    __attribute__((target("amx-tile,amx-bf16,avx512f,avx512bw,avx512dq,avx512vl,avx512bf16"),                \
        always_inline)) static inline

enum {
    BLOCK = 16,
    SLICE = 32,  /* inputs in a tile */
    PIXELS = 32, /* at once: two tiles */
    PAIR = 2,    /* blocks of outputs at once */
    TILE_NUMBERS = TILE_ROWS * SLICE,
    TILES_NUMBERS = PIXELS * SLICE,
    TILE_SUMS = TILE_ROWS * BLOCK,
    BLOCK_SUMS = PIXELS * BLOCK,
};

struct tile_layer {
    size_t slices, pairs, in_blocks, out_blocks, pixels, pictures;
    bool relu;
    uint16_t *high, *low; /* own; for each pair and slice, two tiles: 16 × (16 outputs × 2 inputs) */
    float *bias;          /* own; of all pairs */
};

static size_t blocks_of(const struct value *value)
{
    return ((size_t)value_channels(value) + BLOCK - 1) / BLOCK;
}

bool tile_layer_fits(const struct graph *graph, const struct node *node)
{
    const struct window *window = &node->window;
    const struct value *x = &graph->values[node->inputs[0]], *y = &graph->values[node->output];
    return tiles_allowed() && __builtin_cpu_supports("avx512bf16") &&
           (dnnl_get_effective_cpu_isa() & dnnl_cpu_isa_avx512_core_amx) == dnnl_cpu_isa_avx512_core_amx &&
           x->block == BLOCK && blocks_of(x) > 1 && y->block == BLOCK && window->groups == 1 &&
           window->kernel[0] == 1 && window->kernel[1] == 1 && window->stride[0] == 1 &&
           window->stride[1] == 1 &&
           !(window->pad_before[0] | window->pad_before[1] | window->pad_after[0] | window->pad_after[1]);
}

/* To nearest, to even. */
static uint16_t bfloat_of(float number)
{
    uint32_t bits;
    memcpy(&bits, &number, sizeof bits);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

static float float_of(uint16_t bfloat)
{
    uint32_t bits = (uint32_t)bfloat << 16;
    float number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

static void pack(struct tile_layer *layer, const float *weights, size_t inputs, size_t outputs)
{
    for (size_t o = 0; o < outputs; o++)
        for (size_t i = 0; i < inputs; i++) {
            float weight = weights[o * inputs + i];
            size_t tile = (o / BLOCK / PAIR * layer->slices + i / SLICE) * PAIR + o / BLOCK % PAIR;
            size_t at = tile * TILE_NUMBERS + i % SLICE / 2 * SLICE + o % BLOCK * 2 + i % 2;
            layer->high[at] = bfloat_of(weight);
            layer->low[at] = bfloat_of(weight - float_of(layer->high[at]));
        }
}

struct tile_layer *tile_layer_new(const struct graph *graph, const struct node *node)
{
    struct tile_layer *layer = memory_allocate(1, sizeof *layer);
    const struct value *x = &graph->values[node->inputs[0]], *y = &graph->values[node->output];
    layer->in_blocks = blocks_of(x);
    layer->out_blocks = blocks_of(y);
    layer->slices = (layer->in_blocks * BLOCK + SLICE - 1) / SLICE;
    layer->pairs = (layer->out_blocks + PAIR - 1) / PAIR;
    layer->pixels = (size_t)value_pixels(x);
    layer->pictures = (size_t)x->shape.dims[0];
    layer->relu = node->window.relu;
    layer->high = memory_allocate_aligned(tile_layer_packed_bytes(layer) / 2);
    layer->low = memory_allocate_aligned(tile_layer_packed_bytes(layer) / 2);
    layer->bias = memory_allocate_aligned(layer->pairs * PAIR * BLOCK * sizeof *layer->bias);
    pack(layer, graph->values[node->inputs[CONVOLUTION_WEIGHTS]].data, (size_t)value_channels(x),
        (size_t)value_channels(y));
    if (node->input_count > CONVOLUTION_BIAS && node->inputs[CONVOLUTION_BIAS] != MISSING)
        memcpy(layer->bias, graph->values[node->inputs[CONVOLUTION_BIAS]].data,
            (size_t)value_channels(y) * sizeof *layer->bias);
    return layer;
}

void tile_layer_free(struct tile_layer *layer)
{
    if (!layer)
        return;
    free(layer->high);
    free(layer->low);
    free(layer->bias);
    free(layer);
}

size_t tile_layer_packed_bytes(const struct tile_layer *layer)
{
    return 2 * layer->pairs * layer->slices * PAIR * TILE_NUMBERS * sizeof(uint16_t);
}

static size_t split_numbers(const struct tile_layer *layer)
{
    return layer->slices * TILES_NUMBERS;
}

/* The pixels' high and low parts, then the sums. */
size_t tile_layer_scratch_size(const struct tile_layer *layer)
{
    return 2 * split_numbers(layer) * sizeof(uint16_t) + (size_t)PAIR * BLOCK_SUMS * sizeof(float);
}

TILES_INLINE __m512 widened(__m256i bfloats)
{
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bfloats), 16));
}

/* 32 inputs of a pixel, from two blocks. */
TILES_INLINE void split_pixel(__m512 first, __m512 second, uint16_t *high, uint16_t *low)
{
    __m512i rounded = (__m512i)_mm512_cvtne2ps_pbh(second, first);
    __m512 first_left = _mm512_sub_ps(first, widened(_mm512_castsi512_si256(rounded)));
    __m512 second_left = _mm512_sub_ps(second, widened(_mm512_extracti64x4_epi64(rounded, 1)));
    _mm512_store_si512(high, rounded);
    _mm512_store_si512(low, (__m512i)_mm512_cvtne2ps_pbh(second_left, first_left));
}

TILES static void split(
    const struct tile_layer *layer, const float *x, size_t count, uint16_t *high, uint16_t *low)
{
    size_t plane = layer->pixels * BLOCK;
    for (size_t s = 0; s < layer->slices; s++, x += 2 * plane, high += TILES_NUMBERS, low += TILES_NUMBERS) {
        bool both = 2 * s + 1 < layer->in_blocks;
        for (size_t p = 0; p < count; p++)
            split_pixel(_mm512_loadu_ps(x + p * BLOCK),
                both ? _mm512_loadu_ps(x + plane + p * BLOCK) : _mm512_setzero_ps(), high + p * SLICE,
                low + p * SLICE);
    }
}

TILES_INLINE void load_pixels(const uint16_t *part)
{
    _tile_loadd(4, part, TILE_BYTES);
    _tile_loadd(5, part + TILE_NUMBERS, TILE_BYTES);
}

TILES_INLINE void load_weights(const uint16_t *part)
{
    _tile_loadd(6, part, TILE_BYTES);
    _tile_loadd(7, part + TILE_NUMBERS, TILE_BYTES);
}

TILES_INLINE void add_products(void)
{
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
}

/* 32 pixels × 32 outputs: tiles 0 to 3 sum, 4 and 5 hold pixels, 6 and 7 weights. */
TILES_INLINE void multiply(
    const struct tile_layer *layer, size_t pair, const uint16_t *high, const uint16_t *low, float *sums)
{
    const float *bias = layer->bias + pair * PAIR * BLOCK;
    size_t at = pair * layer->slices * PAIR * TILE_NUMBERS;
    _tile_loadd(0, bias, 0); /* the same row sixteen times */
    _tile_loadd(1, bias + BLOCK, 0);
    _tile_loadd(2, bias, 0);
    _tile_loadd(3, bias + BLOCK, 0);
    for (size_t s = 0; s < layer->slices; s++, at += (size_t)PAIR * TILE_NUMBERS) {
        load_pixels(high + s * TILES_NUMBERS);
        load_weights(layer->low + at);
        add_products();
        load_weights(layer->high + at);
        add_products();
        load_pixels(low + s * TILES_NUMBERS);
        add_products();
    }
    _tile_stored(0, sums, TILE_BYTES);
    _tile_stored(1, sums + BLOCK_SUMS, TILE_BYTES);
    _tile_stored(2, sums + TILE_SUMS, TILE_BYTES);
    _tile_stored(3, sums + BLOCK_SUMS + TILE_SUMS, TILE_BYTES);
}

TILES_INLINE void store_block(const float *sums, bool relu, size_t count, float *y)
{
    __m512 least = relu ? _mm512_setzero_ps() : _mm512_set1_ps(-__builtin_inff());
    for (size_t p = 0; p < count * BLOCK; p += BLOCK)
        _mm512_storeu_ps(y + p, _mm512_max_ps(_mm512_load_ps(sums + p), least));
}

TILES static void run_picture(const struct tile_layer *layer, const float *x, float *y, uint16_t *scratch)
{
    uint16_t *high = scratch, *low = scratch + split_numbers(layer);
    float *sums = (float *)(void *)(low + split_numbers(layer));
    for (size_t first = 0; first < layer->pixels; first += PIXELS) {
        size_t count = layer->pixels - first < PIXELS ? layer->pixels - first : PIXELS;
        split(layer, x + first * BLOCK, count, high, low);
        for (size_t pair = 0; pair < layer->pairs; pair++) {
            multiply(layer, pair, high, low, sums);
            for (size_t b = 0; b < PAIR && pair * PAIR + b < layer->out_blocks; b++)
                store_block(sums + b * BLOCK_SUMS, layer->relu, count,
                    y + ((pair * PAIR + b) * layer->pixels + first) * BLOCK);
        }
    }
}

TILES void tile_layer_run(
    const struct tile_layer *layer, const struct graph *graph, const struct node *node, void *scratch)
{
    struct tile_shapes shapes = {.palette = 1};
    const float *x = graph->values[node->inputs[0]].data;
    float *y = graph->values[node->output].data;
    for (size_t t = 0; t < 8; t++) {
        shapes.row_bytes[t] = TILE_BYTES;
        shapes.rows[t] = TILE_ROWS;
    }
    _tile_loadconfig(&shapes);
    for (size_t i = 0; i < layer->pictures; i++)
        run_picture(layer, x + i * layer->in_blocks * layer->pixels * BLOCK,
            y + i * layer->out_blocks * layer->pixels * BLOCK, scratch);
    _tile_release(); /* and with it what the tiles know of a face */
}
