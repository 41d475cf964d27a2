/* Channels side by side become planes: the bytes of one channel in a row, for kernels that multiply
 * many values of the same channel in one instruction.
 *
 * 16 channels are taken at a time, from pixels side by side to 16 planes of a size that the call
 * gives, a multiple of 4 bytes.
 *
 * The table `units` says which windows a round of dot products takes. An entry is 9 numbers of 16
 * bits: the position in the plane where the first window begins (signed), and the offsets of the 8
 * outputs, in bytes.
 */
#ifndef FW_MVE_PLANES_H
#define FW_MVE_PLANES_H

#include <stdint.h>

#include "mve_copy.h"
#include "mve_records.h"

/* Room to read before the first plane: a round whose only output is its last begins up to 7 columns
 * of two words before it. */
#define FW_MVE_PLANES_FRONT 64
/* Room to read behind the last one: its last window may begin at its last word. */
#define FW_MVE_PLANES_BACK 16

#endif
