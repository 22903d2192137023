/* What takes the desk long is done in turns, and others are served between them. */
#include "wire.h"

#include "base/text.h"
#include "govern/ledger_private.h"

#include <stdlib.h>
#include <unistd.h>

static struct ledger_options options;
static char backups[96], keys[96];

static void write_much(struct desk *desk)
{
    struct error err = {0};
    assert_true(ledger_begin(desk->site.ledger, &err));
    for (int i = 0; i < 20000; i++) {
        AUTO(json) json_t *fields = json_pack("{s:i}", "count", i);
        const struct record record = {.kind = "counted", .by = "site", .public_fields = fields};
        assert_true(ledger_record(desk->site.ledger, &record, &err));
    }
    assert_true(ledger_commit(desk->site.ledger, &err));
}

static int setup(void **state)
{
    desk_setup(state);
    struct desk *desk = *state;
    snprintf(backups, sizeof backups, "%s-backups", desk->folder);
    snprintf(keys, sizeof keys, "%s-keys", desk->folder);
    options = (struct ledger_options){
        .folder = desk->folder, .site = desk->site.name, .site_key = desk->site_key, .keys_folder = keys};
    desk->site.ledger_options = &options;
    desk->site.backup_folder = backups;
    write_much(desk);
    return 0;
}

static int teardown(void **state)
{
    AUTO(text) char *remove = text_format("rm -rf '%s' '%s'", backups, keys);
    int status = desk_teardown(state);
    return system(remove) < 0 ? -1 : status;
}

static bool is_there(const char *name)
{
    AUTO(text) char *path = text_format("%s/%s", backups, name);
    return access(path, F_OK) == 0;
}

static void ask_for_backup(
    struct desk *desk, char bearer[static 96], struct request *request, struct reply *reply)
{
    snprintf(bearer, 96, "Bearer %s", desk->token[ADMIN]);
    const struct request_head head = {.method = "POST",
        .path = "/api/v1/backups",
        .mizan = "1",
        .content_length = "2",
        .authorization = bearer};
    assert_true(service_begin(&desk->service, &head, request, reply));
    service_finish(request, (struct bytes){(uint8_t *)"{}", 2}, reply);
}

static void while_a_backup_is_made_everybody_else_is_served_and_none_lies_there_before_it_is_whole(
    void **state)
{
    struct desk *desk = *state;
    struct request request, second;
    AUTO(reply) struct reply reply = {0};
    AUTO(reply) struct reply refused = {0};
    char bearer[96], beside[96], name[64] = "";
    int turns = 0;
    ask_for_backup(desk, bearer, &request, &reply);
    for (; reply.waits; turns++) {
        assert_ptr_equal(desk->service.turns, &request);
        assert_int_equal(desk_get(desk, REVIEWER, "/api/v1/alerts"), 200);
        assert_true(is_there("unfinished"));
        assert_true(service_give_turn(&desk->service));
        service_go_on(&request, &reply);
        if (turns)
            continue;
        ask_for_backup(desk, beside, &second, &refused);
        assert_int_equal(refused.status, 409); /* one at a time */
        request_done(&second);
    }
    assert_true(turns > 3);
    assert_int_equal(reply.status, 200);
    AUTO(json) json_t *answer = json_read((const char *)reply.body.data, reply.body.size, 1 << 16, NULL);
    snprintf(name, sizeof name, "%s/site.db", json_string_value(json_object_get(answer, "backup")));
    assert_true(is_there(name));
    assert_false(is_there("unfinished"));
    request_done(&request);
}

static void who_leaves_ends_a_backup_that_is_not_whole(void **state)
{
    struct desk *desk = *state;
    struct request request;
    AUTO(reply) struct reply reply = {0};
    char bearer[96];
    ask_for_backup(desk, bearer, &request, &reply);
    assert_true(reply.waits);
    request_done(&request);
    assert_false(is_there("unfinished"));
    AUTO(reply) struct reply again = {0};
    ask_for_backup(desk, bearer, &request, &again);
    assert_true(again.waits);
    request_done(&request);
}

static void the_server_gives_each_its_turns_until_it_is_done(void **state)
{
    struct desk *desk = *state;
    AUTO(text)
    char *send = text_format("POST /api/v1/backups HTTP/1.1\r\nHost: d\r\nX-Mizan: 1\r\nConnection: close\r\n"
                             "Authorization: Bearer %s\r\nContent-Length: 2\r\n\r\n{}",
        desk->token[ADMIN]);
    wire_serve(desk);
    struct conversation talk = {.send = send};
    wire_talk(desk, &talk, NULL);
    assert_int_equal(wire_status(&talk), 200);
    memory_release(talk.heard);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(while_a_backup_is_made_everybody_else_is_served_and_none_lies_there_before_it_is_whole),
        EACH(who_leaves_ends_a_backup_that_is_not_whole),
        EACH(the_server_gives_each_its_turns_until_it_is_done),
    };
    return cmocka_run_group_tests_name("turn", tests, NULL, NULL);
}
