// SPDX-License-Identifier: Apache-2.0
#define BODY "product_body.h"
#include "both.h"
