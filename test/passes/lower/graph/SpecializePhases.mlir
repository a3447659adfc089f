// RUN: heed-opt %s -heed-specialize-phases -split-input-file \
// RUN:   -verify-diagnostics | FileCheck %s

// Phases are decided where they are asked for; what is passed by is gone.

// CHECK-LABEL: func.func @prefill(
// CHECK-SAME:      %[[H:.*]]: tensor<?x?x8xf32>)
// CHECK-SAME:      attn.phase = #attn.phase<prefill>
//  CHECK-NEXT:   %[[Y:.*]] = arith.addf %[[H]], %[[H]]
//  CHECK-NEXT:   return %[[Y]]
// CHECK-LABEL: func.func @decode(
// CHECK-SAME:      %[[H:.*]]: tensor<?x?x8xf32>)
// CHECK-SAME:      attn.phase = #attn.phase<decode>
//  CHECK-NEXT:   return %[[H]]
//   CHECK-NOT: @step
func.func @step(%h: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %d = attn.in_phase decode
  %y = attn.skip %d phase (%x = %h) : (i1, tensor<?x?x8xf32>)
      -> tensor<?x?x8xf32> {
    %z = arith.addf %x, %x : tensor<?x?x8xf32>
    attn.yield %z : tensor<?x?x8xf32>
  }
  return %y : tensor<?x?x8xf32>
}

// -----

// Conditions may be computed, and skips lie in layers and in each other.

// CHECK-LABEL: func.func @prefill(
//       CHECK:   attn.layer 3
//   CHECK-NOT:   attn.skip
//       CHECK:   math.exp
// CHECK-LABEL: func.func @decode(
//       CHECK:   attn.layer 3
//   CHECK-NOT:   attn.skip
//       CHECK:   math.tanh
//   CHECK-NOT:   math.exp
//       CHECK:   return
func.func @step(%h: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %y = attn.layer 3 "decoder" (%x = %h) : (tensor<?x?x8xf32>)
      -> tensor<?x?x8xf32> {
    %d = attn.in_phase decode
    %true = arith.constant true
    %p = arith.xori %d, %true : i1
    %a = attn.skip %p phase (%x0 = %x) : (i1, tensor<?x?x8xf32>)
        -> tensor<?x?x8xf32> {
      %t = math.tanh %x0 : tensor<?x?x8xf32>
      %b = attn.skip %d phase (%x1 = %t) : (i1, tensor<?x?x8xf32>)
          -> tensor<?x?x8xf32> {
        %e = math.exp %x1 : tensor<?x?x8xf32>
        attn.yield %e : tensor<?x?x8xf32>
      }
      attn.yield %b : tensor<?x?x8xf32>
    }
    %c = attn.skip %d phase (%x2 = %a) : (i1, tensor<?x?x8xf32>)
        -> tensor<?x?x8xf32> {
      %e = math.exp %x2 : tensor<?x?x8xf32>
      attn.yield %e : tensor<?x?x8xf32>
    }
    attn.yield %c : tensor<?x?x8xf32>
  }
  return %y : tensor<?x?x8xf32>
}

// -----

// A condition that a phase must decide, and does not.

func.func @step(%h: tensor<?x?x8xf32>, %c: i1) -> tensor<?x?x8xf32> {
  // expected-error @below {{has a condition that is not known in @prefill, wanted a constant for granularity 'phase'}}
  %y = attn.skip %c phase (%x = %h) : (i1, tensor<?x?x8xf32>)
      -> tensor<?x?x8xf32> {
    attn.yield %x : tensor<?x?x8xf32>
  }
  return %y : tensor<?x?x8xf32>
}

// -----

// expected-error @below {{found no function @step, wanted one, or @prefill and @decode}}
module {
}
