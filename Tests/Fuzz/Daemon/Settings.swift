// SPDX-License-Identifier: Apache-2.0
@testable import NNQGateway

/// A configuration of any text is taken or refused with the place, and a sentence for people.
func fuzzSettings(_ bytes: [UInt8]) {
  do throws(GatewayError) {
    let configuration = try Configuration(parsing: String(decoding: bytes, as: UTF8.self))
    try configuration.check()
    must(configuration.trialMessages <= 1_000_000 && configuration.deviceLimit >= 1)
  } catch {
    must(!error.sentence.isEmpty && [2, 3, 4].contains(error.exitCode))
  }
}
