/* The bound check of an ONNX file's raw protobuf bytes, before any library unpacks them. */
#pragma once

#include "base/memory.h"

/* Accepts bytes whose every field lies within its message, has its field's wire type, whose names are UTF-8,
 * whose tensors carry as many numbers as their dimensions say (data in other files is refused, and so are the
 * parts of the format that no plain network has: subgraphs, functions, training, sparse tensors). Nesting and
 * the number of fields are bounded, so unpacking takes memory in proportion to the file. */
bool wire_check_onnx(const void *onnx, size_t size, struct error *err);
