// RUN: heed-opt %s --canonicalize --cse | FileCheck %s
// RUN: heed-opt --show-dialects | FileCheck %s --check-prefix=DIALECTS
// RUN: not heed-opt %s --attn-no-such-rewrite 2>&1 \
// RUN:   | FileCheck %s --check-prefix=UNKNOWN

// DIALECTS: arith
// DIALECTS-SAME: func
// DIALECTS-SAME: math
// DIALECTS-SAME: memref
// DIALECTS-SAME: scf
// DIALECTS-SAME: tensor
// DIALECTS-SAME: vector

// UNKNOWN: Unknown command line argument '--attn-no-such-rewrite'

// CHECK-LABEL: func.func @folds_and_shares(
//       CHECK:   %[[TWO:.*]] = arith.constant 2.000000e+00 : f32
//  CHECK-NEXT:   %[[ROOT:.*]] = math.sqrt %arg0 : f32
//  CHECK-NEXT:   return %[[TWO]], %[[ROOT]], %[[ROOT]] : f32, f32, f32
func.func @folds_and_shares(%x: f32) -> (f32, f32, f32) {
  %one = arith.constant 1.0 : f32
  %two = arith.addf %one, %one : f32
  %a = math.sqrt %x : f32
  %b = math.sqrt %x : f32
  return %two, %a, %b : f32, f32, f32
}
