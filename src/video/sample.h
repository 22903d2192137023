/* Coded pictures of 64 × 48 of a synthetic test card, for warming decoders up. Made with
 * ffmpeg -f lavfi -i testsrc2=s=64x48:r=25 and
 *   H.264 High (I, P, B, P): -frames:v 4 -c:v libx264 -profile:v high -qp 40 -bf 1
 *     -x264-params scenecut=0:info=0:repeat-headers=1 -bsf:v filter_units=remove_types=6 -f h264
 *   H.265 Main (I, P, B): -frames:v 3 -c:v libx265 -preset veryfast
 *     -x265-params qp=40:info=0:bframes=1:b-adapt=0:scenecut=0:keyint=25:no-open-gop=1 -f hevc
 *   JPEG: -frames:v 1 -c:v mjpeg -q:v 20 -huffman optimal -flags +bitexact -f mjpeg */
#pragma once

#include <stdint.h>

enum {
    SAMPLE_PICTURES = 4,
    SAMPLE_SIZE = 643,
    SAMPLE_HEVC_SIZE = 591,
    SAMPLE_MJPEG_SIZE = 702,
    SAMPLE_WIDTH = 64,
    SAMPLE_HEIGHT = 48,
    SAMPLE_CODECS = 3,
};

struct sample {
    const char *codec;
    const uint8_t *bytes;
    int pictures;
    int sizes[SAMPLE_PICTURES];
};

static const int sample_sizes[SAMPLE_PICTURES] = {591, 11, 11, 30};
extern const uint8_t sample_h264[SAMPLE_SIZE];
extern const uint8_t sample_hevc[SAMPLE_HEVC_SIZE];
extern const uint8_t sample_mjpeg[SAMPLE_MJPEG_SIZE];
extern const struct sample samples[SAMPLE_CODECS];
