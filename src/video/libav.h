/* The one place where FFmpeg's codes become errors. */
#pragma once

#include "base/error.h"

/* What FFmpeg may take at once: it joins the fragments that a camera sends without a bound of its own. The
 * pictures of video/frame_buffer.h do not count; they have their own ceiling. */
enum { LIBAV_ALLOCATION_LIMIT = 64 << 20 };

/* For the whole process, before anything else of FFmpeg: the limit above, and no log, whose lines may hold
 * addresses and credentials. */
void libav_begin(void);

/* True for codes from 0; else fills the error with the words and FFmpeg's text for the code. Refused
 * credentials are ERROR_UNSIGNED, a missing stream ERROR_MISSING, damaged bytes ERROR_CORRUPT, everything
 * else ERROR_UNAVAILABLE. */
bool av_ok(int code, struct error *err, const char *format, ...) __attribute__((format(printf, 3, 4)));
