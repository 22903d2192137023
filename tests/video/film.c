#include "film.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *codec_of(const struct film_options *options)
{
    return options->codec ? options->codec : "h264";
}

static const char *encoder_of(const char *codec)
{
    return strcmp(codec, "h264") == 0 ? "libx264" : strcmp(codec, "hevc") == 0 ? "libx265" : codec;
}

static AVCodecContext *encoder_open(const struct film_options *options, bool global_header)
{
    av_log_set_level(AV_LOG_ERROR);
    const AVCodec *codec = avcodec_find_encoder_by_name(encoder_of(codec_of(options)));
    assert_non_null(codec);
    AVCodecContext *context = avcodec_alloc_context3(codec);
    context->width = options->width;
    context->height = options->height;
    context->pix_fmt = codec->id == AV_CODEC_ID_MJPEG ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_YUV420P;
    context->time_base = (AVRational){1, 25};
    context->gop_size = 25;
    context->max_b_frames = options->b_frames;
    context->thread_count = 1;
    if (options->references)
        context->refs = options->references;
    context->flags |= global_header ? AV_CODEC_FLAG_GLOBAL_HEADER : 0;
    char words[128];
    snprintf(words, sizeof words, "scenecut=0:b-adapt=0:log-level=0:info=0:open-gop=0:pools=none:bframes=%d",
        options->b_frames);
    av_opt_set(context->priv_data, "preset", "ultrafast", 0);
    av_opt_set(context->priv_data, "huffman", "default", 0); /* RTP sends no other JPEG */
    av_opt_set(context->priv_data, "x264-params", "scenecut=0:b-adapt=0", 0);
    av_opt_set(context->priv_data, "x265-params", words, 0);
    assert_int_equal(avcodec_open2(context, codec, NULL), 0);
    return context;
}

static void frame_paint(AVFrame *frame, const struct film_options *options, int number)
{
    assert_int_equal(av_frame_make_writable(frame), 0);
    for (int plane = 0; plane < 3; plane++) {
        int rows = plane ? (options->height + 1) / 2 : options->height;
        for (int y = 0; y < rows; y++)
            memset(frame->data[plane] + (ptrdiff_t)y * frame->linesize[plane], options->ground[plane],
                (size_t)frame->linesize[plane]);
    }
    for (int y = 0; y < 8 && y < options->height; y++)
        memset(frame->data[0] + (ptrdiff_t)y * frame->linesize[0] + number % (options->width - 8), 235, 8);
    frame->pts = number;
}

/* Calls `take` with each coded picture. */
static void encode(AVCodecContext *context, const struct film_options *options,
    void (*take)(void *to, AVPacket *packet), void *to)
{
    AVFrame *frame = av_frame_alloc();
    AVPacket *packet = av_packet_alloc();
    frame->format = context->pix_fmt;
    frame->width = options->width;
    frame->height = options->height;
    assert_int_equal(av_frame_get_buffer(frame, 0), 0);
    for (int i = 0; i <= options->pictures; i++) {
        if (i < options->pictures)
            frame_paint(frame, options, i);
        assert_int_equal(avcodec_send_frame(context, i < options->pictures ? frame : NULL), 0);
        while (avcodec_receive_packet(context, packet) == 0)
            take(to, packet);
    }
    av_packet_free(&packet);
    av_frame_free(&frame);
}

static void keep_picture(void *to, AVPacket *packet)
{
    struct film *film = to;
    assert_true(film->count < FILM_PICTURES);
    film->pictures[film->count] = bytes_copy(packet->data, (size_t)packet->size);
    film->pts_us[film->count] = packet->pts * FILM_PICTURE_US;
    film->key[film->count++] = packet->flags & AV_PKT_FLAG_KEY;
    av_packet_unref(packet);
}

struct film film_make(const struct film_options *options)
{
    struct film film = {.stream = {.width = options->width, .height = options->height}};
    snprintf(film.stream.codec, sizeof film.stream.codec, "%s", codec_of(options));
    AVCodecContext *context = encoder_open(options, options->bare);
    if (options->bare) {
        assert_true(context->extradata_size <= STREAM_EXTRADATA_LIMIT);
        memcpy(film.stream.extradata, context->extradata, (size_t)context->extradata_size);
        film.stream.extradata_size = (size_t)context->extradata_size;
    }
    encode(context, options, keep_picture, &film);
    avcodec_free_context(&context);
    return film;
}

void film_done(struct film *film)
{
    for (int i = 0; i < film->count; i++)
        bytes_free(&film->pictures[i]);
}

struct packet film_packet(const struct film *film, int at)
{
    return (struct packet){
        .data = film->pictures[at].data,
        .size = film->pictures[at].size,
        .pts_us = film->pts_us[at],
        .captured_us = 1000000000 + film->pts_us[at],
        .key = film->key[at],
    };
}

static void write_picture(void *to, AVPacket *packet)
{
    AVFormatContext *file = to;
    packet->duration = 1;
    av_packet_rescale_ts(packet, (AVRational){1, 25}, file->streams[0]->time_base);
    assert_int_equal(av_interleaved_write_frame(file, packet), 0);
}

void film_write(const struct film_options *options, const char *path)
{
    AVFormatContext *file = NULL;
    assert_true(avformat_alloc_output_context2(&file, NULL, "mp4", path) >= 0);
    AVCodecContext *context = encoder_open(options, true);
    AVStream *stream = avformat_new_stream(file, NULL);
    stream->time_base = context->time_base;
    assert_true(avcodec_parameters_from_context(stream->codecpar, context) >= 0);
    assert_true(avio_open(&file->pb, path, AVIO_FLAG_WRITE) >= 0);
    assert_true(avformat_write_header(file, NULL) >= 0);
    encode(context, options, write_picture, file);
    assert_int_equal(av_write_trailer(file), 0);
    avio_closep(&file->pb);
    avformat_free_context(file);
    avcodec_free_context(&context);
}
