#include "hostile_camera.h"

#include "film.h"
#include "video/sample.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { TICKS = 3600, PICTURE_US = 15000, RTP_HEAD = 12, LONGEST_NAL = 60000, SPOILED = 24, FLOOD = 4 << 20 };

struct camera {
    struct film film, other; /* of two sizes */
    int caller;
    uint16_t sequence;
    uint32_t stamp, random;
    bool gone; /* the caller hung up */
};

struct attack {
    const char *name;
    const char *codec;                                           /* as in the session description */
    void (*spoil)(struct camera *camera, struct bytes *picture); /* of each picture; NULL: honest ones */
    uint32_t ticks;                                              /* between pictures, at 90 kHz */
    const char *description;                /* more lines for the session description; NULL: none */
    void (*instead)(struct camera *camera); /* of the whole answer */
};

static uint32_t random_next(struct camera *camera)
{
    camera->random = camera->random * 1664525U + 1013904223U;
    return camera->random >> 8;
}

static void say(struct camera *camera, const void *bytes, size_t size)
{
    for (size_t sent = 0; sent < size && !camera->gone;) {
        ssize_t now = send(camera->caller, (const char *)bytes + sent, size - sent, MSG_NOSIGNAL);
        camera->gone = now <= 0;
        sent += now > 0 ? (size_t)now : 0;
    }
}

static void say_text(struct camera *camera, const char *text)
{
    say(camera, text, strlen(text));
}

/* One RTP packet inside the RTSP connection. */
static void say_rtp(struct camera *camera, const uint8_t *payload, size_t size, bool last)
{
    size_t whole = RTP_HEAD + size;
    uint8_t head[4 + RTP_HEAD] = {'$', 0, (uint8_t)(whole >> 8), (uint8_t)whole, 0x80,
        (uint8_t)(96 | (last ? 0x80 : 0)), (uint8_t)(camera->sequence >> 8), (uint8_t)camera->sequence,
        (uint8_t)(camera->stamp >> 24), (uint8_t)(camera->stamp >> 16), (uint8_t)(camera->stamp >> 8),
        (uint8_t)camera->stamp, 1, 2, 3, 4};
    camera->sequence++;
    say(camera, head, sizeof head);
    say(camera, payload, size);
}

/* Each unit between start codes is a packet. */
static void say_picture(struct camera *camera, const struct bytes *picture)
{
    size_t at = 0;
    while (at < picture->size) {
        const uint8_t *code = memmem(picture->data + at, picture->size - at, "\0\0\1", 3);
        size_t begin = code ? (size_t)(code - picture->data) + 3 : at;
        const uint8_t *next = memmem(picture->data + begin, picture->size - begin, "\0\0\1", 3);
        size_t end = next ? (size_t)(next - picture->data) : picture->size;
        size_t size = end - begin < LONGEST_NAL ? end - begin : LONGEST_NAL;
        if (size)
            say_rtp(camera, picture->data + begin, size, !next);
        at = end;
    }
}

static void truncated(struct camera *camera, struct bytes *picture)
{
    picture->size = random_next(camera) % picture->size + 1;
}

static void flip(struct camera *camera, struct bytes *picture, int times)
{
    for (int i = 0; i < times; i++)
        picture->data[5 + random_next(camera) % (picture->size - 5)] ^=
            (uint8_t)(1U << random_next(camera) % 8);
}

static void one_bit(struct camera *camera, struct bytes *picture)
{
    flip(camera, picture, 1);
}

static void many_bits(struct camera *camera, struct bytes *picture)
{
    flip(camera, picture, 200);
}

static void noise(struct camera *camera, struct bytes *picture)
{
    for (size_t i = 5; i < picture->size; i++)
        picture->data[i] = (uint8_t)random_next(camera);
}

static void replace(struct bytes *picture, const void *bytes, size_t size)
{
    bytes_free(picture);
    *picture = bytes_copy(bytes, size);
}

static void size_jumps(struct camera *camera, struct bytes *picture)
{
    const struct film *film = random_next(camera) % 2 ? &camera->film : &camera->other;
    const struct bytes *any = &film->pictures[random_next(camera) % 3 ? 0 : 5];
    replace(picture, any->data, any->size);
}

static void wrong_order(struct camera *camera, struct bytes *picture)
{
    const struct bytes *any = &camera->film.pictures[random_next(camera) % (uint32_t)camera->film.count];
    replace(picture, any->data, any->size);
}

/* The first unit, its parameters, again and again with other numbers in it. */
static void giant_parameter_sets(struct camera *camera, struct bytes *picture)
{
    const struct bytes *first = &camera->film.pictures[0];
    size_t unit = first->size < 48 ? first->size : 48, size = 48000;
    uint8_t *bytes = memory_allocate(size, 1);
    for (size_t at = 0; at + unit <= size; at += unit) {
        memcpy(bytes + at, first->data, unit);
        bytes[at + 8 + random_next(camera) % (unit - 8)] ^= (uint8_t)random_next(camera);
    }
    replace(picture, bytes, size);
    free(bytes);
}

static void one_endless_parameter_set(struct camera *camera, struct bytes *picture)
{
    uint8_t *bytes = memory_allocate(LONGEST_NAL, 1);
    memcpy(bytes, camera->film.pictures[0].data, 32);
    for (size_t i = 32; i < LONGEST_NAL; i++)
        bytes[i] = (uint8_t)(2 + random_next(camera) % 250);
    replace(picture, bytes, LONGEST_NAL);
    free(bytes);
}

/* Fragments that never end: the receiver has to let go of them. */
static void endless_fragments(struct camera *camera, struct bytes *picture)
{
    uint8_t fragment[LONGEST_NAL] = {0x7C, 0x05};
    (void)picture;
    fragment[1] = camera->sequence == 0 ? 0x85 : 0x05;
    for (int i = 0; i < 40; i++)
        say_rtp(camera, fragment, sizeof fragment, false);
}

/* Several units in one packet, whose lengths lie. */
static void lying_lengths(struct camera *camera, struct bytes *picture)
{
    uint8_t packet[64] = {0x78, 0xFF, 0xFF, 0x65};
    for (size_t i = 4; i < sizeof packet; i++)
        packet[i] = (uint8_t)random_next(camera);
    say_rtp(camera, packet, sizeof packet, false);
    (void)picture;
}

static void zeros(struct camera *camera, struct bytes *picture)
{
    static const uint8_t nothing[LONGEST_NAL];
    (void)camera;
    replace(picture, nothing, sizeof nothing);
}

static void leaping_stamps(struct camera *camera, struct bytes *picture)
{
    (void)picture;
    camera->stamp = random_next(camera) << 8 ^ random_next(camera);
}

/* Bytes that are no packets at all, in place of the next ones. */
static void no_packets(struct camera *camera, struct bytes *picture)
{
    uint8_t bytes[2048];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)random_next(camera);
    say(camera, bytes, sizeof bytes);
    (void)picture;
}

static void flood(struct camera *camera, const char *head, const char *line)
{
    say_text(camera, head);
    for (size_t said = 0; said < FLOOD && !camera->gone; said += strlen(line))
        say_text(camera, line);
}

static void endless_header(struct camera *camera)
{
    flood(camera, "RTSP/1.0 200 OK\r\nCSeq: 1\r\n", "X-Long: 0123456789012345678901234567890123456789\r\n");
}

static void endless_description(struct camera *camera)
{
    flood(camera,
        "RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Type: application/sdp\r\nContent-Length: 2000000000\r\n\r\n",
        "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:x\r\n");
}

static void another_protocol(struct camera *camera)
{
    say_text(camera, "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n");
}

static void web_endless_header(struct camera *camera)
{
    flood(camera, "HTTP/1.1 200 OK\r\n", "X-Long: 0123456789012345678901234567890123456789\r\n");
}

static void web_huge_part(struct camera *camera)
{
    flood(camera,
        "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n--frame\r\n"
        "Content-Type: image/jpeg\r\nContent-Length: 2000000000\r\n\r\n",
        "0123456789012345678901234567890123456789012345678901234567890123456789");
}

static void web_no_pictures(struct camera *camera)
{
    flood(camera, "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n",
        "--frame\r\n\r\n");
}

static void claim_size(struct bytes *picture, int width, int height)
{
    uint8_t *frame = memmem(picture->data, picture->size, "\xFF\xC0", 2);
    if (!frame || (size_t)(frame - picture->data) + 9 > picture->size)
        return;
    frame[5] = (uint8_t)(height >> 8);
    frame[6] = (uint8_t)height;
    frame[7] = (uint8_t)(width >> 8);
    frame[8] = (uint8_t)width;
}

static void bomb(struct camera *camera, struct bytes *picture)
{
    static const int sizes[][2] = {{65535, 65535}, {8192, 4880}, {65535, 1}, {8192, 8192}, {0, 0}};
    size_t row = random_next(camera) % COUNT_OF(sizes);
    claim_size(picture, sizes[row][0], sizes[row][1]);
}

static void progressive(struct camera *camera, struct bytes *picture)
{
    uint8_t *frame = memmem(picture->data, picture->size, "\xFF\xC0", 2);
    (void)camera;
    if (frame)
        frame[1] = 0xC2;
}

static const struct attack rtsp_attacks[] = {
    {"truncated", "H264", truncated, TICKS, NULL, NULL},
    {"one bit flipped", "H264", one_bit, TICKS, NULL, NULL},
    {"many bits flipped", "H264", many_bits, TICKS, NULL, NULL},
    {"noise", "H264", noise, TICKS, NULL, NULL},
    {"size jumps", "H264", size_jumps, TICKS, NULL, NULL},
    {"wrong order", "H264", wrong_order, TICKS, NULL, NULL},
    {"0 pictures a second", "H264", NULL, 0, NULL, NULL},
    {"10,000 pictures a second", "H264", NULL, 9, NULL, NULL},
    {"leaping stamps", "H264", leaping_stamps, TICKS, NULL, NULL},
    {"giant parameter sets", "H264", giant_parameter_sets, TICKS, NULL, NULL},
    {"one endless parameter set", "H264", one_endless_parameter_set, TICKS, NULL, NULL},
    {"endless fragments", "H264", endless_fragments, TICKS, NULL, NULL},
    {"lying lengths", "H264", lying_lengths, TICKS, NULL, NULL},
    {"zeros", "H264", zeros, TICKS, NULL, NULL},
    {"no packets", "H264", no_packets, TICKS, NULL, NULL},
    {"said to be H.265", "H265", NULL, TICKS, NULL, NULL},
    {"H.265 of noise", "H265", noise, TICKS, NULL, NULL},
    {"said to be sound", "PCMU", NULL, TICKS, NULL, NULL},
    {"parameter sets that are none", "H264", NULL, TICKS,
        "a=fmtp:96 packetization-mode=1;sprop-parameter-sets=////////,////,A,=,%%%%\r\n", NULL},
    {"endless header", "H264", NULL, 0, NULL, endless_header},
    {"endless description", "H264", NULL, 0, NULL, endless_description},
    {"another protocol", "H264", NULL, 0, NULL, another_protocol},
};

static const struct attack web_attacks[] = {
    {"bombs", "", bomb, 0, NULL, NULL},
    {"truncated JPEGs", "", truncated, 0, NULL, NULL},
    {"JPEGs with flipped bits", "", many_bits, 0, NULL, NULL},
    {"JPEGs that are none", "", noise, 0, NULL, NULL},
    {"JPEGs of changing sizes", "", size_jumps, 0, NULL, NULL},
    {"progressive JPEGs", "", progressive, 0, NULL, NULL},
    {"a part of two gigabytes", "", NULL, 0, NULL, web_huge_part},
    {"an endless header", "", NULL, 0, NULL, web_endless_header},
    {"parts without pictures", "", NULL, 0, NULL, web_no_pictures},
};

static const struct attack honest = {"honest", "H264", NULL, TICKS, NULL, NULL};

int hostile_camera_attacks(bool http)
{
    return http ? (int)COUNT_OF(web_attacks) : (int)COUNT_OF(rtsp_attacks);
}

/* Answers until the caller wants to play; false when it left. */
static bool shake_hands(struct camera *camera, const struct attack *attack)
{
    char request[4096];
    for (;;) {
        ssize_t size = recv(camera->caller, request, sizeof request - 1, 0);
        if (size <= 0)
            return false;
        request[size] = '\0';
        const char *number = strcasestr(request, "CSeq:");
        int sequence = number ? atoi(number + 5) : 0;
        AUTO(text)
        char *body = text_format("v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\n"
                                 "a=rtpmap:96 %s/90000\r\n%sa=control:streamid=0\r\n",
            attack->codec, attack->description ? attack->description : "");
        bool describes = !strncmp(request, "DESCRIBE", 8), plays = !strncmp(request, "PLAY", 4);
        AUTO(text)
        char *answer = text_format("RTSP/1.0 200 OK\r\nCSeq: %d\r\nSession: 7\r\n%s%s%zu\r\n\r\n%s", sequence,
            !strncmp(request, "SETUP", 5) ? "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n" : "",
            describes ? "Content-Type: application/sdp\r\nContent-Length: " : "X-Length: ",
            describes ? strlen(body) : 0, describes ? body : "");
        say_text(camera, answer);
        if (plays)
            return true;
    }
}

static bool shake_hands_http(struct camera *camera)
{
    char request[4096];
    if (recv(camera->caller, request, sizeof request, 0) <= 0)
        return false;
    say_text(camera, "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n");
    return true;
}

static void say_part(struct camera *camera, const struct bytes *picture)
{
    AUTO(text)
    char *head =
        text_format("--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %zu\r\n\r\n", picture->size);
    say_text(camera, head);
    say(camera, picture->data, picture->size);
    say_text(camera, "\r\n");
}

/* `pictures` of them: spoiled ones, or honest ones without an attack that spoils. */
static void show(struct camera *camera, bool http, const struct attack *attack, int pictures)
{
    for (int i = 0; i < pictures && !camera->gone; i++) {
        const struct bytes *from = &camera->film.pictures[i % camera->film.count];
        AUTO(bytes) struct bytes picture = bytes_copy(from->data, from->size);
        /* One honest group first, so that there is something to spoil. */
        if (attack->spoil && i >= camera->film.count / 2)
            attack->spoil(camera, &picture);
        if (http)
            say_part(camera, &picture);
        else
            say_picture(camera, &picture);
        camera->stamp += attack->ticks;
        usleep(PICTURE_US);
    }
}

static void serve(struct camera *camera, bool http, const struct attack *attack, int pictures)
{
    char request[4096];
    camera->gone = false;
    if (attack->instead) {
        if (recv(camera->caller, request, sizeof request, 0) > 0)
            attack->instead(camera);
    } else if (http ? shake_hands_http(camera) : shake_hands(camera, attack)) {
        show(camera, http, attack, pictures);
    }
    close(camera->caller);
}

static _Noreturn void camera_run(int listener, bool http, int first, int step, volatile int *left)
{
    struct camera camera = {.random = 2463534242U};
    struct film_options options = {.codec = http ? "mjpeg" : NULL,
        .width = 320,
        .height = 240,
        .pictures = 16,
        .ground = {90, 128, 128}};
    camera.film = film_make(&options);
    options.width = 1280;
    options.height = 720;
    camera.other = film_make(&options);
    for (int at = first; at < hostile_camera_attacks(http); at += step) {
        camera.caller = accept(listener, NULL, NULL);
        serve(&camera, http, http ? &web_attacks[at] : &rtsp_attacks[at], SPOILED);
        --*left;
    }
    for (;;) {
        camera.caller = accept(listener, NULL, NULL);
        serve(&camera, http, &honest, 1 << 20);
    }
}

struct hostile_camera hostile_camera_start(bool http, int first, int step)
{
    struct hostile_camera camera = {.process = 0};
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof name;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&name, size), 0);
    assert_int_equal(listen(listener, 8), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&name, &size), 0);
    snprintf(camera.url, sizeof camera.url, "%s127.0.0.1:%u/main", http ? "http://" : "rtsp://",
        ntohs(name.sin_port));
    camera.left = mmap(NULL, sizeof *camera.left, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(camera.left != MAP_FAILED);
    *camera.left = (hostile_camera_attacks(http) - first + step - 1) / step;
    camera.process = fork();
    if (camera.process == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        camera_run(listener, http, first, step, camera.left);
    }
    close(listener);
    return camera;
}

void hostile_camera_stop(struct hostile_camera *camera)
{
    kill(camera->process, SIGKILL);
    waitpid(camera->process, NULL, 0);
    munmap((void *)(uintptr_t)camera->left, sizeof *camera->left);
}
