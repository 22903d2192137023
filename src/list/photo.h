/* Photographs: from an upload through the still process to a sealed picture and template. An upload is sealed
 * under a key of its own; naming it in a proposal seals it anew under the entry's key and erases the upload.
 */
#pragma once

#include "list/site.h"

extern const struct migration photo_migrations[];
extern const size_t photo_migration_count;

/* Whether this officer may bring a picture of so many bytes for the still process to look at. */
bool photo_may_add(const struct officer *officer, size_t size, struct error *err);
/* Keeps what the still process made of it, with the hash of the file that was brought. A picture that fails
 * the gate is ERROR_INVALID with verdict and advice in the text; nothing is kept then. A photo no proposal
 * names within an hour is erased. */
json_t *photo_keep(struct site *site, const struct officer *officer, const struct enrolment *enrolment,
    const uint8_t file_hash[static HASH_SIZE], struct error *err);

/* In the caller's transaction: the officer's upload becomes the entry's photograph. `file` is the hash of the
 * file that was uploaded, as signed; NULL only on a demo site. ERROR_MISSING when there is no such upload of
 * this officer. */
bool photo_enrol(struct site *site, const char *officer, const char *entry, const char *photo,
    const char *file, struct error *err);
/* Whether photo_enrol would find it and take it for the file. */
bool photo_may_enrol(
    struct site *site, const char *officer, const char *photo, const char *file, struct error *err);
/* Whether photo_enrol would find it; gives the hash of its file. */
bool photo_is_uploaded(struct site *site, const char *officer, const char *photo,
    char file[static HEX_HASH_SIZE], struct error *err);
/* In the caller's transaction: the template of the officer's upload, which is erased. */
bool photo_take_fetched(struct site *site, const char *officer, const char *photo,
    float template[static GALLERY_TEMPLATE], struct error *err);
/* The template and hash for a gallery. ERROR_CONFLICT when another pack computed it, ERROR_CORRUPT when the
 * picture is not the one that was signed for. */
bool photo_item(
    struct site *site, const char *entry, const char *photo, struct gallery_item *out, struct error *err);
/* Its template alone, which is sealed for this photograph and pack. */
bool photo_template(struct site *site, const char *entry, const char *photo,
    float template[static GALLERY_TEMPLATE], struct error *err);
/* The picture (JPEG); owned by the caller. */
bool photo_picture(
    struct site *site, const char *entry, const char *photo, struct bytes *out, struct error *err);
/* In the caller's transaction: the rows of an entry whose key was destroyed. */
bool photo_forget(struct site *site, const char *entry, struct error *err);
/* Erases uploads that nobody used within an hour. */
bool photo_sweep(struct site *site, struct error *err);
