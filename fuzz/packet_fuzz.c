/* Any codec, stream parameters and packets, as a hostile feed could send them: the decoder neither fails nor
 * reads beyond them, and what comes out keeps image.h's limits.
 *
 * The bytes: codec (1), size of the extradata (1), extradata, then packets: size (2, little-endian), coded
 * picture. */
#include "video/decoder.h"

#include <stdlib.h>
#include <string.h>

enum { PACKETS = 32, SLOW_PIXELS = 2000 * 2000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_frame(struct decoder *decoder)
{
    struct frame frame;
    if (!decoder_frame(decoder, &frame))
        return;
    if (frame.width < 1 || frame.height < 1 || frame.width > IMAGE_SIDE_LIMIT ||
        frame.height > IMAGE_SIDE_LIMIT || frame.width > IMAGE_PIXEL_LIMIT / frame.height)
        abort();
    if (frame.width > SLOW_PIXELS / frame.height)
        return;
    struct image image = {0};
    if (decoder_image(decoder, &image, NULL) && (image.width != frame.width || image.height != frame.height))
        abort();
    image_done(&image);
}

static void push_packets(struct decoder *decoder, const uint8_t *data, size_t size)
{
    for (int i = 0; i < PACKETS && size >= 2; i++) {
        size_t length = (size_t)data[0] | (size_t)data[1] << 8;
        data += 2;
        size -= 2;
        length = length < size ? length : size;
        /* A copy of exactly this size, so that a sanitiser sees reading past it. */
        uint8_t *copy = memory_allocate(length, 1);
        memcpy(copy, data, length);
        decoder_push(decoder, &(struct packet){.data = copy, .size = length, .pts_us = i, .key = true});
        free(copy);
        check_frame(decoder);
        data += length;
        size -= length;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct decoder *decoder;
    if (!decoder)
        decoder = decoder_new(NULL);
    if (!decoder)
        abort();
    static const char codecs[3][STREAM_CODEC_SIZE] = {"h264", "hevc", "mjpeg"};
    struct stream stream = {0};
    memcpy(stream.codec, codecs[size > 0 ? data[0] % 3 : 0], sizeof stream.codec);
    if (size > 1) {
        data++;
        size--;
        size_t wanted = data[0];
        stream.extradata_size = wanted < size - 1 ? wanted : size - 1;
        memcpy(stream.extradata, data + 1, stream.extradata_size);
        data += 1 + stream.extradata_size;
        size -= 1 + stream.extradata_size;
    }
    if (decoder_start(decoder, &stream, NULL))
        push_packets(decoder, data, size);
    return 0;
}
