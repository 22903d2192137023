/* The one place where FFmpeg's codes become errors. */
#pragma once

#include "base/error.h"

/* Turns FFmpeg's own log off for the process: its lines may hold addresses and credentials. */
void libav_silence(void);

/* True for codes from 0; else fills the error with the words and FFmpeg's text for the code. Refused
 * credentials are ERROR_UNSIGNED, a missing stream ERROR_MISSING, damaged bytes ERROR_CORRUPT, everything
 * else ERROR_UNAVAILABLE. */
bool av_ok(int code, struct error *err, const char *format, ...) __attribute__((format(printf, 3, 4)));
