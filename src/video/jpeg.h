/* JPEG in and out (libturbojpeg). Bytes from outside: the header's size is checked before anything is
 * allocated. */
#pragma once

#include "video/image.h"

bool jpeg_read(const void *bytes, size_t size, struct image *out, struct error *err);
bool jpeg_write(const struct image *image, int quality, struct bytes *out, struct error *err);
