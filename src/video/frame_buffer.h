/* Memory of libavcodec's pictures and packets that is wiped before it goes back to the allocator. The
 * pictures of one pool never take more than FRAME_MEMORY_LIMIT together, whatever the stream says: a picture
 * over it does not decode. Seventeen pictures of 3840 × 2160 fit. */
#pragma once

#include <libavcodec/avcodec.h>
#include <stdbool.h>

enum { FRAME_MEMORY_LIMIT = 256 << 20 };

struct frame_pool;

struct frame_pool *frame_pool_new(void);
/* After the last picture of it was released. */
void frame_pool_free(struct frame_pool *pool);

/* Bytes taken now. */
size_t frame_pool_held(const struct frame_pool *pool);

/* For AVCodecContext.get_buffer2, with the pool as the context's opaque. */
int frame_buffer_get(AVCodecContext *context, AVFrame *frame, int flags);

/* A packet with a wiped-on-release copy of the bytes; false when memory is out. */
bool packet_buffer_fill(AVPacket *packet, const uint8_t *data, int size);
