#include "wire.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { WIRE_LIMIT_US = 20000000 };

static void write_pem(const char *path, const gnutls_datum_t *pem)
{
    struct error err = {0};
    if (!file_write(path, 0600, pem->data, pem->size, &err))
        fail_msg("%s", err.text);
}

static void make_certificate(struct desk *desk)
{
    gnutls_x509_privkey_t key;
    gnutls_x509_crt_t certificate;
    gnutls_datum_t pem;
    gnutls_x509_privkey_init(&key);
    assert_int_equal(gnutls_x509_privkey_generate(
                         key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
        0);
    gnutls_x509_crt_init(&certificate);
    gnutls_x509_crt_set_version(certificate, 3);
    gnutls_x509_crt_set_serial(certificate, "\x01", 1);
    gnutls_x509_crt_set_activation_time(certificate, time(NULL) - 60);
    gnutls_x509_crt_set_expiration_time(certificate, time(NULL) + 3600);
    gnutls_x509_crt_set_key(certificate, key);
    assert_int_equal(gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0), 0);
    assert_int_equal(gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_PEM, &pem), 0);
    write_pem(desk->certificate, &pem);
    gnutls_free(pem.data);
    assert_int_equal(gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &pem), 0);
    write_pem(desk->key, &pem);
    gnutls_free(pem.data);
    gnutls_x509_crt_deinit(certificate);
    gnutls_x509_privkey_deinit(key);
}

void wire_serve(struct desk *desk)
{
    struct error err = {0};
    snprintf(desk->certificate, sizeof desk->certificate, "%s/server.pem", desk->folder);
    snprintf(desk->key, sizeof desk->key, "%s/server.key", desk->folder);
    make_certificate(desk);
    const struct server_options options = {.address = "127.0.0.1",
        .certificate_file = desk->certificate,
        .key_file = desk->key,
        .strangers = WIRE_STRANGERS,
        .head_s = WIRE_HEAD_S,
        .body_s = WIRE_BODY_S};
    desk->server = server_new(&options, &desk->site, &err);
    if (!desk->server)
        fail_msg("%s", err.text);
}

struct talker {
    struct conversation *conversation;
    uint16_t port;
    struct text heard;
    atomic_bool heard_some, done;
};

static gnutls_session_t connect_to(
    uint16_t port, int *descriptor, gnutls_certificate_credentials_t credentials)
{
    gnutls_session_t session;
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    *descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(*descriptor, (struct sockaddr *)&address, sizeof address) != 0)
        return NULL;
    gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_NO_SIGNAL);
    gnutls_set_default_priority(session);
    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials);
    gnutls_transport_set_int(session, *descriptor);
    int shaken;
    do {
        shaken = gnutls_handshake(session);
    } while (shaken < 0 && !gnutls_error_is_fatal(shaken));
    return session;
}

static bool send_all(gnutls_session_t session, const char *bytes, size_t size)
{
    for (size_t sent = 0; sent < size;) {
        ssize_t now = gnutls_record_send(session, bytes + sent, size - sent);
        if (now < 0)
            return false;
        sent += (size_t)now;
    }
    return true;
}

static void send_slowly(gnutls_session_t session, const struct conversation *conversation)
{
    const char *body = strstr(conversation->send, "\r\n\r\n") + 4;
    bool goes_on = send_all(session, conversation->send, (size_t)(body - conversation->send));
    for (; goes_on && *body; body++) {
        struct timespec pause = {.tv_nsec = conversation->pause_ms * 1000000L};
        nanosleep(&pause, NULL);
        goes_on = send_all(session, body, 1);
    }
}

static void converse(struct talker *talker, gnutls_session_t session)
{
    struct conversation *conversation = talker->conversation;
    size_t size = conversation->send_size ? conversation->send_size : strlen(conversation->send);
    if (conversation->pause_ms)
        send_slowly(session, conversation);
    else
        send_all(session, conversation->send, size);
    char piece[4096];
    for (;;) {
        ssize_t now = gnutls_record_recv(session, piece, sizeof piece);
        if (now == GNUTLS_E_AGAIN || now == GNUTLS_E_INTERRUPTED)
            continue;
        if (now <= 0)
            return;
        text_add_bytes(&talker->heard, piece, (size_t)now);
        talker->heard_some = true;
        if (conversation->until && strstr(talker->heard.data, conversation->until))
            return;
    }
}

static void *talk(void *context)
{
    struct talker *talker = context;
    gnutls_certificate_credentials_t credentials;
    int descriptor;
    gnutls_certificate_allocate_credentials(&credentials);
    gnutls_session_t session = connect_to(talker->port, &descriptor, credentials);
    if (session) {
        converse(talker, session);
        gnutls_deinit(session);
    }
    close(descriptor);
    gnutls_certificate_free_credentials(credentials);
    talker->done = true;
    return NULL;
}

static void serve_once(struct desk *desk)
{
    struct pollfd polled = {server_descriptor(desk->server), POLLIN, 0};
    int timeout_ms = server_timeout_ms(desk->server);
    poll(&polled, 1, timeout_ms < 0 || timeout_ms > 20 ? 20 : timeout_ms);
    server_run(desk->server);
}

int wire_knock(struct desk *desk, int host)
{
    struct sockaddr_in from = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)host - 1)};
    struct sockaddr_in to = {.sin_family = AF_INET,
        .sin_port = htons(server_port(desk->server)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(descriptor, (struct sockaddr *)&from, sizeof from), 0);
    assert_int_equal(connect(descriptor, (struct sockaddr *)&to, sizeof to), 0);
    serve_once(desk);
    return descriptor;
}

bool wire_is_over(int descriptor)
{
    char byte;
    ssize_t got = recv(descriptor, &byte, 1, MSG_DONTWAIT);
    return got == 0 || (got < 0 && errno != EAGAIN);
}

void wire_pass(struct desk *desk, int milliseconds)
{
    int64_t end_us = clock_monotonic_us() + (int64_t)milliseconds * 1000;
    while (clock_monotonic_us() < end_us)
        serve_once(desk);
}

void wire_talk(struct desk *desk, struct conversation *conversation, void (*meanwhile)(struct desk *desk))
{
    struct talker talker = {.conversation = conversation, .port = server_port(desk->server)};
    pthread_t thread;
    int64_t end_us = clock_monotonic_us() + WIRE_LIMIT_US;
    assert_int_equal(pthread_create(&thread, NULL, talk, &talker), 0);
    while (!talker.done) {
        serve_once(desk);
        if (meanwhile && talker.heard_some) {
            meanwhile(desk);
            meanwhile = NULL;
        }
        if (clock_monotonic_us() > end_us)
            fail_msg("no end of the conversation in %d s", WIRE_LIMIT_US / 1000000);
    }
    pthread_join(thread, NULL);
    for (size_t i = 0; i < 5; i++)
        serve_once(desk);
    conversation->heard = talker.heard.data ? talker.heard.data : memory_copy_text("");
}

int wire_status(const struct conversation *conversation)
{
    return strncmp(conversation->heard, "HTTP/1.1 ", 9) == 0 ? (int)strtol(conversation->heard + 9, NULL, 10)
                                                             : 0;
}
