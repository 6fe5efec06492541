/*
 * ward-worker-disk - reads partitions and file systems of a disk image, in a jail
 *
 * Started by `ward disk` with a socket and shared memory and nothing else; all
 * of it is in disk/work.h.
 */
#include "disk/work.h"

int main(void)
{
	return work_main();
}
