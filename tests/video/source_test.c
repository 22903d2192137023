#include "video/source.h"

#include "film.h"
#include "video/decoder.h"
#include "video/sample.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { WIDTH = 320, HEIGHT = 240, SHORT_US = 400000, SILENCE_US = 2000000, PATIENT_US = 20000000 };

static char folder[] = "/tmp/mizan-source-test-XXXXXX";
static char film_path[64];

struct camera {
    pid_t process;
    char url[128];
    int commands; /* its standard input */
};

static _Noreturn void camera_run(int input, int output, char *words[])
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    const char *program = getenv("MIZAN_TEST_CAMERA");
    if (program)
        execv(program, words);
    _exit(127);
}

static struct camera camera_start_with(
    const char *path, const char *address, const char *user, const char *password)
{
    struct camera camera;
    int ends[2], input[2];
    char film[80];
    snprintf(film, sizeof film, "film=%s", path);
    char *open_words[] = {
        "mizan-test-camera", "--port", "0", "--bind", (char *)(uintptr_t)address, film, NULL};
    char *guarded_words[] = {"mizan-test-camera", "--port", "0", "--bind", (char *)(uintptr_t)address, film,
        "--user", (char *)(uintptr_t)user, "--password", (char *)(uintptr_t)password, NULL};
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(pipe2(input, O_CLOEXEC), 0);
    camera.process = fork();
    if (camera.process == 0)
        camera_run(input[0], ends[1], user ? guarded_words : open_words);
    close(ends[1]);
    close(input[0]);
    camera.commands = input[1];
    FILE *output = fdopen(ends[0], "r");
    assert_int_equal(fscanf(output, "ready %127s", camera.url), 1);
    fclose(output);
    return camera;
}

static struct camera camera_start(const char *address, const char *user, const char *password)
{
    return camera_start_with(film_path, address, user, password);
}

static void camera_command(const struct camera *camera, const char *line)
{
    assert_int_equal(write(camera->commands, line, strlen(line)), strlen(line));
}

static void camera_stop(struct camera *camera)
{
    close(camera->commands);
    kill(camera->process, SIGCONT);
    kill(camera->process, SIGTERM);
    assert_int_equal(waitpid(camera->process, NULL, 0), camera->process);
}

static struct source *open_at(const char *url, const char *user, const char *password, struct error *err)
{
    return source_open(&(struct source_options){.url = url,
                           .user = user,
                           .password = password,
                           .open_timeout_us = PATIENT_US,
                           .read_timeout_us = PATIENT_US},
        err);
}

static int film_setup(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(film_path, sizeof film_path, "%s/film.mp4", folder);
    film_write(
        &(struct film_options){.width = WIDTH, .height = HEIGHT, .pictures = 30, .ground = {90, 128, 128}},
        film_path);
    return 0;
}

static int film_teardown(void **state)
{
    (void)state;
    return unlink(film_path) || rmdir(folder);
}

static void pictures_arrive_from_a_camera_and_decode_beyond_the_end_of_its_clip(void **state)
{
    (void)state;
    struct error err;
    struct camera camera = camera_start("127.0.0.1", NULL, NULL);
    AUTO(source) struct source *source = open_at(camera.url, NULL, NULL, &err);
    assert_non_null(source);
    assert_string_equal(source_stream(source)->codec, "h264");
    assert_true(source_stream(source)->extradata_size > 0);
    AUTO(decoder) struct decoder *decoder = decoder_new(&err);
    assert_true(decoder_start(decoder, source_stream(source), &err));
    int64_t first_us = 0, last_us = -1;
    int keys = 0;
    for (int i = 0; i < 75; i++) {
        struct packet packet;
        assert_true(source_read(source, &packet, &err));
        assert_true(packet.pts_us >= last_us);
        assert_int_equal(decoder_push(decoder, &packet), 1);
        first_us = i == 1 ? packet.pts_us : first_us;
        last_us = packet.pts_us;
        keys += packet.key;
    }
    /* 73 steps of 40 ms, over two ends of a clip of 30 pictures; RTP's clock rounds. */
    assert_in_range(last_us - first_us, 73 * 40000 - 1000, 73 * 40000 + 1000);
    assert_in_range(keys, 3, 6);
    struct frame frame;
    assert_true(decoder_frame(decoder, &frame));
    assert_int_equal(frame.width, WIDTH);
    assert_int_equal(frame.height, HEIGHT);
    assert_int_equal(frame.pts_us, last_us);
    assert_int_equal(decoder_counts(decoder).errors, 0);
    camera_stop(&camera);
}

static void a_camera_can_be_opened_again(void **state)
{
    (void)state;
    struct camera camera = camera_start("127.0.0.1", NULL, NULL);
    for (int round = 0; round < 3; round++) {
        struct packet packet;
        AUTO(source) struct source *source = open_at(camera.url, NULL, NULL, NULL);
        assert_non_null(source);
        assert_true(source_read(source, &packet, NULL));
        assert_true(packet.key);
    }
    camera_stop(&camera);
}

static void every_codec_and_manner_of_sending_arrives_and_decodes(void **state)
{
    (void)state;
    static const struct {
        const char *codec;
        int b_frames;
        bool udp;
    } rows[] = {{"h264", 0, true}, {"h264", 2, false}, {"h264", 2, true}, {"hevc", 0, false},
        {"hevc", 2, false}, {"hevc", 0, true}, {"mjpeg", 0, false}, {"mjpeg", 0, true}};
    struct error err = {0};
    AUTO(decoder) struct decoder *decoder = decoder_new(&err);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char path[64], url[160];
        snprintf(path, sizeof path, "%s/%zu.mp4", folder, i);
        film_write(&(struct film_options){.codec = rows[i].codec,
                       .b_frames = rows[i].b_frames,
                       .width = WIDTH,
                       .height = HEIGHT,
                       .pictures = 30,
                       .ground = {90, 128, 128}},
            path);
        struct camera camera = camera_start_with(path, "127.0.0.1", NULL, NULL);
        snprintf(
            url, sizeof url, "%s%s", rows[i].udp ? "rtsp+udp://" : "rtsp://", camera.url + strlen("rtsp://"));
        AUTO(source) struct source *source = open_at(url, NULL, NULL, &err);
        if (!source)
            fail_msg("%s: %s", url, err.text);
        assert_string_equal(source_stream(source)->codec, rows[i].codec);
        assert_true(decoder_start(decoder, source_stream(source), &err));
        uint64_t frames = decoder_counts(decoder).frames, errors = decoder_counts(decoder).errors;
        struct packet packet;
        for (int count = 0; count < 40; count++) {
            assert_true(source_read(source, &packet, &err));
            assert_true(count > 0 || packet.key);
            decoder_push(decoder, &packet);
        }
        print_message("%s: %llu pictures of 40, %llu errors\n", url,
            (unsigned long long)(decoder_counts(decoder).frames - frames),
            (unsigned long long)(decoder_counts(decoder).errors - errors));
        /* All but those that wait for their order. */
        assert_true(decoder_counts(decoder).frames - frames >= 36);
        assert_int_equal(decoder_counts(decoder).errors - errors, 0);
        camera_stop(&camera);
        unlink(path);
    }
}

static void a_camera_misbehaves_on_command_and_is_followed_through_it(void **state)
{
    (void)state;
    static const char *const commands[] = {"film stall 700\n", "film drop 20\n", "film garble 10\n",
        "film stamps zero\n", "film stamps leap\n", "film stamps fast\n", "film stamps right\n",
        "film switch film\n", "film nonsense\n", "film hang-up 300\n"};
    struct error err = {0};
    struct packet packet;
    struct camera camera = camera_start("127.0.0.1", NULL, NULL);
    AUTO(decoder) struct decoder *decoder = decoder_new(&err);
    AUTO(source) struct source *source = open_at(camera.url, NULL, NULL, &err);
    assert_true(decoder_start(decoder, source_stream(source), &err));
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        camera_command(&camera, commands[i]);
        bool reading = true;
        for (int count = 0; count < 35 && reading; count++) {
            reading = source_read(source, &packet, &err);
            if (reading)
                decoder_push(decoder, &packet);
        }
        assert_int_equal(reading, i + 1 < COUNT_OF(commands));
    }
    assert_true(decoder_counts(decoder).errors > 0);
    assert_true(decoder_counts(decoder).frames > 200);
    struct source *again = NULL;
    for (int attempt = 0; attempt < 10 && !again; attempt++) {
        again = open_at(camera.url, NULL, NULL, &err);
        if (again && !source_read(again, &packet, &err)) {
            source_close(again);
            again = NULL;
        }
    }
    assert_non_null(again);
    source_close(again);
    camera_stop(&camera);
}

static void credentials_open_a_guarded_camera_and_appear_in_no_error(void **state)
{
    (void)state;
    static const char user[] = "guard", password[] = "p:w@/% \xC3\xA4?#";
    static const struct {
        const char *user, *password;
        enum error_code code;
    } rows[] = {
        {user, password, ERROR_NONE},
        {user, "s3cretguess", ERROR_UNSIGNED},
        {"s3cretguess", password, ERROR_UNSIGNED},
        {NULL, NULL, ERROR_UNSIGNED},
    };
    struct camera camera = camera_start("127.0.0.1", user, password);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error err = {0};
        AUTO(source) struct source *source = open_at(camera.url, rows[i].user, rows[i].password, &err);
        assert_int_equal(err.code, rows[i].code);
        assert_true(rows[i].code ? !source : !!source);
        assert_null(strstr(err.text, "s3cretguess"));
        assert_null(strstr(err.text, "p:w"));
        assert_null(strstr(err.text, "p%3A"));
    }
    camera_stop(&camera);
}

static void addresses_that_are_no_plain_numbers_are_refused(void **state)
{
    (void)state;
    static const char *const urls[] = {"", "rtsp://", "rtsp:///x", "https://127.0.0.1/x",
        "http://localhost/x", "rtsp+udp://camera.example/x", "http://u:p4ss@127.0.0.1/x", "/etc/passwd",
        "file:///etc/passwd", "rtsp://localhost/x", "rtsp://camera.example:554/x",
        "rtsp://u:p4ss@127.0.0.1/x", "rtsp://[::1/x", "rtsp://[camera]/x", "rtsp://127.0.0.1.example/x",
        "rtsps://127.0.0.1/x"};
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        struct error err = {0};
        assert_null(open_at(urls[i], NULL, NULL, &err));
        assert_int_equal(err.code, ERROR_INVALID);
        assert_null(strstr(err.text, "p4ss"));
    }
    struct error err = {0};
    assert_null(open_at("rtsp://127.0.0.1:9/x", "with:colon", "x", &err));
    assert_int_equal(err.code, ERROR_INVALID);
}

/* A port where somebody listens and says what the test wants. */
static int listen_at(const char *address, uint16_t *port)
{
    struct sockaddr_in name = {.sin_family = AF_INET};
    socklen_t size = sizeof name;
    inet_pton(AF_INET, address, &name.sin_addr);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&name, size), 0);
    assert_int_equal(listen(listener, 4), 0);
    getsockname(listener, (struct sockaddr *)&name, &size);
    *port = ntohs(name.sin_port);
    return listener;
}

static void a_camera_that_does_not_answer_is_unavailable(void **state)
{
    (void)state;
    struct error err = {0};
    uint16_t port;
    char url[64];
    int listener = listen_at("127.0.0.1", &port);
    snprintf(url, sizeof url, "rtsp://127.0.0.1:%u/film", port);
    assert_null(source_open(&(struct source_options){.url = url, .open_timeout_us = SHORT_US}, &err));
    assert_int_equal(err.code, ERROR_UNAVAILABLE);
    close(listener);
    assert_null(open_at(url, NULL, NULL, &err));
    assert_int_equal(err.code, ERROR_UNAVAILABLE);
}

static void a_camera_that_falls_silent_or_dies_is_noticed(void **state)
{
    (void)state;
    static const int signals[] = {SIGSTOP, SIGKILL};
    for (size_t i = 0; i < COUNT_OF(signals); i++) {
        struct error err = {0};
        struct packet packet;
        struct camera camera = camera_start("127.0.0.1", NULL, NULL);
        AUTO(source)
        struct source *source = source_open(
            &(struct source_options){
                .url = camera.url, .open_timeout_us = PATIENT_US, .read_timeout_us = SILENCE_US},
            &err);
        assert_non_null(source);
        assert_true(source_read(source, &packet, &err));
        kill(camera.process, signals[i]);
        while (source_read(source, &packet, &err))
            continue;
        assert_int_equal(err.code, ERROR_UNAVAILABLE);
        camera_stop(&camera);
    }
}

struct web_camera {
    int listener;
    const char *answer; /* the head, then JPEGs */
    size_t jpeg_claims; /* Content-Length of each part; 0 tells the truth */
    char request[2048];
};

/* An HTTP camera for one caller. */
static void *web_camera_serve(void *given)
{
    struct web_camera *web = given;
    char part[256];
    int caller = accept(web->listener, NULL, NULL);
    ssize_t size = recv(caller, web->request, sizeof web->request - 1, 0);
    web->request[size > 0 ? size : 0] = '\0';
    bool open = send(caller, web->answer, strlen(web->answer), MSG_NOSIGNAL) > 0;
    while (open) {
        int head =
            snprintf(part, sizeof part, "--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %zu\r\n\r\n",
                web->jpeg_claims ? web->jpeg_claims : (size_t)SAMPLE_MJPEG_SIZE);
        open = send(caller, part, (size_t)head, MSG_NOSIGNAL) > 0 &&
               send(caller, sample_mjpeg, SAMPLE_MJPEG_SIZE, MSG_NOSIGNAL) > 0 &&
               send(caller, "\r\n", 2, MSG_NOSIGNAL) > 0;
        if (!web->jpeg_claims)
            usleep(20000);
    }
    close(caller);
    return NULL;
}

static const char web_answer[] =
    "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n";

static void pictures_come_over_http_with_their_times(void **state)
{
    (void)state;
    struct error err = {0};
    struct packet packet;
    struct web_camera web = {.answer = web_answer};
    uint16_t port;
    char url[64];
    pthread_t thread;
    web.listener = listen_at("127.0.0.1", &port);
    assert_int_equal(pthread_create(&thread, NULL, web_camera_serve, &web), 0);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/video", port);
    struct source *source = open_at(url, "guard", "p:w@", &err);
    if (!source)
        fail_msg("%s", err.text);
    AUTO(decoder) struct decoder *decoder = decoder_new(&err);
    assert_true(decoder_start(decoder, source_stream(source), &err));
    int64_t last_us = 0, last_pts_us = INT64_MIN;
    for (int i = 0; i < 20; i++) {
        assert_true(source_read(source, &packet, &err));
        assert_true(packet.key);
        assert_true(packet.pts_us > last_pts_us);
        assert_true(packet.captured_us >= last_us);
        last_us = packet.captured_us;
        last_pts_us = packet.pts_us;
        decoder_push(decoder, &packet);
    }
    assert_int_equal(decoder_counts(decoder).frames, 20);
    source_close(source);
    close(web.listener);
    pthread_join(thread, NULL);
    assert_null(strstr(web.request, "p:w"));
}

static void hostile_http_answers_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *answer;
        size_t claims;
    } rows[] = {
        {"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.2:9/x\r\n\r\n", 0},
        {"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n", 0},
        {"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nhello", 0},
        {"HTTP/1.1 404 Not Found\r\n\r\n", 0},
        {web_answer, 2000000000},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error err = {0};
        struct packet packet;
        struct web_camera web = {.answer = rows[i].answer, .jpeg_claims = rows[i].claims};
        uint16_t port;
        char url[64];
        pthread_t thread;
        web.listener = listen_at("127.0.0.1", &port);
        assert_int_equal(pthread_create(&thread, NULL, web_camera_serve, &web), 0);
        snprintf(url, sizeof url, "http://127.0.0.1:%u/video", port);
        struct source *source = open_at(url, NULL, NULL, &err);
        if (source)
            assert_false(source_read(source, &packet, &err));
        assert_int_not_equal(err.code, ERROR_NONE);
        source_close(source);
        close(web.listener);
        pthread_join(thread, NULL);
    }
}

struct redirection {
    int listener;
    const char *target;
};

static void *redirect_once(void *given)
{
    const struct redirection *redirection = given;
    char request[4096], answer[512];
    int caller = accept(redirection->listener, NULL, NULL);
    for (int number = 1; recv(caller, request, sizeof request, 0) > 0; number++) {
        int size = snprintf(answer, sizeof answer,
            "RTSP/1.0 302 Moved\r\nCSeq: %d\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n", number,
            redirection->target);
        if (send(caller, answer, (size_t)size, MSG_NOSIGNAL) < 0)
            break;
    }
    close(caller);
    return NULL;
}

static void a_camera_that_sends_callers_to_another_address_is_refused(void **state)
{
    (void)state;
    struct error err = {0};
    uint16_t port;
    char url[64];
    pthread_t thread;
    struct camera elsewhere = camera_start("127.0.0.2", NULL, NULL);
    struct redirection redirection = {listen_at("127.0.0.1", &port), elsewhere.url};
    assert_int_equal(pthread_create(&thread, NULL, redirect_once, &redirection), 0);
    snprintf(url, sizeof url, "rtsp://127.0.0.1:%u/film", port);
    assert_null(open_at(url, NULL, NULL, &err));
    assert_int_equal(err.code, ERROR_INVALID);
    assert_non_null(strstr(err.text, "another address"));
    pthread_join(thread, NULL);
    close(redirection.listener);
    camera_stop(&elsewhere);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_arrive_from_a_camera_and_decode_beyond_the_end_of_its_clip),
        cmocka_unit_test(a_camera_can_be_opened_again),
        cmocka_unit_test(every_codec_and_manner_of_sending_arrives_and_decodes),
        cmocka_unit_test(a_camera_misbehaves_on_command_and_is_followed_through_it),
        cmocka_unit_test(pictures_come_over_http_with_their_times),
        cmocka_unit_test(hostile_http_answers_are_refused),
        cmocka_unit_test(credentials_open_a_guarded_camera_and_appear_in_no_error),
        cmocka_unit_test(addresses_that_are_no_plain_numbers_are_refused),
        cmocka_unit_test(a_camera_that_does_not_answer_is_unavailable),
        cmocka_unit_test(a_camera_that_falls_silent_or_dies_is_noticed),
        cmocka_unit_test(a_camera_that_sends_callers_to_another_address_is_refused),
    };
    return cmocka_run_group_tests(tests, film_setup, film_teardown);
}
