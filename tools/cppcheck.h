/* What cppcheck does not know of jansson. */
#define json_array_foreach(array, index, value) for (index = 0, value = NULL; value; index++)
