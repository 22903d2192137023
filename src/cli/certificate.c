#include "cli/certificate.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <string.h>

enum { PEM_LIMIT = 64 * 1024, DAY_S = 86400, AUTHORITY_DAYS = 3650, SERVER_DAYS = 397 };

static void private_key_auto(gnutls_x509_privkey_t *slot)
{
    gnutls_x509_privkey_deinit(*slot);
}

static void certificate_auto(gnutls_x509_crt_t *slot)
{
    gnutls_x509_crt_deinit(*slot);
}

static bool tls_ok(int status, const char *what, struct error *err)
{
    return status >= 0 || fail(err, ERROR_SYSTEM, "%s: %s", what, gnutls_strerror(status));
}

static bool make_key(gnutls_x509_privkey_t key, struct error *err)
{
    unsigned bits = GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1);
    return tls_ok(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA, bits, 0), "a key for TLS", err);
}

static bool fill_common(
    gnutls_x509_crt_t certificate, gnutls_x509_privkey_t key, const char *name, int days, struct error *err)
{
    uint8_t serial[16];
    random_fill(serial, sizeof serial);
    serial[0] &= 0x7F;
    time_t now = (time_t)clock_now_s();
    return tls_ok(gnutls_x509_crt_set_version(certificate, 3), "certificate version", err) &&
           tls_ok(
               gnutls_x509_crt_set_serial(certificate, serial, sizeof serial), "certificate serial", err) &&
           tls_ok(gnutls_x509_crt_set_activation_time(certificate, now - DAY_S), "certificate start", err) &&
           tls_ok(gnutls_x509_crt_set_expiration_time(certificate, now + (time_t)days * DAY_S),
               "certificate end", err) &&
           tls_ok(gnutls_x509_crt_set_key(certificate, key), "certificate key", err) &&
           tls_ok(gnutls_x509_crt_set_dn_by_oid(
                      certificate, GNUTLS_OID_X520_COMMON_NAME, 0, name, (unsigned)strlen(name)),
               "certificate name", err);
}

static bool add_hosts(gnutls_x509_crt_t certificate, const char *hosts, struct error *err)
{
    AUTO(text) char *copy = memory_copy_text(hosts);
    char *rest = copy;
    for (char *host = strsep(&rest, ","); host; host = strsep(&rest, ",")) {
        uint8_t address[16];
        int family = strchr(host, ':') ? AF_INET6 : AF_INET;
        bool numeric = inet_pton(family, host, address) == 1;
        const void *data = numeric ? (const void *)address : host;
        unsigned size = numeric ? (family == AF_INET ? 4 : 16) : (unsigned)strlen(host);
        gnutls_x509_subject_alt_name_t kind = numeric ? GNUTLS_SAN_IPADDRESS : GNUTLS_SAN_DNSNAME;
        if (!tls_ok(gnutls_x509_crt_set_subject_alt_name(certificate, kind, data, size, GNUTLS_FSAN_APPEND),
                host, err))
            return false;
    }
    return true;
}

static bool write_certificate(
    gnutls_x509_crt_t certificate, const char *folder, const char *name, struct error *err)
{
    gnutls_datum_t pem = {NULL, 0};
    if (!tls_ok(gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_PEM, &pem), name, err))
        return false;
    AUTO(text) char *path = text_format("%s/%s", folder, name);
    bool written = file_write(path, 0644, pem.data, pem.size, err);
    gnutls_free(pem.data);
    return written;
}

static bool write_key(gnutls_x509_privkey_t key, const char *folder, const char *name, struct error *err)
{
    gnutls_datum_t pem = {NULL, 0};
    if (!tls_ok(gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &pem),
            name, err))
        return false;
    AUTO(text) char *path = text_format("%s/%s", folder, name);
    bool written = file_write(path, 0600, pem.data, pem.size, err);
    memory_wipe(pem.data, pem.size);
    gnutls_free(pem.data);
    return written;
}

static bool constrain(gnutls_x509_name_constraints_t names, const char *host, struct error *err)
{
    int family = strchr(host, ':') ? AF_INET6 : AF_INET;
    uint8_t range[32]; /* an address and its mask */
    size_t size = family == AF_INET ? 4 : 16;
    if (inet_pton(family, host, range) == 1) {
        memset(range + size, 0xFF, size);
        const gnutls_datum_t address = {range, (unsigned)(2 * size)};
        return tls_ok(
            gnutls_x509_name_constraints_add_permitted(names, GNUTLS_SAN_IPADDRESS, &address), host, err);
    }
    AUTO(text) char *name = memory_copy_text(strncmp(host, "*.", 2) == 0 ? host + 2 : host);
    const gnutls_datum_t domain = {(uint8_t *)name, (unsigned)strlen(name)};
    return tls_ok(gnutls_x509_name_constraints_add_permitted(names, GNUTLS_SAN_DNSNAME, &domain), host, err);
}

/* Who takes this authority into a browser trusts it for the site's own hosts and for nothing else. */
static bool constrain_hosts(gnutls_x509_crt_t certificate, const char *hosts, struct error *err)
{
    gnutls_x509_name_constraints_t names = NULL;
    if (!tls_ok(gnutls_x509_name_constraints_init(&names), "GnuTLS", err))
        return false;
    AUTO(text) char *copy = memory_copy_text(hosts);
    char *rest = copy;
    bool good = true;
    for (char *host = strsep(&rest, ","); host && good; host = strsep(&rest, ","))
        good = constrain(names, host, err);
    good =
        good && tls_ok(gnutls_x509_crt_set_name_constraints(certificate, names, 1), "name constraints", err);
    gnutls_x509_name_constraints_deinit(names);
    return good;
}

static bool make_authority(gnutls_x509_crt_t certificate, gnutls_x509_privkey_t key, const char *site,
    const char *hosts, struct error *err)
{
    AUTO(text) char *name = text_format("Mizan site %s", site);
    return make_key(key, err) && fill_common(certificate, key, name, AUTHORITY_DAYS, err) &&
           constrain_hosts(certificate, hosts, err) &&
           tls_ok(gnutls_x509_crt_set_basic_constraints(certificate, 1, 0), "authority constraints", err) &&
           tls_ok(gnutls_x509_crt_set_key_usage(certificate, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN),
               "authority usage", err) &&
           tls_ok(
               gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0), "authority", err);
}

static bool make_server(gnutls_x509_crt_t certificate, gnutls_x509_privkey_t key, gnutls_x509_crt_t authority,
    gnutls_x509_privkey_t authority_key, const char *hosts, struct error *err)
{
    return make_key(key, err) && fill_common(certificate, key, "Mizan desk", SERVER_DAYS, err) &&
           add_hosts(certificate, hosts, err) &&
           tls_ok(gnutls_x509_crt_set_basic_constraints(certificate, 0, -1), "server constraints", err) &&
           tls_ok(gnutls_x509_crt_set_key_usage(certificate, GNUTLS_KEY_DIGITAL_SIGNATURE), "server usage",
               err) &&
           tls_ok(gnutls_x509_crt_set_key_purpose_oid(certificate, GNUTLS_KP_TLS_WWW_SERVER, 0),
               "server purpose", err) &&
           tls_ok(gnutls_x509_crt_sign2(certificate, authority, authority_key, GNUTLS_DIG_SHA256, 0),
               "server certificate", err);
}

bool certificate_make(
    const char *folder, const char *offline, const char *site, const char *hosts, struct error *err)
{
    __attribute__((cleanup(private_key_auto))) gnutls_x509_privkey_t authority_key = NULL;
    __attribute__((cleanup(private_key_auto))) gnutls_x509_privkey_t server_key = NULL;
    __attribute__((cleanup(certificate_auto))) gnutls_x509_crt_t authority = NULL;
    __attribute__((cleanup(certificate_auto))) gnutls_x509_crt_t server = NULL;
    if (!tls_ok(gnutls_x509_privkey_init(&authority_key), "GnuTLS", err) ||
        !tls_ok(gnutls_x509_privkey_init(&server_key), "GnuTLS", err) ||
        !tls_ok(gnutls_x509_crt_init(&authority), "GnuTLS", err) ||
        !tls_ok(gnutls_x509_crt_init(&server), "GnuTLS", err))
        return false;
    return make_authority(authority, authority_key, site, hosts, err) &&
           make_server(server, server_key, authority, authority_key, hosts, err) &&
           write_certificate(authority, folder, "ca.pem", err) &&
           write_key(authority_key, offline, "ca.key", err) &&
           write_certificate(server, folder, "server.pem", err) &&
           write_key(server_key, folder, "server.key", err);
}

static bool read_certificate(
    gnutls_x509_crt_t certificate, const char *folder, const char *name, struct error *err)
{
    AUTO(text) char *path = text_format("%s/%s", folder, name);
    AUTO(bytes) struct bytes pem = {NULL, 0};
    if (!file_read(path, PEM_LIMIT, &pem, err))
        return false;
    const gnutls_datum_t datum = {pem.data, (unsigned)pem.size};
    return tls_ok(gnutls_x509_crt_import(certificate, &datum, GNUTLS_X509_FMT_PEM), path, err);
}

static bool check_private_key(gnutls_x509_crt_t certificate, const char *folder, struct error *err)
{
    AUTO(text) char *path = text_format("%s/server.key", folder);
    AUTO(bytes) struct bytes pem = {NULL, 0};
    uint8_t ids[2][HASH_SIZE];
    size_t sizes[2] = {HASH_SIZE, HASH_SIZE};
    __attribute__((cleanup(private_key_auto))) gnutls_x509_privkey_t key = NULL;
    if (!file_read(path, PEM_LIMIT, &pem, err) || !tls_ok(gnutls_x509_privkey_init(&key), "GnuTLS", err))
        return false;
    const gnutls_datum_t datum = {pem.data, (unsigned)pem.size};
    bool read = tls_ok(gnutls_x509_privkey_import(key, &datum, GNUTLS_X509_FMT_PEM), path, err);
    memory_wipe(pem.data, pem.size);
    if (!read ||
        !tls_ok(
            gnutls_x509_crt_get_key_id(certificate, GNUTLS_KEYID_USE_SHA256, ids[0], &sizes[0]), path, err) ||
        !tls_ok(gnutls_x509_privkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, ids[1], &sizes[1]), path, err))
        return false;
    return memcmp(ids[0], ids[1], HASH_SIZE) == 0 ||
           fail(err, ERROR_CORRUPT, "%s does not belong to the certificate in server.pem", path);
}

bool certificate_days_left(const char *folder, int64_t *days, struct error *err)
{
    __attribute__((cleanup(certificate_auto))) gnutls_x509_crt_t server = NULL;
    __attribute__((cleanup(certificate_auto))) gnutls_x509_crt_t authority = NULL;
    unsigned why = 0;
    if (!tls_ok(gnutls_x509_crt_init(&server), "GnuTLS", err) ||
        !tls_ok(gnutls_x509_crt_init(&authority), "GnuTLS", err) ||
        !read_certificate(server, folder, "server.pem", err) ||
        !read_certificate(authority, folder, "ca.pem", err) || !check_private_key(server, folder, err) ||
        !tls_ok(gnutls_x509_crt_verify(server, &authority, 1, GNUTLS_VERIFY_DISABLE_TIME_CHECKS, &why),
            "server.pem", err))
        return false;
    if (why)
        return fail(err, ERROR_UNSIGNED, "%s/server.pem is not of the authority in ca.pem", folder);
    *days = ((int64_t)gnutls_x509_crt_get_expiration_time(server) - clock_now_s()) / DAY_S;
    return true;
}
