#include "list/photo.h"

#include "base/clock.h"
#include "base/text.h"
#include "list/overdue.h"
#include "list/row.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const struct migration photo_migrations[] = {
    {"list-0002-photo", "CREATE TABLE upload ("
                        " photo TEXT PRIMARY KEY, officer TEXT NOT NULL, added_at INTEGER NOT NULL,"
                        " pack TEXT NOT NULL,"
                        " picture BLOB NOT NULL, template BLOB NOT NULL) STRICT;"
                        "CREATE TABLE entry_photo ("
                        " entry TEXT NOT NULL, photo TEXT NOT NULL, pack TEXT NOT NULL,"
                        " picture BLOB NOT NULL, template BLOB NOT NULL, PRIMARY KEY (entry, photo)) STRICT"},
    {"list-0029-upload-file", "ALTER TABLE upload ADD COLUMN file TEXT NOT NULL DEFAULT ''"},
    {"list-0037-upload-mark", "ALTER TABLE upload ADD COLUMN mark BLOB NOT NULL DEFAULT x''"},
};
const size_t photo_migration_count = COUNT_OF(photo_migrations);

enum {
    UPLOAD_BYTES = 8 * 1024 * 1024,
    UPLOAD_LIFE_S = 3600,
    UPLOADS_WAITING = 200,
    KEY_NAME_SIZE = 64,
    FIELD_SIZE = 160,
    TEMPLATE_BYTES = GALLERY_TEMPLATE * sizeof(float),
};

struct sealed_photo { /* one row, still sealed */
    char photo[HEX_HASH_SIZE];
    char pack[HEX_HASH_SIZE];
    char file[HEX_HASH_SIZE];       /* of an upload: the hash of the file that was brought */
    struct bytes picture, template; /* owned */
};

static void sealed_photo_auto(struct sealed_photo *photo)
{
    bytes_free(&photo->picture);
    bytes_free(&photo->template);
}

/* The keyring's names are shorter than a hash in hex. */
static void upload_key(const char *photo, char out[static KEY_NAME_SIZE])
{
    snprintf(out, KEY_NAME_SIZE, "upload/%.40s", photo);
}

static void entry_key(const char *entry, char out[static KEY_NAME_SIZE])
{
    snprintf(out, KEY_NAME_SIZE, "entry/%.24s", entry);
}

/* The pack is bound in, so that a template cannot pass for another pack's. */
static void template_field(const char *photo, const char *pack, char out[static FIELD_SIZE])
{
    snprintf(out, FIELD_SIZE, "template/%.64s/%.64s", photo, pack);
}

static void picture_field(const char *photo, char out[static FIELD_SIZE])
{
    snprintf(out, FIELD_SIZE, "picture/%.64s", photo);
}

static bool seal_photo(struct site *site, const char *key, const char *photo, const char *pack,
    const struct bytes *picture, const void *template, struct sealed_photo *out, struct error *err)
{
    struct keyring *keyring = site->ledger->keyring;
    char field[FIELD_SIZE];
    row_text(out->photo, sizeof out->photo, photo);
    row_text(out->pack, sizeof out->pack, pack);
    picture_field(photo, field);
    if (!keyring_seal(keyring, key, field, picture->data, picture->size, &out->picture, err))
        return false;
    template_field(photo, pack, field);
    return keyring_seal(keyring, key, field, template, TEMPLATE_BYTES, &out->template, err);
}

static bool open_template(struct site *site, const char *key, const struct sealed_photo *photo,
    float out[static GALLERY_TEMPLATE], struct error *err)
{
    char field[FIELD_SIZE];
    template_field(photo->photo, photo->pack, field);
    AUTO(bytes) struct bytes plain = {0};
    if (!keyring_unseal(
            site->ledger->keyring, key, field, photo->template.data, photo->template.size, &plain, err))
        return false;
    bool fits = plain.size == TEMPLATE_BYTES;
    if (fits)
        memcpy(out, plain.data, TEMPLATE_BYTES);
    memory_wipe(plain.data, plain.size);
    return fits || fail(err, ERROR_CORRUPT, "photo %.12s: the template has the wrong length", photo->photo);
}

static bool open_picture(struct site *site, const char *key, const struct sealed_photo *photo,
    struct bytes *out, struct error *err)
{
    char field[FIELD_SIZE], hex[HEX_HASH_SIZE];
    picture_field(photo->photo, field);
    AUTO(bytes) struct bytes plain = {0};
    if (!keyring_unseal(
            site->ledger->keyring, key, field, photo->picture.data, photo->picture.size, &plain, err))
        return false;
    uint8_t hash[HASH_SIZE];
    hash_bytes(plain.data, plain.size, hash);
    hex_write(hash, sizeof hash, hex);
    if (strcmp(hex, photo->photo) != 0)
        return fail(err, ERROR_CORRUPT, "photo %.12s is not the picture that was signed for", photo->photo);
    *out = plain;
    plain = (struct bytes){0};
    return true;
}

/* Both of columns photo, pack, picture, template. */
static void read_names(struct query *query, struct sealed_photo *out)
{
    row_text(out->photo, sizeof out->photo, query_get_text(query, 0));
    row_text(out->pack, sizeof out->pack, query_get_text(query, 1));
}

static void read_sealed(struct query *query, struct sealed_photo *out)
{
    struct bytes picture = query_get_bytes(query, 2), template = query_get_bytes(query, 3);
    out->picture = bytes_copy(picture.data, picture.size);
    out->template = bytes_copy(template.data, template.size);
}

static bool room_for_upload(struct site *site, const char *photo, const char *officer, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT count(*), coalesce(sum(photo = :photo AND officer <> :officer), 0) FROM upload", err);
    query_text(query, ":photo", photo);
    query_text(query, ":officer", officer);
    if (query_next(query)) {
        if (query_get_integer(query, 0) >= UPLOADS_WAITING)
            return fail(err, ERROR_TOO_LARGE, "%d photos wait for a proposal; propose with them first",
                UPLOADS_WAITING);
        if (query_get_integer(query, 1) > 0)
            return fail(err, ERROR_CONFLICT, "another officer has just brought this photo");
    }
    return query_ok(query, err);
}

/* Whose it is, since when, and of which file: the rest is sealed. */
static json_t *marked_fields(const struct sealed_photo *upload, const char *officer, int64_t added_s)
{
    return json_pack("{s:s, s:s, s:I, s:s, s:s}", "photo", upload->photo, "officer", officer, "added_at",
        (json_int_t)added_s, "pack", upload->pack, "file", upload->file);
}

static bool insert_upload(
    struct site *site, const char *officer, const struct sealed_photo *sealed, struct error *err)
{
    uint8_t mark[HASH_SIZE];
    const int64_t now_s = clock_now_s();
    AUTO(json) json_t *marked = marked_fields(sealed, officer, now_s);
    if (!row_mark(site, "upload", marked, mark, err))
        return false;
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT OR REPLACE INTO upload (photo, officer, added_at, pack, picture, template, file, mark)"
        " VALUES (:photo, :officer, :at, :pack, :picture, :template, :file, :mark)",
        err);
    query_text(query, ":photo", sealed->photo);
    query_text(query, ":officer", officer);
    query_text(query, ":file", sealed->file);
    query_integer(query, ":at", now_s);
    query_text(query, ":pack", sealed->pack);
    query_bytes(query, ":picture", sealed->picture.data, sealed->picture.size);
    query_bytes(query, ":template", sealed->template.data, sealed->template.size);
    query_bytes(query, ":mark", mark, sizeof mark);
    if (!query_done(query, err))
        return false;
    AUTO(json) json_t *fields = json_pack("{s:s}", "photo", sealed->photo);
    struct record record = {.kind = "photo_added", .by = officer, .public_fields = fields};
    return ledger_record(site->ledger, &record, err);
}

static json_t *added_reply(const struct enrolment *enrolment, const struct sealed_photo *sealed)
{
    uint8_t hash[HASH_SIZE];
    char template_hex[HEX_HASH_SIZE];
    hash_bytes(enrolment->template, TEMPLATE_BYTES, hash);
    hex_write(hash, sizeof hash, template_hex);
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:s}", "photo", sealed->photo, "file_hash", sealed->file,
        "verdict", enrolment->verdict, "advice", enrolment->advice, "eye_distance_px",
        (json_int_t)lroundf(enrolment->eye_distance_px), "template_hash", template_hex);
}

bool photo_may_add(const struct officer *officer, size_t size, struct error *err)
{
    if (!officer_has(officer, ROLE_WATCH_OFFICER) && !officer_has(officer, ROLE_AUTHORISER))
        return fail(err, ERROR_FORBIDDEN, "only watch officers and authorisers bring photos");
    return size <= UPLOAD_BYTES ||
           fail(err, ERROR_TOO_LARGE, "the picture has %zu bytes; at most %d are taken", size, UPLOAD_BYTES);
}

json_t *photo_keep(struct site *site, const struct officer *officer, const struct enrolment *enrolment,
    const uint8_t file_hash[static HASH_SIZE], struct error *err)
{
    if (!enrolment->accepted) {
        fail(err, ERROR_INVALID, "%s: %s", enrolment->verdict, enrolment->advice);
        return NULL;
    }
    char photo[HEX_HASH_SIZE], pack[HEX_HASH_SIZE], key[KEY_NAME_SIZE];
    hex_write(enrolment->photo_hash, HASH_SIZE, photo);
    hex_write(site->pack_hash, HASH_SIZE, pack);
    upload_key(photo, key);
    if (!room_for_upload(site, photo, officer->id, err))
        return NULL;
    AUTO(sealed_photo) struct sealed_photo sealed = {0};
    hex_write(file_hash, HASH_SIZE, sealed.file);
    if (!ledger_begin(site->ledger, err))
        return NULL;
    if (!seal_photo(site, key, photo, pack, &enrolment->picture, enrolment->template, &sealed, err) ||
        !insert_upload(site, officer->id, &sealed, err) || !ledger_commit(site->ledger, err)) {
        ledger_abort(site->ledger);
        return NULL;
    }
    return added_reply(enrolment, &sealed);
}

/* `whole` with what is sealed, too. */
static bool find_upload(struct site *site, const char *officer, const char *photo, bool whole,
    struct sealed_photo *out, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT photo, pack, picture, template, file, added_at, mark FROM upload"
        " WHERE photo = :photo AND officer = :officer AND added_at > :oldest",
        err);
    query_text(query, ":photo", photo);
    query_text(query, ":officer", officer);
    query_integer(query, ":oldest", clock_now_s() - UPLOAD_LIFE_S);
    if (query_next(query)) {
        read_names(query, out);
        if (whole)
            read_sealed(query, out);
        row_text(out->file, sizeof out->file, query_get_text(query, 4));
        AUTO(json) json_t *marked = marked_fields(out, officer, query_get_integer(query, 5));
        return row_check(site, "upload", out->photo, marked, query_get_bytes(query, 6), err);
    }
    if (!query_ok(query, err))
        return false;
    return fail(err, ERROR_MISSING,
        "photo %.12s… is not among the uploads of %s in the last hour; upload the picture again", photo,
        officer);
}

bool photo_is_uploaded(struct site *site, const char *officer, const char *photo,
    char file[static HEX_HASH_SIZE], struct error *err)
{
    struct sealed_photo upload = {0};
    if (!find_upload(site, officer, photo, false, &upload, err))
        return false;
    row_text(file, HEX_HASH_SIZE, upload.file);
    return true;
}

/* What lies at the source can be held against the file's hash, which the proposer signs. */
static bool names_its_file(
    struct site *site, const struct sealed_photo *upload, const char *file, struct error *err)
{
    if (!file)
        return site->kind == SITE_DEMO ||
               fail(err, ERROR_INVALID,
                   "photo %.12s…: the proposal does not name its file; sign the file_hash that the upload "
                   "gave",
                   upload->photo);
    return strcmp(file, upload->file) == 0 ||
           fail(err, ERROR_CONFLICT,
               "photo %.12s… was made of another file than the proposal names; upload that file again",
               upload->photo);
}

bool photo_may_enrol(
    struct site *site, const char *officer, const char *photo, const char *file, struct error *err)
{
    struct sealed_photo upload = {0};
    return find_upload(site, officer, photo, false, &upload, err) && names_its_file(site, &upload, file, err);
}

static bool insert_entry_photo(
    struct site *site, const char *entry, const struct sealed_photo *sealed, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "INSERT INTO entry_photo (entry, photo, pack, picture, template)"
        " VALUES (:entry, :photo, :pack, :picture, :template)",
        err);
    query_text(query, ":entry", entry);
    query_text(query, ":photo", sealed->photo);
    query_text(query, ":pack", sealed->pack);
    query_bytes(query, ":picture", sealed->picture.data, sealed->picture.size);
    query_bytes(query, ":template", sealed->template.data, sealed->template.size);
    return query_done(query, err);
}

/* In the caller's transaction; the key is destroyed once that is on disk. */
static bool erase_upload(struct site *site, const char *photo, struct error *err)
{
    char key[KEY_NAME_SIZE];
    upload_key(photo, key);
    AUTO(query)
    struct query *query = query_new(site->ledger->store, "DELETE FROM upload WHERE photo = :photo", err);
    query_text(query, ":photo", photo);
    return query_done(query, err) && ledger_erase_private(site->ledger, key, err);
}

bool photo_enrol(struct site *site, const char *officer, const char *entry, const char *photo,
    const char *file, struct error *err)
{
    AUTO(sealed_photo) struct sealed_photo upload = {0};
    AUTO(sealed_photo) struct sealed_photo sealed = {0};
    AUTO(bytes) struct bytes picture = {0};
    float template[GALLERY_TEMPLATE];
    char from[KEY_NAME_SIZE], to[KEY_NAME_SIZE];
    upload_key(photo, from);
    entry_key(entry, to);
    if (!find_upload(site, officer, photo, true, &upload, err) || !names_its_file(site, &upload, file, err) ||
        !open_picture(site, from, &upload, &picture, err) ||
        !open_template(site, from, &upload, template, err))
        return false;
    bool done = seal_photo(site, to, photo, upload.pack, &picture, template, &sealed, err) &&
                insert_entry_photo(site, entry, &sealed, err) && erase_upload(site, photo, err);
    memory_wipe(template, sizeof template);
    return done;
}

bool photo_take_fetched(struct site *site, const char *officer, const char *photo,
    float template[static GALLERY_TEMPLATE], struct error *err)
{
    AUTO(sealed_photo) struct sealed_photo upload = {0};
    char key[KEY_NAME_SIZE];
    upload_key(photo, key);
    return find_upload(site, officer, photo, true, &upload, err) &&
           open_template(site, key, &upload, template, err) && erase_upload(site, photo, err);
}

/* `whole` with the picture, too. */
static bool find_entry_photo(struct site *site, const char *entry, const char *photo, bool whole,
    struct sealed_photo *out, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        whole ? "SELECT photo, pack, picture, template FROM entry_photo"
                " WHERE entry = :entry AND photo = :photo"
              : "SELECT photo, pack, NULL, template FROM entry_photo WHERE entry = :entry AND photo = :photo",
        err);
    query_text(query, ":entry", entry);
    query_text(query, ":photo", photo);
    if (query_next(query)) {
        read_names(query, out);
        read_sealed(query, out);
        return true;
    }
    if (!query_ok(query, err))
        return false;
    return fail(err, ERROR_MISSING, "entry %s has no photo %.12s…", entry, photo);
}

static bool is_of_pack(
    struct site *site, const char *entry, const struct sealed_photo *sealed, struct error *err)
{
    char pack[HEX_HASH_SIZE];
    hex_write(site->pack_hash, HASH_SIZE, pack);
    return strcmp(sealed->pack, pack) == 0 ||
           fail(err, ERROR_CONFLICT, "entry %s: another model pack computed its template; propose it again",
               entry);
}

bool photo_item(
    struct site *site, const char *entry, const char *photo, struct gallery_item *out, struct error *err)
{
    AUTO(sealed_photo) struct sealed_photo sealed = {0};
    AUTO(bytes) struct bytes picture = {0};
    char key[KEY_NAME_SIZE];
    struct gallery_item item = {.entry = ""};
    entry_key(entry, key);
    if (!find_entry_photo(site, entry, photo, true, &sealed, err) || !is_of_pack(site, entry, &sealed, err) ||
        !open_picture(site, key, &sealed, &picture, err) ||
        !open_template(site, key, &sealed, item.template, err))
        return false;
    row_text(item.entry, sizeof item.entry, entry);
    hex_read(photo, item.photo_hash, HASH_SIZE);
    *out = item;
    memory_wipe(&item, sizeof item);
    return true;
}

bool photo_template(struct site *site, const char *entry, const char *photo,
    float template[static GALLERY_TEMPLATE], struct error *err)
{
    AUTO(sealed_photo) struct sealed_photo sealed = {0};
    char key[KEY_NAME_SIZE];
    entry_key(entry, key);
    return find_entry_photo(site, entry, photo, false, &sealed, err) &&
           is_of_pack(site, entry, &sealed, err) && open_template(site, key, &sealed, template, err);
}

bool photo_picture(
    struct site *site, const char *entry, const char *photo, struct bytes *out, struct error *err)
{
    AUTO(sealed_photo) struct sealed_photo sealed = {0};
    char key[KEY_NAME_SIZE];
    entry_key(entry, key);
    return find_entry_photo(site, entry, photo, true, &sealed, err) &&
           open_picture(site, key, &sealed, out, err);
}

bool photo_forget(struct site *site, const char *entry, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store, "DELETE FROM entry_photo WHERE entry = :entry", err);
    query_text(query, ":entry", entry);
    return query_done(query, err);
}

/* One that came later than now was edited, and nobody may use it. */
static bool find_unused(struct site *site, char out[static HEX_HASH_SIZE], struct error *err)
{
    AUTO(query)
    struct query *query = query_new(site->ledger->store,
        "SELECT photo FROM upload WHERE added_at NOT BETWEEN :oldest AND :now LIMIT 1", err);
    query_integer(query, ":oldest", overdue_time_s(site) - UPLOAD_LIFE_S + 1);
    query_integer(query, ":now", clock_now_s());
    out[0] = '\0';
    if (query_next(query))
        row_text(out, HEX_HASH_SIZE, query_get_text(query, 0));
    return query_ok(query, err);
}

static bool record_unused(struct site *site, const char *photo, struct error *err)
{
    AUTO(json) json_t *fields = json_pack("{s:s}", "photo", photo);
    struct record record = {.kind = "photo_unused_erased", .by = "site", .public_fields = fields};
    return ledger_record(site->ledger, &record, err);
}

bool photo_sweep(struct site *site, struct error *err)
{
    char photo[HEX_HASH_SIZE];
    while (find_unused(site, photo, err)) {
        if (!photo[0])
            return true;
        if (!ledger_begin(site->ledger, err))
            return false;
        if (!erase_upload(site, photo, err) || !record_unused(site, photo, err) ||
            !ledger_commit(site->ledger, err)) {
            ledger_abort(site->ledger);
            return false;
        }
    }
    return false;
}
