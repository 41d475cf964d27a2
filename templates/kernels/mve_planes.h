/* Channels side by side become planes: the bytes of one channel in a row, for kernels that multiply
 * many values of the same channel in one instruction.
 *
 * 16 channels are taken at a time, from an image of pixels of 16 bytes each to 16 planes of
 * FW_MVE_PLANE bytes.
 */
#ifndef FW_MVE_PLANES_H
#define FW_MVE_PLANES_H

#include <stdint.h>

#include "mve_copy.h"
#include "mve_records.h"

/* Bytes of a plane, as a string for assembly. The largest for which three planes are reached by the
 * immediate offset of a scatter store, 508. */
#define FW_MVE_PLANE "168"
#define FW_MVE_PLANE_BYTES 168
/* Room to read before the first plane: a round whose only output is its last begins up to 7 columns
 * of two words before it. */
#define FW_MVE_PLANES_FRONT 64
#define FW_MVE_PLANES_BYTES (FW_MVE_PLANES_FRONT + 16 * FW_MVE_PLANE_BYTES + 48) /* and after */

#endif
