/* driver.h - the programs that stand between tests and candidates in the sandbox, as text
 *
 * driver.py is part of the library: what it reads and writes is in its head comment.
 */
#ifndef PREF_DRIVER_H
#define PREF_DRIVER_H

#include "base.h"

struct span driver_python(void);

#endif
