// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQGateway

exit(runDaemon(Array(CommandLine.arguments.dropFirst())))
