// SPDX-License-Identifier: Apache-2.0

/// Runs the daemon with the words of a command line; returns the exit code.
public func runDaemon(_ words: [String]) -> Int32 {
  var configuration = Configuration()
  configuration.readsStandardInput = true
  var rest = words[...]
  while let w = rest.popFirst() {
    if w == "--model" { configuration.model = rest.popFirst() }
    if w == "--socket" {
      configuration.socket = rest.popFirst(); configuration.readsStandardInput = false
    }
  }
  do throws(GatewayError) {
    try Daemon(configuration).run()
    return 0
  } catch {
    print(error)
    return 1
  }
}
