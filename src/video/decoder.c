#include "video/decoder.h"

#include "video/frame_buffer.h"
#include "video/libav.h"
#include "video/sample.h"

#include <libavcodec/avcodec.h>
#include <libswscale/swscale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* swscale's vector code writes whole groups of pixels: in other widths it writes past the rows' ends, or
 * leaves the last pixels out when the rows have no room. */
enum { ROW_MULTIPLE_PX = 16, ROW_SLACK = 256 };

struct decoder {
    bool jpeg;
    AVCodecContext *context; /* NULL before decoder_start */
    struct frame_pool *pool;
    AVPacket *packet;
    AVFrame *incoming;
    AVFrame *newest;
    struct SwsContext *colours;
    struct bytes padded; /* rows with room for whole groups, for pictures of other widths */
    struct decoder_counts counts;
};

static void padded_free(struct decoder *decoder)
{
    if (decoder->padded.data)
        memory_wipe(decoder->padded.data, decoder->padded.size);
    bytes_free(&decoder->padded);
}

static void stream_end(struct decoder *decoder)
{
    av_frame_unref(decoder->newest);
    av_frame_unref(decoder->incoming);
    av_packet_unref(decoder->packet);
    avcodec_free_context(&decoder->context);
    frame_pool_free(decoder->pool);
    decoder->pool = NULL;
}

static bool warm_up(struct decoder *decoder, const struct sample *sample, struct error *err)
{
    struct stream stream = {.width = SAMPLE_WIDTH, .height = SAMPLE_HEIGHT};
    snprintf(stream.codec, sizeof stream.codec, "%s", sample->codec);
    if (!decoder_start(decoder, &stream, err))
        return false;
    const uint8_t *at = sample->bytes;
    for (int i = 0; i < sample->pictures; at += sample->sizes[i], i++)
        decoder_push(decoder, &(struct packet){.data = at, .size = (size_t)sample->sizes[i], .pts_us = i});
    struct image image = {0};
    bool ok = decoder_image(decoder, &image, err);
    image_done(&image);
    if (ok && decoder->counts.errors)
        ok = fail(err, ERROR_CORRUPT, "the decoder does not decode its own sample of %s", sample->codec);
    stream_end(decoder);
    decoder->counts = (struct decoder_counts){0};
    return ok;
}

struct decoder *decoder_new(struct error *err)
{
    libav_begin();
    AUTO(decoder) struct decoder *decoder = memory_allocate(1, sizeof *decoder);
    decoder->packet = av_packet_alloc();
    decoder->incoming = av_frame_alloc();
    decoder->newest = av_frame_alloc();
    if (!decoder->packet || !decoder->incoming || !decoder->newest) {
        fail(err, ERROR_SYSTEM, "out of memory");
        return NULL;
    }
    for (int i = 0; i < SAMPLE_CODECS; i++)
        if (!warm_up(decoder, &samples[i], err))
            return NULL;
    return STEAL(decoder);
}

void decoder_free(struct decoder *decoder)
{
    if (!decoder)
        return;
    if (decoder->newest && decoder->incoming && decoder->packet)
        stream_end(decoder);
    av_frame_free(&decoder->newest);
    av_frame_free(&decoder->incoming);
    av_packet_free(&decoder->packet);
    sws_freeContext(decoder->colours);
    padded_free(decoder);
    free(decoder);
}

static bool extradata_copy(AVCodecContext *context, const struct stream *stream)
{
    if (stream->extradata_size == 0)
        return true;
    context->extradata = av_mallocz(stream->extradata_size + AV_INPUT_BUFFER_PADDING_SIZE);
    if (!context->extradata)
        return false;
    memcpy(context->extradata, stream->extradata, stream->extradata_size);
    context->extradata_size = (int)stream->extradata_size;
    return true;
}

static void context_configure(struct decoder *decoder)
{
    AVCodecContext *context = decoder->context;
    context->thread_count = 1;
    context->max_pixels = IMAGE_PIXEL_LIMIT;
    context->opaque = decoder->pool;
    context->get_buffer2 = frame_buffer_get;
}

bool decoder_start(struct decoder *decoder, const struct stream *stream, struct error *err)
{
    if (!stream_codec_known(stream->codec))
        return fail(err, ERROR_INVALID, "%.15s is no codec that this program decodes", stream->codec);
    if (stream->extradata_size > STREAM_EXTRADATA_LIMIT)
        return fail(err, ERROR_INVALID, "the stream's parameters take %zu bytes; the limit is %d",
            stream->extradata_size, (int)STREAM_EXTRADATA_LIMIT);
    stream_end(decoder);
    const AVCodec *codec = avcodec_find_decoder_by_name(stream->codec);
    decoder->pool = frame_pool_new();
    decoder->context = avcodec_alloc_context3(codec);
    if (!codec || !decoder->context || !extradata_copy(decoder->context, stream)) {
        stream_end(decoder);
        return fail(err, ERROR_SYSTEM, "no decoder for %s could be made", stream->codec);
    }
    context_configure(decoder);
    decoder->jpeg = codec->id == AV_CODEC_ID_MJPEG;
    bool ok = av_ok(avcodec_open2(decoder->context, codec, NULL), err, "the stream's parameters are damaged");
    if (!ok)
        stream_end(decoder);
    return ok;
}

static bool frame_is_usable(const AVFrame *frame)
{
    return frame->width >= 1 && frame->height >= 1 && frame->width <= IMAGE_SIDE_LIMIT &&
           frame->height <= IMAGE_SIDE_LIMIT;
}

static bool frame_is_clean(const AVFrame *frame)
{
    return frame->decode_error_flags == 0 && !(frame->flags & AV_FRAME_FLAG_CORRUPT);
}

/* Takes what the decoder has ready; clears `clean` when something did not decode. */
static int frames_receive(struct decoder *decoder, bool *clean)
{
    int frames = 0;
    for (;;) {
        int code = avcodec_receive_frame(decoder->context, decoder->incoming);
        if (code == AVERROR(EAGAIN) || code == AVERROR_EOF)
            return frames;
        if (code < 0 || !frame_is_usable(decoder->incoming)) {
            *clean = false;
            av_frame_unref(decoder->incoming);
            if (code < 0)
                return frames;
            continue;
        }
        *clean = *clean && frame_is_clean(decoder->incoming);
        av_frame_unref(decoder->newest);
        av_frame_move_ref(decoder->newest, decoder->incoming);
        frames++;
    }
}

int decoder_push(struct decoder *decoder, const struct packet *packet)
{
    if (!decoder->context)
        return 0;
    decoder->counts.packets++;
    bool clean = packet->size > 0 && packet->size <= PACKET_SIZE_LIMIT &&
                 (!decoder->jpeg || packet_jpeg_is_plain(packet->data, packet->size)) &&
                 packet_buffer_fill(decoder->packet, packet->data, (int)packet->size);
    int frames = 0;
    if (clean) {
        decoder->packet->pts = packet->pts_us;
        decoder->packet->flags = packet->key ? AV_PKT_FLAG_KEY : 0;
        decoder->context->reordered_opaque = packet->captured_us;
        clean = avcodec_send_packet(decoder->context, decoder->packet) >= 0;
        frames = frames_receive(decoder, &clean);
    }
    av_packet_unref(decoder->packet);
    decoder->counts.frames += (uint64_t)frames;
    decoder->counts.errors += !clean;
    return frames;
}

static bool has_frame(const struct decoder *decoder)
{
    return decoder->newest->buf[0] != NULL;
}

bool decoder_frame(const struct decoder *decoder, struct frame *frame)
{
    if (!has_frame(decoder))
        return false;
    const AVFrame *newest = decoder->newest;
    *frame = (struct frame){
        .pts_us = newest->pts != AV_NOPTS_VALUE ? newest->pts : newest->reordered_opaque,
        .captured_us = newest->reordered_opaque,
        .width = newest->width,
        .height = newest->height,
    };
    return true;
}

static bool colours_prepare(struct decoder *decoder, struct error *err)
{
    const AVFrame *frame = decoder->newest;
    decoder->colours = sws_getCachedContext(decoder->colours, frame->width, frame->height, frame->format,
        frame->width, frame->height, AV_PIX_FMT_RGB24, SWS_BILINEAR, NULL, NULL, NULL);
    if (!decoder->colours)
        return fail(err, ERROR_INVALID, "pictures of %d × %d cannot be converted to RGB", frame->width,
            frame->height);
    int space = frame->colorspace == AVCOL_SPC_UNSPECIFIED && frame->height >= 720 ? SWS_CS_ITU709
                                                                                   : (int)frame->colorspace;
    int full = frame->color_range == AVCOL_RANGE_JPEG;
    sws_setColorspaceDetails(decoder->colours, sws_getCoefficients(space), full,
        sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16);
    return true;
}

static bool image_fit(struct image *image, int width, int height, struct error *err)
{
    if (image->rgb && image->width == width && image->height == height)
        return true;
    image_done(image);
    *image = (struct image){0};
    return image_init(image, width, height, err);
}

static bool convert_into(struct decoder *decoder, uint8_t *rows, int stride, struct error *err)
{
    const AVFrame *frame = decoder->newest;
    uint8_t *planes[4] = {rows};
    int strides[4] = {stride};
    int done = sws_scale(decoder->colours, (const uint8_t *const *)frame->data, frame->linesize, 0,
        frame->height, planes, strides);
    return done == frame->height || fail(err, ERROR_SYSTEM, "a picture could not be converted to RGB");
}

static bool convert_padded(struct decoder *decoder, const struct image *image, struct error *err)
{
    size_t row = (size_t)image->width * 3;
    int stride = (image->width + ROW_MULTIPLE_PX - 1) / ROW_MULTIPLE_PX * ROW_MULTIPLE_PX * 3;
    size_t size = (size_t)stride * (size_t)image->height + ROW_SLACK;
    if (decoder->padded.size != size) {
        padded_free(decoder);
        decoder->padded = (struct bytes){memory_allocate(size, 1), size};
    }
    if (!convert_into(decoder, decoder->padded.data, stride, err))
        return false;
    for (size_t y = 0; y < (size_t)image->height; y++)
        memcpy(image->rgb + y * (size_t)image->stride, decoder->padded.data + y * (size_t)stride, row);
    return true;
}

bool decoder_image(struct decoder *decoder, struct image *image, struct error *err)
{
    if (!has_frame(decoder))
        return fail(err, ERROR_MISSING, "no picture has been decoded yet");
    int width = decoder->newest->width, height = decoder->newest->height;
    if (!colours_prepare(decoder, err) || !image_fit(image, width, height, err))
        return false;
    if (width % ROW_MULTIPLE_PX == 0)
        return convert_into(decoder, image->rgb, image->stride, err);
    return convert_padded(decoder, image, err);
}

void decoder_wipe(struct decoder *decoder)
{
    av_frame_unref(decoder->newest);
    padded_free(decoder);
}

size_t decoder_memory(const struct decoder *decoder)
{
    return decoder->pool ? frame_pool_held(decoder->pool) : 0;
}

struct decoder_counts decoder_counts(const struct decoder *decoder)
{
    return decoder->counts;
}
