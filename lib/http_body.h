/* http_body.h - what every server's replies have in common: usage and error */
#ifndef PREF_HTTP_BODY_H
#define PREF_HTTP_BODY_H

#include "base.h"

/* "usage": {"prompt_tokens", "completion_tokens"}; false: not told. body: JSON that scan() accepted. */
bool http_body_usage(struct span body, double *in, double *out);
/* Does a refusal (any bytes) say that the money is used up: error.code or error.type insufficient_quota or
 * billing_hard_limit_reached? */
bool http_body_quota(struct span body);
/* What a refusal says, fit for a message: error.message, message, detail, else how the body begins. */
void http_body_reason(struct span body, struct buf *text);
/* Every occurrence of secret (NULL: none) in b becomes asterisks. */
void http_body_blot(struct buf *b, const char *secret);

#endif
