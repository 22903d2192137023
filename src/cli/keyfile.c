#include "cli/keyfile.h"

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { KEYFILE_LIMIT = 4096 };

static const char keyfile_format[] = "mizan-offline-key-v1";

bool keyfile_make(
    const char *path, const char *passphrase, uint8_t public_key[static PUBLIC_KEY_SIZE], struct error *err)
{
    if (access(path, F_OK) == 0)
        return fail(err, ERROR_CONFLICT, "%s is there already; a key is never overwritten", path);
    uint8_t secret_key[SECRET_KEY_SIZE], salt[16], wrapping[DATA_KEY_SIZE];
    sign_key_new(public_key, secret_key);
    random_fill(salt, sizeof salt);
    if (!passphrase_key(passphrase, salt, wrapping, err))
        return false;
    AUTO(bytes) struct bytes sealed = seal_bytes(wrapping, keyfile_format, secret_key, SEED_SIZE);
    memory_wipe(secret_key, sizeof secret_key);
    memory_wipe(wrapping, sizeof wrapping);
    char public_hex[2 * PUBLIC_KEY_SIZE + 1], salt_hex[33];
    hex_write(public_key, PUBLIC_KEY_SIZE, public_hex);
    hex_write(salt, sizeof salt, salt_hex);
    AUTO(text) char *sealed_text = base64_write(sealed.data, sealed.size);
    AUTO(json)
    json_t *file = json_pack("{s:s, s:s, s:s, s:s}", "format", keyfile_format, "public", public_hex, "salt",
        salt_hex, "sealed", sealed_text);
    AUTO(text) char *text = json_canonical(file, err);
    return text && file_write(path, 0600, text, strlen(text), err);
}

bool keyfile_open(
    const char *path, const char *passphrase, uint8_t secret_key[static SECRET_KEY_SIZE], struct error *err)
{
    AUTO(bytes) struct bytes content = {NULL, 0};
    if (!file_read(path, KEYFILE_LIMIT, &content, err))
        return false;
    AUTO(json) json_t *file = json_read((const char *)content.data, content.size, KEYFILE_LIMIT, err);
    const char *format = NULL, *sealed_text = NULL;
    uint8_t salt[16], wrapping[DATA_KEY_SIZE], stated[PUBLIC_KEY_SIZE], public_key[PUBLIC_KEY_SIZE];
    if (!file || !json_need_text(file, "format", &format, err) ||
        !json_need_hex(file, "public", stated, sizeof stated, err) ||
        !json_need_hex(file, "salt", salt, sizeof salt, err) ||
        !json_need_text(file, "sealed", &sealed_text, err))
        return fail_within(err, "%s", path);
    if (strcmp(format, keyfile_format) != 0)
        return fail(err, ERROR_INVALID, "%s: not an offline key of Mizan", path);
    AUTO(bytes) struct bytes sealed = {NULL, 0}, seed = {NULL, 0};
    if (!base64_read(sealed_text, 256, &sealed, err) || !passphrase_key(passphrase, salt, wrapping, err))
        return fail_within(err, "%s", path);
    bool opened = seal_open(wrapping, keyfile_format, sealed.data, sealed.size, &seed, NULL);
    memory_wipe(wrapping, sizeof wrapping);
    if (!opened || seed.size != SEED_SIZE)
        return fail(err, ERROR_UNSIGNED, "%s: the passphrase does not open this key", path);
    sign_key_from_seed(seed.data, public_key, secret_key);
    memory_wipe(seed.data, seed.size);
    if (!bytes_equal(public_key, stated, sizeof stated))
        return fail(err, ERROR_CORRUPT, "%s: its public and private halves do not belong together", path);
    return true;
}

char *keyfile_ask_passphrase(const char *path, struct error *err)
{
    const char *given = getenv("MIZAN_PASSPHRASE");
    if (given)
        return memory_copy_text(given);
    struct termios before, silent;
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &before) != 0) {
        fail(
            err, ERROR_USAGE, "%s needs a passphrase: run this at a terminal, or set MIZAN_PASSPHRASE", path);
        return NULL;
    }
    silent = before;
    silent.c_lflag &= (tcflag_t)~ECHO;
    fprintf(stderr, "Passphrase for %s: ", path);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    char line[256] = "";
    char *got = fgets(line, sizeof line, stdin);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    fputc('\n', stderr);
    line[strcspn(line, "\n")] = '\0';
    if (!got || !line[0]) {
        fail(err, ERROR_USAGE, "%s: an empty passphrase is not one", path);
        return NULL;
    }
    char *copy = memory_copy_text(line);
    memory_wipe(line, sizeof line);
    return copy;
}
