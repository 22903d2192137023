#include "video/source.h"

#include "base/clock.h"
#include "base/text.h"
#include "video/describe.h"
#include "video/libav.h"
#include "video/stream_clock.h"

#include <arpa/inet.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPEN_TIMEOUT_US = 5 * 1000 * 1000,
    READ_TIMEOUT_US = 10 * 1000 * 1000,
    FAREWELL_US = 1000 * 1000,
    URL_LIMIT = 512,
    CREDENTIALS_LIMIT = 120,
    HOST_LIMIT = 64
};

/* What the address begins with decides how the camera is asked; libavformat's own name for that is `url`. */
struct manner {
    const char *scheme;
    const char *url;
    const char *format;
    const char *protocols;
    const char *transport; /* of RTSP; NULL without */
};

static const struct manner manners[] = {
    {"rtsp://", "rtsp://", "rtsp", "rtsp,tcp,rtp", "tcp"},
    {"rtsp+udp://", "rtsp://", "rtsp", "rtsp,tcp,rtp,udp", "udp"},
    {"http://", "http://", "mpjpeg", "http,tcp", NULL},
};

struct source {
    const struct manner *manner;
    AVFormatContext *context;
    AVPacket *packet;
    struct stream stream;
    int stream_index;
    int64_t deadline_us;
    int64_t read_timeout_us;
    struct stream_clock clock;
    int64_t last_pts_us; /* stands in where the stream tells no stamp */
    char host[HOST_LIMIT];
};

static int deadline_is_over(void *opaque)
{
    const struct source *source = opaque;
    return clock_monotonic_us() > source->deadline_us;
}

static const struct manner *manner_of(const char *url, struct error *err)
{
    for (size_t i = 0; i < COUNT_OF(manners); i++)
        if (strncmp(url, manners[i].scheme, strlen(manners[i].scheme)) == 0)
            return &manners[i];
    fail(err, ERROR_INVALID, "a camera's address begins with rtsp://, rtsp+udp:// or http://");
    return NULL;
}

/* What lies between the scheme and the port or path, brackets and all. `from` is what follows the scheme. */
static bool host_of(const char *from, char host[static HOST_LIMIT], struct error *err)
{
    size_t authority = strcspn(from, "/?#");
    if (memchr(from, '@', authority))
        return fail(err, ERROR_INVALID, "a camera's address holds no credentials; they are given apart");
    size_t size = *from == '[' ? strcspn(from, "]") + 1 : strcspn(from, ":/?#");
    if (size == 0 || size > authority || size >= HOST_LIMIT)
        return fail(err, ERROR_INVALID, "the camera's address has no host");
    memcpy(host, from, size);
    host[size] = '\0';
    return true;
}

static bool host_is_numeric(const char *host)
{
    struct in6_addr address;
    if (*host != '[')
        return inet_pton(AF_INET, host, &address) == 1;
    char inner[HOST_LIMIT];
    size_t size = strlen(host) - 2;
    memcpy(inner, host + 1, size);
    inner[size] = '\0';
    return inet_pton(AF_INET6, inner, &address) == 1;
}

static void add_escaped(struct text *text, const char *part)
{
    for (; *part; part++)
        if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~", *part))
            text_add(text, "%c", *part);
        else
            text_add(text, "%%%02X", (unsigned)(unsigned char)*part);
}

/* libavformat takes credentials in the URL only. `rest` is what follows the scheme. */
static bool url_with_credentials(const struct manner *manner, const struct source_options *options,
    const char *rest, struct text *url, struct error *err)
{
    const char *user = options->user ? options->user : "";
    if (strlen(options->url) > URL_LIMIT)
        return fail(err, ERROR_INVALID, "the camera's address is longer than %d bytes", (int)URL_LIMIT);
    if (strchr(user, ':'))
        return fail(err, ERROR_INVALID, "a camera's user name holds no colon");
    text_add(url, "%s", manner->url);
    if (*user) {
        size_t before = url->size;
        add_escaped(url, user);
        text_add(url, ":");
        add_escaped(url, options->password ? options->password : "");
        if (url->size - before > CREDENTIALS_LIMIT)
            return fail(err, ERROR_INVALID, "the camera's credentials are longer than %d bytes",
                (int)CREDENTIALS_LIMIT);
        text_add(url, "@");
    }
    text_add(url, "%s", rest);
    return true;
}

static AVDictionary *settings_make(const struct manner *manner)
{
    AVDictionary *settings = NULL;
    av_dict_set(&settings, "protocol_whitelist", manner->protocols, 0);
    if (manner->transport) {
        av_dict_set(&settings, "rtsp_transport", manner->transport, 0);
        av_dict_set(&settings, "allowed_media_types", "video", 0);
    }
    return settings;
}

static bool context_open(
    struct source *source, const struct source_options *options, const char *rest, struct error *err)
{
    struct text url = {0};
    AVDictionary *settings = settings_make(source->manner);
    bool ok = url_with_credentials(source->manner, options, rest, &url, err);
    if (ok) {
        source->context->interrupt_callback = (AVIOInterruptCB){deadline_is_over, source};
        ok = av_ok(avformat_open_input(
                       &source->context, url.data, av_find_input_format(source->manner->format), &settings),
            err, "%s does not answer as a camera", source->host);
        /* Half an answer at the deadline looks like damage. */
        if (!ok && err && err->code == ERROR_CORRUPT)
            err->code = ERROR_UNAVAILABLE;
    }
    av_dict_free(&settings);
    if (url.data)
        memory_wipe(url.data, url.size);
    text_done(&url);
    return ok;
}

static bool host_is(const struct source *source, const char *url)
{
    char host[HOST_LIMIT] = "";
    const char *from = strstr(url, "://");
    from = from ? from + strlen("://") : url;
    size_t authority = strcspn(from, "/?#");
    const char *at = memrchr(from, '@', authority);
    return host_of(at ? at + 1 : from, host, NULL) && strcmp(host, source->host) == 0;
}

/* A camera may answer with a redirection, which libavformat follows. */
static bool address_is_unchanged(const struct source *source, struct error *err)
{
    uint8_t *location = NULL;
    if (source->context->pb)
        av_opt_get(source->context->pb, "location", AV_OPT_SEARCH_CHILDREN, &location);
    bool same =
        host_is(source, source->context->url) && (!location || host_is(source, (const char *)location));
    if (location)
        memory_wipe(location, strlen((const char *)location));
    av_free(location);
    return same || fail(err, ERROR_INVALID, "%s sends its callers to another address", source->host);
}

static bool stream_choose(struct source *source, struct error *err)
{
    AVFormatContext *context = source->context;
    source->stream_index = -1;
    for (unsigned i = 0; i < context->nb_streams; i++) {
        AVStream *stream = context->streams[i];
        if (source->stream_index < 0 && stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO)
            source->stream_index = (int)i;
        else
            stream->discard = AVDISCARD_ALL;
    }
    if (source->stream_index < 0)
        return fail(err, ERROR_INVALID, "%s sends no video", source->host);
    return stream_describe(
        context->streams[source->stream_index]->codecpar, source->host, &source->stream, err);
}

struct source *source_open(const struct source_options *options, struct error *err)
{
    libav_begin();
    AUTO(source) struct source *source = memory_allocate(1, sizeof *source);
    source->manner = manner_of(options->url, err);
    const char *rest = source->manner ? options->url + strlen(source->manner->scheme) : NULL;
    if (!rest || !host_of(rest, source->host, err))
        return NULL;
    if (!host_is_numeric(source->host)) {
        fail(
            err, ERROR_INVALID, "a camera's address is a number, like 192.0.2.7; %s is a name", source->host);
        return NULL;
    }
    source->packet = av_packet_alloc();
    source->context = avformat_alloc_context();
    if (!source->packet || !source->context) {
        fail(err, ERROR_SYSTEM, "out of memory");
        return NULL;
    }
    source->read_timeout_us = options->read_timeout_us ? options->read_timeout_us : READ_TIMEOUT_US;
    source->deadline_us =
        clock_monotonic_us() + (options->open_timeout_us ? options->open_timeout_us : OPEN_TIMEOUT_US);
    if (!context_open(source, options, rest, err) || !address_is_unchanged(source, err) ||
        !stream_choose(source, err))
        return NULL;
    return STEAL(source);
}

void source_close(struct source *source)
{
    if (!source)
        return;
    /* The farewell to the camera shall not hold up anybody either. */
    source->deadline_us = clock_monotonic_us() + FAREWELL_US;
    avformat_close_input(&source->context);
    av_packet_free(&source->packet);
    free(source);
}

const struct stream *source_stream(const struct source *source)
{
    return &source->stream;
}

static bool packet_next(struct source *source, struct error *err)
{
    source->deadline_us = clock_monotonic_us() + source->read_timeout_us;
    do {
        av_packet_unref(source->packet);
        int code = av_read_frame(source->context, source->packet);
        if (code == AVERROR_EXIT)
            return fail(err, ERROR_UNAVAILABLE, "%s has sent no picture for %.1f s", source->host,
                (double)source->read_timeout_us / 1e6);
        if (!av_ok(code, err, "%s stopped sending", source->host)) {
            if (err)
                err->code = ERROR_UNAVAILABLE;
            return false;
        }
    } while (source->packet->stream_index != source->stream_index || source->packet->size <= 0);
    return true;
}

bool source_read(struct source *source, struct packet *packet, struct error *err)
{
    if (!packet_next(source, err))
        return false;
    const AVPacket *from = source->packet;
    if (from->size > PACKET_SIZE_LIMIT)
        return fail(err, ERROR_TOO_LARGE, "%s sent a picture of %d bytes; the limit is %d", source->host,
            from->size, (int)PACKET_SIZE_LIMIT);
    int64_t stamp = from->pts != AV_NOPTS_VALUE ? from->pts : from->dts;
    AVRational base = source->context->streams[source->stream_index]->time_base;
    if (stamp != AV_NOPTS_VALUE)
        source->last_pts_us = av_rescale_q(stamp, base, (AVRational){1, 1000000});
    *packet = (struct packet){
        .data = from->data,
        .size = (size_t)from->size,
        .pts_us = source->last_pts_us,
        .captured_us = stream_clock_captured_us(&source->clock, source->last_pts_us, clock_now_us()),
        .key = (from->flags & AV_PKT_FLAG_KEY) ||
               packet_is_key(source->stream.codec, from->data, (size_t)from->size),
    };
    return true;
}
