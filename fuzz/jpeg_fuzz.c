/* Bytes from outside as a picture: jpeg_read either fills a picture inside the limits or leaves it alone. */
#include "video/jpeg.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(image) struct image image = {NULL, 0, 0, 0};
    struct error err = {0};
    bool read = jpeg_read(data, size, &image, &err);
    if (read ? !image.rgb || image.width > IMAGE_SIDE_LIMIT || image.height > IMAGE_SIDE_LIMIT
             : image.rgb || err.code == ERROR_NONE)
        abort();
    return 0;
}
