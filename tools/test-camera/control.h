/* Misbehaviour on command: a line on standard input each.
 *   NAME stall MILLISECONDS     sends nothing for so long
 *   NAME drop PICTURES          leaves the next so many out
 *   NAME garble PICTURES        damages the next so many
 *   NAME stamps right|zero|leap|fast   stamps them rightly, all the same, anywhere, as 10,000 a second
 *   NAME switch OTHER           goes on with the stream of that name, of another size perhaps
 *   NAME hang-up MILLISECONDS   ends every connection, of all streams, again and again for so long
 * A line that is none of these is answered on standard error. */
#pragma once

#include "mount.h"

struct controlled {
    const char *name;
    struct mount *mount;
};

struct control {
    GstRTSPServer *server;
    const struct controlled *streams;
    int stream_count;
    gint64 hang_up_until_us;
};

/* Reads standard input on the default main loop; `control` is borrowed for the program's life. */
void control_start(struct control *control);
