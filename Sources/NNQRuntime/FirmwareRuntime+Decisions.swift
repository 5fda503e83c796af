// SPDX-License-Identifier: Apache-2.0
import CNNQRuntime

extension FirmwareRuntime {
  /// The class of output codes, and how many codes it is from another; nil for a task that is
  /// neither binary nor multiclass.
  ///
  /// - Range: binary: 0 or 1, the margin is code - threshold; multiclass: the lowest index of the
  ///   highest code, the margin is highest - second highest.
  public func label(of output: [Int16]) -> (label: Int, margin: Int64)? {
    var label: UInt32 = 0
    var margin: Int64 = 0
    let status = unsafe withOutput(output) { model, y in
      unsafe nnq_class(model, y, &label, &margin)
    }
    return status == NNQ_OK ? (Int(label), margin) : nil
  }

  /// Whether each output reaches its threshold, and its code - threshold; nil for a task that is not
  /// multilabel.
  public func flags(of output: [Int16]) -> (flags: [Bool], margins: [Int64])? {
    var flags = [UInt8](repeating: 0, count: outputs)
    var margins = [Int64](repeating: 0, count: outputs)
    let status = unsafe withOutput(output) { model, y in
      unsafe nnq_flags(model, y, &flags, &margins)
    }
    return status == NNQ_OK ? (flags.map { $0 != 0 }, margins) : nil
  }

  /// The probability of each output in Q0.16, 65,535 for 1; nil when the model defines none.
  public func probabilities(of output: [Int16]) -> [UInt16]? {
    var probabilities = [UInt16](repeating: 0, count: outputs)
    let status = unsafe withOutput(output) { model, y in
      unsafe nnq_probabilities(model, y, &probabilities)
    }
    return status == NNQ_OK ? probabilities : nil
  }

  /// The anomaly score of a row: an anomaly where it is above ``scoreThreshold``; nil for another
  /// task.
  public func score(of input: [Int16], output: [Int16]) -> Int64? {
    precondition(input.count == inputs, "not one row")
    var score: Int64 = 0
    let status = unsafe withOutput(output) { model, y in
      unsafe withCodes(input, bits: inputBits) { x in unsafe nnq_score(model, x, y, &score) }
    }
    return status == NNQ_OK ? score : nil
  }

  /// What a code of one output means: `real = multiplier * 2^exponent * (code - origin)`, exactly.
  public func scale(ofOutput index: Int) -> (multiplier: Int32, exponent: Int, origin: Int32) {
    precondition((0..<outputs).contains(index), "no such output")
    var scale = nnq_scale()
    unsafe withUnsafePointer(to: model) { model in
      _ = unsafe nnq_output_scale(model, UInt32(index), &scale)
    }
    return (scale.multiplier, Int(scale.exponent), scale.origin)
  }

  /// The input codes of sensor counts, one a feature; nil when the image declares none.
  public func codes(ofCounts counts: [Int32]) -> [Int16]? {
    precondition(counts.count == inputs, "not one row")
    return unsafe withScratch(codes: inputs, bits: inputBits) { x in
      let status = unsafe withUnsafePointer(to: model) { model in
        unsafe nnq_quantize_counts(model, counts, x)
      }
      return status == NNQ_OK ? unsafe array(x, count: inputs, bits: inputBits) : nil
    }
  }

  private func withOutput(
    _ output: [Int16],
    _ body: (UnsafePointer<nnq_model>, UnsafeRawPointer) -> nnq_status
  ) -> nnq_status {
    precondition(output.count == outputs, "not one row")
    return unsafe withCodes(output, bits: outputBits) { y in
      unsafe withUnsafePointer(to: model) { model in unsafe body(model, y) }
    }
  }
}
