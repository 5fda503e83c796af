/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NNQ_MOSQUITTO_SHIM_H
#define NNQ_MOSQUITTO_SHIM_H
#include <mosquitto.h>
#endif
