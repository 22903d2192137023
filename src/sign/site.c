#include "sign/site.h"

#include "base/text.h"

#include <string.h>

enum { DIGITS = 2 * PUBLIC_KEY_SIZE };

bool site_may_be_live(struct error *err)
{
    return issuer_key[0] || fail(err, ERROR_FORBIDDEN,
                                "this build makes and runs demo sites only; a live site needs a build with "
                                "the oversight body's "
                                "issuer key (meson setup -Dissuer_key=)");
}

static bool names_key(const struct envelope *certificate, const char *field, const uint8_t *key)
{
    uint8_t named[PUBLIC_KEY_SIZE];
    const char *hex = json_string_value(json_object_get(certificate->fields, field));
    return hex && hex_read(hex, named, sizeof named) && bytes_equal(named, key, sizeof named);
}

bool site_certificate_check(const struct envelope *certificate, const char *site,
    const struct site_keys *keys, int64_t now_s, struct error *err)
{
    uint8_t issuer[PUBLIC_KEY_SIZE];
    if (!site_may_be_live(err) || !envelope_is(certificate, "site_certificate", err))
        return false;
    if (!hex_read(issuer_key, issuer, sizeof issuer) || !bytes_equal(certificate->key, issuer, sizeof issuer))
        return fail(err, ERROR_UNSIGNED, "the site's certificate is not signed by the issuer of this build");
    if (strcmp(certificate->site, site) != 0)
        return fail(err, ERROR_UNSIGNED, "the certificate is for the site '%s', not for '%s'",
            certificate->site, site);
    if (!names_key(certificate, "root_key", keys->root) ||
        !names_key(certificate, "oversight_key", keys->oversight))
        return fail(err, ERROR_UNSIGNED, "the certificate names other keys than root.pub holds");
    if (bytes_equal(keys->root, keys->oversight, PUBLIC_KEY_SIZE))
        return fail(err, ERROR_UNSIGNED, "the root and the oversight body have one key");
    int64_t expires_s = json_integer_value(json_object_get(certificate->fields, "expires_at"));
    return expires_s > now_s ||
           fail(err, ERROR_FORBIDDEN, "the site's certificate has expired; ask the issuer for a new one");
}

/* The line at `*rest` without its end; moves on to the next. NULL at the end of the text. */
static char *line_next(char **rest)
{
    char *line = strsep(rest, "\n");
    return line && *line ? line : NULL;
}

static bool key_parse(
    const char *line, const char *whose, uint8_t out[static PUBLIC_KEY_SIZE], struct error *err)
{
    return (line && strlen(line) == DIGITS && hex_read(line, out, PUBLIC_KEY_SIZE)) ||
           fail(err, ERROR_INVALID, "%s key has to be a line of %d hex digits", whose, DIGITS);
}

bool site_keys_parse(const char *text, enum site_kind kind, const char *site, int64_t now_s,
    struct site_keys *out, struct error *err)
{
    AUTO(text) char *copy = memory_copy_text(text);
    char *rest = copy;
    struct site_keys keys = {0};
    if (!key_parse(line_next(&rest), "the root", keys.root, err))
        return false;
    const char *oversight = line_next(&rest);
    if (!oversight && kind == SITE_LIVE)
        return fail(err, ERROR_UNSIGNED,
            "a live site's root key has to be certified by the issuer: 'mizan site certify'");
    keys.has_oversight = oversight != NULL;
    if (oversight && !key_parse(oversight, "the oversight body's", keys.oversight, err))
        return false;
    const char *line = line_next(&rest);
    AUTO(envelope) struct envelope *certificate = NULL;
    if (kind == SITE_LIVE) {
        if (!line)
            return fail(err, ERROR_UNSIGNED, "the issuer's certificate is missing: 'mizan site certify'");
        certificate = envelope_parse(line, strlen(line), err);
        if (!certificate || !site_certificate_check(certificate, site, &keys, now_s, err))
            return false;
    }
    *out = keys;
    return true;
}
