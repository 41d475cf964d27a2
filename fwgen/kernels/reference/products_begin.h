/* Names of the element type that the includer chooses by FW_PRODUCTS_S8, FW_PRODUCTS_S16 (sums of
 * 64 bits), FW_PRODUCTS_S16_S32 (of 32 bits) or FW_PRODUCTS_F32. FW_TYPED makes the name of a
 * function that is only for it. products_end.h forgets them.
 */
#if defined FW_PRODUCTS_S8
#define FW_ELEMENT int8_t
#define FW_WEIGHT int8_t
#define FW_SUM int32_t
#define FW_SCALING fw_scaling
#define FW_PRODUCT fw_product_s8
#define FW_WITH_BIAS fw_with_bias_s32
#define FW_OUTPUT_OF fw_output_s8
#define FW_TYPED(name) name##_s8
#elif defined FW_PRODUCTS_S16
#define FW_ELEMENT int16_t
#define FW_WEIGHT int8_t
#define FW_SUM int64_t
#define FW_SCALING fw_scaling
#define FW_PRODUCT fw_product_s16
#define FW_WITH_BIAS fw_with_bias_s64
#define FW_OUTPUT_OF fw_output_s16
#define FW_TYPED(name) name##_s16
#elif defined FW_PRODUCTS_S16_S32
#define FW_ELEMENT int16_t
#define FW_WEIGHT int8_t
#define FW_SUM int32_t
#define FW_SCALING fw_scaling
#define FW_PRODUCT fw_product_s16
#define FW_WITH_BIAS fw_with_bias_s32
#define FW_OUTPUT_OF fw_output_s16_s32
#define FW_TYPED(name) name##_s16_s32
#else
#define FW_ELEMENT float
#define FW_WEIGHT float
#define FW_SUM float
#define FW_SCALING fw_bounds
#define FW_PRODUCT fw_product_f32
#define FW_WITH_BIAS fw_with_bias_f32
#define FW_OUTPUT_OF fw_output_f32
#define FW_TYPED(name) name##_f32
#endif
