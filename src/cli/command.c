#include "cli/command.h"

#include "base/memory.h"

#include <stdio.h>
#include <string.h>

static const char api[] = "/api/v1/";

static const struct name {
    const char *method, *path; /* after /api/v1/ */
    const char *verb;
    const char *statement; /* inside a JSON body */
    const char *look;
} names[] = {
    {"DELETE", "sessions/current", "end", NULL, NULL},
    {"PUT", "presence", "confirm", NULL, NULL},
    {"POST", "passes", "set", NULL, NULL},
    {"POST", "shifts", "hand-over", NULL, NULL},
    {"POST", "shifts/{shift}/acceptance", "accept", NULL, "shifts"},
    {"POST", "passes/release", "release", NULL, NULL},
    {"DELETE", "presence", "leave", NULL, NULL},
    {"POST", "photos", "add", NULL, NULL},
    {"POST", "entries", "propose", NULL, NULL},
    {"POST", "entries/{entry}/approval", "approve", NULL, NULL},
    {"POST", "entries/{entry}/fetches", "fetch", NULL, NULL},
    {"POST", "entries/{entry}/renewal", "renew", NULL, NULL},
    {"POST", "entries/{entry}/withdrawal", "withdraw", NULL, NULL},
    {"GET", "offences", "show", NULL, NULL},
    {"POST", "offences/signature", "sign", NULL, NULL},
    {"POST", "cameras", "register", "camera", NULL},
    {"POST", "operations", "request", NULL, NULL},
    {"POST", "operations/{operation}/authorisations", "authorise", NULL, NULL},
    {"POST", "alerts", "plant", NULL, NULL},
    {"POST", "alerts/{alert}/reviews", "review", NULL, NULL},
    {"POST", "alerts/{alert}/acceptance", "accept", NULL, NULL},
    {"POST", "alerts/{alert}/arrival", "arrive", NULL, NULL},
    {"POST", "alerts/{alert}/outcome", "close", NULL, NULL},
    {"POST", "alerts/{alert}/handover", "hand-over", NULL, NULL},
    {"POST", "alerts/{alert}/concurrence", "concur", NULL, NULL},
    {"POST", "alerts/{alert}/acknowledgement", "acknowledge", NULL, NULL},
    {"POST", "alerts/{alert}/amendment", "amend", NULL, NULL},
    {"POST", "alerts/{alert}/verification", "verify", NULL, NULL},
    {"POST", "alerts/{alert}/receipt", "receive", NULL, "handovers/{alert}"},
    {"GET", "alerts/{alert}/pictures/{name}", "picture", NULL, NULL},
    {"POST", "roster", "bring", "roster_adoption", NULL},
    {"POST", "operations/{operation}/urgency", "start-urgent", NULL, NULL},
    {"POST", "operations/{operation}/ratification", "ratify", NULL, NULL},
    {"POST", "operations/{operation}/publication", "publish", NULL, "operations/{operation}/record"},
    {"POST", "copies/{copy}/opening", "open", NULL, NULL},
    {"POST", "redress/{request}/finding", "judge", NULL, NULL},
    {"GET", "alerts/{alert}/radio", "radio", NULL, NULL},
    {"GET", "events", "watch", NULL, NULL},
    {"GET", "log", "export", NULL, NULL},
};

static const struct name *name_of(const struct route *route, const char *path)
{
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (strcmp(names[i].path, path) == 0 && strcmp(names[i].method, route->method) == 0)
            return &names[i];
    }
    return NULL;
}

/* "entries" is entry, "passes" pass, "alerts" alert; "status" and "presence" stay. */
static void singular(const char *from, size_t size, char out[static COMMAND_WORD_SIZE])
{
    const char *ending = "";
    if (size > 3 && memcmp(from + size - 3, "ies", 3) == 0) {
        size -= 3;
        ending = "y";
    } else if (size > 4 &&
               (memcmp(from + size - 4, "uses", 4) == 0 || memcmp(from + size - 4, "sses", 4) == 0)) {
        size -= 2;
    } else if (size > 2 && from[size - 1] == 's' && from[size - 2] != 's' && from[size - 2] != 'u') {
        size--;
    }
    snprintf(out, COMMAND_WORD_SIZE, "%.*s%s", (int)size, from, ending);
}

static void with_dashes(char *word)
{
    for (; *word; word++)
        *word = *word == '_' ? '-' : *word;
}

/* By rule: list, show, create, or the path's last word; what is read under a word that is also written is
 * "show-…", what is deleted "delete-…". */
static void rule_verb(const struct route *route, const char *path, char out[static COMMAND_WORD_SIZE])
{
    const char *slash = strrchr(path, '/');
    const char *last = slash ? slash + 1 : "";
    bool get = strcmp(route->method, "GET") == 0, deletes = strcmp(route->method, "DELETE") == 0;
    const char *plain = get       ? (slash || path[strlen(path) - 1] != 's' ? "show" : "list")
                        : deletes ? "delete"
                        : strcmp(route->method, "PUT") == 0 ? "set"
                                                            : "create";
    if (!slash || *last == '{')
        snprintf(out, COMMAND_WORD_SIZE, "%s", plain);
    else if (strcmp(route->method, "POST") == 0)
        snprintf(out, COMMAND_WORD_SIZE, "%s", last);
    else if (get)
        snprintf(out, COMMAND_WORD_SIZE, "%s%s", strchr(path, '{') ? "show-" : "", last);
    else
        snprintf(out, COMMAND_WORD_SIZE, "%s-%s", plain, last);
    with_dashes(out);
}

static bool is_command(const struct route *route)
{
    static const char *const inner[] = {
        "challenges", "sessions", "sessions/current/proof", "passes/confirmation"};
    if (strncmp(route->path, api, sizeof api - 1) != 0)
        return false;
    for (size_t i = 0; i < COUNT_OF(inner); i++) {
        if (strcmp(route->path + sizeof api - 1, inner[i]) == 0)
            return false;
    }
    return true;
}

bool command_at(size_t index, struct office_command *out)
{
    const struct route *route = route_at(index);
    if (!route)
        return false;
    *out = (struct office_command){.route = route, .statement = route->statement};
    if (!is_command(route))
        return true;
    const char *path = route->path + sizeof api - 1;
    const struct name *name = name_of(route, path);
    singular(path, strcspn(path, "/"), out->noun);
    /* One word for what is done with the log, at a desk and without one. */
    if (strcmp(out->noun, "log") == 0)
        snprintf(out->noun, sizeof out->noun, "audit");
    if (name)
        snprintf(out->verb, sizeof out->verb, "%s", name->verb);
    else
        rule_verb(route, path, out->verb);
    if (name && name->statement)
        out->statement = name->statement;
    out->look = name ? name->look : NULL;
    return true;
}

bool command_find(const char *noun, const char *verb, struct office_command *out)
{
    struct office_command found;
    for (size_t i = 0; command_at(i, &found); i++) {
        if (*found.noun && strcmp(found.noun, noun) == 0 && strcmp(found.verb, verb) == 0) {
            *out = found;
            return true;
        }
    }
    return false;
}
