/* Words written across a picture again and again, so that a photograph of the screen says who looked at it:
 * quiet (a quarter of the way to black or white) and thin, so that faces can be compared through it.
 */
#pragma once

#include "video/image.h"

enum {
    WATERMARK_GLYPH_WIDTH = 5,
    WATERMARK_GLYPH_HEIGHT = 7,
    WATERMARK_ADVANCE = 6,
    WATERMARK_GAP = 3, /* spaces between the words and the words again */
    WATERMARK_LETTERS = 192,
};

/* Letters, digits and a little punctuation; lower case is written as capitals, dashes of every kind as '-',
 * all else as a space. */
void watermark_draw(struct image *image, const char *words);

/* Where the rows of letters lie, for whoever reads them back; `count` includes the gap. Letter k of row r is
 * letter (r × letters + k) mod count of the words. In pixels of the picture; a dot of a glyph is scale ×
 * scale. */
struct watermark_rows {
    int scale;
    int letters; /* in a row */
    int first;   /* top of the first row */
    int step;    /* from row to row */
};
struct watermark_rows watermark_rows(const struct image *image, size_t count);

/* Seven rows from the top, five bits each, the leftmost pixel in the highest; NULL for what has no glyph. */
const uint8_t *watermark_glyph(char letter);
