// SPDX-License-Identifier: Apache-2.0
import NNQData
import NNQFormat

/// Small models that make a port of the runtime compute everything that the format can ask for, with
/// the codes that each layer must hand on. The same bytes come out of every build.
enum ConformanceKit {
  struct Model {
    let name: String
    /// With its vectors.
    let image: FlatImage
  }

  /// Every operation with every width, table and end of a range, then layers in a random order.
  static func models() -> [Model] {
    denseModels() + endModels() + normModels() + addModels() + gateModels() + mixedModels()
  }

  /// What a kit's folder holds, by name.
  ///
  /// - Throws: ``ModelFormatError``, were a model outside the format.
  static func files() throws -> [(name: String, bytes: [UInt8])] {
    var files: [(name: String, bytes: [UInt8])] = [("README.txt", Array(readme.utf8))]
    var together: [UInt8] = []
    for model in models() {
      let bytes = try model.image.serialized()
      together += bytes
      files.append(("\(model.name).bin", bytes))
      files.append(("\(model.name).tsv", Array(ExpectedLayers(model.image).table.utf8)))
    }
    return files + [("kit.bin", together)]
  }

  /// What files of a kit of any version begin with, by name.
  static let marks: [(name: String, start: [UInt8])] = [
    ("README.txt", Array(title.utf8)), ("kit.bin", Envelope.magic),
  ]

  private static let widths: [CodeWidth] = [.eight, .sixteen]

  // MARK: - Models

  /// Rows of 1 to 257 weights, so that every end of a vector loop is met.
  private static func denseModels() -> [Model] {
    var models: [Model] = []
    for weights in [WeightWidth.eight, .four] {
      for taken in widths {
        for given in widths {
          models.append(
            model("dense-w\(weights.rawValue)-i\(taken.rawValue)-o\(given.rawValue)", 7, taken) {
              for (index, outputs) in [1, 2, 3, 5, 8, 9, 15, 16, 17, 31, 33, 5].enumerated() {
                $0.dense(outputs, index.isMultiple(of: 2) ? given : taken, weights: weights)
              }
            })
        }
        models.append(
          model("dense-w\(weights.rawValue)-i\(taken.rawValue)-long", 257, taken) {
            $0.dense(18, .eight, weights: weights)
            $0.dense(65, .sixteen, weights: weights)
            $0.dense(7, .eight, weights: weights)
          })
      }
    }
    for taken in widths {
      models.append(
        model("dense-tables-i\(taken.rawValue)", 9, taken) {
          $0.dense(13, .eight, table: .eight)
          $0.dense(12, .sixteen, table: .sixteen)
          $0.dense(11, .eight, weights: .four, table: .sixteen)
          $0.dense(10, .sixteen, table: .sixteen)
        })
    }
    return models
  }

  /// Rows at the ends: each shift with both ends of the multiplier, sums of almost 2^31, zero points
  /// and clamps.
  private static func endModels() -> [Model] {
    let multipliers = FixedPointMultiplier.multipliers
    let shifts = FixedPointMultiplier.shifts.flatMap { shift in
      [multipliers.lowerBound, multipliers.upperBound].map { multiplier in
        // A sum whose scaled value has some bits: bias and weights grow with the shift.
        let size = max(shift - 27, 0)
        let weight = Int8(1 << min(max(size - 6, 0), 6))
        return ConformanceRow(
          bias: shift.isMultiple(of: 2) ? 1 << min(size, 30) : -(1 << min(size, 30)),
          multiplier: multiplier, shift: shift, weights: [weight, -weight, weight])
      }
    }
    // 516 * 127 + 3 = 65,535 codes of 2^15 and a bias of 32,767 make 2^31 - 1.
    let full = [Int8](repeating: 127, count: 516) + [3]
    let bound = [(1, full), (-1, full.map { -$0 }), (-1, full), (1, full.map { -$0 })].map {
      ConformanceRow(bias: 32_767 * $0.0, multiplier: .max, shift: 47, weights: $0.1)
    }
    func identity(_ size: Int, _ shift: Int) -> [ConformanceRow] {
      (0..<size).map { row in
        ConformanceRow(
          bias: 0, multiplier: 1 << 30, shift: shift,
          weights: (0..<size).map { $0 == row ? 64 : $0 == (row + 1) % size ? -31 : 0 })
      }
    }
    return [
      model("shifts-o8", 3, .eight) { $0.dense(shifts, .eight) },
      model("shifts-o16", 3, .sixteen) { $0.dense(shifts, .sixteen) },
      model("sums", 517, .sixteen) { $0.dense(bound, .sixteen) },
      model("zero-points", 6, .eight) {
        $0.dense(identity(6, 36), .eight, zeroPoint: -128)
        $0.dense(identity(6, 36), .eight, zeroPoint: 127)
        $0.dense(identity(6, 36), .eight, zeroPoint: -3, clamp: -3...127)
        $0.dense(identity(6, 36), .eight, zeroPoint: 5, clamp: 4...5)
        $0.dense(identity(6, 36), .eight, zeroPoint: 0, clamp: 127...127)
      },
      model("clamps-o16", 6, .sixteen) {
        $0.dense(identity(6, 36), .sixteen)
        $0.dense(identity(6, 36), .sixteen, clamp: 0...32_767)
        $0.dense(identity(6, 36), .sixteen, clamp: -32_768...0)
        $0.dense(identity(6, 36), .sixteen, clamp: -32_768 ... -32_768)
      },
    ]
  }

  private static func normModels() -> [Model] {
    let epsilons: [(String, UInt64)] = [("least", 1), ("some", 1 << 20)]
    let chains = widths.flatMap { taken in
      epsilons.map { name, epsilon in
        model("layer-norm-i\(taken.rawValue)-\(name)", 5, taken) {
          $0.layerNorm(.eight, epsilon: epsilon)
          $0.dense(7, taken)
          $0.layerNorm(.sixteen, epsilon: epsilon, table: .sixteen)
          $0.dense(65, taken)
          $0.layerNorm(.eight, epsilon: epsilon, table: .eight)
          $0.dense(9, taken)
          $0.layerNorm(.sixteen, epsilon: epsilon)
          $0.dense(3, taken)
          $0.layerNorm(.eight, epsilon: epsilon, table: .sixteen)
        }
      }
    }
    // The largest epsilon leaves something of long rows alone, and nothing of 8-bit codes.
    return chains
      + widths.flatMap { taken in
        [
          model("layer-norm-i\(taken.rawValue)-most", 129, taken) {
            $0.layerNorm(.sixteen, epsilon: 1 << 62 - 1)
          },
          model("layer-norm-i\(taken.rawValue)-pair", 2, taken) {
            $0.layerNorm(.sixteen, epsilon: 1 << 10)
          },
        ]
      }
  }

  private static func addModels() -> [Model] {
    widths.flatMap { taken in
      widths.map { source in
        model("add-\(taken.rawValue)-\(source.rawValue)", 9, source) {
          $0.dense(9, taken)
          $0.add(.eight, source: 0, gains: (16_384, -16_384))
          $0.dense(9, source)
          $0.dense(9, taken)
          $0.add(.sixteen, source: 3, gains: (-1, 3), table: .sixteen)
          $0.dense(9, source)
          $0.dense(9, taken)
          $0.add(.eight, source: 6, gains: (9_000, 777), table: .eight)
          $0.dense(9, source)
          $0.dense(9, taken)
          $0.add(.sixteen, source: 9, gains: (16_384, 16_384))
          $0.dense(9, source)
          $0.dense(9, taken)
          $0.add(.eight, source: 12, gains: (12, -16_000), table: .sixteen)
        }
      }
    }
  }

  private static func gateModels() -> [Model] {
    widths.map { taken in
      model("gate-i\(taken.rawValue)", 6, taken) {
        let table: ConformanceDraft.TableChoice = taken == .eight ? .eight : .sixteen
        for (index, given) in [CodeWidth.eight, .sixteen, .eight, .sixteen].enumerated() {
          $0.dense(14, taken)
          $0.gate(given, table: index < 2 ? .none : table)
        }
      }
    }
  }

  /// Layers of all operations in an order that follows from a seed.
  private static func mixedModels() -> [Model] {
    (0..<8).map { number in
      var random = RandomSource(seed: UInt64(900 + number))
      return model("mixed-\(number)", 2 + number, widths[number % 2]) { draft in
        var source = 0
        for index in 0..<6 {
          let given = widths[random.below(2)]
          draft.dense(
            12, given, weights: random.below(2) == 0 ? .four : .eight,
            table: given == .eight ? .eight : .sixteen)
          switch random.below(3) {
          case 0: draft.layerNorm(given, epsilon: 1 << UInt64(random.below(40)))
          case 1 where index > 0: draft.add(given, source: source, gains: (5_000, -3_000))
          default: draft.gate(given)
          }
          draft.dense(12, given)
          // What comes before an add's end may not be added later.
          source = draft.image.layers.count
        }
      }
    }
  }

  private static func model(
    _ name: String, _ inputs: Int, _ width: CodeWidth, _ layers: (inout ConformanceDraft) -> Void
  ) -> Model {
    let seed = UInt64(crc32c(Array(name.utf8)))
    var draft = ConformanceDraft(inputs: inputs, width, seed: seed)
    layers(&draft)
    return Model(name: name, image: draft.finished())
  }

  private static let title = "The conformance kit of nnq's int8 arithmetic.\n"

  private static let readme = """
    \(title)
    NAME.bin is a flat image with vectors of input codes in it. NAME.tsv has what each layer hands on
    for each vector: the CRC-32C of its codes, low byte first, and the codes. kit.bin holds all images,
    one after the other.

    A port of the C runtime: build firmware-runtime/conform/conform.c with it, feed it with kit.bin, and
    give what it prints to `nnq conform FOLDER --device LOG`. Another implementation: print the same
    lines, `nnq-load IMAGE STATUS` and `nnq-layer IMAGE VECTOR LAYER DIGEST`, where IMAGE is the number
    at byte 12 of the image; all numbers are hexadecimal.

    """
}
