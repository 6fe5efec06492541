/*
 * banned.h - functions this project does without (force-included everywhere)
 *
 * Each has no bound, hidden state, or no way to report failure.
 */
#ifndef BANNED_H
#define BANNED_H

/* Included first: their declarations must be read before the names are taken away. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#undef strcpy
#undef strcat
#undef sprintf
#undef vsprintf
#undef strtok
#undef strncpy
#undef atoi
#undef atol
#undef atof
#undef gets
#undef gmtime
#undef localtime
#undef asctime
#undef ctime
#undef system

#define strcpy(...)    banned_function_strcpy
#define strcat(...)    banned_function_strcat
#define sprintf(...)   banned_function_sprintf
#define vsprintf(...)  banned_function_vsprintf
#define strtok(...)    banned_function_strtok
#define strncpy(...)   banned_function_strncpy
#define atoi(...)      banned_function_atoi
#define atol(...)      banned_function_atol
#define atof(...)      banned_function_atof
#define gets(...)      banned_function_gets
#define gmtime(...)    banned_function_gmtime
#define localtime(...) banned_function_localtime
#define asctime(...)   banned_function_asctime
#define ctime(...)     banned_function_ctime
#define system(...)    banned_function_system

#endif
