// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat
import NNQReference
import NNQRuntime

/// Times models side by side: all in turn, again and again, so that a noisy moment hits all alike.
final class Benchmark {
  struct Result {
    let model: String
    let kernel: String
    let batch: Int
    /// For a whole batch.
    let minimum: Double
    let median: Double
    let ramBytes: Int?

    var json: JSON {
      [
        "model": .string(model), "target": "host", "kernel": .string(kernel),
        "batch": .integer(batch), "ns_min": .number(minimum), "ns_median": .number(median),
        "instructions": nil, "text_bytes": nil, "ram_bytes": JSON(ramBytes), "stack_bytes": nil,
      ]
    }

    var cells: [String] {
      [
        model, kernel, "\(batch)", Format.time(seconds: minimum / 1e9),
        Format.time(seconds: median / 1e9), Format.time(seconds: minimum / 1e9 / Double(batch)),
        ramBytes.map(Format.bytes) ?? "",
      ]
    }
  }

  /// Rounds over all subjects; the median is over rounds.
  private static let rounds = 15
  /// A timed stretch is made of so many calls that it lasts about this long.
  private static let stretch: UInt64 = 2_000_000

  private let subjects: [any BenchmarkSubject]

  init(
    _ inputs: [ModelInput], batches: [Int], kernels: [KernelChoice]
  ) throws(Failure) {
    var subjects: [any BenchmarkSubject] = []
    for input in inputs {
      for batch in batches {
        let image: FlatImage
        switch input.model {
        case .float(let model):
          subjects.append(FloatSubject(input.path, model, batch))
          continue
        case .int8(let model): image = model.image
        case .image(let own): image = own
        }
        for kernel in kernels {
          subjects.append(
            try naming(input.path) { try Int8Subject(input.path, image, batch, kernel) })
        }
      }
    }
    self.subjects = subjects
  }

  func measure() -> [Result] {
    let calls = subjects.map { subject in
      let once = time(subject, calls: 1)
      return max(Int(Self.stretch / max(min(once, time(subject, calls: 1)), 1)), 1)
    }
    var times = subjects.map { _ in [Double]() }
    for _ in 0..<Self.rounds {
      for (index, subject) in subjects.enumerated() {
        times[index].append(
          Double(time(subject, calls: calls[index])) / Double(calls[index]))
      }
    }
    return zip(subjects, times).map { subject, times in
      let sorted = times.sorted()
      return Result(
        model: subject.path, kernel: subject.kernel, batch: subject.batch, minimum: sorted[0],
        median: sorted[sorted.count / 2], ramBytes: subject.ramBytes)
    }
  }

  private func time(_ subject: any BenchmarkSubject, calls: Int) -> UInt64 {
    let start = monotonicNanoseconds()
    for _ in 0..<calls { subject.run() }
    return monotonicNanoseconds() - start
  }
}

/// One model with one batch of input.
private protocol BenchmarkSubject: AnyObject {
  var path: String { get }
  var kernel: String { get }
  var batch: Int { get }
  var ramBytes: Int? { get }
  func run()
}

private final class FloatSubject: BenchmarkSubject {
  let path: String
  let kernel = "float32"
  let batch: Int
  let ramBytes: Int? = nil
  private let inference: FloatInference
  private let rows: [[Float]]
  private var last: [Float] = []

  init(_ path: String, _ model: FloatModel, _ batch: Int) {
    self.path = path
    self.batch = batch
    inference = FloatInference(model)
    var random = RandomSource(seed: 1)
    rows = (0..<batch).map { _ in (0..<model.inputs).map { _ in Float(random.uniform() * 2 - 1) } }
  }

  func run() {
    for row in rows { last = inference.run(row) }
  }
}

private final class Int8Subject: BenchmarkSubject {
  let path: String
  var kernel: String { runtime.kernel }
  let batch: Int
  let ramBytes: Int?
  private var runtime: FirmwareRuntime
  private let input: [Int16]
  private let narrowInput: [Int8]
  private var output: [Int16]
  private var narrowOutput: [Int8]

  init(_ path: String, _ image: FlatImage, _ batch: Int, _ kernel: KernelChoice) throws {
    self.path = path
    self.batch = batch
    let runtime = try FirmwareRuntime(image: try image.serialized(), kernel: kernel)
    ramBytes = runtime.ramBytes
    self.runtime = runtime
    var random = RandomSource(seed: 1)
    let range = image.inputWidth.range
    input = (0..<batch * image.inputs).map { _ in
      Int16(range.lowerBound + random.below(range.count))
    }
    narrowInput = image.inputWidth == .eight ? input.map { Int8($0) } : []
    output = Array(repeating: 0, count: batch * image.outputs.count)
    narrowOutput = Array(repeating: 0, count: output.count)
  }

  func run() {
    // Taken out and put back, so that the spans borrow locals and nothing is copied.
    var wide: [Int16] = []
    var narrow: [Int8] = []
    swap(&wide, &output)
    swap(&narrow, &narrowOutput)
    let (wideInput, narrowInput) = (input, narrowInput)
    switch (runtime.inputBits, runtime.outputBits) {
    case (8, 8):
      var span = narrow.mutableSpan
      runtime.run(rows: batch, input: narrowInput.span, output: &span)
    case (8, _):
      var span = wide.mutableSpan
      runtime.run(rows: batch, input: narrowInput.span, output: &span)
    case (_, 8):
      var span = narrow.mutableSpan
      runtime.run(rows: batch, input: wideInput.span, output: &span)
    default:
      var span = wide.mutableSpan
      runtime.run(rows: batch, input: wideInput.span, output: &span)
    }
    swap(&wide, &output)
    swap(&narrow, &narrowOutput)
  }
}
