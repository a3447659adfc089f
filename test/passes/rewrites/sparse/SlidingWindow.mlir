// RUN: heed-opt %s --attn-sliding-window="window=8 sinks=2" --heed-verify-caches | FileCheck %s
// RUN: heed-opt %s --attn-sliding-window="window=8 layers=1" | FileCheck %s --check-prefix=ONE
// RUN: heed-opt %s --attn-sliding-window="window=1000000000" 2>&1 | FileCheck %s --check-prefix=ALL
// RUN: not heed-opt %s --attn-sliding-window="window=0" 2>&1 | FileCheck %s --check-prefix=ZERO
// RUN: not heed-opt %s --attn-sliding-window="sinks=-1" 2>&1 | FileCheck %s --check-prefix=SINKS
// RUN: not heed-opt %s --attn-sliding-window="window=8 layers=5" 2>&1 | FileCheck %s --check-prefix=MISSING
// RUN: not heed-opt %s --attn-sliding-window="window=8" --attn-sliding-window="window=4 layers=0" 2>&1 | FileCheck %s --check-prefix=TWICE

// CHECK: attn.rewrites = [{layers = array<i64: 0, 1>, name = "attn-sliding-window", options = "attn-sliding-window{{.*}}window=8
// CHECK-LABEL: func.func @step
// CHECK-SAME: !attn.cache<[k : ring(8, sinks 2) 1x4xf32, v : ring(8, sinks 2) 1x4xf32]>
// CHECK: attn.layer 0
// CHECK: attn.attention {{.*}} mask<causal, window = 8, sinks = 2>
// CHECK: attn.layer 1
// CHECK: attn.attention {{.*}} mask<causal, window = 8, sinks = 2>

// ONE: layers = array<i64: 1>
// ONE: attn.layer 0
// ONE: mask<causal> scale
// ONE: attn.layer 1
// ONE: mask<causal, window = 8> scale

// ALL: remark: attn-sliding-window: a window of 1000000000 keys and 0 sinks covers the context of 64
// ALL-NOT: attn.rewrites

// ZERO: error: attn-sliding-window: found window=0, wanted at least 1 key
// SINKS: error: attn-sliding-window: found sinks=-1, wanted at least 0 keys
// MISSING: error: attn-sliding-window: found no layer 5, wanted one of the model's 2
// TWICE: error: attn-sliding-window: layer 0 is refused: found a window of 8 keys already, wanted none

!cache = !attn.cache<[k : token 1x4xf32, v : token 1x4xf32]>
!h = tensor<?x?x4xf32>
!i = tensor<?x?xi32>
!x = tensor<?x1x?x4xf32>

module attributes {attn.model = {context = 64 : i64}} {
  func.func @step(%ids: !h, %pos: !i, %c0: !cache, %c1: !cache)
      -> (!h, !cache, !cache) {
    %h0, %d0 = attn.layer 0 "decoder" (%x = %ids, %c = %c0) : (!h, !cache) -> (!h, !cache) {
      %q = attn.split_heads %x 1 : !h
      %k, %v, %p = attn.cache_read %c : !cache -> !x, !x, !i
      %o = attn.attention %q keys(%k, %q : !x, !x) values(%v, %q : !x, !x)
          at(%pos to %p, %pos : !i to !i, !i) mask<causal> scale(0.5) : !x -> !x
      %n = attn.cache_append %c, %pos, %q, %q : !cache, !x, !x
      %y = attn.merge_heads %o : !x
      attn.yield %y, %n : !h, !cache
    }
    %h1, %d1 = attn.layer 1 "decoder" (%x = %h0, %c = %c1) : (!h, !cache) -> (!h, !cache) {
      %q = attn.split_heads %x 1 : !h
      %k, %v, %p = attn.cache_read %c : !cache -> !x, !x, !i
      %o = attn.attention %q keys(%k, %q : !x, !x) values(%v, %q : !x, !x)
          at(%pos to %p, %pos : !i to !i, !i) mask<causal> scale(0.5) : !x -> !x
      %n = attn.cache_append %c, %pos, %q, %q : !cache, !x, !x
      %y = attn.merge_heads %o : !x
      attn.yield %y, %n : !h, !cache
    }
    return %h1, %d0, %d1 : !h, !cache, !cache
  }
}
