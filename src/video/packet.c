#include "video/packet.h"

#include <string.h>

enum { H264_TYPE_MASK = 0x1F, H264_IDR = 5, HEVC_FIRST_IRAP = 16, HEVC_LAST_IRAP = 21 };

bool stream_codec_known(const char *codec)
{
    return strcmp(codec, "h264") == 0 || strcmp(codec, "hevc") == 0 || strcmp(codec, "mjpeg") == 0;
}

static bool unit_is_key(bool hevc, uint8_t header)
{
    int hevc_type = header >> 1 & 0x3F;
    return hevc ? hevc_type >= HEVC_FIRST_IRAP && hevc_type <= HEVC_LAST_IRAP
                : (header & H264_TYPE_MASK) == H264_IDR;
}

bool packet_is_key(const char *codec, const uint8_t *data, size_t size)
{
    if (strcmp(codec, "mjpeg") == 0)
        return size > 0;
    bool hevc = strcmp(codec, "hevc") == 0;
    for (size_t at = 0; at + 3 < size; at++)
        if (data[at] == 0 && data[at + 1] == 0 && data[at + 2] == 1 && unit_is_key(hevc, data[at + 3]))
            return true;
    return false;
}

/* A JPEG marker that starts a coded picture, of whatever process: C0 to CF without DHT, JPG and DAC. */
static bool marker_is_frame(uint8_t marker)
{
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

/* Looks everywhere, in segments' bodies too: decoders differ in what they skip. */
bool packet_jpeg_is_plain(const uint8_t *data, size_t size)
{
    int scans = 0;
    for (size_t at = 0; at + 1 < size; at++) {
        if (data[at] != 0xFF)
            continue;
        if (marker_is_frame(data[at + 1]) && data[at + 1] > 0xC1)
            return false;
        scans += data[at + 1] == 0xDA;
    }
    return scans >= 1 && scans <= JPEG_SCAN_LIMIT;
}
