#include "watch/address.h"

#include "sign/camera.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

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

static bool take_over(const char *address, char *out, size_t room, struct error *err)
{
    int written = snprintf(out, room, "%s", address);
    return (size_t)written < room || fail(err, ERROR_TOO_LARGE, "%s: is too long", address);
}

const char *address_device(const char *address)
{
    const struct camera_scheme *scheme = camera_scheme(address);
    return scheme && scheme->device ? strchr(address, ':') + 1 : NULL;
}

bool address_resolve(const char *address, char *out, size_t room, struct error *err)
{
    char host[200], number[64];
    bool six = false;
    const struct camera_scheme *scheme = camera_scheme(address);
    if (!scheme)
        return fail(err, ERROR_INVALID, "%s: is not an address of a camera", address);
    if (scheme->device)
        return take_over(address, out, room, err);
    const char *begin = address + strlen(scheme->text);
    bool bracket = *begin == '[';
    begin += bracket;
    size_t length = strcspn(begin, bracket ? "]" : ":/");
    const char *rest = begin + length + (bracket && begin[length] == ']');
    if (!length || length >= sizeof host || memchr(begin, '@', length))
        return fail(err, ERROR_INVALID, "%s: has no host that can be used", address);
    snprintf(host, sizeof host, "%.*s", (int)length, begin);
    if (!look_up(host, number, sizeof number, &six, err))
        return false;
    int written =
        snprintf(out, room, "%s%s%s%s%s", scheme->text, six ? "[" : "", number, six ? "]" : "", rest);
    return (written > 0 && (size_t)written < room) || fail(err, ERROR_TOO_LARGE, "%s: is too long", address);
}

uint16_t address_port(const char *address)
{
    const struct camera_scheme *scheme = camera_scheme(address);
    const char *host = scheme ? address + strlen(scheme->text) : address;
    const char *bracket = *host == '[' ? strchr(host, ']') : NULL;
    const char *rest = bracket ? bracket + 1 : host;
    size_t length = strcspn(rest, ":/");
    long port = rest[length] == ':' ? strtol(rest + length + 1, NULL, 10) : 0;
    return port > 0 && port < 65536 ? (uint16_t)port : scheme ? scheme->port : 0;
}
