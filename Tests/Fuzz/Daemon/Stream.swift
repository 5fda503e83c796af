// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQFormat

@testable import NNQGateway

private let model = try? GatewayModel(
  readFile("models/motor-fault/model.int8.bin"), name: "motor")

/// The first byte says how the rest is cut into reads. Lines and frames come out the same however it is
/// cut; a frame has one frame as its answer.
func fuzzStream(_ bytes: [UInt8]) {
  guard let model else { return must(false) }
  guard let first = bytes.first else { return }
  let input = Array(bytes.dropFirst())
  let whole = pieces(of: input, step: input.count)
  must(pieces(of: input, step: Int(first) % 64 + 1) == whole)
  guard whole.contains(where: { $0.frame != nil }) else { return }
  var engine = Engine()
  engine.use(model)
  for piece in whole {
    guard var frame = piece.frame else { continue }
    for isRepaired in [false, true] {
      if isRepaired { put(crc32c(frame.dropLast(4)), at: frame.count - 4, &frame) }
      var reply: [UInt8] = []
      engine.answer(wholeFrame: frame.span, into: &reply)
      must(reply.count >= 28 && reply[0] == Frame.magic && reply.count < 1 << 10)
      must(Envelope.word(reply, at: 4) == UInt32(reply.count))
      must(Envelope.word(reply, at: reply.count - 4) == crc32c(reply.dropLast(4)))
    }
  }
}

private struct Part: Equatable {
  var line: [UInt8]?
  var frame: [UInt8]?
  var fault: MessageFault?
}

private func pieces(of input: [UInt8], step: Int) -> [Part] {
  var stream = MessageStream()
  var parts: [Part] = []
  var rest = input[...]
  while !rest.isEmpty {
    let taken = stream.read(rest.prefix(step))
    must(taken > 0)
    rest = rest.dropFirst(taken)
    while let piece = stream.next() {
      switch piece {
      case .line(let range): parts.append(Part(line: Array(stream.buffer[range])))
      case .frame(let range): parts.append(Part(frame: Array(stream.buffer[range])))
      case .fault(let fault): parts.append(Part(fault: fault))
      }
    }
  }
  return parts
}
