/*
 * openapi.h - the contract of the routes, as it is in api/openapi.yaml
 *
 * The build makes an array of that file, so that a daemon tells the contract
 * of its own version and no other.
 */
#ifndef API_OPENAPI_H
#define API_OPENAPI_H

#include <stddef.h>
#include <stdint.h>

extern const uint8_t openapi_yaml[];
extern const size_t openapi_yaml_len;

#endif
