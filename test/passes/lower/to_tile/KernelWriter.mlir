// RUN: heed-opt %s -heed-lower-to-tile | FileCheck %s

// Words appear once, in the order in which the kernel first asks for them: the
// cache by field, positions, counts and capacity.

// CHECK-LABEL: func.func private @attend(
// CHECK-SAME:      words = ["batch", "tokens 0", "slots", "counts 1", "capacity 1", "field 1 0", "field 1 1", "positions 1", "argument 2", "argument 0", "result 0"]
!cache = !attn.cache<[k : token 2x4xf32, v : token 2x4xf32]>
func.func private @attend(%q: tensor<?x4x?x4xf32>, %c: !cache,
                          %p: tensor<?x?xi32>) -> tensor<?x4x?x4xf32>
    attributes {attn.group = "attention", attn.phase = #attn.phase<decode>} {
  %k, %v, %pc = attn.cache_read %c : !cache
      -> tensor<?x2x?x4xf32>, tensor<?x2x?x4xf32>, tensor<?x?xi32>
  %o = attn.attention %q keys(%k : tensor<?x2x?x4xf32>)
      values(%v : tensor<?x2x?x4xf32>)
      at(%p to %pc : tensor<?x?xi32> to tensor<?x?xi32>)
      mask<causal> scale(0.5) : tensor<?x4x?x4xf32> -> tensor<?x4x?x4xf32>
  return %o : tensor<?x4x?x4xf32>
}
