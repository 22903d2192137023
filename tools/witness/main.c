/* A small witness, for tests and as an example of what somebody outside the force runs: it co-signs a log's
 * checkpoints over plain HTTP (POST /add-checkpoint) and never a fork or a shorter log, and gives whoever
 * asks the newest that it has, cosigned anew (GET /checkpoint).
 *
 *   mizan-witness PORT NAME KEYFILE LOGKEYFILE STATEFILE
 *
 * KEYFILE holds the witness's seed in hex and is made when it is missing; KEYFILE.pub its public key.
 * STATEFILE holds the last request that was signed, on disk before the answer leaves. Listens on 127.0.0.1;
 * one connection at a time. */
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "govern/cosign.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEAD_LIMIT = 4096, IDLE_S = 5 };

static bool read_hex(const char *path, uint8_t out[static 32], struct error *err)
{
    AUTO(bytes) struct bytes content = {0};
    if (!file_read(path, 128, &content, err))
        return false;
    content.data[strcspn((char *)content.data, "\n")] = '\0';
    return hex_read((char *)content.data, out, 32) ||
           fail(err, ERROR_INVALID, "%s: has to hold 64 hex digits", path);
}

static bool write_hex(const char *path, mode_t mode, const uint8_t bytes[static 32], struct error *err)
{
    char hex[2 * 32 + 2];
    hex_write(bytes, 32, hex);
    strcat(hex, "\n");
    return file_write(path, mode, hex, strlen(hex), err);
}

static bool open_key(const char *path, struct witness *witness, struct error *err)
{
    uint8_t seed[SEED_SIZE], public_key[PUBLIC_KEY_SIZE];
    AUTO(text) char *public_path = text_format("%s.pub", path);
    if (access(path, F_OK) != 0) {
        random_fill(seed, sizeof seed);
        if (!write_hex(path, 0600, seed, err))
            return false;
    }
    if (!read_hex(path, seed, err))
        return false;
    sign_key_from_seed(seed, public_key, witness->key);
    return write_hex(public_path, 0644, public_key, err);
}

/* What was signed last is the note at the end of the last request. */
static bool open_state(const char *path, struct witness *witness, struct error *err)
{
    AUTO(bytes) struct bytes note = {0};
    if (access(path, F_OK) != 0)
        return true;
    return file_read(path, NOTE_LIMIT, &note, err) &&
           note_read((char *)note.data, note.size, witness->log_key, &witness->seen, err);
}

static char *reply(const char *status, const char *text)
{
    return text_format(
        "HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s", status, strlen(text), text);
}

static char *answer(struct witness *witness, const char *state, const char *body, size_t size)
{
    struct error err = {0};
    struct witness next = *witness;
    AUTO(text) char *line = witness_sign(&next, body, size, clock_now_s(), &err);
    const char *note = line ? strstr(body, "\n\n") + 2 : NULL;
    if (line && !file_write(state, 0600, note, strlen(note), &err)) {
        memory_release(line);
        line = NULL;
    }
    if (line)
        *witness = next;
    const char *status = line                         ? "200 OK"
                         : err.code == ERROR_CONFLICT ? "409 Conflict"
                         : err.code == ERROR_UNSIGNED ? "403 Forbidden"
                         : err.code == ERROR_CORRUPT  ? "422 Unprocessable Content"
                                                      : "400 Bad Request";
    fprintf(stderr, "witness: %s %s\n", status, line ? "" : err.text);
    return reply(status, line ? line : err.text);
}

static char *newest(const struct witness *witness, const char *state)
{
    struct error err = {0};
    AUTO(bytes) struct bytes kept = {0};
    if (witness->seen.size > 0 && !file_read(state, NOTE_LIMIT, &kept, &err))
        return reply("500 Internal Server Error", err.text);
    AUTO(text) char *note = witness_newest(witness, (const char *)kept.data, clock_now_s(), &err);
    return note ? reply("200 OK", note) : reply("404 Not Found", err.text);
}

/* The body's place in the bytes so far, once all of it is there. */
static const char *whole_body(const char *bytes, size_t size, size_t *body_size)
{
    const char *empty = strstr(bytes, "\r\n\r\n"), *length = strcasestr(bytes, "\r\nContent-Length:");
    if (!empty || !length || length > empty)
        return NULL;
    *body_size = strtoul(length + strlen("\r\nContent-Length:"), NULL, 10);
    return (size_t)(bytes + size - (empty + 4)) >= *body_size ? empty + 4 : NULL;
}

static bool asks_for_newest(const char *bytes)
{
    return strncmp(bytes, "GET /checkpoint ", 16) == 0 && strstr(bytes, "\r\n\r\n");
}

static void serve(struct witness *witness, const char *state, int connection)
{
    static char bytes[HEAD_LIMIT + WITNESS_REQUEST_LIMIT + 1];
    const char *body = NULL;
    bytes[0] = '\0';
    size_t size = 0, body_size = 0;
    while (!body && !asks_for_newest(bytes) && size < sizeof bytes - 1) {
        ssize_t got = recv(connection, bytes + size, sizeof bytes - 1 - size, 0);
        if (got <= 0)
            return;
        size += (size_t)got;
        bytes[size] = '\0';
        body = whole_body(bytes, size, &body_size);
    }
    bool posts = body && strncmp(bytes, "POST /add-checkpoint ", 21) == 0;
    if (!posts && !asks_for_newest(bytes))
        return;
    AUTO(text) char *said = posts ? answer(witness, state, body, body_size) : newest(witness, state);
    send(connection, said, strlen(said), MSG_NOSIGNAL);
}

static int listen_on(const char *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)strtol(port, NULL, 10))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    bool bound = bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 8) == 0;
    return bound ? listener : -1;
}

int main(int argc, char **argv)
{
    struct error err = {0};
    struct witness witness = {0};
    clock_start();
    if (argc != 6) {
        fprintf(stderr, "mizan-witness PORT NAME KEYFILE LOGKEYFILE STATEFILE\n");
        return 64;
    }
    snprintf(witness.name, sizeof witness.name, "%s", argv[2]);
    int listener = listen_on(argv[1]);
    if (listener < 0)
        fail_errno(&err, "port %s", argv[1]);
    if (listener < 0 || !crypto_start(&err) || !open_key(argv[3], &witness, &err) ||
        !read_hex(argv[4], witness.log_key, &err) || !open_state(argv[5], &witness, &err)) {
        fprintf(stderr, "witness: %s\n", err.text);
        return 1;
    }
    for (;;) {
        const struct timeval idle = {.tv_sec = IDLE_S};
        int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (connection < 0)
            continue;
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &idle, sizeof idle);
        serve(&witness, argv[5], connection);
        close(connection);
    }
}
