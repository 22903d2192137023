#include "video/packet.h"

#include <string.h>

enum { H264_TYPE_MASK = 0x1F, H264_IDR = 5 };

bool stream_codec_known(const char *codec)
{
    return strcmp(codec, "h264") == 0;
}

bool packet_is_key(const uint8_t *data, size_t size)
{
    for (size_t at = 0; at + 3 < size; at++)
        if (data[at] == 0 && data[at + 1] == 0 && data[at + 2] == 1 &&
            (data[at + 3] & H264_TYPE_MASK) == H264_IDR)
            return true;
    return false;
}
