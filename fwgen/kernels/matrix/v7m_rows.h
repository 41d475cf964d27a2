/* Rows of inputs that the windows of neighbours share: bytes as they are in the image. The window
 * of a pixel begins stride_w * input_c bytes after that of the pixel before it. Inputs of a kernel
 * row are a multiple of what a kernel unrolls. Of a 1x1 convolution the row is the image itself.
 */
#ifndef FW_V7M_ROWS_H
#define FW_V7M_ROWS_H

#include "row_ring.h"
#include "v7m_matrix.h"

#endif
