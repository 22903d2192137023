#include "video/describe.h"

#include <libavcodec/avcodec.h>
#include <stdio.h>
#include <string.h>

bool stream_describe(
    const AVCodecParameters *parameters, const char *host, struct stream *out, struct error *err)
{
    const char *codec = avcodec_get_name(parameters->codec_id);
    if (!stream_codec_known(codec))
        return fail(err, ERROR_INVALID, "%s sends %s; H.264, H.265 and MJPEG are supported", host, codec);
    if (parameters->extradata_size < 0 || parameters->extradata_size > STREAM_EXTRADATA_LIMIT)
        return fail(err, ERROR_TOO_LARGE, "%s describes its stream in %d bytes; the limit is %d", host,
            parameters->extradata_size, (int)STREAM_EXTRADATA_LIMIT);
    struct stream stream = {.width = parameters->width, .height = parameters->height};
    snprintf(stream.codec, sizeof stream.codec, "%s", codec);
    stream.extradata_size = (size_t)parameters->extradata_size;
    if (stream.extradata_size)
        memcpy(stream.extradata, parameters->extradata, stream.extradata_size);
    *out = stream;
    return true;
}
