/* Where things are on mps3-an547 as these tests use it; cortex_m55.ld has the same. */
#ifndef MEMORY_MAP_H
#define MEMORY_MAP_H

#define CASE_MARK 0x31000000u
#define CASE_STACK 0x31000010u
#define CASE_STACK_TOP 0x31080000u
#define CASE_COUNTER 0x58101000u
#define CASE_CODE 0x70000000u
#define CASE_DATA 0x71000000u
#define CASE_ARENA 0x72000000u

#endif
