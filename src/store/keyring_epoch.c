#include "store/keyring_epoch.h"

#include "base/file.h"
#include "base/text.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static inline void descriptor_auto(const int *slot)
{
    if (*slot >= 0)
        close(*slot);
}

bool epoch_secrets_read(const char *path, struct epoch_secrets *out, struct error *err)
{
    AUTO(bytes) struct bytes file = {0};
    if (!file_read(path, (size_t)EPOCH_SECRETS * EPOCH_SECRET_SIZE, &file, err))
        return false;
    struct epoch_secrets read = {.count = file.size / EPOCH_SECRET_SIZE};
    bool whole = read.count > 0 && file.size % EPOCH_SECRET_SIZE == 0;
    if (whole)
        memcpy(read.secret, file.data, file.size);
    memory_wipe(file.data, file.size);
    if (!whole)
        return fail(err, ERROR_CORRUPT, "%s: not the secret of a keyring's epoch", path);
    *out = read;
    memory_wipe(&read, sizeof read);
    return true;
}

bool epoch_secrets_write(const char *path, const struct epoch_secrets *secrets, struct error *err)
{
    AUTO(descriptor) int old = open(path, O_WRONLY | O_CLOEXEC);
    if (!file_write(path, 0600, secrets->secret, secrets->count * EPOCH_SECRET_SIZE, err)) {
        if (err)
            err->code = ERROR_UNAVAILABLE;
        return false;
    }
    scrub(old);
    return true;
}

void epoch_key(const uint8_t site_key[static DATA_KEY_SIZE], const uint8_t secret[static EPOCH_SECRET_SIZE],
    uint8_t out[static DATA_KEY_SIZE])
{
    hash_keyed(site_key, secret, EPOCH_SECRET_SIZE, out);
}

void scrub(int descriptor)
{
    struct stat status;
    if (descriptor < 0 || fstat(descriptor, &status) != 0)
        return;
    static const uint8_t zeros[4096];
    for (off_t at = 0; at < status.st_size; at += (off_t)sizeof zeros) {
        off_t left = status.st_size - at;
        size_t size = left < (off_t)sizeof zeros ? (size_t)left : sizeof zeros;
        if (pwrite(descriptor, zeros, size, at) < 0)
            return;
    }
    fsync(descriptor);
}
