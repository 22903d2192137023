/* Words written across a picture again and again, so that a photograph of the screen says who looked at it.
 */
#pragma once

#include "video/image.h"

/* Letters, digits and a little punctuation; lower case is written as capitals, dashes of every kind as '-',
 * all else as a space. */
void watermark_draw(struct image *image, const char *words);
