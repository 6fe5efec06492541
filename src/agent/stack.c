#include "agent/stack.h"

#include <stdlib.h>
#include <string.h>

bool stack_push(struct stack *stack, const char *path)
{
	if (stack->count == stack->room) {
		size_t room = stack->room ? 2 * stack->room : 64;
		char **more = realloc(stack->at, room * sizeof(*more));

		if (!more)
			return false;
		stack->at = more;
		stack->room = room;
	}
	char *copy = strdup(path);

	if (copy)
		stack->at[stack->count++] = copy;
	return copy != NULL;
}

char *stack_pop(struct stack *stack)
{
	return stack->count > 0 ? stack->at[--stack->count] : NULL;
}

void stack_free(struct stack *stack)
{
	while (stack->count > 0)
		free(stack_pop(stack));
	free(stack->at);
	*stack = (struct stack){ 0 };
}
