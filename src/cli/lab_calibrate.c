#include "cli/lab_command.h"

#include "base/text.h"
#include "lab/calibrate.h"

#include <stdio.h>

enum { DETECT_WIDTH = 640, DETECT_HEIGHT = 480 };

bool lab_calibrate(const struct lab_line *line, struct error *err)
{
    if (line->place_count != 2)
        return fail(err, ERROR_USAGE, "calibrate needs detect or embed, and a folder");
    AUTO(pack) struct pack *pack = lab_pack(line, err);
    if (!pack)
        return false;
    int width = line->detect_width ? line->detect_width : DETECT_WIDTH;
    int height = line->detect_width ? line->detect_height : DETECT_HEIGHT;
    AUTO(text) char *ranges = calibrate(pack, line->places[0], line->places[1], width, height, err);
    if (!ranges)
        return false;
    fputs(ranges, stdout);
    return true;
}
