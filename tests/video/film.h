/* Synthetic H.264, H.265 and JPEG for tests: flat-coloured pictures with a bright square that moves. */
#pragma once

#include "video/packet.h"

enum { FILM_PICTURES = 64, FILM_PICTURE_US = 40000 };

struct film_options {
    const char *codec; /* a word of stream_codec_known; NULL is "h264" */
    int width, height;
    int pictures;      /* at most FILM_PICTURES, 25 a second */
    int b_frames;      /* between P frames */
    int references;    /* pictures that the H.264 encoder looks back to; 0 is its choice */
    bool bare;         /* parameter sets in the extradata only */
    uint8_t ground[3]; /* Y, Cb, Cr */
};

struct film {
    struct bytes pictures[FILM_PICTURES]; /* Annex B or JPEG, in decoding order */
    int64_t pts_us[FILM_PICTURES];
    bool key[FILM_PICTURES];
    int count;
    struct stream stream;
};

/* Fails the test when there is no encoder. */
struct film film_make(const struct film_options *options);
void film_done(struct film *film);
static inline void film_auto(struct film *slot)
{
    film_done(slot);
}

struct packet film_packet(const struct film *film, int at);

/* The same as an MP4 file. */
void film_write(const struct film_options *options, const char *path);
