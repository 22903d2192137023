/* What a session description says of a video, as a stream for the wire. */
#pragma once

#include "video/packet.h"

#include <libavcodec/codec_par.h>

/* `host` stands in the error. ERROR_INVALID for a codec that is not known, ERROR_TOO_LARGE for parameter sets
 * over STREAM_EXTRADATA_LIMIT. */
bool stream_describe(
    const AVCodecParameters *parameters, const char *host, struct stream *out, struct error *err);
