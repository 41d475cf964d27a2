/* The formats that Arm's NPU driver has in its messages, which are left out. */
#ifndef FW_INTTYPES_H
#define FW_INTTYPES_H

#include <stdint.h>

#define PRIu32 "u"
#define PRIx32 "x"
#define PRIu64 "llu"
#define PRIx64 "llx"

#endif
