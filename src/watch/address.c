#include "watch/address.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static const char scheme[] = "rtsp://";

static bool look_up(const char *host, char *number, size_t room, bool *six, struct error *err)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int failure = getaddrinfo(host, NULL, &hints, &found);
    if (!failure)
        failure =
            getnameinfo(found->ai_addr, found->ai_addrlen, number, (socklen_t)room, NULL, 0, NI_NUMERICHOST);
    if (!failure)
        *six = found->ai_family == AF_INET6;
    if (found)
        freeaddrinfo(found);
    return !failure || fail(err, ERROR_UNAVAILABLE, "%s: %s", host, gai_strerror(failure));
}

bool address_resolve(const char *address, char *out, size_t room, struct error *err)
{
    char host[200], number[64];
    bool six = false;
    if (strncmp(address, scheme, strlen(scheme)) != 0)
        return fail(err, ERROR_INVALID, "%s: a camera's address begins with %s", address, scheme);
    const char *begin = address + strlen(scheme);
    bool bracket = *begin == '[';
    begin += bracket;
    size_t length = strcspn(begin, bracket ? "]" : ":/");
    const char *rest = begin + length + (bracket && begin[length] == ']');
    if (!length || length >= sizeof host || memchr(begin, '@', length))
        return fail(err, ERROR_INVALID, "%s: has no host that can be used", address);
    snprintf(host, sizeof host, "%.*s", (int)length, begin);
    if (!look_up(host, number, sizeof number, &six, err))
        return false;
    int written = snprintf(out, room, "%s%s%s%s%s", scheme, six ? "[" : "", number, six ? "]" : "", rest);
    return (written > 0 && (size_t)written < room) || fail(err, ERROR_TOO_LARGE, "%s: is too long", address);
}
