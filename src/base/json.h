/* JSON from outside and canonical JSON.
 *
 * Canonical: UTF-8, keys sorted by code point, no white space, integers only (no reals: thresholds, places
 * and scores are scaled integers such as threshold_e6), strings escaped as jansson does. Signatures and log
 * leaves are made over canonical bytes. */
#pragma once

#include "base/memory.h"

#include <jansson.h>

AUTO_FREE(json, json_t *, json_decref)

/* At most `limit` bytes, at most 32 levels, UTF-8, no duplicate keys. NULL with ERROR_INVALID or
 * ERROR_TOO_LARGE. */
json_t *json_read(const char *bytes, size_t size, size_t limit, struct error *err);

/* Heap text, the caller owns it; NULL with ERROR_INVALID when the value holds a real number. */
char *json_canonical(const json_t *value, struct error *err);

/* Fields by name with the type checked; the error names the field. Borrowed from `object`. */
bool json_need_text(const json_t *object, const char *field, const char **out, struct error *err);
bool json_need_integer(const json_t *object, const char *field, int64_t *out, struct error *err);
bool json_need_array(const json_t *object, const char *field, const json_t **out, struct error *err);
bool json_need_object(const json_t *object, const char *field, const json_t **out, struct error *err);
/* A field of exactly 2 × size hex digits. */
bool json_need_hex(const json_t *object, const char *field, void *bytes, size_t size, struct error *err);
/* Fails when the object has a field that is not in the NULL-ended list: unknown fields are refused, not
 * ignored. */
bool json_only_fields(const json_t *object, const char *const *names, struct error *err);
