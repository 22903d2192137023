#include "video/jpeg.h"

#include <limits.h>
#include <turbojpeg.h>

static inline void codec_auto(tjhandle *slot)
{
    if (*slot)
        tjDestroy(*slot);
}
static inline void coded_auto(unsigned char **slot)
{
    if (*slot)
        tjFree(*slot);
}

static bool jpeg_broken(tjhandle codec, struct error *err)
{
    return fail(err, ERROR_CORRUPT, "a damaged JPEG picture (%s)", tjGetErrorStr2(codec));
}

bool jpeg_read(const void *bytes, size_t size, struct image *out, struct error *err)
{
    if (size == 0)
        return fail(err, ERROR_INVALID, "empty, so not a JPEG picture");
    const uint8_t *start = bytes;
    if (size < 4 || start[0] != 0xFF || start[1] != 0xD8)
        return fail(err, ERROR_INVALID, "not a JPEG picture");
    AUTO(codec) tjhandle codec = tjInitDecompress();
    if (!codec)
        return fail(err, ERROR_SYSTEM, "the JPEG decoder does not start: %s", tjGetErrorStr2(NULL));
    int width = 0;
    int height = 0;
    int subsampling = 0;
    int colours = 0;
    if (tjDecompressHeader3(codec, bytes, size, &width, &height, &subsampling, &colours) != 0)
        return jpeg_broken(codec, err);
    if (width < 1 || height < 1)
        return fail(err, ERROR_CORRUPT, "a JPEG picture without a frame: it was cut short");
    AUTO(image) struct image image = {NULL, 0, 0, 0};
    if (!image_init(&image, width, height, err))
        return false;
    if (colours == TJCS_CMYK || colours == TJCS_YCCK)
        return fail(err, ERROR_INVALID, "a JPEG picture in printer's colours (CMYK): save it as RGB");
    /* A warning is data that is not what was written: half a face is not guessed. */
    int flags = TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS | TJFLAG_ACCURATEDCT;
    if (tjDecompress2(codec, bytes, size, image.rgb, width, image.stride, height, TJPF_RGB, flags) != 0)
        return jpeg_broken(codec, err);
    *out = image;
    image = (struct image){NULL, 0, 0, 0};
    return true;
}

bool jpeg_write(const struct image *image, int quality, struct bytes *out, struct error *err)
{
    if (quality < 1 || quality > 100)
        return fail(err, ERROR_INVALID, "a JPEG quality is 1 to 100, not %d", quality);
    AUTO(codec) tjhandle codec = tjInitCompress();
    if (!codec)
        return fail(err, ERROR_SYSTEM, "the JPEG encoder does not start: %s", tjGetErrorStr2(NULL));
    int subsampling = quality < 90 ? TJSAMP_420 : TJSAMP_444;
    AUTO(coded) unsigned char *coded = NULL;
    unsigned long size = 0;
    if (tjCompress2(codec, image->rgb, image->width, image->stride, image->height, TJPF_RGB, &coded, &size,
            subsampling, quality, TJFLAG_ACCURATEDCT) != 0)
        return fail(err, ERROR_SYSTEM, "the picture cannot be written as JPEG (%s)", tjGetErrorStr2(codec));
    *out = bytes_copy(coded, size);
    memory_wipe(coded, size);
    return true;
}
