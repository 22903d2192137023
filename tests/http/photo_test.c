/* A photograph's way: it waits for the still process, and nothing else waits for it. */
#include "desk.h"

#include "base/text.h"
#include "face/pack.h"

#include <poll.h>
#include <stdlib.h>

static char *pack_folder;

static int setup(void **state)
{
    struct error err = {0};
    const char *assets = getenv("MIZAN_ASSETS");
    pack_folder = text_format("%s/pack", assets ? assets : "build/assets");
    AUTO(pack) struct pack *pack = pack_open(pack_folder, &err);
    if (!pack) {
        print_message("skipped: %s (tools/setup makes the models)\n", err.text);
        exit(77);
    }
    desk_setup(state);
    struct desk *desk = *state;
    memcpy(desk->site.pack_hash, pack_hash(pack), HASH_SIZE);
    const struct enrol_options options = {.program = getenv("MIZAN_PROGRAM"),
        .pack_folder = pack_folder,
        .site = desk->site.name,
        .pack_hash = desk->site.pack_hash,
        .kind = SITE_DEMO};
    desk->site.enrolments = enrol_link_new(&options, &err);
    return desk->site.enrolments ? 0 : -1;
}

static int teardown(void **state)
{
    struct desk *desk = *state;
    enrol_link_free(desk->site.enrolments);
    desk->site.enrolments = NULL;
    memory_release(pack_folder);
    return desk_teardown(state);
}

static struct bytes picture = {(uint8_t *)"this is no picture", 18};

static void bring(struct desk *desk, enum person person, char bearer[static 96], struct request *request,
    struct reply *reply)
{
    snprintf(bearer, 96, "Bearer %s", desk->token[person]);
    const struct request_head head = {.method = "POST",
        .path = "/api/v1/photos",
        .mizan = "1",
        .content_length = "18",
        .authorization = bearer};
    assert_true(service_begin(&desk->service, &head, request, reply));
    service_finish(request, picture, reply);
}

static void until_answered(struct desk *desk, const struct request *request)
{
    while (!request->is_answered) {
        struct pollfd polled = {enrol_link_descriptor(desk->site.enrolments), POLLIN, 0};
        poll(&polled, 1, enrol_link_timeout_ms(desk->site.enrolments));
        enrol_link_run(desk->site.enrolments);
    }
}

static void while_a_photograph_is_looked_at_everybody_else_is_served(void **state)
{
    struct desk *desk = *state;
    struct request request;
    AUTO(reply) struct reply reply = {0};
    char bearer[96];
    bring(desk, WATCH_OFFICER, bearer, &request, &reply);
    assert_true(reply.waits);
    assert_int_equal(desk_get(desk, REVIEWER, "/api/v1/alerts"), 200);
    assert_false(request.is_answered);
    until_answered(desk, &request);
    service_go_on(&request, &reply);
    assert_false(reply.waits);
    assert_int_equal(reply.status, 400);
    request_done(&request);
}

static void who_leaves_before_the_answer_makes_room_and_whose_session_ends_is_refused(void **state)
{
    struct desk *desk = *state;
    struct request requests[ENROL_EACH], last;
    AUTO(reply) struct reply reply = {0};
    AUTO(reply) struct reply refused = {0};
    AUTO(reply) struct reply again = {0};
    char bearer[ENROL_EACH + 1][96];
    for (size_t i = 0; i < ENROL_EACH; i++) {
        bring(desk, WATCH_OFFICER, bearer[i], &requests[i], &reply);
        assert_true(reply.waits);
    }
    bring(desk, WATCH_OFFICER, bearer[ENROL_EACH], &last, &refused);
    assert_false(refused.waits);
    assert_int_equal(refused.status, 503);
    request_done(&last);
    for (size_t i = 0; i < ENROL_EACH; i++)
        request_done(&requests[i]);
    bring(desk, WATCH_OFFICER, bearer[ENROL_EACH], &last, &again);
    assert_true(again.waits);
    const struct ask sign_out = {
        .method = "DELETE", .path = "/api/v1/sessions/current", .token = desk->token[WATCH_OFFICER]};
    assert_int_equal(desk_status(desk, &sign_out, NULL), 200);
    until_answered(desk, &last);
    service_go_on(&last, &again);
    assert_int_equal(again.status, 401);
    request_done(&last);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            while_a_photograph_is_looked_at_everybody_else_is_served, setup, teardown),
        cmocka_unit_test_setup_teardown(
            who_leaves_before_the_answer_makes_room_and_whose_session_ends_is_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
