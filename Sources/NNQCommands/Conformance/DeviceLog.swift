// SPDX-License-Identifier: Apache-2.0
import NNQFiles
import NNQFormat

/// What a port of the runtime printed about the models that it ran, among whatever else it printed.
struct DeviceLog {
  /// A layer of one vector, and the image by the checksum in its header.
  struct Place: Hashable {
    let image: UInt32
    let vector: UInt32
    /// Or the number of a kernel.
    let layer: UInt32
  }

  /// The status that the loader gave to an image; 0 for one that it took.
  private(set) var statuses: [UInt32: UInt32] = [:]
  /// Every digest that was printed; a port that computes the same twice has one.
  private(set) var layers: [Place: Set<UInt32>] = [:]
  private(set) var kernels: [Place: Set<UInt32>] = [:]

  var isEmpty: Bool { statuses.isEmpty && layers.isEmpty }

  /// More than a device that runs every model of the kit some hundred times writes.
  static let largestFile = 1 << 26

  init(_ path: String) throws(Failure) {
    let bytes = try naming(path) { try readFile(path, limit: Self.largestFile) }
    self.init(bytes)
    guard !isEmpty else {
      throw Failure(
        .badInput, "\(named(path)): no line of a device with digests",
        hint: "firmware-runtime/conform/conform.c prints them")
    }
  }

  /// Takes any bytes; what is no whole line of a device is passed over.
  init(_ bytes: [UInt8]) {
    for line in bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
      let words = line.split(separator: 0x20, omittingEmptySubsequences: true).suffix(5)
      for (at, word) in words.enumerated() {
        let numbers = words.dropFirst(at + 1).map(Self.number)
        if word.elementsEqual("nnq-load".utf8), numbers.count == 2,
          let image = numbers[0], let status = numbers[1]
        {
          // One refusal is a fault, whatever else the port said of the image.
          if statuses[image, default: 0] == 0 { statuses[image] = status }
        }
        guard
          numbers.count == 4, let image = numbers[0], let vector = numbers[1],
          let layer = numbers[2], let digest = numbers[3]
        else { continue }
        let place = Place(image: image, vector: vector, layer: layer)
        if word.elementsEqual("nnq-layer".utf8) { layers[place, default: []].insert(digest) }
        if word.elementsEqual("nnq-kernel".utf8) { kernels[place, default: []].insert(digest) }
      }
    }
  }

  /// A number of eight hexadecimal digits.
  private static func number(_ word: ArraySlice<UInt8>) -> UInt32? {
    guard word.count == 8, word.allSatisfy(isAlphanumeric) else { return nil }
    return UInt32(String(decoding: word, as: UTF8.self), radix: 16)
  }

  // MARK: - Judging

  /// The first thing that is wrong with what a port computed; nil when it computed all and the same.
  ///
  /// The first wrong layer is that of the lowest index for any vector: what it hands on makes later
  /// ones wrong.
  ///
  /// - Parameter checksum: of the image that ran, which may be arranged for a CPU.
  func fault(in expected: ExpectedLayers, checksum: UInt32) -> String? {
    guard names(checksum) else { return "not in the log" }
    let status = statuses[checksum, default: 0]
    guard status == 0 else { return "the device refuses the image with status \(status)" }
    for layer in expected.image.layers.indices {
      for vector in expected.codes.indices {
        let place = Place(image: checksum, vector: UInt32(vector), layer: UInt32(layer))
        let wanted = expected.digest(vector: vector, layer: layer)
        if let fault = fault(layers[place] ?? [], wanted) {
          return "\(expected.name(ofLayer: layer)), vector \(vector): \(fault)"
        }
      }
    }
    let last = expected.image.layers.count - 1
    let others = kernels.filter { $0.key.image == checksum && $0.key.vector < expected.codes.count }
    let wrong = others.filter { place, found in
      fault(found, expected.digest(vector: Int(place.vector), layer: last)) != nil
    }
    return wrong.keys.min { ($0.layer, $0.vector) < ($1.layer, $1.vector) }.map {
      "kernel \($0.layer), vector \($0.vector): other outputs than the reference"
    }
  }

  /// Whether the port said anything of an image.
  func names(_ checksum: UInt32) -> Bool {
    statuses[checksum] != nil || layers.keys.contains { $0.image == checksum }
  }

  private func fault(_ found: Set<UInt32>, _ wanted: UInt32) -> String? {
    guard !found.isEmpty else { return "not in the log" }
    return found.filter { $0 != wanted }.min().map {
      "digest \(hexadecimal($0)) where the reference gives \(hexadecimal(wanted))"
    }
  }
}
