#include "traces.h"

#include "../../tools/test-camera/clip.h"

#include "match/quantised.h"
#include "video/decoder.h"

#include <fcntl.h>
#include <libavcodec/avcodec.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    PIECE = 32,
    PIECE_LIMIT = 1 << 16,
    TEMPLATE_LIMIT = 2048,
    NUMBERS = 12,
    BLOOM_BITS = 22,
    CLIP_PICTURES = 500,
    MAPPINGS = 1024,
    PAGE = 4096,
};

enum piece_of { OF_PICTURE, OF_CROP, OF_QUANTISED };

struct piece {
    uint8_t bytes[PIECE];
    enum piece_of of;
};

struct slope { /* a template's first numbers, divided by the first */
    float numbers[NUMBERS];
};

struct traces {
    struct piece *pieces;
    size_t piece_count;
    struct slope *slopes;
    size_t slope_count;
    uint8_t *bloom;
};

static uint32_t hash_of(const uint8_t *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return (uint32_t)(word * 0x9E3779B97F4A7C15ULL >> (64 - BLOOM_BITS));
}

/* Flat pieces say nothing: they may be of anything. */
static bool is_telling(const uint8_t *bytes)
{
    bool seen[256] = {false};
    int values = 0;
    for (int i = 0; i < PIECE; i++)
        if (!seen[bytes[i]]) {
            seen[bytes[i]] = true;
            values++;
        }
    return values >= 12;
}

static void add_piece(struct traces *traces, const uint8_t *bytes, enum piece_of of)
{
    if (!is_telling(bytes) || traces->piece_count == PIECE_LIMIT)
        return;
    struct piece *piece = &traces->pieces[traces->piece_count++];
    memcpy(piece->bytes, bytes, PIECE);
    piece->of = of;
    uint32_t hash = hash_of(bytes);
    traces->bloom[hash >> 3] |= (uint8_t)(1U << (hash & 7));
}

/* As a search writes its query, and as a list keeps its templates. */
static void add_quantised(struct traces *traces, const float template[static TEMPLATE_LENGTH])
{
    struct quantised_query query;
    struct quantised_planes planes;
    struct quantised_measure measure;
    assert_true(quantise_query(template, &query));
    quantise_template(template, &planes, &measure);
    for (size_t at = 0; at < TEMPLATE_LENGTH; at += 4 * (size_t)PIECE)
        add_piece(traces, (const uint8_t *)query.codes + at, OF_QUANTISED);
    for (size_t at = 0; at < QUANTISED_HALF; at += 4 * (size_t)PIECE) {
        add_piece(traces, planes.upper + at, OF_QUANTISED);
        add_piece(traces, planes.lower + at, OF_QUANTISED);
    }
}

void traces_add_template(struct traces *traces, const float template[static TEMPLATE_LENGTH])
{
    add_quantised(traces, template);
    if (traces->slope_count == TEMPLATE_LIMIT || fabsf(template[0]) < 1e-4F)
        return;
    struct slope *slope = &traces->slopes[traces->slope_count++];
    for (int i = 0; i < NUMBERS; i++)
        slope->numbers[i] = template[i] / template[0];
}

static void add_face(struct traces *traces, struct analyser *analyser, const struct image *image,
    struct face *face, const AVFrame *luma)
{
    float template[TEMPLATE_LENGTH];
    AUTO(image) struct image aligned = {0};
    int x = (int)(face->box.left + face->box.right) / 2 - PIECE / 2;
    int top = (int)face->box.top, height = (int)(face->box.bottom - face->box.top);
    assert_true(image_init(&aligned, FACE_SIDE, FACE_SIDE, NULL));
    analyser_measure(analyser, image, face);
    if (face->quality.verdict != QUALITY_OK || x < 0 || x + PIECE > image->width)
        return;
    for (int part = 2; part <= 6; part++) {
        int y = top + height * part / 8;
        if (y < 0 || y >= image->height)
            continue;
        add_piece(traces, image->rgb + (ptrdiff_t)y * image->stride + (ptrdiff_t)x * 3, OF_PICTURE);
        if (luma->width == image->width && luma->height == image->height)
            add_piece(traces, luma->data[0] + (ptrdiff_t)y * luma->linesize[0] + x, OF_PICTURE);
    }
    face_align(image, face, &aligned);
    for (int row = 30; row <= 90; row += 12)
        add_piece(traces, aligned.rgb + (ptrdiff_t)row * aligned.stride + (ptrdiff_t)40 * 3, OF_CROP);
    analyser_embed(analyser, &aligned, template);
    traces_add_template(traces, template);
}

static void decode_luma(AVCodecContext *context, const struct clip_picture *picture, AVFrame *luma)
{
    AVPacket *packet = av_packet_alloc();
    assert_int_equal(av_new_packet(packet, (int)picture->size), 0);
    memcpy(packet->data, picture->data, picture->size);
    avcodec_send_packet(context, packet);
    avcodec_receive_frame(context, luma);
    av_packet_free(&packet);
}

static int compare_pieces(const void *a, const void *b)
{
    return memcmp(((const struct piece *)a)->bytes, ((const struct piece *)b)->bytes, PIECE);
}

static int compare_slopes(const void *a, const void *b)
{
    float first = ((const struct slope *)a)->numbers[1], second = ((const struct slope *)b)->numbers[1];
    return (first > second) - (first < second);
}

static void read_clip(struct traces *traces, struct analyser *analyser, struct clip *clip)
{
    AUTO(decoder) struct decoder *decoder = decoder_new(NULL);
    AUTO(image) struct image image = {0};
    const struct stream stream = {.codec = "h264"};
    AVCodecContext *context = avcodec_alloc_context3(avcodec_find_decoder(AV_CODEC_ID_H264));
    AVFrame *luma = av_frame_alloc();
    assert_true(decoder && decoder_start(decoder, &stream, NULL));
    assert_int_equal(avcodec_open2(context, NULL, NULL), 0);
    for (int i = 0; i < CLIP_PICTURES; i++) {
        struct clip_picture picture;
        struct face faces[FACE_LIMIT];
        assert_true(clip_next(clip, &picture, NULL));
        const struct packet packet = {
            .data = picture.data, .size = picture.size, .pts_us = i * 40000LL, .key = picture.key};
        decode_luma(context, &picture, luma);
        if (decoder_push(decoder, &packet) < 1 || !decoder_image(decoder, &image, NULL))
            continue;
        int count = analyser_detect(analyser, &image, faces);
        for (int k = 0; k < count; k++)
            add_face(traces, analyser, &image, &faces[k], luma);
    }
    av_frame_free(&luma);
    avcodec_free_context(&context);
}

struct traces *traces_of_clip(const char *path, const char *pack_folder)
{
    struct error err = {0};
    const struct analyser_options options = {.detect_width = 640, .detect_height = 480};
    AUTO(pack) struct pack *pack = pack_open(pack_folder, &err);
    AUTO(analyser) struct analyser *analyser = pack ? analyser_new(pack, &options, &err) : NULL;
    AUTO(clip) struct clip *clip = analyser ? clip_open(path, 0, &err) : NULL;
    if (!clip)
        fail_msg("%s", err.text);
    struct traces *traces = memory_allocate(1, sizeof *traces);
    traces->pieces = memory_allocate(PIECE_LIMIT, sizeof *traces->pieces);
    traces->slopes = memory_allocate(TEMPLATE_LIMIT, sizeof *traces->slopes);
    traces->bloom = memory_allocate(1 << (BLOOM_BITS - 3), 1);
    read_clip(traces, analyser, clip);
    print_message("to look for: %zu pieces of crops, pictures and 8-bit forms, %zu templates\n",
        traces->piece_count, traces->slope_count);
    assert_true(traces->piece_count > 100 && traces->slope_count > 20);
    return traces;
}

void traces_free(struct traces *traces)
{
    free(traces->pieces);
    free(traces->slopes);
    free(traces->bloom);
    free(traces);
}

static bool is_slope(const struct slope *slope, const float *numbers)
{
    for (int i = 1; i < NUMBERS; i++)
        if (!(fabsf(numbers[i] / numbers[0] - slope->numbers[i]) <= 1e-4F * (1 + fabsf(slope->numbers[i]))))
            return false;
    return true;
}

static void find_templates(
    const struct slope *slopes, size_t count, const uint8_t *memory, size_t size, struct found *found)
{
    for (size_t at = 0; at + NUMBERS * sizeof(float) <= size; at += sizeof(float)) {
        float numbers[NUMBERS];
        memcpy(numbers, memory + at, sizeof numbers);
        float slope = numbers[1] / numbers[0];
        if (!isfinite(slope) || numbers[0] == 0)
            continue;
        size_t low = 0, high = count;
        float least = slope - 1e-4F * (1 + fabsf(slope));
        while (low < high) {
            size_t middle = (low + high) / 2;
            if (slopes[middle].numbers[1] < least)
                low = middle + 1;
            else
                high = middle;
        }
        for (; low < count && slopes[low].numbers[1] <= slope + 1e-4F * (1 + fabsf(slope)); low++)
            if (is_slope(&slopes[low], numbers)) {
                found->templates++;
                break;
            }
    }
}

static void find_pieces(const struct traces *traces, const uint8_t *memory, size_t size, struct found *found)
{
    for (size_t at = 0; at + PIECE <= size; at++) {
        uint32_t hash = hash_of(memory + at);
        if (!(traces->bloom[hash >> 3] >> (hash & 7) & 1))
            continue;
        const struct piece *piece =
            bsearch(memory + at, traces->pieces, traces->piece_count, sizeof *piece, compare_pieces);
        if (piece && piece->of == OF_CROP)
            found->crops++;
        else if (piece && piece->of == OF_PICTURE)
            found->pictures++;
        else if (piece)
            found->quantised++;
    }
}

struct copy {
    uint8_t *bytes;
    size_t size;
};

/* What it can write to, copied while it stands still; searched when it goes on. */
static size_t copy_memory(pid_t pid, struct copy *copies)
{
    char path[64], line[512];
    size_t count = 0;
    snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
    assert_int_equal(kill(pid, SIGSTOP), 0);
    FILE *maps = fopen(path, "r");
    snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
    int memory = open(path, O_RDONLY);
    assert_true(maps && memory >= 0);
    while (fgets(line, sizeof line, maps) && count < MAPPINGS) {
        unsigned long from, to;
        char rights[8];
        if (sscanf(line, "%lx-%lx %7s", &from, &to, rights) != 3 || strncmp(rights, "rw", 2) != 0)
            continue;
        uint8_t *copy = memory_allocate(to - from, 1);
        ssize_t size = pread(memory, copy, to - from, (off_t)from);
        copies[count++] = (struct copy){copy, size > 0 ? (size_t)size : 0};
    }
    fclose(maps);
    close(memory);
    assert_int_equal(kill(pid, SIGCONT), 0);
    assert_true(count < MAPPINGS);
    return count;
}

static bool is_zero(const uint8_t *bytes, size_t size)
{
    return !bytes[0] && !memcmp(bytes, bytes + 1, size - 1);
}

/* Pieces of a page and a little more, so that what lies across pages is found; empty pages are passed over.
 */
static void find_in(
    const struct traces *traces, const struct slope *slopes, const struct copy *copy, struct found *found)
{
    for (size_t at = 0; at < copy->size; at += PAGE) {
        size_t left = copy->size - at;
        size_t pieces = left < PAGE + PIECE - 1 ? left : PAGE + PIECE - 1;
        size_t numbers =
            left < PAGE + (NUMBERS - 1) * sizeof(float) ? left : PAGE + (NUMBERS - 1) * sizeof(float);
        if (is_zero(copy->bytes + at, left < PAGE ? left : PAGE))
            continue;
        find_pieces(traces, copy->bytes + at, pieces, found);
        find_templates(slopes, traces->slope_count, copy->bytes + at, numbers, found);
        found->searched += left < PAGE ? left : PAGE;
    }
}

struct found traces_find(struct traces *traces, pid_t pid)
{
    struct found found = {0};
    struct copy copies[MAPPINGS];
    struct slope *slopes = memory_allocate(TEMPLATE_LIMIT, sizeof *slopes);
    memcpy(slopes, traces->slopes, traces->slope_count * sizeof *slopes);
    qsort(slopes, traces->slope_count, sizeof *slopes, compare_slopes);
    qsort(traces->pieces, traces->piece_count, sizeof *traces->pieces, compare_pieces);
    size_t count = copy_memory(pid, copies);
    for (size_t i = 0; i < count; i++) {
        find_in(traces, slopes, &copies[i], &found);
        free(copies[i].bytes);
    }
    free(slopes);
    return found;
}
