/* s23, s36: nothing takes a picture and returns people: by the table of routes, by the interface's
 * description, and by what the program's parts refer to. */
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "http/route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char photo_path[] = "/api/v1/photos";

static void s23_one_route_takes_a_picture(void **state)
{
    (void)state;
    int taken = 0;
    for (size_t i = 0; route_at(i); i++) {
        const struct route *route = route_at(i);
        if (route->body != BODY_PHOTO)
            continue;
        assert_string_equal(route->method, "POST");
        assert_string_equal(route->path, photo_path);
        assert_int_equal(route->access, ACCESS_SIGNED_IN);
        taken++;
    }
    assert_int_equal(taken, 1);
}

static void s23_no_route_is_named_like_a_question_about_a_face(void **state)
{
    (void)state;
    static const char *const words[] = {
        "search", "identif", "recogni", "match", "similar", "lookup", "look-up", "who", "face", "compare"};
    for (size_t i = 0; route_at(i); i++)
        for (size_t k = 0; k < COUNT_OF(words); k++)
            if (strstr(route_at(i)->path, words[k]))
                fail_msg("%s asks too much", route_at(i)->path);
}

static json_t *description(void)
{
    struct error err = {0};
    AUTO(bytes) struct bytes text = {NULL, 0};
    AUTO(text) char *path = text_format("%s/docs/openapi.json", getenv("MIZAN_SOURCE"));
    if (!file_read(path, 4 << 20, &text, &err))
        fail_msg("%s", err.text);
    json_t *json = json_loadb((const char *)text.data, text.size, 0, NULL);
    assert_non_null(json);
    return json;
}

/* Every name in the description of an answer, however deep. */
static void check_names(const json_t *schema)
{
    static const char *const allowed[] = {
        "photo", "accepted", "verdict", "advice", "file_hash", "template_hash", "eye_distance_px"};
    const char *name;
    json_t *part;
    json_object_foreach ((json_t *)(uintptr_t)json_object_get(schema, "properties"), name, part) {
        bool known = false;
        for (size_t i = 0; i < COUNT_OF(allowed); i++)
            known = known || !strcmp(allowed[i], name);
        if (!known)
            fail_msg("the answer to a picture tells '%s'", name);
        check_names(part);
    }
}

static void s23_the_answer_to_a_picture_tells_of_the_picture_alone(void **state)
{
    (void)state;
    AUTO(json) json_t *json = description();
    const json_t *post = json_object_get(json_object_get(json_object_get(json, "paths"), photo_path), "post");
    const char *status;
    json_t *answer;
    int checked = 0;
    json_object_foreach (json_object_get(post, "responses"), status, answer) {
        const json_t *schema = json_object_get(
            json_object_get(json_object_get(answer, "content"), "application/json"), "schema");
        if (*status != '2')
            continue;
        assert_true(json_object_size(json_object_get(schema, "properties")) > 0);
        check_names(schema);
        checked++;
    }
    assert_int_equal(checked, 1);
}

/* Asks `nm` who refers to, or defines, what; calls `take` with object and symbol of each line. */
static int each_symbol(const char *arguments, void (*take)(const char *object, const char *symbol))
{
    char line[1024];
    int count = 0;
    AUTO(text)
    char *command = text_format("cd $(dirname %s)/.. && nm -A %s", getenv("MIZAN_PROGRAM"), arguments);
    FILE *lines = popen(command, "r"); /* NOLINT(cert-env33-c): a fixed command over the build's own files */
    assert_non_null(lines);
    while (fgets(line, sizeof line, lines)) {
        line[strcspn(line, "\n")] = '\0';
        char *symbol = strrchr(line, ' '), *address = strchr(line, ' ');
        char *colon = address ? memrchr(line, ':', (size_t)(address - line)) : NULL;
        if (!symbol || !colon)
            continue;
        *colon = '\0';
        const char *slash = strrchr(line, '/');
        take(slash ? slash + 1 : line, symbol + 1);
        count++;
    }
    pclose(lines);
    return count;
}

/* Who may refer to what turns pictures into templates and templates into entries. */
static const struct {
    const char *symbol;
    const char *objects[4];
} uses[] = {
    {"gallery_scan", {"tally.c.o"}}, {"passage_decide", {"analysis.c.o"}},
    {"analyser_embed", {"analysis.c.o", "still.c.o"}}, {"analyser_detect", {"analysis.c.o", "still.c.o"}},
    {"score_canonical",
        {"entry_proof.c.o", "look_alike.c.o"}}, /* photos of one entry; near pairs for the approver */
};

static int uses_seen;

static void check_use(const char *object, const char *symbol)
{
    for (size_t i = 0; i < COUNT_OF(uses); i++) {
        bool allowed = false;
        if (strcmp(uses[i].symbol, symbol) != 0)
            continue;
        for (size_t k = 0; k < COUNT_OF(uses[i].objects) && uses[i].objects[k]; k++)
            allowed = allowed || !strcmp(uses[i].objects[k], object);
        if (!allowed)
            fail_msg("%s refers to %s", object, symbol);
        uses_seen++;
    }
}

static void s23_only_the_watch_compares_with_a_list(void **state)
{
    (void)state;
    uses_seen = 0;
    assert_true(
        each_symbol("--undefined-only list/liblist.a alert/libalert.a govern/libgovern.a http/libhttp.a "
                    "watch/libwatch.a cli/mizan.p/*.o",
            check_use) > 1000);
    assert_true(uses_seen >= (int)COUNT_OF(uses));
}

/* It has a supervisor: `bench pipeline` times real watches, with templates that are nobody's. */
static void check_lab(const char *object, const char *symbol)
{
    static const char *const sites[] = {"store_", "ledger_", "keyring_", "photo_", "entry_find",
        "operation_tick", "alert_raise", "camera_register", "sandbox_lock", "feed_run", "watch_run"};
    for (size_t i = 0; i < COUNT_OF(sites); i++)
        if (!strncmp(symbol, sites[i], strlen(sites[i])))
            fail_msg("%s holds %s", object, symbol);
}

static void s23_the_measuring_program_cannot_open_a_site(void **state)
{
    (void)state;
    assert_true(each_symbol("--defined-only --extern-only cli/mizan-lab", check_lab) > 100);
}

static int questions_seen;

static void check_port(const char *object, const char *symbol)
{
    static const char *const questions[] = {
        "ports_simulated", "ports_free", "register_verify", "status_of_case"};
    if (strcmp(object, "ports.c.o") != 0 || symbol[0] == '_')
        return;
    for (size_t i = 0; i < COUNT_OF(questions); i++) {
        if (strcmp(questions[i], symbol) == 0) {
            questions_seen++;
            return;
        }
    }
    fail_msg("the ports know %s, too: is it a question about more than one number?", symbol);
}

static void s36_the_register_is_asked_about_one_number_and_nothing_else(void **state)
{
    (void)state;
    questions_seen = 0;
    assert_true(each_symbol("--defined-only --extern-only list/liblist.a", check_port) > 100);
    assert_int_equal(questions_seen, 4);
}

/* Argon2id takes a tenth of a second, in which the desk's loop would serve nobody: watch/hash_link.h has it
 * done elsewhere. */
static void check_slow(const char *object, const char *symbol)
{
    static const char *const slow[] = {"passphrase_key", "password_hash", "password_fits", "crypto_pwhash"};
    for (size_t i = 0; i < COUNT_OF(slow); i++)
        if (!strcmp(symbol, slow[i]))
            fail_msg("%s hashes on the desk's loop: %s", object, symbol);
}

static void nothing_slow_is_hashed_on_the_desk_s_loop(void **state)
{
    (void)state;
    assert_true(each_symbol("--undefined-only list/liblist.a alert/libalert.a govern/libgovern.a "
                            "store/libstore.a http/libhttp.a",
                    check_slow) > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s23_one_route_takes_a_picture),
        cmocka_unit_test(s23_no_route_is_named_like_a_question_about_a_face),
        cmocka_unit_test(s23_the_answer_to_a_picture_tells_of_the_picture_alone),
        cmocka_unit_test(s23_only_the_watch_compares_with_a_list),
        cmocka_unit_test(s23_the_measuring_program_cannot_open_a_site),
        cmocka_unit_test(s36_the_register_is_asked_about_one_number_and_nothing_else),
        cmocka_unit_test(nothing_slow_is_hashed_on_the_desk_s_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
