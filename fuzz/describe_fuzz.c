/* A camera's session description, by the way that RTSP takes it: libavformat reads it, with its own sockets
 * left out, and what it made of the video becomes a stream inside the wire's limits, or an error. */
#include "video/describe.h"
#include "video/libav.h"
#include "watch/message.h"

#include <libavformat/avformat.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 4096 };

struct text_read {
    const uint8_t *data;
    size_t size;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libavformat 59 forgets eight bytes of some descriptions that it refuses. A feed has its memory bounded. */
const char *__lsan_default_suppressions(void)
{
    return "leak:av_malloc\n";
}

static int read_piece(void *opaque, uint8_t *to, int room)
{
    struct text_read *text = opaque;
    size_t size = text->size < (size_t)room ? text->size : (size_t)room;
    if (!size)
        return AVERROR_EOF;
    memcpy(to, text->data, size);
    text->data += size;
    text->size -= size;
    return (int)size;
}

/* Through the wire and back it is the same. */
static void check_stream(const struct stream *stream)
{
    struct wire_in in;
    struct wire_message message;
    struct stream back;
    bool found = false;
    __attribute__((cleanup(wire_out_auto))) struct wire_out out = {0};
    if (!stream_codec_known(stream->codec) || stream->extradata_size > STREAM_EXTRADATA_LIMIT)
        abort();
    if (stream->width < 0 || stream->height < 0)
        return;
    message_put_stream(&out, stream);
    wire_in_init(&in, WIRE_WATCH_TAKES_FROM_FEED);
    wire_feed(&in, out.data, out.size);
    if (!wire_next(&in, &message, &found, NULL) || !found)
        abort();
    if (message_stream(&message, &back, NULL) &&
        (back.extradata_size != stream->extradata_size ||
            memcmp(back.extradata, stream->extradata, stream->extradata_size) != 0))
        abort();
    wire_in_done(&in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text_read text = {data, size};
    struct stream stream = {0};
    AVDictionary *settings = NULL;
    AVFormatContext *context = avformat_alloc_context();
    uint8_t *piece = av_malloc(PIECE);
    libav_begin();
    if (!context || !piece)
        abort();
    AVIOContext *io = avio_alloc_context(piece, PIECE, 0, &text, read_piece, NULL, NULL);
    context->pb = io;
    av_dict_set(&settings, "sdp_flags", "custom_io", 0);
    av_dict_set(&settings, "allowed_media_types", "video", 0);
    /* Closes and frees the context when it fails. */
    if (avformat_open_input(&context, NULL, av_find_input_format("sdp"), &settings) >= 0)
        for (unsigned i = 0; i < context->nb_streams; i++)
            if (stream_describe(context->streams[i]->codecpar, "192.0.2.7", &stream, NULL))
                check_stream(&stream);
    avformat_close_input(&context);
    av_dict_free(&settings);
    av_freep(&io->buffer);
    avio_context_free(&io);
    return 0;
}
