// SPDX-License-Identifier: Apache-2.0
import CNNQLinalg

extension Float {
  /// The loops in binary32.
  package static let kernels = unsafe Kernels<Float>(
    product: nnq_product_f32,
    addBias: nnq_add_bias_f32,
    activate: nnq_activate_f32,
    activateBack: nnq_activate_back_f32,
    gate: nnq_gate_f32,
    gateBack: nnq_gate_back_f32,
    add: nnq_add_f32,
    accumulate: nnq_accumulate_f32,
    scale: nnq_scale_f32,
    dropout: nnq_dropout_f32,
    sumColumns: nnq_sum_columns_f32,
    sumSquares: nnq_sum_squares_f32,
    sum: nnq_sum_f32,
    layerNorm: nnq_layer_norm_f32,
    layerNormBack: nnq_layer_norm_back_f32,
    layerNormGradient: nnq_layer_norm_gradient_f32,
    columnMoments: nnq_column_moments_f32,
    batchNorm: nnq_batch_norm_f32,
    batchNormGradient: nnq_batch_norm_gradient_f32,
    batchNormBack: nnq_batch_norm_back_f32,
    squaredError: nnq_squared_error_f32,
    absoluteError: nnq_absolute_error_f32,
    huber: nnq_huber_f32,
    logisticEntropy: nnq_logistic_entropy_f32,
    softmaxEntropy: nnq_softmax_entropy_f32,
    likelihood: nnq_likelihood_f32,
    logSoftmax: nnq_log_softmax_f32,
    logSoftmaxBack: nnq_log_softmax_back_f32,
    adamW: nnq_adamw_f32,
    gradientStep: nnq_sgd_f32,
    addScaled: nnq_add_scaled_f32,
    clamp: nnq_clamp_f32,
    gather: nnq_gather_f32)
}
