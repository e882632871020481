/* driver - driver.py as bytes of the library */
#include "driver.h"

__asm__(".pushsection .rodata\n"
	"driver_python_text: .incbin \"lib/driver.py\"\n"
	"driver_python_end:\n"
	".popsection");
extern const char driver_python_text[], driver_python_end[];

struct span driver_python(void)
{
	return (struct span){ driver_python_text, (size_t)(driver_python_end - driver_python_text) };
}
