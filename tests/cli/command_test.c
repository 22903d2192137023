#include "cli/command.h"

#include "base/memory.h"
#include "sign/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void every_route_of_the_interface_has_a_command_of_its_own(void **state)
{
    (void)state;
    struct office_command command, other;
    for (size_t i = 0; command_at(i, &command); i++) {
        bool is_inner = strncmp(command.route->path, "/api/v1/", 8) != 0 ||
                        strcmp(command.route->path, "/api/v1/challenges") == 0 ||
                        strcmp(command.route->path, "/api/v1/sessions") == 0 ||
                        strcmp(command.route->path, "/api/v1/sessions/current/proof") == 0 ||
                        strcmp(command.route->path, "/api/v1/passes/confirmation") == 0;
        assert_int_equal(!*command.noun, is_inner);
        if (is_inner)
            continue;
        assert_true(command_find(command.noun, command.verb, &other));
        if (other.route != command.route)
            fail_msg("'%s %s' is %s %s and %s %s; name one in cli/command.c", command.noun, command.verb,
                command.route->method, command.route->path, other.route->method, other.route->path);
    }
}

static void every_signed_command_signs_a_known_statement(void **state)
{
    (void)state;
    struct office_command command;
    for (size_t i = 0; command_at(i, &command); i++) {
        if (command.statement && !statement_type_find(command.statement))
            fail_msg(
                "%s %s signs '%s', which is no statement", command.noun, command.verb, command.statement);
    }
}

static void the_words_are_those_an_officer_would_say(void **state)
{
    (void)state;
    static const struct {
        const char *noun, *verb, *method, *path;
    } cases[] = {
        {"entry", "propose", "POST", "/api/v1/entries"},
        {"entry", "approve", "POST", "/api/v1/entries/{entry}/approval"},
        {"entry", "withdraw", "POST", "/api/v1/entries/{entry}/withdrawal"},
        {"entry", "fetch", "POST", "/api/v1/entries/{entry}/fetches"},
        {"entry", "renew", "POST", "/api/v1/entries/{entry}/renewal"},
        {"entry", "list", "GET", "/api/v1/entries"},
        {"entry", "show", "GET", "/api/v1/entries/{entry}"},
        {"operation", "request", "POST", "/api/v1/operations"},
        {"operation", "authorise", "POST", "/api/v1/operations/{operation}/authorisations"},
        {"operation", "halt", "POST", "/api/v1/operations/{operation}/halt"},
        {"operation", "end", "POST", "/api/v1/operations/{operation}/end"},
        {"alert", "list", "GET", "/api/v1/alerts"},
        {"alert", "review", "POST", "/api/v1/alerts/{alert}/reviews"},
        {"camera", "register", "POST", "/api/v1/cameras"},
        {"presence", "confirm", "PUT", "/api/v1/presence"},
        {"audit", "export", "GET", "/api/v1/log"},
        {"roster", "show", "GET", "/api/v1/roster"},
        {"roster", "bring", "POST", "/api/v1/roster"},
        {"backup", "create", "POST", "/api/v1/backups"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct office_command command;
        assert_true(command_find(cases[i].noun, cases[i].verb, &command));
        assert_string_equal(command.route->method, cases[i].method);
        assert_string_equal(command.route->path, cases[i].path);
    }
    struct office_command none;
    assert_false(command_find("entry", "search", &none));
    assert_false(command_find("", "", &none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_of_the_interface_has_a_command_of_its_own),
        cmocka_unit_test(every_signed_command_signs_a_known_statement),
        cmocka_unit_test(the_words_are_those_an_officer_would_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
