// SPDX-License-Identifier: Apache-2.0
import CNNQLimit
import NNQFormat
import NNQRuntime

/// What this CPU can do at most with the instructions of a kernel, as far as it was measured.
///
/// A network takes no less than its multiplications and the reading of its weights, whichever of the
/// two is slower in each layer.
@safe
final class HostLimit {
  private struct Product: Equatable {
    let codeBits: Int
    let weightBits: Int
  }

  private let kernel: String
  private let products: [Product]
  /// Nanoseconds of one, for each of ``products``; the least that was seen.
  private var multiplication: [Double]
  /// Nanoseconds of a byte.
  private var byte = Double.infinity
  private let memory: UnsafeMutableRawBufferPointer
  private let bytes: Int

  /// Nil for a kernel whose limit is not known.
  ///
  /// The bytes are read from memory of the size of the layers' weights, and so from the cache that
  /// holds them.
  init?(kernel: String, layers: [RuntimeLayer]) {
    let dense = layers.filter { $0.operation == .dense }
    var products: [Product] = []
    for layer in dense {
      let product = Product(codeBits: layer.inputBits, weightBits: layer.weightBits)
      if !products.contains(product) { products.append(product) }
    }
    self.kernel = kernel
    self.products = products
    multiplication = products.map { _ in .infinity }
    bytes = max(dense.reduce(0) { $0 + $1.weightBytes }, 4096)
    unsafe memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 64)
    unsafe memory.initializeMemory(as: UInt8.self, repeating: 1)
    measure()
    guard byte.isFinite else { return nil }
  }

  deinit {
    unsafe memory.deallocate()
  }

  /// Measures once more, and keeps what was faster.
  func measure() {
    let rounds: UInt32 = 2000
    for (index, product) in products.enumerated() {
      let found = nanoseconds {
        unsafe nnq_limit_multiply(
          kernel, Int32(product.codeBits), Int32(product.weightBits), rounds)
      }
      multiplication[index] = min(multiplication[index], found)
    }
    let found = nanoseconds {
      var count: UInt64 = 0
      let times = (1 << 20) / bytes + 1
      for _ in 0..<times {
        count += unsafe nnq_limit_read(kernel, memory.baseAddress, bytes)
      }
      return count
    }
    byte = min(byte, found)
  }

  /// The least nanoseconds of a layer for so many rows; 0 for one that is not dense.
  func nanoseconds(of layer: RuntimeLayer, rows: Int) -> Double {
    let product = Product(codeBits: layer.inputBits, weightBits: layer.weightBits)
    guard layer.operation == .dense, let index = products.firstIndex(of: product) else { return 0 }
    return max(
      Double(layer.macs) * Double(rows) * multiplication[index], Double(layer.weightBytes) * byte)
  }

  /// The time of one of the things that a call counts; infinite where it counts none.
  private func nanoseconds(of call: () -> UInt64) -> Double {
    let start = monotonicNanoseconds()
    let count = call()
    let time = monotonicNanoseconds() - start
    return count == 0 ? .infinity : Double(time) / Double(count)
  }
}
