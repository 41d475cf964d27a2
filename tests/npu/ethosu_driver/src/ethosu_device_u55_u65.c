/* Stand-in's device: u55_u65. */
#if !defined ETHOSU55 && !defined ETHOSU65
#error "not for this product"
#endif
#include "device.inc"
