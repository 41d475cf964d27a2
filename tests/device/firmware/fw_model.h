/* What the runtime knows of a model that is made by hand. */
#ifndef FW_MODEL_H
#define FW_MODEL_H

#include "fw_types.h"

extern const fw_model_info fw_model;
extern const char fw_model_build_id[];
extern volatile int32_t fw_model_current_op;

void fw_model_invoke(void);
void fw_model_trace(int (*after)(uint32_t op));
int32_t fw_model_check(void);
int fw_model_check_constants(void);

#endif
