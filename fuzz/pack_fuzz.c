/* Bytes from outside as the text of a pack.ini. */
#include "face/model.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 64 * 1024)
        return 0;
    AUTO(text) char *text = memory_allocate(size + 1, 1);
    struct error err = {0};
    memcpy(text, data, size);
    AUTO(pack) struct pack *pack = pack_parse(text, "pack.ini", &err);
    if (!pack && err.code == ERROR_NONE)
        abort();
    bool rfb = pack && pack->decoder == DECODER_RFB;
    if (pack && (rfb ? pack->rfb.stride_count : pack->grid.stride_count) < 1)
        abort();
    if (pack && (rfb ? pack->rfb.strides[0] : pack->grid.strides[0]) < 1)
        abort();
    if (pack && !rfb && (pack->grid.anchors < 1 || (!pack->grid.has_points && !pack->has_landmarks)))
        abort();
    return 0;
}
