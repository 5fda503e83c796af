// SPDX-License-Identifier: Apache-2.0
#define BODY "activation_body.h"
#include "both.h"
