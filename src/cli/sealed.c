#include "cli/sealed.h"

#include "base/text.h"

#include <string.h>

enum { SEALED_LIMIT = 64 << 20, OPENED_LIMIT = 48 << 20 };

static const struct kind {
    const char *path, *field, *context;
} kinds[] = {
    {"/api/v1/handovers/{alert}", "packet", "handover"},
    {"/api/v1/copies/{copy}/opening", "sealed", "oversight"},
};

static const struct kind *kind_of(const struct office_command *command)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (strcmp(kinds[i].path, command->route->path) == 0)
            return &kinds[i];
    }
    return NULL;
}

bool sealed_is_for_device(const struct office_command *command)
{
    return kind_of(command) != NULL;
}

static json_t *open_text(
    const char *text, const char *context, const uint8_t secret[static SEED_SIZE], struct error *err)
{
    AUTO(bytes) struct bytes sealed = {NULL, 0}, opened = {NULL, 0};
    if (!base64_read(text, SEALED_LIMIT, &sealed, err) ||
        !packet_open(secret, context, sealed.data, sealed.size, &opened, err))
        return NULL;
    json_t *json = json_read((const char *)opened.data, opened.size, OPENED_LIMIT, err);
    memory_wipe(opened.data, opened.size);
    return json;
}

/* One of several: for another station's key it stays as it is. */
static size_t open_field(json_t *object, const struct kind *kind, const char *context,
    const uint8_t secret[static SEED_SIZE], struct error *err)
{
    const char *text = json_string_value(json_object_get(object, kind->field));
    json_t *opened = text ? open_text(text, context, secret, err) : NULL;
    return opened && json_object_set_new(object, kind->field, opened) == 0;
}

bool sealed_open(const struct office_command *command, const char *subject,
    const uint8_t secret[static SEED_SIZE], json_t *answer, struct error *err)
{
    const struct kind *kind = kind_of(command);
    AUTO(text) char *context = text_format("%s:%s", kind->context, subject);
    struct error why = {.code = ERROR_CORRUPT,
        .text = "the desk's answer holds nothing sealed; leave --device out to see it as it is"};
    size_t opened = open_field(answer, kind, context, secret, &why), index;
    json_t *packet;
    json_array_foreach (json_object_get(answer, "packets"), index, packet)
        opened += open_field(packet, kind, context, secret, &why);
    return opened > 0 || fail(err, why.code, "%s", why.text);
}
