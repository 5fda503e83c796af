/* SPDX-License-Identifier: Apache-2.0 */

#include "nnq_slot.h"
#include "nnq_sodium.h"
