// RUN: heed-opt %s --split-input-file --attn-sliding-window="window=8 sinks=2" 2> %t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks

// Each refusal, and that the layer stays as it is; then a layer that passes.

!cache = !attn.cache<[k : token 1x4xf32]>
!h = tensor<?x?x4xf32>
!x = tensor<?x1x?x4xf32>

// REMARK: remark: attn-sliding-window: layer 0 is refused: found attention that is not causal, wanted causal: a window counts earlier keys
// REMARK: remark: attn-sliding-window: layer 1 is refused: found a prefix of 3 keys, wanted none: a ring would drop it
// REMARK: remark: attn-sliding-window: layer 2 is left alone: it has no attention
// CHECK: mask<> scale
// CHECK: mask<causal, prefix = 3> scale
func.func @step(%h: !h) -> !h {
  %0 = attn.layer 0 "encoder" (%x = %h) : (!h) -> !h {
    %q = attn.split_heads %x 1 : !h
    %o = attn.attention %q keys(%q : !x) values(%q : !x) mask<> scale(0.5) : !x -> !x
    %y = attn.merge_heads %o : !x
    attn.yield %y : !h
  }
  %1 = attn.layer 1 "decoder" (%x = %0) : (!h) -> !h {
    %q = attn.split_heads %x 1 : !h
    %o = attn.attention %q keys(%q : !x) values(%q : !x) mask<causal, prefix = 3> scale(0.5) : !x -> !x
    %y = attn.merge_heads %o : !x
    attn.yield %y : !h
  }
  %2 = attn.layer 2 "mlp" (%x = %1) : (!h) -> !h {
    attn.yield %x : !h
  }
  return %2 : !h
}

// -----

!cache = !attn.cache<[k : ring(9) 1x4xf32]>
!h = tensor<?x?x4xf32>
!i = tensor<?x?xi32>
!x = tensor<?x1x?x4xf32>

// REMARK: remark: attn-sliding-window: layer 0 is refused: found cache field 'k' of another rate, wanted token
func.func @step(%h: !h, %pos: !i, %c0: !cache) -> (!h, !cache) {
  %h0, %d0 = attn.layer 0 "decoder" (%x = %h, %c = %c0) : (!h, !cache) -> (!h, !cache) {
    %q = attn.split_heads %x 1 : !h
    %k, %p = attn.cache_read %c : !cache -> !x, !i
    %o = attn.attention %q keys(%k, %q : !x, !x) values(%k, %q : !x, !x)
        at(%pos to %p, %pos : !i to !i, !i) mask<causal> scale(0.5) : !x -> !x
    %n = attn.cache_append %c, %pos, %q : !cache, !x
    %y = attn.merge_heads %o : !x
    attn.yield %y, %n : !h, !cache
  }
  return %h0, %d0 : !h, !cache
}

// -----

!cache = !attn.cache<[k : token 1x4xf32]>
!h = tensor<?x?x4xf32>
!i = tensor<?x?xi32>
!x = tensor<?x1x?x4xf32>

// Segments stay; the field becomes a ring.
// CHECK: attn.rewrites = [{layers = array<i64: 0>
// CHECK-NEXT: func.func @step({{.*}}!attn.cache<[k : ring(8, sinks 2) 1x4xf32]>)
// CHECK: mask<causal, window = 8, sinks = 2, segments>
func.func @step(%h: !h, %pos: !i, %seg: !i, %old: !i, %c0: !cache) -> (!h, !cache) {
  %h0, %d0 = attn.layer 0 "decoder" (%x = %h, %c = %c0) : (!h, !cache) -> (!h, !cache) {
    %q = attn.split_heads %x 1 : !h
    %k, %p = attn.cache_read %c : !cache -> !x, !i
    %o = attn.attention %q keys(%k, %q : !x, !x) values(%k, %q : !x, !x)
        at(%pos to %p, %pos : !i to !i, !i)
        segments(%seg to %old, %seg : !i to !i, !i) mask<causal, segments> scale(0.5) : !x -> !x
    %n = attn.cache_append %c, %pos, %q : !cache, !x
    %y = attn.merge_heads %o : !x
    attn.yield %y, %n : !h, !cache
  }
  return %h0, %d0 : !h, !cache
}
