/* double.h - included before all else where lib/lm is compiled with every float a double (tests/unit/lm_backward.c)
 *
 * Weights are read by the library in float; the test expands them. Products, threads and kernels are the test's own.
 */
#ifndef PREF_DOUBLE_H
#define PREF_DOUBLE_H

#include <math.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef float single;
#define float double
#define lm_matrix_rows lm_matrix_rows_double

#endif
