/* stack.h - paths of folders that are still to be listed, the last one first */
#ifndef AGENT_STACK_H
#define AGENT_STACK_H

#include <ward/base.h>

struct stack {
	char **at;
	size_t count, room;
};

/* A copy; false without memory. */
bool stack_push(struct stack *stack, const char *path) WARD_MUST_USE;
/* From malloc, the caller's; NULL when there is none left. */
char *stack_pop(struct stack *stack);
void stack_free(struct stack *stack);

#endif
