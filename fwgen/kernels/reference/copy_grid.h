/* Copies pixels from places in rows and columns that do not follow one another. */
#ifndef FW_COPY_GRID_H
#define FW_COPY_GRID_H

#include <stdint.h>

typedef struct {
  int32_t images, image_bytes; /* of the input */
  int32_t rows, columns;       /* of the output */
  int32_t pixel_bytes;
} fw_copy_grid_params;

/* row_at, column_at: for each row and column of the output, where that of the input begins, in
 * bytes from the beginning of the image and of the row. */
void fw_copy_grid(const fw_copy_grid_params* p, const int32_t* row_at, const int32_t* column_at,
                  const void* input, void* output);

#endif
