#include "video/frame_buffer.h"

#include "base/memory.h"

#include <assert.h>
#include <libavutil/buffer.h>
#include <libavutil/imgutils.h>
#include <stdlib.h>
#include <string.h>

enum {
    WIDTH_ALIGNMENT = 128, /* keeps chroma rows on 64 bytes too */
    PLANE_PADDING = 64,    /* vector code may read and write so far past a plane */
    PLANES = 4,
};

struct frame_pool {
    AVBufferPool *buffers;
    size_t buffer_size;
    size_t held; /* bytes of all buffers, in use or waiting in `buffers` */
};

struct piece {
    size_t size;
    struct frame_pool *pool; /* NULL for packets */
};

struct frame_layout {
    int linesize[PLANES];
    size_t offset[PLANES];
    bool used[PLANES];
    size_t total;
};

static void piece_free(void *opaque, uint8_t *data)
{
    struct piece *piece = opaque;
    memory_wipe(data, piece->size);
    free(data);
    if (piece->pool)
        piece->pool->held -= piece->size;
    free(piece);
}

static AVBufferRef *wiped_buffer(size_t size, struct frame_pool *pool)
{
    size_t rounded = (size + 63) & ~(size_t)63;
    if (pool && (rounded > FRAME_MEMORY_LIMIT || pool->held > FRAME_MEMORY_LIMIT - rounded))
        return NULL;
    uint8_t *data = aligned_alloc(64, rounded);
    if (!data)
        return NULL;
    memset(data, 0, rounded);
    struct piece *piece = memory_allocate(1, sizeof *piece);
    *piece = (struct piece){rounded, pool};
    AVBufferRef *buffer = av_buffer_create(data, rounded, piece_free, piece, 0);
    if (!buffer) {
        free(data);
        free(piece);
        return NULL;
    }
    if (pool)
        pool->held += rounded;
    return buffer;
}

static AVBufferRef *pool_buffer(void *opaque, size_t size)
{
    return wiped_buffer(size, opaque);
}

struct frame_pool *frame_pool_new(void)
{
    return memory_allocate(1, sizeof(struct frame_pool));
}

void frame_pool_free(struct frame_pool *pool)
{
    if (!pool)
        return;
    av_buffer_pool_uninit(&pool->buffers);
    assert(pool->held == 0);
    free(pool);
}

size_t frame_pool_held(const struct frame_pool *pool)
{
    return pool->held;
}

static int layout_of(AVCodecContext *context, const AVFrame *frame, struct frame_layout *layout)
{
    int width = frame->width, height = frame->height;
    int alignment[AV_NUM_DATA_POINTERS];
    avcodec_align_dimensions2(context, &width, &height, alignment);
    width = (width + WIDTH_ALIGNMENT - 1) / WIDTH_ALIGNMENT * WIDTH_ALIGNMENT;
    int code = av_image_fill_linesizes(layout->linesize, frame->format, width);
    if (code < 0)
        return code;
    ptrdiff_t linesizes[PLANES];
    size_t sizes[PLANES];
    for (int i = 0; i < PLANES; i++)
        linesizes[i] = layout->linesize[i];
    code = av_image_fill_plane_sizes(sizes, frame->format, height, linesizes);
    for (int i = 0; i < PLANES && code >= 0; i++) {
        layout->used[i] = sizes[i] > 0;
        layout->offset[i] = layout->total;
        layout->total += layout->used[i] ? (sizes[i] + PLANE_PADDING + 63) & ~(size_t)63 : 0;
    }
    return code;
}

int frame_buffer_get(AVCodecContext *context, AVFrame *frame, int flags)
{
    (void)flags;
    struct frame_pool *pool = context->opaque;
    struct frame_layout layout = {0};
    int code = layout_of(context, frame, &layout);
    if (code < 0)
        return code;
    if (!pool->buffers || pool->buffer_size != layout.total) {
        av_buffer_pool_uninit(&pool->buffers);
        pool->buffers = av_buffer_pool_init2(layout.total, pool, pool_buffer, NULL);
        pool->buffer_size = layout.total;
    }
    frame->buf[0] = pool->buffers ? av_buffer_pool_get(pool->buffers) : NULL;
    if (!frame->buf[0])
        return AVERROR(ENOMEM);
    for (int i = 0; i < PLANES; i++) {
        frame->linesize[i] = layout.linesize[i];
        frame->data[i] = layout.used[i] ? frame->buf[0]->data + layout.offset[i] : NULL;
    }
    frame->extended_data = frame->data;
    return 0;
}

bool packet_buffer_fill(AVPacket *packet, const uint8_t *data, int size)
{
    av_packet_unref(packet);
    packet->buf = wiped_buffer((size_t)size + AV_INPUT_BUFFER_PADDING_SIZE, NULL);
    if (!packet->buf)
        return false;
    packet->data = packet->buf->data;
    packet->size = size;
    memcpy(packet->data, data, (size_t)size);
    return true;
}
