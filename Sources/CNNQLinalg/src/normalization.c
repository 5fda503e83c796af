// SPDX-License-Identifier: Apache-2.0
#define BODY "normalization_body.h"
#include "both.h"
