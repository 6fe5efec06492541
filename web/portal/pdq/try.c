/* Does this machine make WebAssembly modules, with a C library and the compiler's own functions? */
#include <stdlib.h>

__attribute__((export_name("try"))) void *try(size_t count, double factor);

void *try(size_t count, double factor)
{
	return malloc((size_t)((double)count * factor));
}
