/* A camera as the feed sees it, through libavformat; the address says how it is asked:
 *   rtsp://      RTSP, the pictures inside its TCP connection
 *   rtsp+udp://  RTSP, the pictures in UDP packets: a lost packet damages pictures up to the next key picture
 *   http://      pictures one after the other as HTTP multipart, each a JPEG
 * There is no rtsps://: libavformat's does not verify certificates. A tunnel that does can end beside the
 * feed (docs/cameras.md). Nothing is decoded; the codec's parameters come from the session description alone.
 * One thread per source.
 *
 * The URL holds no credentials and a numeric address (names are resolved before the lock-up). Credentials
 * never appear in an error or a log line; libav's own logging is off. The source reconnects not by itself:
 * after a failed read, close it and open another (that works under the feed's lock; it needs /dev/urandom
 * readable). */
#pragma once

#include "video/packet.h"

struct source_options {
    const char *url;         /* rtsp://192.0.2.7:554/main; no credentials in it */
    const char *user;        /* NULL without */
    const char *password;    /* NULL without */
    int64_t open_timeout_us; /* for the whole opening; 0 means 5 s */
    int64_t read_timeout_us; /* for one packet; 0 means 10 s */
};

struct source;

/* ERROR_INVALID: not such a URL, no video in the stream, a codec that is not known, or the camera sends the
 * caller to another address. ERROR_UNSIGNED: the camera refuses the credentials. ERROR_UNAVAILABLE: no answer
 * in time. */
struct source *source_open(const struct source_options *options, struct error *err);
void source_close(struct source *source);
AUTO_FREE(source, struct source *, source_close)

const struct stream *source_stream(const struct source *source); /* borrowed until source_close */

/* The next coded picture; its data stay until the next call. ERROR_UNAVAILABLE at the end of the stream or
 * after read_timeout_us; ERROR_TOO_LARGE for a picture over PACKET_SIZE_LIMIT. After any failure the source
 * is only good for source_close. */
bool source_read(struct source *source, struct packet *packet, struct error *err);
