/* A camera's address with the host as a number: the feed, once locked up, can look up no names. */
#pragma once

#include "base/memory.h"

/* "rtsp://camera.example:8554/main" to "rtsp://192.0.2.7:8554/main". May wait for the name service. A
 * webcam's stays as it is. */
bool address_resolve(const char *address, char *out, size_t room, struct error *err);

/* "/dev/video0" of a webcam's address, within it; NULL for a camera of the network. */
const char *address_device(const char *address);

/* The port that the address names, or its scheme's. */
uint16_t address_port(const char *address);
