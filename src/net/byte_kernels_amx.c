#include "net/byte_wide.h"
#include "net/tiles.h"

#define AMX_INLINE                                                                                           \
    __attribute__((target("amx-tile,amx-int8,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"),                \
        always_inline)) static inline
#define AMX __attribute__((target("amx-tile,amx-int8,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))

enum { WIDTH = PANELS * PANEL };

/* Tiles 0 to 3: sums of four panels; 4: codes; 5 and 6: weights. This is the widest slice of a sum that a
 * tile holds and that divides it. */
static size_t slice_of(size_t depth)
{
    size_t slice = depth < TILE_BYTES ? depth : TILE_BYTES;
    while (depth % slice || slice % 4)
        slice--;
    return slice;
}

AMX_INLINE void shape_tiles(size_t slice)
{
    struct tile_shapes shapes = {.palette = 1};
    for (size_t t = 0; t < 7; t++) {
        shapes.row_bytes[t] = t == 4 ? (uint16_t)slice : TILE_BYTES;
        shapes.rows[t] = t > 4 ? (uint8_t)(slice / 4) : TILE_ROWS;
    }
    _tile_loadconfig(&shapes);
}

/* Sixteen rows of four panels. */
AMX_INLINE void multiply(
    const struct byte_product *job, size_t row, size_t column, size_t slice, int32_t *sums)
{
    const uint8_t *x = job->rows + row * job->row_stride;
    const int8_t *weights = job->weights + column * job->depth;
    const int32_t *bias = job->finish.bias + column;
    size_t next = PANEL * job->depth;
    _tile_loadd(0, bias, 0); /* the same row sixteen times */
    _tile_loadd(1, bias + PANEL, 0);
    _tile_loadd(2, bias + (size_t)2 * PANEL, 0);
    _tile_loadd(3, bias + (size_t)3 * PANEL, 0);
    for (size_t i = 0; i < job->depth; i += slice, weights += PANEL * slice) {
        _tile_loadd(4, x + i, job->row_stride);
        _tile_loadd(5, weights, TILE_BYTES);
        _tile_dpbusd(0, 4, 5);
        _tile_loadd(6, weights + next, TILE_BYTES);
        _tile_dpbusd(1, 4, 6);
        _tile_loadd(5, weights + 2 * next, TILE_BYTES);
        _tile_dpbusd(2, 4, 5);
        _tile_loadd(6, weights + 3 * next, TILE_BYTES);
        _tile_dpbusd(3, 4, 6);
    }
    _tile_stored(0, sums, PANELS * TILE_BYTES);
    _tile_stored(1, sums + PANEL, PANELS * TILE_BYTES);
    _tile_stored(2, sums + (size_t)2 * PANEL, PANELS * TILE_BYTES);
    _tile_stored(3, sums + (size_t)3 * PANEL, PANELS * TILE_BYTES);
}

/* The panels that fill a vector; the last rows are done twice rather than by themselves. */
AMX static void multiply_all(const struct byte_product *job, size_t columns)
{
    _Alignas(64) int32_t sums[WIDTH * TILE_ROWS];
    size_t slice = slice_of(job->depth);
    shape_tiles(slice);
    for (size_t column = 0; column < columns; column += WIDTH)
        for (size_t row = 0; row < job->count; row += TILE_ROWS) {
            size_t first = row + TILE_ROWS <= job->count ? row : job->count - TILE_ROWS;
            multiply(job, first, column, slice, sums);
            wide_finish_rows(job, first, column, sums, TILE_ROWS);
        }
    _tile_release(); /* and with it what the tiles know of a face */
}

static void product_amx(const struct byte_product *job)
{
    struct byte_product rest = *job;
    size_t columns = job->count < TILE_ROWS ? 0 : job->columns / WIDTH * WIDTH;
    if (columns)
        multiply_all(job, columns);
    if (columns == job->columns)
        return;
    rest.weights += columns * job->depth;
    rest.columns -= columns;
    rest.finish.bias += columns;
    rest.finish.above += columns;
    rest.finish.below += columns;
    rest.finish.zero += rest.codes ? columns : 0;
    rest.finish.skip += rest.finish.skip ? columns : 0;
    rest.finish.skip_zero += rest.finish.skip ? columns : 0;
    rest.finish.skip_scale += rest.finish.skip ? columns : 0;
    rest.codes += rest.codes ? columns : 0;
    rest.floats += rest.codes ? 0 : columns;
    byte_kernels_vnni.product(&rest);
}

static bool has_amx(void)
{
    return byte_kernels_vnni.runs_here() && tiles_allowed();
}

static size_t each_bytes_amx(size_t channels, size_t taps)
{
    return byte_kernels_vnni.each_bytes(channels, taps);
}

static void pack_each_amx(const int16_t *taps, size_t tap_count, size_t channel, void *weights)
{
    byte_kernels_vnni.pack_each(taps, tap_count, channel, weights);
}

static void each_amx(const struct byte_each *job)
{
    byte_kernels_vnni.each(job);
}

static void encode_amx(const float *planes, size_t pixels, size_t channels, const float *scale,
    const int16_t *zero, uint8_t *codes)
{
    byte_kernels_vnni.encode(planes, pixels, channels, scale, zero, codes);
}

const struct byte_kernels byte_kernels_amx = {
    "amx", has_amx, product_amx, each_bytes_amx, pack_each_amx, each_amx, encode_amx};
