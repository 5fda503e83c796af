/* SPDX-License-Identifier: Apache-2.0 */

#include <sodium.h>

#include "nnq_slot.h"
#include "nnq_sodium.h"
