// RUN: heed-opt %s -heed-lower-to-tile=target=sm_80 | FileCheck %s
// RUN: heed-opt %s -heed-lower-to-tile | FileCheck %s --check-prefix=CPU

// CPU-NOT: product = {

// CHECK-LABEL: func.func private @bias(
//  CHECK-SAME:   kernel = @bias_kernel, product = {bias = 2 : i64, input = 0 : i64, weight = 1 : i64}, words = [
func.func private @bias(%x: tensor<?x?x16xbf16>, %w: tensor<24x16xbf16>,
                        %b: tensor<24xbf16>) -> tensor<?x?x24xbf16>
    attributes {attn.group = "linear", attn.phase = #attn.phase<prefill>} {
  %0 = attn.linear %x, %w bias(%b : tensor<24xbf16>)
      : tensor<?x?x16xbf16>, tensor<24x16xbf16> -> tensor<?x?x24xbf16>
  return %0 : tensor<?x?x24xbf16>
}

// CHECK-LABEL: func.func private @residual(
//  CHECK-SAME:   product = {input = 0 : i64, residual = 2 : i64, weight = 1 : i64}
func.func private @residual(%x: tensor<?x?x16xbf16>, %w: tensor<16x16xbf16>,
                            %r: tensor<?x?x16xbf16>) -> tensor<?x?x16xbf16>
    attributes {attn.group = "linear", attn.phase = #attn.phase<prefill>} {
  %0 = attn.linear %x, %w : tensor<?x?x16xbf16>, tensor<16x16xbf16>
      -> tensor<?x?x16xbf16>
  %1 = arith.addf %r, %0 : tensor<?x?x16xbf16>
  return %1 : tensor<?x?x16xbf16>
}

// Logits are f32.

// CHECK-LABEL: func.func private @logits(
//  CHECK-SAME:   product = {input = 0 : i64, weight = 1 : i64}
func.func private @logits(%x: tensor<?x?x16xbf16>, %w: tensor<24x16xbf16>)
    -> tensor<?x?x24xf32>
    attributes {attn.group = "linear", attn.phase = #attn.phase<prefill>} {
  %0 = attn.linear %x, %w : tensor<?x?x16xbf16>, tensor<24x16xbf16>
      -> tensor<?x?x24xf32>
  return %0 : tensor<?x?x24xf32>
}

// CHECK-LABEL: func.func private @heads(
//  CHECK-SAME:   product = {input = 0 : i64, weight = 1 : i64}
func.func private @heads(%x: tensor<?x?x16xbf16>, %w: tensor<24x16xbf16>)
    -> tensor<?x3x?x8xbf16>
    attributes {attn.group = "linear", attn.phase = #attn.phase<prefill>} {
  %0 = attn.linear %x, %w : tensor<?x?x16xbf16>, tensor<24x16xbf16>
      -> tensor<?x?x24xbf16>
  %1 = attn.split_heads %0 3 : tensor<?x?x24xbf16>
  return %1 : tensor<?x3x?x8xbf16>
}

// None of these: heads with a bias, an activation, what is added to itself,
// sizes without a multiple of 8, single precision, heads as rows.

// CHECK-NOT: product = {
func.func private @biased_heads(%x: tensor<?x?x16xbf16>,
                                %w: tensor<24x16xbf16>, %b: tensor<24xbf16>)
    -> tensor<?x3x?x8xbf16>
    attributes {attn.group = "linear", attn.phase = #attn.phase<prefill>} {
  %0 = attn.linear %x, %w bias(%b : tensor<24xbf16>)
      : tensor<?x?x16xbf16>, tensor<24x16xbf16> -> tensor<?x?x24xbf16>
  %1 = attn.split_heads %0 3 : tensor<?x?x24xbf16>
  return %1 : tensor<?x3x?x8xbf16>
}
func.func private @active(%x: tensor<?x?x16xbf16>, %w: tensor<24x16xbf16>)
    -> tensor<?x?x24xbf16>
    attributes {attn.group = "linear", attn.phase = #attn.phase<prefill>} {
  %0 = attn.linear %x, %w : tensor<?x?x16xbf16>, tensor<24x16xbf16>
      -> tensor<?x?x24xbf16>
  %1 = math.exp %0 : tensor<?x?x24xbf16>
  return %1 : tensor<?x?x24xbf16>
}
func.func private @doubled(%x: tensor<?x?x16xbf16>, %w: tensor<24x16xbf16>)
    -> tensor<?x?x24xbf16>
    attributes {attn.group = "linear", attn.phase = #attn.phase<prefill>} {
  %0 = attn.linear %x, %w : tensor<?x?x16xbf16>, tensor<24x16xbf16>
      -> tensor<?x?x24xbf16>
  %1 = arith.addf %0, %0 : tensor<?x?x24xbf16>
  return %1 : tensor<?x?x24xbf16>
}
func.func private @odd(%x: tensor<?x?x16xbf16>, %w: tensor<20x16xbf16>)
    -> tensor<?x?x20xbf16>
    attributes {attn.group = "linear", attn.phase = #attn.phase<prefill>} {
  %0 = attn.linear %x, %w : tensor<?x?x16xbf16>, tensor<20x16xbf16>
      -> tensor<?x?x20xbf16>
  return %0 : tensor<?x?x20xbf16>
}
func.func private @single(%x: tensor<?x?x16xf32>, %w: tensor<24x16xf32>)
    -> tensor<?x?x24xf32>
    attributes {attn.group = "linear", attn.phase = #attn.phase<prefill>} {
  %0 = attn.linear %x, %w : tensor<?x?x16xf32>, tensor<24x16xf32>
      -> tensor<?x?x24xf32>
  return %0 : tensor<?x?x24xf32>
}
func.func private @rows(%x: tensor<?x3x?x16xbf16>, %w: tensor<24x16xbf16>)
    -> tensor<?x3x?x24xbf16>
    attributes {attn.group = "linear", attn.phase = #attn.phase<prefill>} {
  %0 = attn.linear %x, %w : tensor<?x3x?x16xbf16>, tensor<24x16xbf16>
      -> tensor<?x3x?x24xbf16>
  return %0 : tensor<?x3x?x24xbf16>
}
