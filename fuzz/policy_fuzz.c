/* A site's policy: site.ini, the simulated ports' file. */
#include "base/config.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {0};
    char *text = memory_allocate(size + 1, 1);
    memcpy(text, data, size);
    struct config *config = config_parse(text, "policy", &err);
    if (!config && err.code == ERROR_NONE)
        __builtin_trap();
    const char *section, *key;
    for (size_t i = 0; config && config_key(config, i, &section, &key); i++) {
        const char *value = config_get(config, section, key);
        int64_t number = 0;
        if (!value)
            __builtin_trap();
        config_need_integer(config, section, key, &number, NULL);
    }
    config_free(config);
    memory_release(text);
    return 0;
}
