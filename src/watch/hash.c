/* The process that hashes passwords. It reads one question, answers it, forgets it. */
#include "watch/hash.h"

#include "watch/child.h"
#include "watch/sandbox.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static bool read_whole(int descriptor, void *out, size_t size)
{
    uint8_t *at = out;
    while (size > 0) {
        ssize_t got = read(descriptor, at, size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        size -= (size_t)got;
    }
    return true;
}

static bool write_whole(int descriptor, const void *from, size_t size)
{
    const uint8_t *at = from;
    while (size > 0) {
        ssize_t put = write(descriptor, at, size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        at += put;
        size -= (size_t)put;
    }
    return true;
}

static void answer(const struct hash_question *question, struct hash_reply *out)
{
    struct hash_reply reply = {0};
    if (question->makes_key) {
        reply.done = passphrase_key(question->password, question->salt, reply.key, NULL);
    } else if (question->stored[0]) {
        reply.done = 1;
        reply.fits = password_fits(question->password, question->stored);
    } else {
        reply.done = password_hash(question->password, reply.made, NULL);
    }
    *out = reply;
}

static void answer_all(int desk)
{
    struct hash_question question;
    struct hash_reply reply;
    while (read_whole(desk, &question, sizeof question)) {
        question.password[sizeof question.password - 1] = '\0';
        question.stored[sizeof question.stored - 1] = '\0';
        answer(&question, &reply);
        memory_wipe(&question, sizeof question);
        bool told = write_whole(desk, &reply, sizeof reply);
        memory_wipe(&reply, sizeof reply);
        if (!told)
            return;
    }
}

bool hash_run(const struct child_options *options, struct error *err)
{
    struct sandbox_options sandbox = {
        .role = SANDBOX_HASH,
        .uid = options->uid,
        .live = options->kind == SITE_LIVE,
        .parent = options->parent,
    };
    if (!sandbox_lock(&sandbox, err))
        return false;
    answer_all(options->desk);
    return true;
}
