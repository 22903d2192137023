/* The files of web/, put into the binary at build time by tools/embed-page. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct page_file {
    const char *path; /* of the URL */
    const char *type;
    const char *etag; /* quoted: from the content's hash */
    const uint8_t *data;
    size_t size;
    const uint8_t *packed; /* gzip; NULL where it would not be smaller */
    size_t packed_size;
};

extern const struct page_file page_files[];
extern const size_t page_file_count;
extern const char page_build[]; /* which all of them are of: "?build=" of the URLs by which the page's own
                                   parts name each other */
const struct page_file *page_file_find(const char *path); /* NULL when there is none */
