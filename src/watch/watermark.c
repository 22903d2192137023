#include "watch/watermark.h"

#include <string.h>

enum {
    GLYPH_WIDTH = WATERMARK_GLYPH_WIDTH,
    GLYPH_HEIGHT = WATERMARK_GLYPH_HEIGHT,
    ADVANCE = WATERMARK_ADVANCE,
    SCALE_WIDTH = 640,
    LEAST_ROW_STEP = 14,
    MOST_ROW_STEP = 56,
};

/* Seven rows from the top, five bits each, the leftmost pixel in the highest of them. */
static const struct glyph {
    char letter;
    uint8_t rows[GLYPH_HEIGHT];
} glyphs[] = {
    {'A', {14, 17, 17, 31, 17, 17, 17}},
    {'B', {30, 17, 17, 30, 17, 17, 30}},
    {'C', {14, 17, 16, 16, 16, 17, 14}},
    {'D', {30, 17, 17, 17, 17, 17, 30}},
    {'E', {31, 16, 16, 30, 16, 16, 31}},
    {'F', {31, 16, 16, 30, 16, 16, 16}},
    {'G', {14, 17, 16, 19, 17, 17, 14}},
    {'H', {17, 17, 17, 31, 17, 17, 17}},
    {'I', {14, 4, 4, 4, 4, 4, 14}},
    {'J', {7, 2, 2, 2, 2, 18, 12}},
    {'K', {17, 18, 20, 24, 20, 18, 17}},
    {'L', {16, 16, 16, 16, 16, 16, 31}},
    {'M', {17, 27, 21, 21, 17, 17, 17}},
    {'N', {17, 25, 21, 21, 19, 17, 17}},
    {'O', {14, 17, 17, 17, 17, 17, 14}},
    {'P', {30, 17, 17, 30, 16, 16, 16}},
    {'Q', {14, 17, 17, 17, 21, 18, 13}},
    {'R', {30, 17, 17, 30, 20, 18, 17}},
    {'S', {15, 16, 16, 14, 1, 1, 30}},
    {'T', {31, 4, 4, 4, 4, 4, 4}},
    {'U', {17, 17, 17, 17, 17, 17, 14}},
    {'V', {17, 17, 17, 17, 17, 10, 4}},
    {'W', {17, 17, 17, 21, 21, 27, 17}},
    {'X', {17, 17, 10, 4, 10, 17, 17}},
    {'Y', {17, 17, 10, 4, 4, 4, 4}},
    {'Z', {31, 1, 2, 4, 8, 16, 31}},
    {'0', {14, 17, 19, 21, 25, 17, 14}},
    {'1', {4, 12, 4, 4, 4, 4, 14}},
    {'2', {14, 17, 1, 6, 8, 16, 31}},
    {'3', {30, 1, 1, 14, 1, 1, 30}},
    {'4', {2, 6, 10, 18, 31, 2, 2}},
    {'5', {31, 16, 30, 1, 1, 17, 14}},
    {'6', {6, 8, 16, 30, 17, 17, 14}},
    {'7', {31, 1, 2, 4, 8, 8, 8}},
    {'8', {14, 17, 17, 14, 17, 17, 14}},
    {'9', {14, 17, 17, 15, 1, 2, 12}},
    {'-', {0, 0, 0, 31, 0, 0, 0}},
    {'.', {0, 0, 0, 0, 0, 12, 12}},
    {':', {0, 12, 12, 0, 12, 12, 0}},
    {'/', {1, 1, 2, 4, 8, 16, 16}},
    {'_', {0, 0, 0, 0, 0, 0, 31}},
};

const uint8_t *watermark_glyph(char letter)
{
    for (size_t i = 0; i < COUNT_OF(glyphs); i++)
        if (glyphs[i].letter == letter)
            return glyphs[i].rows;
    return NULL;
}

/* To what the glyphs have: one character for each written one. Returns how many. */
static size_t plain_words(const char *words, char *out, size_t room)
{
    size_t count = 0;
    for (const unsigned char *at = (const unsigned char *)words; *at && count < room; at++) {
        char letter = (char)*at;
        if (*at >= 0x80 && *at < 0xC0)
            continue;
        if (*at >= 0xC0)
            letter = at[0] == 0xE2 && at[1] == 0x80 ? '-' : ' ';
        if (letter >= 'a' && letter <= 'z')
            letter = (char)(letter - 'a' + 'A');
        out[count++] = letter;
    }
    return count;
}

static void blend(uint8_t *pixel, int shade)
{
    for (int i = 0; i < 3; i++)
        pixel[i] = (uint8_t)((pixel[i] * 3 + shade) / 4);
}

/* Light on dark and dark on light: readable on both. */
static void draw_dot(struct image *image, int left, int top, int scale)
{
    for (int y = top; y < top + scale; y++)
        for (int x = left; x < left + scale; x++) {
            if (x < 0 || y < 0 || x >= image->width || y >= image->height)
                continue;
            uint8_t *pixel = image->rgb + (ptrdiff_t)y * image->stride + (ptrdiff_t)x * 3;
            int luma = (pixel[0] * 2 + pixel[1] * 5 + pixel[2]) / 8;
            blend(pixel, luma > 127 ? 0 : 255);
        }
}

static void draw_letter(struct image *image, char letter, int left, int top, int scale)
{
    const uint8_t *rows = watermark_glyph(letter);
    for (int row = 0; rows && row < GLYPH_HEIGHT; row++)
        for (int column = 0; column < GLYPH_WIDTH; column++)
            if (rows[row] >> (GLYPH_WIDTH - 1 - column) & 1)
                draw_dot(image, left + column * scale, top + row * scale, scale);
}

/* The words go on from row to row as a text does, at least twice over the whole picture where it has the
 * room. */
struct watermark_rows watermark_rows(const struct image *image, size_t count)
{
    struct watermark_rows rows = {.scale = image->width / SCALE_WIDTH + 1};
    rows.letters = image->width / (ADVANCE * rows.scale);
    int wanted = rows.letters ? (int)(2 * count) / rows.letters + 1 : 1;
    int step = image->height / wanted;
    int least = LEAST_ROW_STEP * rows.scale;
    int most = MOST_ROW_STEP * rows.scale;
    rows.step = step < least ? least : step > most ? most : step;
    rows.first = 2 * rows.scale;
    return rows;
}

void watermark_draw(struct image *image, const char *words)
{
    char plain[WATERMARK_LETTERS];
    size_t count = plain_words(words, plain, sizeof plain - WATERMARK_GAP);
    if (!count)
        return;
    memset(plain + count, ' ', WATERMARK_GAP);
    count += WATERMARK_GAP;
    const struct watermark_rows rows = watermark_rows(image, count);
    size_t at = 0;
    for (int top = rows.first; top < image->height; top += rows.step)
        for (int i = 0; i < rows.letters; i++)
            draw_letter(image, plain[at++ % count], i * ADVANCE * rows.scale, top, rows.scale);
}
