/* SPDX-License-Identifier: Apache-2.0 */

/* For Arduino, whose include path is this folder. */

#include "../include/nnq.h"
