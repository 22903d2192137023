/* What a face could leave behind, and a search for it in another process's memory. */
#pragma once

#include "face/face.h"

#include <stddef.h>
#include <sys/types.h>

/* The clip's faces, analysed here as the watch does it: crops, pieces of pictures (RGB and luma) and
 * templates. */
struct traces;

struct traces *traces_of_clip(const char *clip, const char *pack);
void traces_free(struct traces *traces);
/* One more template to look for, counted under `templates` and, in its 8-bit forms, `quantised`. */
void traces_add_template(struct traces *traces, const float template[static TEMPLATE_LENGTH]);

struct found {
    size_t crops, pictures, templates;
    size_t quantised; /* pieces of templates in 8 bits */
    size_t searched;  /* bytes */
};

/* Stops the process while it is read (root only). A template is found at any scale: as the network gave it
 * too. */
struct found traces_find(struct traces *traces, pid_t pid);
