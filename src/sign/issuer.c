#include "sign/site.h"

const char issuer_key[] = MIZAN_ISSUER_KEY;
