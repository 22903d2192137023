#include "clip.h"

#include <libavcodec/bsf.h>
#include <libavformat/avformat.h>
#include <stdlib.h>

static const AVRational nanoseconds = {1, 1000000000};

struct clip {
    AVFormatContext *format;
    AVBSFContext *rewriter;
    AVPacket *packet;
    enum clip_codec codec;
    int stream_index;
    int64_t first_dts; /* of the stream, in its own time base */
    int64_t offset_ns; /* added to this round's stamps */
    int64_t end_ns;    /* where the newest picture's decoding time ends */
    bool begun;        /* offset_ns fits this round */
    bool empty_round;
};

static bool clip_ok(int code, struct error *err, const char *what)
{
    return code >= 0 || fail(err, ERROR_INVALID, "%s: %s", what, av_err2str(code));
}

static bool rewriter_open(struct clip *clip, struct error *err)
{
    static const char *const filters[CLIP_CODECS] = {"h264_mp4toannexb", "hevc_mp4toannexb", "null"};
    const AVBitStreamFilter *filter = av_bsf_get_by_name(filters[clip->codec]);
    const AVStream *stream = clip->format->streams[clip->stream_index];
    if (!filter || av_bsf_alloc(filter, &clip->rewriter) < 0)
        return fail(err, ERROR_SYSTEM, "a filter of the coded pictures is missing");
    clip->rewriter->time_base_in = stream->time_base;
    return clip_ok(avcodec_parameters_copy(clip->rewriter->par_in, stream->codecpar), err, "parameters") &&
           clip_ok(av_bsf_init(clip->rewriter), err, "Annex B");
}

static bool codec_choose(struct clip *clip, const char *path, struct error *err)
{
    static const enum AVCodecID codecs[CLIP_CODECS] = {AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_MJPEG};
    clip->stream_index = av_find_best_stream(clip->format, AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);
    for (int i = 0; clip->stream_index >= 0 && i < CLIP_CODECS; i++)
        if (clip->format->streams[clip->stream_index]->codecpar->codec_id == codecs[i]) {
            clip->codec = (enum clip_codec)i;
            return true;
        }
    return fail(err, ERROR_INVALID, "%s holds no H.264, H.265 or JPEG video", path);
}

struct clip *clip_open(const char *path, int64_t begin_ns, struct error *err)
{
    AUTO(clip) struct clip *clip = memory_allocate(1, sizeof *clip);
    clip->packet = av_packet_alloc();
    if (!clip->packet || !clip_ok(avformat_open_input(&clip->format, path, NULL, NULL), err, path))
        return NULL;
    if (!codec_choose(clip, path, err))
        return NULL;
    clip->end_ns = begin_ns;
    clip->first_dts = AV_NOPTS_VALUE;
    if (!rewriter_open(clip, err))
        return NULL;
    return STEAL(clip);
}

void clip_close(struct clip *clip)
{
    if (!clip)
        return;
    av_packet_free(&clip->packet);
    av_bsf_free(&clip->rewriter);
    avformat_close_input(&clip->format);
    free(clip);
}

enum clip_codec clip_codec(const struct clip *clip)
{
    return clip->codec;
}

int64_t clip_end_ns(const struct clip *clip)
{
    return clip->end_ns;
}

static bool clip_rewind(struct clip *clip, struct error *err)
{
    if (clip->empty_round)
        return fail(err, ERROR_INVALID, "the clip holds no picture");
    clip->empty_round = true;
    clip->begun = false;
    av_bsf_flush(clip->rewriter);
    return clip_ok(av_seek_frame(clip->format, clip->stream_index, clip->first_dts, AVSEEK_FLAG_BACKWARD),
        err, "rewinding");
}

/* Leaves the next picture of the clip in clip->packet, beginning again at its end. */
static bool packet_next(struct clip *clip, struct error *err)
{
    for (;;) {
        av_packet_unref(clip->packet);
        int code = av_bsf_receive_packet(clip->rewriter, clip->packet);
        if (code != AVERROR(EAGAIN))
            return clip_ok(code, err, "Annex B");
        code = av_read_frame(clip->format, clip->packet);
        if (code == AVERROR_EOF) {
            if (!clip_rewind(clip, err))
                return false;
            continue;
        }
        if (!clip_ok(code, err, "reading"))
            return false;
        if (clip->packet->stream_index != clip->stream_index)
            continue;
        if (clip->first_dts == AV_NOPTS_VALUE)
            clip->first_dts = clip->packet->dts != AV_NOPTS_VALUE ? clip->packet->dts : 0;
        if (!clip_ok(av_bsf_send_packet(clip->rewriter, clip->packet), err, "Annex B"))
            return false;
    }
}

bool clip_next(struct clip *clip, struct clip_picture *picture, struct error *err)
{
    if (!packet_next(clip, err))
        return false;
    const AVPacket *packet = clip->packet;
    AVRational base = clip->rewriter->time_base_out;
    int64_t dts = packet->dts != AV_NOPTS_VALUE ? packet->dts : packet->pts;
    int64_t dts_ns = av_rescale_q(dts, base, nanoseconds);
    int64_t pts_ns = packet->pts != AV_NOPTS_VALUE ? av_rescale_q(packet->pts, base, nanoseconds) : dts_ns;
    if (!clip->begun) {
        clip->offset_ns = clip->end_ns - dts_ns;
        clip->begun = true;
    }
    clip->empty_round = false;
    int64_t duration_ns = packet->duration > 0 ? av_rescale_q(packet->duration, base, nanoseconds) : 40000000;
    *picture = (struct clip_picture){
        .data = packet->data,
        .size = (size_t)packet->size,
        .pts_ns = pts_ns + clip->offset_ns,
        .dts_ns = dts_ns + clip->offset_ns,
        .duration_ns = duration_ns,
        .key = packet->flags & AV_PKT_FLAG_KEY,
    };
    clip->end_ns = picture->dts_ns + duration_ns;
    return true;
}
