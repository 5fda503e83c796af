// SPDX-License-Identifier: Apache-2.0
import NNQTrain
import NNQWords

extension Symptom {
  /// What was seen, its usual cause and what to change, in one sentence.
  var sentence: String {
    switch self {
    case .flatLoss(let first, let lowest, let rate):
      "the training loss hardly fell (\(short(first)) to \(short(lowest))): the learning rate"
        + " \(short(rate)) is too low or too high, or the features do not tell the target; try ten"
        + " times more and less, and --overfit 32"
    case .oneClassOnly(let label):
      "every row held back is put in the class \(quoted(label)): the classes are unbalanced or the"
        + " network learnt nothing; try --class-weights balanced or a higher --learning-rate"
    case .overfit(let epoch, let best, let last):
      "the validation loss rose from \(short(best)) in epoch \(epoch) to \(short(last)) while the"
        + " training loss fell: the network learns rows by heart; try more rows, --weight-decay,"
        + " --dropout 0.1 or fewer units (the model has the weights of epoch \(epoch))"
    case .unfinished(let epochs):
      "the losses were still falling after \(epochs) epochs: training ended too early; try more"
        + " --epochs or a higher --learning-rate"
    case .deadUnits(let layer, let share):
      "\(Format.percent(share)) of the units of layer \(layer) give 0 for every row: a learning rate that"
        + " is too high pushed them out of reach; try a lower --learning-rate or --activation"
        + " leaky-relu"
    case .saturated(let layer, let share):
      "\(Format.percent(share)) of the values of layer \(layer) are at the bounds of its function, where"
        + " the gradient is nearly 0: the weights are too large; try a lower --learning-rate,"
        + " --weight-decay or --normalization batch"
    case .vanishing(let first, let last):
      "the gradient of the first layer (\(short(first))) vanishes beside the last one's"
        + " (\(short(last))): the network is too deep for its function; try --activation relu,"
        + " --normalization batch or --residual"
    case .exploding(let layer, let norm):
      "the gradient of layer \(layer) reached a length of \(short(norm)): steps are too large; try a"
        + " lower --learning-rate or --clip-norm 1"
    }
  }

  private func short(_ value: Double) -> String { Format.significant(value, digits: 3) }
}
