// SPDX-License-Identifier: Apache-2.0
import CNNQLinalg

extension Double {
  /// The loops in binary64.
  package static let kernels = unsafe Kernels<Double>(
    product: nnq_product_f64,
    addBias: nnq_add_bias_f64,
    activate: nnq_activate_f64,
    activateBack: nnq_activate_back_f64,
    gate: nnq_gate_f64,
    gateBack: nnq_gate_back_f64,
    add: nnq_add_f64,
    accumulate: nnq_accumulate_f64,
    scale: nnq_scale_f64,
    dropout: nnq_dropout_f64,
    sumColumns: nnq_sum_columns_f64,
    sumSquares: nnq_sum_squares_f64,
    sum: nnq_sum_f64,
    layerNorm: nnq_layer_norm_f64,
    layerNormBack: nnq_layer_norm_back_f64,
    layerNormGradient: nnq_layer_norm_gradient_f64,
    columnMoments: nnq_column_moments_f64,
    batchNorm: nnq_batch_norm_f64,
    batchNormGradient: nnq_batch_norm_gradient_f64,
    batchNormBack: nnq_batch_norm_back_f64,
    squaredError: nnq_squared_error_f64,
    absoluteError: nnq_absolute_error_f64,
    huber: nnq_huber_f64,
    logisticEntropy: nnq_logistic_entropy_f64,
    softmaxEntropy: nnq_softmax_entropy_f64,
    likelihood: nnq_likelihood_f64,
    logSoftmax: nnq_log_softmax_f64,
    logSoftmaxBack: nnq_log_softmax_back_f64,
    adamW: nnq_adamw_f64,
    gradientStep: nnq_sgd_f64,
    addScaled: nnq_add_scaled_f64,
    clamp: nnq_clamp_f64,
    gather: nnq_gather_f64)
}
