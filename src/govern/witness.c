#include "govern/witness.h"

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "govern/cosign.h"
#include "sign/limits.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EXCHANGE_S = 15, ANSWER_LIMIT = 4096 };

struct witness_link {
    struct sockaddr_in address;
    char *host, *name, *path; /* owned */
    uint8_t key[PUBLIC_KEY_SIZE];
    int64_t old_size; /* what the witness has seen, as far as is known */
    int64_t answered_s, asked_s;
    bool says_same_time; /* its newest cosignature's time is the desk's */
    int descriptor;      /* -1: no exchange */
    struct text request; /* head and body */
    size_t sent;
    char *note; /* owned: the checkpoint asked about */
    char answer[ANSWER_LIMIT + 1];
    size_t received;
};

bool witness_address_read(const char *text, struct sockaddr_in *out)
{
    char host[64];
    const char *colon = strrchr(text, ':');
    if (!colon || (size_t)(colon - text) >= sizeof host)
        return false;
    memcpy(host, text, (size_t)(colon - text));
    host[colon - text] = '\0';
    size_t digits = strspn(colon + 1, "0123456789");
    long port = strtol(colon + 1, NULL, 10);
    *out = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    return digits > 0 && digits <= 5 && !colon[1 + digits] && port > 0 && port < 65536 &&
           inet_pton(AF_INET, host, &out->sin_addr) == 1;
}

struct witness_link *witness_link_new(const struct witness_options *options, struct error *err)
{
    struct sockaddr_in address;
    if (!witness_address_read(options->address, &address) || !*options->name ||
        strlen(options->name) >= WITNESS_NAME_SIZE) {
        fail(err, ERROR_INVALID, "a witness needs a name and a numeric address with a port, not '%.64s'",
            options->address);
        return NULL;
    }
    struct witness_link *link = memory_allocate(1, sizeof *link);
    link->address = address;
    link->host = memory_copy_text(options->address);
    link->name = memory_copy_text(options->name);
    link->path = text_format("%s/witnessed.note", options->folder);
    link->descriptor = -1;
    memcpy(link->key, options->key, PUBLIC_KEY_SIZE);
    return link;
}

static void end_exchange(struct witness_link *link)
{
    if (link->descriptor >= 0)
        close(link->descriptor);
    link->descriptor = -1;
    text_done(&link->request);
    memory_release(link->note);
    link->note = NULL;
    link->sent = link->received = 0;
}

void witness_link_free(struct witness_link *link)
{
    if (!link)
        return;
    end_exchange(link);
    memory_release(link->host);
    memory_release(link->name);
    memory_release(link->path);
    memory_release(link);
}

static bool make_request(struct witness_link *link, struct ledger *ledger, struct error *err)
{
    struct tree_proof proof = {0};
    if (!(link->note = ledger_checkpoint(ledger, err)) ||
        (link->old_size > 0 && !ledger_prove_from(ledger, link->old_size, &proof, err)))
        return false;
    AUTO(text) char *body = witness_request(&proof, link->old_size, link->note);
    text_add(&link->request,
        "POST /add-checkpoint HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nContent-Type: text/plain\r\n"
        "Content-Length: %zu\r\n\r\n%s",
        link->host, strlen(body), body);
    return true;
}

static bool begin_exchange(struct witness_link *link, struct ledger *ledger, struct error *err)
{
    if (!make_request(link, ledger, err))
        return false;
    link->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (link->descriptor < 0)
        return fail_errno(err, "a socket for the witness");
    if (connect(link->descriptor, (struct sockaddr *)&link->address, sizeof link->address) != 0 &&
        errno != EINPROGRESS)
        return fail_errno(err, "%s", link->host);
    return true;
}

static bool would_wait(void)
{
    return errno == EAGAIN || errno == EINPROGRESS || errno == ENOTCONN;
}

/* *whole: the other end has said everything. */
static bool move_bytes(struct witness_link *link, bool *whole, struct error *err)
{
    *whole = false;
    while (link->sent < link->request.size) {
        ssize_t sent = send(
            link->descriptor, link->request.data + link->sent, link->request.size - link->sent, MSG_NOSIGNAL);
        if (sent < 0)
            return would_wait() || fail_errno(err, "%s", link->host);
        link->sent += (size_t)sent;
    }
    while (link->received < ANSWER_LIMIT) {
        ssize_t got = recv(link->descriptor, link->answer + link->received, ANSWER_LIMIT - link->received, 0);
        if (got < 0)
            return would_wait() || fail_errno(err, "%s", link->host);
        *whole = got == 0;
        if (*whole)
            return true;
        link->received += (size_t)got;
    }
    return fail(err, ERROR_TOO_LARGE, "%s answers with more than %d bytes", link->host, ANSWER_LIMIT);
}

/* The size of a signed note stands in its second line. */
static int64_t size_of(const char *note)
{
    return strtoll(strchr(note, '\n') + 1, NULL, 10);
}

static void note_time(struct witness_link *link, int64_t signed_s, int64_t now_s)
{
    bool same = llabs(signed_s - now_s) <= LIMIT_STATEMENT_SKEW_S;
    if (!same)
        log_write(LOG_WARNING, "witness_time",
            "by the witness %s this desk's time is %lld s off: nothing is compared or destroyed; set the "
            "clock and restart the desk, or have the witness's clock set",
            link->name, (long long)(now_s - signed_s));
    link->says_same_time = same;
}

static bool take_cosignature(struct witness_link *link, const char *body, int64_t now_s, struct error *err)
{
    int64_t signed_s = 0;
    if (!cosignature_check(body, link->name, link->key, link->note, &signed_s, err))
        return false;
    AUTO(text) char *whole = text_format("%s%s", link->note, body);
    if (!file_write(link->path, 0644, whole, strlen(whole), err))
        return false;
    link->old_size = size_of(link->note);
    link->answered_s = now_s;
    note_time(link, signed_s, now_s);
    return true;
}

static bool take_answer(struct witness_link *link, int64_t now_s, struct error *err)
{
    link->answer[link->received] = '\0';
    const char *space = strchr(link->answer, ' '), *empty = strstr(link->answer, "\r\n\r\n");
    if (strncmp(link->answer, "HTTP/1.", 7) != 0 || !space || !empty)
        return fail(err, ERROR_INVALID, "%s does not answer in HTTP", link->host);
    long status = strtol(space + 1, NULL, 10);
    if (status == 200)
        return take_cosignature(link, empty + 4, now_s, err);
    if (status != 409)
        return fail(err, ERROR_CONFLICT, "the witness %s refuses the checkpoint (%ld): %.200s", link->name,
            status, empty + 4);
    int64_t seen = strtoll(empty + 4, NULL, 10);
    if (seen < 0 || seen > size_of(link->note))
        return fail(err, ERROR_CONFLICT,
            "the witness %s has seen %lld records, this log has %lld: it was rolled back", link->name,
            (long long)seen, (long long)size_of(link->note));
    link->old_size = seen;
    link->asked_s = 0; /* at once, from there */
    return true;
}

void witness_link_tick(struct witness_link *link, struct ledger *ledger, int64_t now_s)
{
    struct error err = {0};
    bool whole = false, well = true;
    if (link->descriptor < 0) {
        if (now_s - link->asked_s < WITNESS_EVERY_S)
            return;
        link->asked_s = now_s;
        well = begin_exchange(link, ledger, &err);
    }
    if (well)
        well = move_bytes(link, &whole, &err) && (!whole || take_answer(link, now_s, &err));
    if (well && !whole && now_s - link->asked_s > EXCHANGE_S)
        well = fail(&err, ERROR_UNAVAILABLE, "%s does not answer in %d s", link->host, EXCHANGE_S);
    if (!well)
        log_write(LOG_WARNING, "witness_silent", "%s", err.text);
    if (!well || whole)
        end_exchange(link);
}

const char *witness_link_hindrance(const struct witness_link *link, int64_t now_s)
{
    if (link->answered_s == 0 || now_s - link->answered_s > LIMIT_WITNESS_SILENT_S)
        return "witness";
    return link->says_same_time ? NULL : "clock";
}

bool witness_link_says_same_time(const struct witness_link *link)
{
    return link->says_same_time;
}
