/* Exported logs and single leaves. The key is the fuzzer's own, so that bytes past the signature are reached
 * through chain_add too. */
#include "govern/audit.h"
#include "govern/chain.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const uint8_t key[PUBLIC_KEY_SIZE] = {1};
    struct audit_result result;
    struct error err = {0};
    if (audit_verify(bytes, size, key, &result, &err) == (err.code != ERROR_NONE))
        __builtin_trap();
    struct chain chain = chain_start("demo-one");
    const char *at = (const char *)bytes, *end = at + size;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t length = newline ? (size_t)(newline - at) : (size_t)(end - at);
        if (!chain_add(&chain, at, length, &err))
            break;
        at += length + 1;
    }
    return 0;
}
