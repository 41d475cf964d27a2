/* Copies pixels from places in rows and columns that do not follow one another, for MVE. */
#ifndef FW_COPY_GRID_MVE_H
#define FW_COPY_GRID_MVE_H

#include "copy_grid.h"
#include "mve_required.h"

/* As fw_copy_grid. */
void fw_copy_grid_mve(const fw_copy_grid_params* p, const int32_t* row_at, const int32_t* column_at,
                      const void* input, void* output);

#endif
