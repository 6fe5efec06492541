/*
 * live_tls.h - a connection by TLS for somebody who speaks plainly
 *
 * Between a socket, on which the reader of streams speaks RTMP or RTSP as if
 * there were no TLS, and a server of rtmps or rtsps.  libcurl connects, checks
 * the certificate and the name on it, and encrypts; bytes are carried to and fro
 * here.  One thread, until either end has gone or it is told to end.
 */
#ifndef LIVE_TLS_H
#define LIVE_TLS_H

#include <curl/curl.h>
#include <stdatomic.h>

#include <ward/base.h>

/* `curl` is connected (CURLOPT_CONNECT_ONLY).  Both directions go over `fd`, a stream socket. */
void live_tls_carry(CURL *curl, int fd, const atomic_bool *closing);

#endif
