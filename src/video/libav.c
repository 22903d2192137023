#include "video/libav.h"

#include <libavutil/error.h>
#include <libavutil/log.h>
#include <libavutil/mem.h>
#include <stdarg.h>
#include <stdio.h>

static void say_nothing(void *instance, int level, const char *format, va_list arguments)
{
    (void)instance, (void)level, (void)format, (void)arguments;
}

void libav_begin(void)
{
    av_log_set_callback(say_nothing);
    av_max_alloc(LIBAV_ALLOCATION_LIMIT);
}

static enum error_code code_of(int code)
{
    switch (code) {
    case AVERROR_HTTP_UNAUTHORIZED:
    case AVERROR_HTTP_FORBIDDEN:
        return ERROR_UNSIGNED;
    case AVERROR_HTTP_NOT_FOUND:
    case AVERROR_STREAM_NOT_FOUND:
        return ERROR_MISSING;
    case AVERROR_INVALIDDATA:
        return ERROR_CORRUPT;
    default:
        return ERROR_UNAVAILABLE;
    }
}

bool av_ok(int code, struct error *err, const char *format, ...)
{
    if (code >= 0)
        return true;
    char words[160];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    char reason[AV_ERROR_MAX_STRING_SIZE] = "";
    av_strerror(code, reason, sizeof reason);
    return fail(err, code_of(code), "%s: %s", words, reason);
}
