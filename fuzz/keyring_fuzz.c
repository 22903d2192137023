/* The keyring's table, as it is read inside its seal: what is accepted is written back byte for byte. */
#include "store/keyring_table.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct keyring_table table = {0};
    struct error err = {0};
    if (!keyring_table_read(bytes, size, &table, &err))
        return 0;
    struct bytes again = keyring_table_write(&table);
    if (again.size != size || memcmp(again.data, bytes, size) != 0)
        __builtin_trap();
    bytes_free(&again);
    keyring_table_done(&table);
    return 0;
}
