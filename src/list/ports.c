#include "list/ports.h"

#include "base/config.h"

#include <string.h>

struct ports {
    char *ini_path;
};

struct ports *ports_simulated(const char *ini_path, struct error *err)
{
    AUTO(config) struct config *config = config_load(ini_path, err);
    if (!config)
        return NULL;
    struct ports *ports = memory_allocate(1, sizeof *ports);
    ports->ini_path = memory_copy_text(ini_path);
    return ports;
}

void ports_free(struct ports *ports)
{
    if (!ports)
        return;
    memory_release(ports->ini_path);
    memory_release(ports);
}

/* The value for one key of a service that says it is available; NULL for everything that is wrong. The text
 * is the caller's. */
static char *answer_of(struct ports *ports, const char *section, const char *key, bool *available)
{
    *available = false;
    if (!ports || !key || strcmp(key, "available") == 0)
        return NULL;
    AUTO(config) struct config *config = config_load(ports->ini_path, NULL);
    if (!config)
        return NULL;
    const char *word = config_get(config, section, "available");
    *available = word && strcmp(word, "yes") == 0;
    const char *value = *available ? config_get(config, section, key) : NULL;
    return value ? memory_copy_text(value) : NULL;
}

enum register_answer register_verify(struct ports *ports, const char *cnic, const char *sample)
{
    bool available;
    AUTO(text) char *expected = answer_of(ports, "register", cnic, &available);
    if (!available || !sample || !*sample)
        return REGISTER_UNAVAILABLE;
    return expected && *expected && strcmp(expected, sample) == 0 ? REGISTER_YES : REGISTER_NO;
}

enum status_answer status_of_case(struct ports *ports, const char *case_id)
{
    bool available;
    AUTO(text) char *word = answer_of(ports, "status", case_id, &available);
    if (!word)
        return STATUS_UNAVAILABLE;
    if (strcmp(word, "live") == 0)
        return STATUS_LIVE;
    return strcmp(word, "closed") == 0 ? STATUS_CLOSED : STATUS_UNAVAILABLE;
}
