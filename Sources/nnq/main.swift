// SPDX-License-Identifier: Apache-2.0
import Glibc
import NNQCommands

exit(runCommandLine(Array(CommandLine.arguments.dropFirst())))
