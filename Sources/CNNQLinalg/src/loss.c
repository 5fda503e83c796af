// SPDX-License-Identifier: Apache-2.0
#define BODY "loss_body.h"
#include "both.h"
