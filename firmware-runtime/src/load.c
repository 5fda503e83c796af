/* SPDX-License-Identifier: Apache-2.0 */
#include "nnq.h"
typedef int nnq_placeholder;
