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
    /// Of a whole batch.
    let time: HostTime
    let ramBytes: Int?
    /// Where they were asked for, of an int8 model.
    let layers: [LayerTimes.Result]?

    var json: JSON {
      let rates = HostTime.members(of: time)
      return .object(
        [
          (key: "model", value: .string(model)), (key: "target", value: "host"),
          (key: "kernel", value: .string(kernel)), (key: "batch", value: .integer(batch)),
        ] + rates.prefix(2) + [
          (key: "instructions", value: nil), (key: "text_bytes", value: nil),
          (key: "ram_bytes", value: JSON(ramBytes)), (key: "stack_bytes", value: nil),
        ] + rates.dropFirst(2)
          + (layers.map { [(key: "layers", value: .array($0.map(\.json)))] } ?? []))
    }

    var cells: [String] {
      [
        model, kernel, "\(batch)", Format.time(seconds: time.minimum / 1e9),
        Format.time(seconds: time.median / 1e9),
        Format.time(seconds: time.minimum / 1e9 / Double(batch)),
      ] + time.rateCells + [ramBytes.map(Format.bytes) ?? ""]
    }

    /// A row for each layer.
    var layerCells: [[String]] {
      (layers ?? []).map { result in
        [
          model, kernel, "\(batch)", "\(result.layer.operation.name)\(result.index)",
          "\(result.layer.inputs)", "\(result.layer.outputs)",
          result.time.map { Format.time(seconds: $0.minimum / 1e9) } ?? "",
          result.time.map { Format.time(seconds: $0.median / 1e9) } ?? "",
        ] + (result.time?.rateCells ?? ["", ""])
      }
    }
  }

  /// Rounds over all subjects; the median is over rounds.
  private static let rounds = 15
  /// A timed stretch is made of so many calls that it lasts about this long.
  private static let stretch: UInt64 = 2_000_000

  private let subjects: [any BenchmarkSubject]

  init(
    _ inputs: [ModelInput], batches: [Int], kernels: [KernelChoice], isPerLayer: Bool
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
            try naming(input.path) {
              try Int8Subject(input.path, image, batch, kernel, isPerLayer: isPerLayer)
            })
        }
      }
    }
    self.subjects = subjects
  }

  func measure() -> [Result] {
    let calls = subjects.map { subject in
      let once = subject.time(calls: 1)
      return max(Int(Self.stretch / max(min(once, subject.time(calls: 1)), 1)), 1)
    }
    var times = subjects.map { _ in [Double]() }
    for _ in 0..<Self.rounds {
      for (index, subject) in subjects.enumerated() {
        subject.limit?.measure()
        times[index].append(Double(subject.time(calls: calls[index])) / Double(calls[index]))
        subject.layers?.measure(nanoseconds: Self.stretch)
      }
    }
    return zip(subjects, times).compactMap { subject, times in
      HostTime(times, macs: subject.macs, limit: subject.limitTime).map { time in
        Result(
          model: subject.path, kernel: subject.kernel, batch: subject.batch, time: time,
          ramBytes: subject.ramBytes, layers: subject.layers?.results(subject.limit))
      }
    }
  }
}

/// One model with one batch of input.
private protocol BenchmarkSubject: AnyObject {
  var path: String { get }
  var kernel: String { get }
  var batch: Int { get }
  var ramBytes: Int? { get }
  /// The multiplications of a batch, where they are counted.
  var macs: Int? { get }
  var limit: HostLimit? { get }
  /// The least nanoseconds of a batch, where they are known.
  var limitTime: Double? { get }
  var layers: LayerTimes? { get }
  /// The nanoseconds of so many batches.
  func time(calls: Int) -> UInt64
}

private final class FloatSubject: BenchmarkSubject {
  let path: String
  let kernel = "float32"
  let batch: Int
  let ramBytes: Int? = nil
  let macs: Int? = nil
  let limit: HostLimit? = nil
  let limitTime: Double? = nil
  let layers: LayerTimes? = nil
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

  func time(calls: Int) -> UInt64 {
    let start = monotonicNanoseconds()
    for _ in 0..<calls {
      for row in rows { last = inference.run(row) }
    }
    return monotonicNanoseconds() - start
  }
}

private final class Int8Subject: BenchmarkSubject {
  let path: String
  var kernel: String { whole.kernel }
  let batch: Int
  var ramBytes: Int? { whole.ramBytes }
  let limit: HostLimit?
  let layers: LayerTimes?
  private let whole: TimedBatch

  init(
    _ path: String, _ image: FlatImage, _ batch: Int, _ kernel: KernelChoice, isPerLayer: Bool
  ) throws {
    self.path = path
    self.batch = batch
    whole = try TimedBatch(image, rows: batch, kernel: kernel)
    limit = HostLimit(kernel: whole.kernel, layers: whole.layers)
    layers = isPerLayer ? try LayerTimes(image, rows: batch, kernel: kernel) : nil
  }

  var macs: Int? { batch * whole.layers.reduce(0) { $0 + $1.macs } }

  var limitTime: Double? {
    limit.map { limit in
      whole.layers.reduce(0) { $0 + limit.nanoseconds(of: $1, rows: batch) }
    }
  }

  func time(calls: Int) -> UInt64 { whole.nanoseconds(calls: calls) }
}
