// SPDX-License-Identifier: Apache-2.0
import NNQFormat

extension Int8Inference {
  /// Probabilities in Q0.16 (65,535 stands for 1) from output codes: softmax for multiclass, a
  /// sigmoid each for binary and multilabel; nil where the task has none.
  ///
  /// - Error: the distance is rounded to 1/4096 octave, so that each exponential is within 0.009 %
  ///   of its value; <doc:Numerics> has the formulas.
  public func probabilities(output: [Int16]) -> [UInt16]? {
    guard let factor = image.probability else { return nil }
    guard image.task == .multiclass else {
      return zip(output, image.outputs).map { code, rule in
        let distance = Int64(code) - Int64(rule.origin)
        let exponential = exponentialOfMinus(abs(distance), factor)
        let sum = 1 << 30 + exponential
        return share(distance >= 0 ? 1 << 30 : exponential, of: sum)
      }
    }
    let highest = Int64(output.max() ?? 0)
    let exponentials = output.map { exponentialOfMinus(highest - Int64($0), factor) }
    let sum = exponentials.reduce(0, +)
    return exponentials.map { share($0, of: sum) }
  }
}

private func share(_ part: Int64, of sum: Int64) -> UInt16 {
  UInt16(min(65_535, (part * 65_536 + sum >> 1) / sum))
}

/// exp of minus `distance` codes in Q0.30.
private func exponentialOfMinus(_ distance: Int64, _ factor: FixedPointMultiplier) -> Int64 {
  let steps = requantize(distance, factor)
  guard steps < 131_072 else { return 0 }
  let coarse = coarsePowers[Int(steps >> 6) & 63]
  let fine = finePowers[Int(steps) & 63]
  return ((coarse * fine + 1 << 29) >> 30) >> (steps >> 12)
}

/// `round(2^30 * 2^(-i/64))`
private let coarsePowers: [Int64] = [
  1_073_741_824, 1_062_175_491, 1_050_733_751, 1_039_415_261, 1_028_218_693, 1_017_142_735,
  1_006_186_087, 995_347_464,
  984_625_594, 974_019_220, 963_527_098, 953_147_997, 942_880_699, 932_724_001, 922_676_710,
  912_737_649,
  902_905_651, 893_179_563, 883_558_244, 874_040_567, 864_625_413, 855_311_680, 846_098_274,
  836_984_114,
  827_968_132, 819_049_271, 810_226_483, 801_498_734, 792_865_000, 784_324_269, 775_875_538,
  767_517_817,
  759_250_125, 751_071_493, 742_980_960, 734_977_579, 727_060_411, 719_228_525, 711_481_005,
  703_816_941,
  696_235_434, 688_735_596, 681_316_545, 673_977_412, 666_717_336, 659_535_466, 652_430_958,
  645_402_981,
  638_450_708, 631_573_326, 624_770_026, 618_040_012, 611_382_493, 604_796_689, 598_281_827,
  591_837_143,
  585_461_881, 579_155_293, 572_916_640, 566_745_190, 560_640_218, 554_601_009, 548_626_854,
  542_717_053,
]

/// `round(2^30 * 2^(-i/4096))`
private let finePowers: [Int64] = [
  1_073_741_824, 1_073_560_135, 1_073_378_477, 1_073_196_849, 1_073_015_252, 1_072_833_686,
  1_072_652_151, 1_072_470_646,
  1_072_289_173, 1_072_107_729, 1_071_926_317, 1_071_744_935, 1_071_563_584, 1_071_382_264,
  1_071_200_974, 1_071_019_715,
  1_070_838_486, 1_070_657_289, 1_070_476_122, 1_070_294_985, 1_070_113_879, 1_069_932_804,
  1_069_751_760, 1_069_570_746,
  1_069_389_763, 1_069_208_810, 1_069_027_888, 1_068_846_997, 1_068_666_136, 1_068_485_306,
  1_068_304_506, 1_068_123_737,
  1_067_942_999, 1_067_762_291, 1_067_581_614, 1_067_400_968, 1_067_220_351, 1_067_039_766,
  1_066_859_211, 1_066_678_687,
  1_066_498_193, 1_066_317_730, 1_066_137_297, 1_065_956_895, 1_065_776_523, 1_065_596_182,
  1_065_415_871, 1_065_235_591,
  1_065_055_341, 1_064_875_122, 1_064_694_933, 1_064_514_775, 1_064_334_647, 1_064_154_550,
  1_063_974_484, 1_063_794_447,
  1_063_614_442, 1_063_434_466, 1_063_254_521, 1_063_074_607, 1_062_894_723, 1_062_714_869,
  1_062_535_046, 1_062_355_254,
]
