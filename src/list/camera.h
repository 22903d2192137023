/* Camera records of the site, with sealed credentials. (sign/camera.h has the signed record and its key.) A
 * record is verified against the roster each time it is read (camera_list: once, list/camera_seen.h): an
 * edited row is ERROR_CORRUPT; one whose signer counts no more is ERROR_CONFLICT, until another administrator
 * registers it again. */
#pragma once

#include "list/site.h"

extern const struct migration camera_migrations[];
extern const size_t camera_migration_count;

json_t *camera_register(
    struct site *site, const struct envelope *envelope, const char *credentials, struct error *err);
/* To an administrator with address and `tls`, which a change signs again. A record that does not count is
 * listed by itself: state "refused", why and the cure; to an administrator also what a suspended one had
 * signed. `viewer`: NULL for nobody in particular. */
json_t *camera_list(struct site *site, const struct officer *viewer, struct error *err);
bool camera_find(
    struct site *site, const char *id, struct camera *out, char credentials[static 128], struct error *err);
bool camera_find_by_key(struct site *site, const char *key_hex, struct camera *out, struct error *err);
/* ERROR_CONFLICT where the notice at the camera was last checked too long before (SAFEGUARDS 20). */
bool camera_signs_hold(struct site *site, const char *id, int64_t at_s, struct error *err);
/* {"camera", "state", "reason", "health"} as the supervisor sees it: a new reference. */
json_t *camera_health(struct site *site, const char *id);
