// SPDX-License-Identifier: Apache-2.0
#define BODY "vector_body.h"
#include "both.h"
