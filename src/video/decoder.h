/* From coded pictures to images, in the watch: libavcodec on the calling thread, swscale for the colours. One
 * thread per decoder.
 *
 * decoder_new comes before the lock-up: it decodes and converts a built-in sample of each codec, so that
 * whatever these libraries do once is done. Everything after it needs memory only (mmap, munmap, mremap, brk,
 * futex). Set MALLOC_ARENA_MAX=1 before exec. Buffers of decoded pictures are wiped when they are released to
 * the allocator. */
#pragma once

#include "video/image.h"
#include "video/packet.h"

struct decoder;

struct decoder_counts {
    uint64_t packets; /* pushed */
    uint64_t frames;  /* decoded */
    uint64_t errors;  /* packets that did not decode cleanly: damaged, out of order, over a limit */
};

struct frame {
    int64_t pts_us;
    int64_t captured_us; /* of the packet this frame was coded in */
    int width;
    int height;
};

/* For every codec that stream_codec_known accepts. */
struct decoder *decoder_new(struct error *err);
void decoder_free(struct decoder *decoder);
AUTO_FREE(decoder, struct decoder *, decoder_free)

/* Begins (again) with this stream's parameters: at the feed's greeting and after each reconnect. Forgets the
 * newest frame, keeps the counts. ERROR_INVALID for an unknown codec or extradata that are too long. */
bool decoder_start(struct decoder *decoder, const struct stream *stream, struct error *err);

/* Takes one packet and returns how many frames came out (with B-frames 0 or more, else 1). Damaged bytes are
 * counted and never fail: the decoder goes on. Pictures over image.h's limits, pictures that would need more
 * memory than video/frame_buffer.h's limit, and JPEGs that are not plain are errors. A change of size is
 * fine. Does nothing before decoder_start. */
int decoder_push(struct decoder *decoder, const struct packet *packet);

/* The newest frame, not yet converted; false while there is none. */
bool decoder_frame(const struct decoder *decoder, struct frame *frame);

/* Converts the newest frame to RGB. `image` is zeroed or holds an earlier picture, and is made anew when the
 * size differs; the caller ends it with image_done. ERROR_MISSING while there is no frame. */
bool decoder_image(struct decoder *decoder, struct image *image, struct error *err);

/* Drops and wipes what is kept of the newest frame. */
void decoder_wipe(struct decoder *decoder);

/* Bytes of decoded pictures held: at most FRAME_MEMORY_LIMIT. */
size_t decoder_memory(const struct decoder *decoder);

struct decoder_counts decoder_counts(const struct decoder *decoder);
