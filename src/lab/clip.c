#include "lab/clip.h"

#include "video/libav.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswscale/swscale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char containers[] = "mov,matroska,avi,mpegts,h264,hevc";
static const char codecs[] = "h264,hevc,mjpeg,mpeg4,msmpeg4";
static const AVRational microseconds = {1, 1000000};

struct clip {
    AVFormatContext *format;
    AVCodecContext *decoder;
    AVPacket *packet;
    AVFrame *incoming;
    AVFrame *newest;
    struct SwsContext *colours;
    int stream;
    int64_t last_us; /* stands in where there is no stamp */
};

static bool open_container(struct clip *clip, const char *path, struct error *err)
{
    AVDictionary *settings = NULL;
    av_dict_set(&settings, "protocol_whitelist", "file", 0);
    av_dict_set(&settings, "format_whitelist", containers, 0);
    av_dict_set(&settings, "codec_whitelist", codecs, 0);
    int code = avformat_open_input(&clip->format, path, NULL, &settings);
    av_dict_free(&settings);
    if (!av_ok(code, NULL, "open") || !av_ok(avformat_find_stream_info(clip->format, NULL), NULL, "probe"))
        return fail(err, ERROR_INVALID, "%s: not a recording that can be read", path);
    return true;
}

static bool open_decoder(struct clip *clip, const char *path, struct error *err)
{
    const AVCodec *codec = NULL;
    clip->stream = av_find_best_stream(clip->format, AVMEDIA_TYPE_VIDEO, -1, -1, &codec, 0);
    if (clip->stream < 0 || !codec)
        return fail(err, ERROR_INVALID, "%s: no video of a known kind", path);
    for (unsigned i = 0; i < clip->format->nb_streams; i++)
        if ((int)i != clip->stream)
            clip->format->streams[i]->discard = AVDISCARD_ALL;
    clip->decoder = avcodec_alloc_context3(codec);
    if (!clip->decoder)
        return fail(err, ERROR_SYSTEM, "out of memory");
    clip->decoder->thread_count = 1;
    clip->decoder->max_pixels = IMAGE_PIXEL_LIMIT;
    return av_ok(avcodec_parameters_to_context(clip->decoder, clip->format->streams[clip->stream]->codecpar),
               err, "%s", path) &&
           av_ok(avcodec_open2(clip->decoder, codec, NULL), err, "%s", path);
}

struct clip *clip_open(const char *path, struct error *err)
{
    libav_begin();
    AUTO(clip) struct clip *clip = memory_allocate(1, sizeof *clip);
    if (access(path, R_OK)) {
        fail(err, ERROR_MISSING, "%s: no such file, or not readable", path);
        return NULL;
    }
    clip->packet = av_packet_alloc();
    clip->incoming = av_frame_alloc();
    clip->newest = av_frame_alloc();
    if (!clip->packet || !clip->incoming || !clip->newest) {
        fail(err, ERROR_SYSTEM, "out of memory");
        return NULL;
    }
    if (!open_container(clip, path, err) || !open_decoder(clip, path, err))
        return NULL;
    return STEAL(clip);
}

void clip_close(struct clip *clip)
{
    if (!clip)
        return;
    sws_freeContext(clip->colours);
    av_frame_free(&clip->newest);
    av_frame_free(&clip->incoming);
    av_packet_free(&clip->packet);
    avcodec_free_context(&clip->decoder);
    avformat_close_input(&clip->format);
    free(clip);
}

const char *clip_codec(const struct clip *clip)
{
    return avcodec_get_name(clip->decoder->codec_id);
}

static int64_t stamp_us(struct clip *clip, int64_t pts, int64_t otherwise)
{
    int64_t stamp = pts != AV_NOPTS_VALUE ? pts : otherwise;
    if (stamp == AV_NOPTS_VALUE)
        return clip->last_us;
    return av_rescale_q(stamp, clip->format->streams[clip->stream]->time_base, microseconds);
}

static bool next_packet(struct clip *clip, struct error *err)
{
    do {
        av_packet_unref(clip->packet);
        if (av_read_frame(clip->format, clip->packet) < 0)
            return fail(err, ERROR_MISSING, "the end of the recording");
    } while (clip->packet->stream_index != clip->stream);
    return true;
}

bool clip_step(struct clip *clip, struct clip_step *step, struct error *err)
{
    if (!next_packet(clip, err))
        return false;
    *step = (struct clip_step){
        .coded_us = stamp_us(clip, clip->packet->pts, clip->packet->dts),
        .size = (size_t)clip->packet->size,
        .key = clip->packet->flags & AV_PKT_FLAG_KEY,
    };
    step->damaged = avcodec_send_packet(clip->decoder, clip->packet) < 0;
    while (avcodec_receive_frame(clip->decoder, clip->incoming) >= 0) {
        av_frame_unref(clip->newest);
        av_frame_move_ref(clip->newest, clip->incoming);
        step->pictures++;
        step->damaged = step->damaged || clip->newest->decode_error_flags;
        clip->last_us = stamp_us(clip, clip->newest->best_effort_timestamp, clip->newest->pkt_dts);
    }
    step->shown_us = clip->last_us;
    step->width = clip->newest->width;
    step->height = clip->newest->height;
    return true;
}

/* Rows with room for swscale's whole groups of pixels. */
static bool convert(struct clip *clip, struct image *image, struct error *err)
{
    const AVFrame *frame = clip->newest;
    enum { ROW_MULTIPLE = 64 };
    int row = (frame->width * 3 + 2 * ROW_MULTIPLE) / ROW_MULTIPLE * ROW_MULTIPLE;
    AUTO(heap) uint8_t *rows = memory_allocate((size_t)row * (size_t)(frame->height + 1), 1);
    clip->colours = sws_getCachedContext(clip->colours, frame->width, frame->height, frame->format,
        frame->width, frame->height, AV_PIX_FMT_RGB24, SWS_BILINEAR, NULL, NULL, NULL);
    if (!clip->colours)
        return fail(err, ERROR_INVALID, "pictures in colours that cannot be read");
    sws_scale(clip->colours, (const uint8_t *const *)frame->data, frame->linesize, 0, frame->height,
        (uint8_t *[]){rows, NULL, NULL, NULL}, (int[]){row, 0, 0, 0});
    for (int y = 0; y < frame->height; y++)
        memcpy(image->rgb + (size_t)y * (size_t)image->stride, rows + (size_t)y * (size_t)row,
            (size_t)frame->width * 3);
    return true;
}

bool clip_image(struct clip *clip, struct image *image, struct error *err)
{
    const AVFrame *frame = clip->newest;
    if (!frame->data[0])
        return fail(err, ERROR_MISSING, "no picture yet");
    if (image->width != frame->width || image->height != frame->height) {
        struct image fresh = {NULL, 0, 0, 0};
        if (!image_init(&fresh, frame->width, frame->height, err))
            return false;
        image_done(image);
        *image = fresh;
    }
    return convert(clip, image, err);
}

static bool describe_stream(const struct clip *clip, const char *path, struct stream *out, struct error *err)
{
    const AVCodecParameters *parameters = clip->format->streams[clip->stream]->codecpar;
    if (!stream_codec_known(clip_codec(clip)))
        return fail(err, ERROR_INVALID, "%s: in %s, which no feed takes", path, clip_codec(clip));
    if (parameters->extradata_size < 0 || parameters->extradata_size > STREAM_EXTRADATA_LIMIT)
        return fail(err, ERROR_TOO_LARGE, "%s: its parameters are too long", path);
    snprintf(out->codec, sizeof out->codec, "%s", clip_codec(clip));
    out->width = parameters->width;
    out->height = parameters->height;
    out->extradata_size = (size_t)parameters->extradata_size;
    if (out->extradata_size)
        memcpy(out->extradata, parameters->extradata, out->extradata_size);
    return true;
}

bool clip_read_pictures(const char *path, size_t most, struct clip_pictures *out, struct error *err)
{
    AUTO(clip) struct clip *clip = clip_open(path, err);
    struct clip_pictures read = {.count = 0};
    if (!clip || !describe_stream(clip, path, &read.stream, err))
        return false;
    read.pictures = memory_allocate(most, sizeof *read.pictures);
    while (read.count < most && next_packet(clip, NULL))
        if (clip->packet->size > 0 && clip->packet->size <= PACKET_SIZE_LIMIT)
            read.pictures[read.count++] = bytes_copy(clip->packet->data, (size_t)clip->packet->size);
    *out = read;
    return read.count || fail(err, ERROR_INVALID, "%s: holds no picture", path);
}

void clip_pictures_done(struct clip_pictures *pictures)
{
    for (size_t i = 0; i < pictures->count; i++)
        bytes_free(&pictures->pictures[i]);
    free(pictures->pictures);
    *pictures = (struct clip_pictures){.count = 0};
}
