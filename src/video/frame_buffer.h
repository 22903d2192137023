/* Memory of libavcodec's pictures and packets that is wiped before it goes back to the allocator. */
#pragma once

#include <libavcodec/avcodec.h>
#include <stdbool.h>

struct frame_pool;

struct frame_pool *frame_pool_new(void);
/* Pictures still in use are wiped when their last reference goes. */
void frame_pool_free(struct frame_pool *pool);

/* For AVCodecContext.get_buffer2, with the pool as the context's opaque. */
int frame_buffer_get(AVCodecContext *context, AVFrame *frame, int flags);

/* A packet with a wiped-on-release copy of the bytes; false when memory is out. */
bool packet_buffer_fill(AVPacket *packet, const uint8_t *data, int size);
