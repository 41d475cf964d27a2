/* The memory functions that CMSIS-NN calls, which the platform has; there is no libc. */
#ifndef FW_STRING_H
#define FW_STRING_H

#include "fw_memory.h"

#endif
