// RUN: heed-opt %s --attn-sliding-window="window=8" 2>&1 | FileCheck %s
// RUN: not heed-opt %s --attn-sliding-window="window=8 layers=2" 2>&1 | FileCheck %s --check-prefix=NAMED
// RUN: heed-opt %s --attn-unified-layer-skipping="keep=0" --attn-unified-layer-skipping="keep=0" 2>&1 | FileCheck %s --check-prefix=TWICE

// A refusal is a remark when a rewrite is asked for in general, an error when a
// plan names the layer.

// CHECK: remark: attn-sliding-window: layer 0 is left alone: it has no attention
// CHECK: remark: attn-sliding-window: layer 2 is refused: found attention that is not causal, wanted causal
// CHECK-NOT: attn.rewrites
// NAMED: error: attn-sliding-window: layer 2 is refused: found attention that is not causal, wanted causal
// TWICE: remark: attn-unified-layer-skipping: layer 2 is refused: found it inside attn.skip, wanted a layer that always runs
// TWICE: attn.rewrites = [{layers = array<i64: 2>,

!h = tensor<?x?x4xf32>

func.func @step(%h: !h) -> !h {
  %a = attn.layer 0 "decoder" (%x = %h) : (!h) -> (!h) {
    attn.yield %x : !h
  }
  %b = attn.layer 2 "encoder" (%x = %a) : (!h) -> (!h) {
    %q = attn.split_heads %x 1 : !h
    %o = attn.attention %q keys(%q : tensor<?x1x?x4xf32>)
        values(%q : tensor<?x1x?x4xf32>) mask<> scale(0.5)
        : tensor<?x1x?x4xf32> -> tensor<?x1x?x4xf32>
    %y = attn.merge_heads %o : tensor<?x1x?x4xf32>
    attn.yield %y : !h
  }
  return %b : !h
}
