#include "cli/office.h"

#include "cli/terminal.h"

#include "base/file.h"
#include "base/text.h"
#include "cli/sealed.h"
#include "govern/report.h"
#include "sign/types.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The route's path (or `pattern`) with what the command line names in place. */
bool office_path(const struct office_command *command, const char *pattern,
    const struct command_options *options, char **out, struct error *err)
{
    __attribute__((cleanup(text_buffer_auto))) struct text path = {0};
    size_t used = 0;
    for (const char *at = pattern; *at;) {
        size_t plain = strcspn(at, "{");
        text_add_bytes(&path, at, plain);
        at += plain;
        if (!*at)
            break;
        const char *word = used < options->position_count ? options->positions[used++] : NULL;
        if (!word || !*word || strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_-") != strlen(word))
            return fail(err, ERROR_USAGE, "'mizan %s %s' needs the %.*s; see --help", command->noun,
                command->verb, (int)strcspn(at + 1, "}"), at + 1);
        text_add(&path, "%s", word);
        at = strchr(at, '}') + 1;
    }
    *out = path.data;
    path.data = NULL;
    return true;
}

/* Where the desk shows a list only: the one of it that the command names. */
static json_t *named_in(json_t *list, const char *field, const char *id)
{
    const char *key;
    json_t *all, *one;
    size_t index;
    json_object_foreach (list, key, all) {
        json_array_foreach (all, index, one) {
            const char *found = json_string_value(json_object_get(one, field));
            if (found && strcmp(found, id) == 0)
                return json_incref(one);
        }
    }
    return NULL;
}

static bool look_for_one(const struct office *office, const struct office_command *command,
    const char *pattern, json_t **looked, struct error *err)
{
    char field[PARAMETER_SIZE];
    if (!*looked || strchr(pattern, '{') || !route_parameter_name(command->route, 0, field))
        return true;
    AUTO(json) json_t *list = STEAL(*looked);
    const char *id = office->options->positions[0];
    *looked = named_in(list, field, id);
    return *looked || fail(err, ERROR_MISSING, "the desk shows no %s %s to you; see 'mizan %s list'",
                          command->noun, id, command->noun);
}

/* What the statement is about: shown before it is signed, and read for the fields that were not given. */
static bool look(struct office *office, const struct office_command *command, json_t **out, struct error *err)
{
    AUTO(text)
    char *pattern =
        command->look ? text_format("/api/v1/%s", command->look) : memory_copy_text(command->route->path);
    AUTO(text) char *path = NULL;
    if (!command->look)
        *strrchr(pattern, '/') = '\0';
    if (strcmp(pattern, "/api/v1") == 0)
        return true;
    if (!office_path(command, pattern, office->options, &path, err))
        return false;
    struct error why = {0};
    *out = office_ask_json(office, "GET", path, NULL, &why);
    /* Some may sign what they may not look at; the desk will say what is missing then. */
    if (!*out && why.code != ERROR_FORBIDDEN && why.code != ERROR_MISSING)
        return fail(err, why.code, "%s", why.text);
    return look_for_one(office, command, pattern, out, err);
}

static void copy_missing(json_t *fields, const json_t *from, const struct form *form)
{
    for (; form->name; form++) {
        json_t *value = json_object_get(from, form->name);
        struct error err = {0};
        if (value && !form->former && !json_object_get(fields, form->name) && form_check(value, form, &err))
            json_object_set(fields, form->name, value);
    }
}

/* The id of what is made here, and the kind of the site. */
static void draw_missing(struct office *office, const struct office_command *command, json_t *fields)
{
    static const struct {
        const char *statement, *field, *prefix;
    } made[] = {{"entry_proposal", "entry", "e"}, {"operation_request", "operation", "op"},
        {"camera", "camera", "c"}, {"planting", "alert", "a"}, {"redress_request", "request", "q"},
        {"shift_handover", "shift", "h"}};
    for (size_t i = 0; i < COUNT_OF(made); i++) {
        char drawn[24];
        if (strcmp(command->statement, made[i].statement) != 0 || json_object_get(fields, made[i].field))
            continue;
        random_id(made[i].prefix, drawn);
        json_object_set_new(fields, made[i].field, json_string(drawn));
    }
    if (strcmp(command->statement, "operation_request") == 0 && !json_object_get(fields, "kind"))
        json_object_set_new(fields, "kind", json_string(office->kind));
}

/* The signed path parameters have to be the path's. */
static void set_subject(
    const struct office_command *command, const struct command_options *options, json_t *fields)
{
    char name[PARAMETER_SIZE];
    const struct form *form = statement_type_find(command->statement)->fields;
    for (size_t i = 0; i < PARAMETERS && route_parameter_name(command->route, i, name); i++) {
        for (const struct form *at = form; at->name; at++) {
            if (strcmp(at->name, name) == 0)
                json_object_set_new(fields, name, json_string(options->positions[i]));
        }
    }
}

/* What is signed by its hash: it stands beside that hash in what the desk shows. Without a type it is no
 * statement. */
static const struct shown {
    const char *hash, *name, *type, *subject;
} shown_whole[] = {
    {"request_hash", "request", "operation_request", "operation"},
    {"proposal_hash", "proposal", "entry_proposal", "entry"},
    {"handover_hash", "handover", "shift_handover", "shift"},
    {"table_hash", "table", NULL, NULL},
    {"record_hash", "record", NULL, "operation"},
};

static bool has_field(const struct form *form, const char *name)
{
    for (; form->name; form++) {
        if (strcmp(form->name, name) == 0)
            return true;
    }
    return false;
}

static const struct shown *signed_by_hash(const char *type)
{
    const struct form *form = statement_type_find(type)->fields;
    for (size_t i = 0; i < COUNT_OF(shown_whole); i++) {
        const struct shown *shown = &shown_whole[i];
        if (has_field(form, shown->hash) && (!shown->subject || has_field(form, shown->subject)))
            return &shown_whole[i];
    }
    return NULL;
}

static bool is_about(const struct office *office, const struct shown *shown, const json_t *fields,
    const char *site, const char *subject)
{
    const char *about = json_string_value(json_object_get(fields, shown->subject));
    return about && strcmp(about, subject) == 0 && site && strcmp(site, office->site) == 0;
}

/* A public record by the file that `mizan audit report` writes of it, a table by its text. */
static bool hash_text(const struct office *office, const struct shown *shown, const json_t *whole,
    const char *subject, char hex[static HEX_HASH_SIZE], struct error *err)
{
    uint8_t hash[HASH_SIZE];
    const char *table = json_string_value(whole);
    AUTO(text) char *text = table ? memory_copy_text(table) : report_json_text(whole, err);
    if (!text)
        return false;
    hash_bytes(text, strlen(text), hash);
    if (!shown->subject ||
        is_about(office, shown, whole, json_string_value(json_object_get(whole, "site")), subject))
        hex_write(hash, HASH_SIZE, hex);
    return true;
}

static bool hash_statement(const struct office *office, const struct shown *shown, const json_t *whole,
    const char *subject, char hex[static HEX_HASH_SIZE], struct error *err)
{
    AUTO(envelope) struct envelope *envelope = envelope_read(whole, err);
    if (!envelope || !envelope_is(envelope, shown->type, err))
        return fail_within(err, "the %s", shown->name);
    if (is_about(office, shown, envelope->fields, envelope->site, subject))
        envelope_hash_hex(envelope, hex);
    return true;
}

/* Who signs the hash of something has to have seen that: whole, of this site and about this subject. */
static bool check_shown(const struct office *office, const struct office_command *command,
    const json_t *looked, const json_t *fields, struct error *err)
{
    const struct shown *shown = signed_by_hash(command->statement);
    if (!shown)
        return true;
    const json_t *whole = json_object_get(looked, shown->name);
    const char *subject = shown->subject ? json_string_value(json_object_get(fields, shown->subject)) : "";
    const char *stated = json_string_value(json_object_get(looked, shown->hash));
    const char *given = json_string_value(json_object_get(fields, shown->hash));
    char hex[HEX_HASH_SIZE] = "";
    if (!stated || !subject || !(shown->subject ? json_is_object(whole) : json_is_string(whole)))
        return fail(err, ERROR_CORRUPT,
            "the desk does not show the %s; sign nothing that you cannot read, tell the auditor",
            shown->name);
    if (!(shown->type ? hash_statement(office, shown, whole, subject, hex, err)
                      : hash_text(office, shown, whole, subject, hex, err)))
        return false;
    return (strcmp(hex, stated) == 0 && (!given || strcmp(hex, given) == 0)) ||
           fail(err, ERROR_CORRUPT,
               "the desk states the hash of another %s than it shows; sign nothing, tell the auditor",
               shown->name);
}

/* With the last receipt the desk erases its copy of the packet: none is signed before the packet was opened
 * and lies in a file here. */
static bool receive_first(const struct office *office, const struct office_command *command,
    struct command_options *options, json_t *looked, json_t *fields, struct error *err)
{
    if (!sealed_is_signed_for(command))
        return true;
    copy_missing(fields, looked, statement_type_find(command->statement)->fields);
    const char *hash = json_string_value(json_object_get(fields, "handover_hash"));
    bool received = sealed_receive(
        options->positions[0], hash ? hash : "", office->device_secret, options->to, looked, err);
    options->to = NULL; /* the packet's, not the answer's */
    return received;
}

static bool confirm(const struct office *office, const char *type, const json_t *looked, const json_t *fields,
    struct error *err)
{
    if (office->options->yes)
        return true;
    if (looked) {
        fputs("The desk shows:\n", stderr);
        office_print(looked, stderr);
    }
    fprintf(stderr, "\nYou sign, as %s, the %s:\n", office->officer, type);
    office_print(fields, stderr);
    if (!isatty(STDIN_FILENO))
        return fail(err, ERROR_USAGE, "nothing was signed: answer at a terminal, or give --yes");
    fputs("\nSign this? [y/N] ", stderr);
    char answer[8] = "";
    if (!fgets(answer, sizeof answer, stdin) || (strcmp(answer, "y\n") != 0 && strcmp(answer, "yes\n") != 0))
        return fail(err, ERROR_USAGE, "nothing was signed");
    return true;
}

/* Takes an option out: it is a field of the body beside the statement, not of the statement. */
static const char *take_option(struct command_options *options, const char *name)
{
    for (size_t i = 0; i < options->field_count; i++) {
        if (strcmp(options->fields[i].name, name) != 0)
            continue;
        const char *value = options->fields[i].value;
        options->fields[i] = options->fields[--options->field_count];
        return value;
    }
    return NULL;
}

/* Sorted, as a reason's entries are signed. */
static json_t *words_between_commas(const char *text)
{
    json_t *words = json_array();
    AUTO(text) char *copy = memory_copy_text(text);
    char *rest = copy;
    for (char *word = strsep(&rest, ","); word; word = strsep(&rest, ",")) {
        size_t place = json_array_size(words);
        while (place > 0 && strcmp(json_string_value(json_array_get(words, place - 1)), word) > 0)
            place--;
        json_array_insert_new(words, place, json_string(word));
    }
    return words;
}

/* One reason that was typed for the entries that were typed becomes a line of `reasons`, which is signed. */
static bool write_reason(json_t *fields, const char *entries, struct error *err)
{
    static const char *const names[] = {"why_here", "why_reference", "why_dated"};
    if (!entries)
        return true;
    AUTO(json) json_t *reason = json_object();
    const json_t *given = json_object_get(fields, "reasons");
    AUTO(json) json_t *all = given ? json_copy((json_t *)(uintptr_t)given) : json_array();
    json_object_set_new(reason, "entries", words_between_commas(entries));
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        json_t *value = json_object_get(fields, names[i]);
        if (!value)
            return fail(err, ERROR_USAGE,
                "--entries needs their reason for the place: --why-here, --why-reference and --why-dated");
        json_object_set(reason, names[i], value);
        json_object_del(fields, names[i]);
    }
    json_array_append(all, reason);
    return json_object_set(fields, "reasons", all) == 0;
}

/* `operation request --entries e-…,e-… --why-here … --at c-…,c-…`, or `--reasons` where they differ: the desk
 * computes the terms of exactly this list on these cameras, and they are shown before they are signed. */
static bool draft_operation(struct office *office, const struct office_command *command, const char *entries,
    const char *cameras, json_t *fields, struct error *err)
{
    if (!entries && !cameras)
        return true;
    if (!write_reason(fields, entries, err))
        return false;
    json_t *reasons = json_object_get(fields, "reasons");
    if (!reasons || !cameras)
        return fail(err, ERROR_USAGE,
            "an operation is drafted with --entries e-…,… or --reasons, and with --at c-…,…");
    draw_missing(office, command, fields);
    AUTO(json)
    json_t *body = json_pack("{s:O, s:O, s:o, s:O*}", "operation", json_object_get(fields, "operation"),
        "reasons", reasons, "cameras", words_between_commas(cameras), "starts_at",
        json_object_get(fields, "starts_at"));
    AUTO(json) json_t *terms = body ? office_ask_json(office, "POST", "/api/v1/drafts", body, err) : NULL;
    if (!terms)
        return fail_within(err, "the draft");
    copy_missing(fields, terms, statement_type_find(command->statement)->fields);
    return true;
}

static struct envelope *make_statement(struct office *office, const struct office_command *command,
    struct command_options *options, json_t *fields, struct error *err)
{
    const struct form *form = statement_type_find(command->statement)->fields;
    AUTO(json) json_t *looked = NULL;
    bool drafts = strcmp(command->statement, "operation_request") == 0;
    /* The draft's options are no fields; what is typed stands over what is drafted. */
    const char *entries = drafts ? take_option(options, "entries") : NULL;
    const char *cameras = drafts ? take_option(options, "at") : NULL;
    command_options_yield(options, form);
    if (!command_fields_read(options, form, fields, err) ||
        !draft_operation(office, command, entries, cameras, fields, err))
        return NULL;
    set_subject(command, office->options, fields);
    if (!look(office, command, &looked, err) || !check_shown(office, command, looked, fields, err) ||
        !receive_first(office, command, options, looked, fields, err))
        return NULL;
    copy_missing(fields, looked, form);
    draw_missing(office, command, fields);
    if (!form_check_fields(fields, form, NULL, err)) {
        err->code = ERROR_USAGE;
        fail_within(err, "%s (see 'mizan %s %s --help')", command->statement, command->noun, command->verb);
        return NULL;
    }
    return confirm(office, command->statement, looked, fields, err)
               ? office_sign(office, command->statement, fields, err)
               : NULL;
}

static json_t *read_envelope_file(const char *path, struct error *err)
{
    AUTO(bytes) struct bytes content = {NULL, 0};
    if (!file_read(path, ROSTER_BODY_LIMIT, &content, err))
        return NULL;
    json_t *json = json_read((const char *)content.data, content.size, ROSTER_BODY_LIMIT, err);
    if (!json)
        fail_within(err, "%s", path);
    return json;
}

/* `roster bring --roster FILE [--endorsement FILE]`: the next roster, signed offline by the root key. */
static json_t *roster_body(struct office *office, const struct office_command *command,
    struct command_options *options, struct error *err)
{
    const char *path = take_option(options, "roster"), *beside = take_option(options, "endorsement");
    char hex[HEX_HASH_SIZE];
    if (!path) {
        fail(err, ERROR_USAGE, "which roster? --roster FILE, as 'mizan sign statement' printed it");
        return NULL;
    }
    AUTO(json) json_t *roster = read_envelope_file(path, err);
    AUTO(json) json_t *endorsement = beside ? read_envelope_file(beside, err) : json_null();
    AUTO(envelope)
    struct envelope *envelope = roster && endorsement ? envelope_read_roster(roster, err) : NULL;
    if (!envelope)
        return NULL;
    envelope_hash_hex(envelope, hex);
    AUTO(json)
    json_t *fields =
        json_pack("{s:O, s:s}", "number", json_object_get(envelope->fields, "number"), "roster_hash", hex);
    AUTO(envelope)
    struct envelope *adoption = fields ? make_statement(office, command, options, fields, err) : NULL;
    return adoption ? json_pack("{s:o, s:O, s:O}", "adoption", envelope_json(adoption), "roster", roster,
                          "endorsement", endorsement)
                    : NULL;
}

static bool sign_line(struct office *office, const json_t *proposal, struct text *out, struct error *err)
{
    AUTO(json) json_t *fields = json_deep_copy(proposal);
    AUTO(envelope) struct envelope *envelope = office_sign(office, "entry_proposal", fields, err);
    AUTO(json) json_t *json = envelope ? envelope_json(envelope) : NULL;
    AUTO(text) char *line = json ? json_canonical(json, err) : NULL;
    if (line)
        text_add(out, "%s\n", line);
    return line != NULL;
}

/* The lines of an 'import csv' answer that were well. */
static json_t *proposals_of(const json_t *lines)
{
    json_t *proposals = json_array();
    size_t index;
    const json_t *line;
    json_array_foreach (lines, index, line) {
        json_t *proposal = json_object_get(line, "proposal");
        if (proposal)
            json_array_append(proposals, proposal);
    }
    return proposals;
}

bool office_sign_proposals(struct office *office, struct bytes *body, struct error *err)
{
    AUTO(json)
    json_t *answer = json_loadb((const char *)body->data, body->size, JSON_REJECT_DUPLICATES, NULL);
    const json_t *lines = json_object_get(answer, "lines");
    if (!json_is_array(lines))
        return true;
    AUTO(json) json_t *proposals = proposals_of(lines);
    AUTO(text_buffer) struct text signed_lines = {0};
    size_t index;
    const json_t *proposal;
    if (json_array_size(proposals) == 0)
        return fail(err, ERROR_INVALID, "no line of the table was well; there is nothing to sign");
    if (!confirm(office, "entry_proposal", NULL, proposals, err))
        return false;
    json_array_foreach (proposals, index, proposal) {
        if (!sign_line(office, proposal, &signed_lines, err))
            return false;
    }
    bytes_free(body);
    *body = (struct bytes){(uint8_t *)signed_lines.data, signed_lines.size};
    signed_lines.data = NULL;
    return true;
}

/* A camera's record, and beside it what opens the camera: never in an argument, which every process here
 * sees. */
static json_t *camera_body(struct office *office, const struct office_command *command,
    struct command_options *options, struct error *err)
{
    if (take_option(options, "credentials")) {
        fail(err, ERROR_USAGE,
            "every process of this machine sees an argument: leave --credentials out, they are asked for or "
            "taken from MIZAN_CREDENTIALS");
        return NULL;
    }
    SECRET_TEXT credentials = terminal_ask_if_any(
        "The camera's user:password (nothing when it asks for none)", "MIZAN_CREDENTIALS");
    AUTO(json) json_t *fields = json_object();
    AUTO(envelope) struct envelope *envelope = make_statement(office, command, options, fields, err);
    return envelope ? json_pack("{s:s, s:o}", "credentials", credentials, "envelope", envelope_json(envelope))
                    : NULL;
}

json_t *office_body(struct office *office, const struct office_command *command,
    struct command_options *options, struct error *err)
{
    AUTO(json) json_t *fields = json_object();
    if (command->route->body == BODY_ROSTER)
        return roster_body(office, command, options, err);
    if (!command->statement)
        return command_body_read(options, fields, err) ? STEAL(fields) : NULL;
    if (command->route->body == BODY_JSON)
        return camera_body(office, command, options, err);
    AUTO(envelope) struct envelope *envelope = make_statement(office, command, options, fields, err);
    return envelope ? envelope_json(envelope) : NULL;
}
