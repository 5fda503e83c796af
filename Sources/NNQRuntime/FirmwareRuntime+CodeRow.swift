// SPDX-License-Identifier: Apache-2.0
import CNNQRuntime

/// One row at a time, with no allocation. A row of another model's shape is a bug of the caller.
extension FirmwareRuntime {
  /// A row for input codes.
  public func makeInput() -> CodeRow { CodeRow(count: inputs, bits: inputBits) }
  /// A row for output codes.
  public func makeOutput() -> CodeRow { CodeRow(count: outputs, bits: outputBits) }

  /// Computes the output codes of one row.
  public mutating func run(_ input: CodeRow, into output: inout CodeRow) {
    checkInput(input)
    checkOutput(output)
    unsafe withUnsafePointer(to: model) { model in
      unsafe input.memory.withUnsafeBytes { x in
        unsafe output.memory.withUnsafeMutableBytes { y in
          let status = unsafe nnq_run_batch(
            model, packed.isEmpty ? nil : packed.baseAddress, 1, x.baseAddress, y.baseAddress,
            arena.baseAddress, arena.count)
          precondition(status == NNQ_OK, "the buffers were checked above")
        }
      }
    }
  }

  /// As ``label(of:)-([Int16])``.
  public func label(of output: CodeRow) -> (label: Int, margin: Int64)? {
    checkOutput(output)
    var label: UInt32 = 0
    var margin: Int64 = 0
    let status = unsafe withUnsafePointer(to: model) { model in
      unsafe output.memory.withUnsafeBytes {
        unsafe nnq_class(model, $0.baseAddress, &label, &margin)
      }
    }
    return status == NNQ_OK ? (Int(label), margin) : nil
  }

  /// As ``flags(of:)``: 1 for each output that reaches its threshold; false for another task.
  ///
  /// - Shape: `flags` and `margins` are `[outputs]`.
  public func flags(
    of output: CodeRow, into flags: inout [UInt8], margins: inout [Int64]
  ) -> Bool {
    checkOutput(output)
    precondition(flags.count == outputs && margins.count == outputs, "not one row of flags")
    let status = unsafe withUnsafePointer(to: model) { model in
      unsafe output.memory.withUnsafeBytes {
        unsafe nnq_flags(model, $0.baseAddress, &flags, &margins)
      }
    }
    return status == NNQ_OK
  }

  /// As ``score(of:output:)-([Int16],_)``.
  public func score(of input: CodeRow, output: CodeRow) -> Int64? {
    checkInput(input)
    checkOutput(output)
    var score: Int64 = 0
    let status = unsafe withUnsafePointer(to: model) { model in
      unsafe input.memory.withUnsafeBytes { x in
        unsafe output.memory.withUnsafeBytes { y in
          unsafe nnq_score(model, x.baseAddress, y.baseAddress, &score)
        }
      }
    }
    return status == NNQ_OK ? score : nil
  }

  /// As ``codes(ofCounts:)``; false when the image declares no counts.
  ///
  /// - Shape: `counts` is `[inputs]`.
  public func quantize(counts: [Int32], into input: inout CodeRow) -> Bool {
    checkInput(input)
    precondition(counts.count == inputs, "not one row of counts")
    let status = unsafe withUnsafePointer(to: model) { model in
      unsafe input.memory.withUnsafeMutableBytes {
        unsafe nnq_quantize_counts(model, counts, $0.baseAddress)
      }
    }
    return status == NNQ_OK
  }

  // MARK: -

  private func checkInput(_ row: CodeRow) {
    precondition(row.count == inputs && row.bits == inputBits, "not one row of input codes")
  }

  private func checkOutput(_ row: CodeRow) {
    precondition(row.count == outputs && row.bits == outputBits, "not one row of output codes")
  }
}
