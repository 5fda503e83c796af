/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NNQ_H
#define NNQ_H
#include <stddef.h>
#include <stdint.h>
#endif
