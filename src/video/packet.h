/* What travels from the feed to the watch: how the stream is coded, and one coded picture at a time. Plain
 * data, so that both ends of the wire and the fuzzers can make them without libavformat or libavcodec. */
#pragma once

#include "base/memory.h"

enum {
    PACKET_SIZE_LIMIT = 8 << 20,
    STREAM_EXTRADATA_LIMIT = 4096,
    STREAM_CODEC_SIZE = 16,
    JPEG_SCAN_LIMIT = 4
};

struct stream {
    char codec[STREAM_CODEC_SIZE]; /* "h264", "hevc", "mjpeg", NUL-ended */
    int width;                     /* hints of the session description; 0 when it tells none */
    int height;
    uint8_t extradata[STREAM_EXTRADATA_LIMIT]; /* parameter sets, Annex B */
    size_t extradata_size;
};

struct packet {
    const uint8_t *data; /* borrowed: whose function filled the packet says how long it stays */
    size_t size;         /* 1..PACKET_SIZE_LIMIT */
    int64_t
        pts_us; /* the stream's own stamp, for sampling; any origin, may jump when a stream starts again */
    int64_t
        captured_us; /* on clock_now_us: by the stamps, but never after it arrived (video/stream_clock.h) */
    bool key;        /* a decoder can start here */
};

/* The codecs a stream may have: "h264", "hevc", "mjpeg"; false for anything else. */
bool stream_codec_known(const char *codec);

/* Whether a decoder can start at this picture: Annex B bytes of H.264 with an IDR slice, of H.265 with a
 * random access picture, any JPEG. */
bool packet_is_key(const char *codec, const uint8_t *data, size_t size);

/* Whether a JPEG is coded as cameras code: sequentially, in at most JPEG_SCAN_LIMIT scans. Each scan of a
 * progressive one costs a pass over the whole picture for a few bytes. */
bool packet_jpeg_is_plain(const uint8_t *data, size_t size);
