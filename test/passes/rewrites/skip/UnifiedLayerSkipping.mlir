// RUN: heed-opt %s --attn-unified-layer-skipping="speedup=2" --heed-verify-caches | FileCheck %s
// RUN: heed-opt %s --attn-unified-layer-skipping="speedup=2" --heed-specialize-phases | FileCheck %s --check-prefix=PHASES
// RUN: heed-opt %s --attn-unified-layer-skipping="speedup=1.5 balance=even" | FileCheck %s --check-prefix=EVEN
// RUN: heed-opt %s --attn-unified-layer-skipping="keep=0,2" | FileCheck %s --check-prefix=KEEP
// RUN: heed-opt %s --attn-unified-layer-skipping="speedup=1" 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not heed-opt %s --attn-unified-layer-skipping="speedup=4" 2>&1 | FileCheck %s --check-prefix=FEW
// RUN: not heed-opt %s --attn-unified-layer-skipping="keep=9" 2>&1 | FileCheck %s --check-prefix=MISSING
// RUN: not heed-opt %s --attn-unified-layer-skipping="balance=odd" 2>&1 | FileCheck %s --check-prefix=BALANCE

// Six layers at speedup 2: m = 3, interval = 6 / 2 = 3, kept 0, 3, 5.

// CHECK: attn.rewrites = [{layers = array<i64: 1, 2, 4>, name = "attn-unified-layer-skipping"
// CHECK-LABEL: func.func @step
// CHECK-SAME: %arg1: !attn.cache<[k : token 1x4xf32, v : token 1x4xf32]>
// CHECK-SAME: %arg2: !attn.cache<[k : token 1x4xf32 until decode, v : token 1x4xf32 until decode]>
// CHECK: attn.layer 0
// CHECK: %[[D:.+]] = attn.in_phase decode
// CHECK-NEXT: attn.skip %[[D]] phase
// CHECK-NEXT: attn.layer 1
// CHECK: attn.skip
// CHECK-NEXT: attn.layer 2
// CHECK-NOT: attn.skip
// CHECK: attn.layer 3
// CHECK: attn.skip
// CHECK-NEXT: attn.layer 4
// CHECK-NOT: attn.skip
// CHECK: attn.layer 5

// PHASES-LABEL: func.func @prefill
// PHASES-COUNT-6: attn.layer
// PHASES-LABEL: func.func @decode
// PHASES: attn.layer 0
// PHASES-NEXT: attn.yield
// PHASES: attn.layer 3
// PHASES: attn.layer 5
// PHASES-NOT: attn.layer

// Four of six, spread evenly: round(5 j / 3) = 0, 2, 3, 5.
// EVEN: layers = array<i64: 1, 4>
// KEEP: layers = array<i64: 1, 3, 4, 5>
// NONE: remark: attn-unified-layer-skipping: the target speedup keeps all 6 layers
// NONE-NOT: attn.skip
// FEW: error: attn-unified-layer-skipping: the target speedup leaves 1 of 6 layers, wanted at least 2
// MISSING: error: attn-unified-layer-skipping: found keep=9, wanted layers of the model's 6
// BALANCE: error: attn-unified-layer-skipping: found balance=odd, wanted paper or even

!cache = !attn.cache<[k : token 1x4xf32, v : token 1x4xf32]>
!h = tensor<?x?x4xf32>

func.func @step(%h0: !h, %c0: !cache, %c1: !cache, %c2: !cache, %c3: !cache, %c4: !cache, %c5: !cache)
    -> (!h, !cache, !cache, !cache, !cache, !cache, !cache) {
    %h1, %d0 = attn.layer 0 "decoder" (%x = %h0, %c = %c0) : (!h, !cache) -> (!h, !cache) {
      attn.yield %x, %c : !h, !cache
    }
    %h2, %d1 = attn.layer 1 "decoder" (%x = %h1, %c = %c1) : (!h, !cache) -> (!h, !cache) {
      attn.yield %x, %c : !h, !cache
    }
    %h3, %d2 = attn.layer 2 "decoder" (%x = %h2, %c = %c2) : (!h, !cache) -> (!h, !cache) {
      attn.yield %x, %c : !h, !cache
    }
    %h4, %d3 = attn.layer 3 "decoder" (%x = %h3, %c = %c3) : (!h, !cache) -> (!h, !cache) {
      attn.yield %x, %c : !h, !cache
    }
    %h5, %d4 = attn.layer 4 "decoder" (%x = %h4, %c = %c4) : (!h, !cache) -> (!h, !cache) {
      attn.yield %x, %c : !h, !cache
    }
    %h6, %d5 = attn.layer 5 "decoder" (%x = %h5, %c = %c5) : (!h, !cache) -> (!h, !cache) {
      attn.yield %x, %c : !h, !cache
    }
    return %h6, %d0, %d1, %d2, %d3, %d4, %d5 : !h, !cache, !cache, !cache, !cache, !cache, !cache
}
