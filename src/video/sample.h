/* Four coded pictures (I, P, B, P) of 64 × 48 of a synthetic test card, H.264 High, for warming a decoder up.
 * Made with ffmpeg -f lavfi -i testsrc2=s=64x48:r=25 -frames:v 4 -c:v libx264 -profile:v high -qp 40 -bf 1
 *     -x264-params scenecut=0:info=0:repeat-headers=1 -bsf:v filter_units=remove_types=6 -f h264 */
#pragma once

#include <stdint.h>

enum { SAMPLE_PICTURES = 4, SAMPLE_SIZE = 643, SAMPLE_WIDTH = 64, SAMPLE_HEIGHT = 48 };

static const int sample_sizes[SAMPLE_PICTURES] = {591, 11, 11, 30};
extern const uint8_t sample_h264[SAMPLE_SIZE];
