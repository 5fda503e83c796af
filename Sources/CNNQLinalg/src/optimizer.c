// SPDX-License-Identifier: Apache-2.0
#define BODY "optimizer_body.h"
#include "both.h"
