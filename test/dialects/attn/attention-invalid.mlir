// RUN: heed-opt %s --split-input-file --verify-diagnostics

// attention (C1): sizes
func.func @f(%q: tensor<?x4x?x8xf32>, %k: tensor<?x2x?x4xf32>) {
  // expected-error @below {{expects one head width, got 8 in query and 4 in key}}
  %o = attn.attention %q keys(%k : tensor<?x2x?x4xf32>)
      values(%k : tensor<?x2x?x4xf32>) mask<> scale(1.0)
      : tensor<?x4x?x8xf32> -> tensor<?x4x?x4xf32>
  return
}

// -----

// attention (C1): heads
func.func @f(%q: tensor<?x4x?x8xf32>, %k: tensor<?x3x?x8xf32>) {
  // expected-error @below {{expects the key heads to divide the query heads, got 3 and 4}}
  %o = attn.attention %q keys(%k : tensor<?x3x?x8xf32>)
      values(%k : tensor<?x3x?x8xf32>) mask<> scale(1.0)
      : tensor<?x4x?x8xf32> -> tensor<?x4x?x8xf32>
  return
}

// -----

// attention (C1): segments beside each other
func.func @f(%q: tensor<?x4x?x8xf32>, %k: tensor<?x2x?x8xf32>,
             %j: tensor<?x4x?x8xf32>) {
  // expected-error @below {{expects one number of key heads, got 2 in the first key and 4 in key}}
  %o = attn.attention %q keys(%k, %j : tensor<?x2x?x8xf32>, tensor<?x4x?x8xf32>)
      values(%k, %j : tensor<?x2x?x8xf32>, tensor<?x4x?x8xf32>) mask<> scale(1.0)
      : tensor<?x4x?x8xf32> -> tensor<?x4x?x8xf32>
  return
}

// -----

// attention (C1): results
func.func @f(%q: tensor<?x4x?x8xf32>, %k: tensor<?x2x?x8xf32>) {
  // expected-error @below {{expects one number of query heads, got 4 in query and 2 in result}}
  %o, %l = attn.attention %q keys(%k : tensor<?x2x?x8xf32>)
      values(%k : tensor<?x2x?x8xf32>) mask<> scale(1.0)
      : tensor<?x4x?x8xf32> -> tensor<?x4x?x8xf32>, tensor<?x2x?xf32>
  return
}

// -----

// attention (C1): static heads
func.func @f(%q: tensor<?x?x?x8xf32>, %k: tensor<?x2x?x8xf32>) {
  // expected-error @below {{expects a static number of query heads, got a dynamic one}}
  %o = attn.attention %q keys(%k : tensor<?x2x?x8xf32>)
      values(%k : tensor<?x2x?x8xf32>) mask<> scale(1.0)
      : tensor<?x?x?x8xf32> -> tensor<?x?x?x8xf32>
  return
}

// -----

// attention (C1): positions
func.func @f(%q: tensor<?x4x7x8xf32>, %k: tensor<?x2x?x8xf32>,
             %p: tensor<?x6xi32>, %kp: tensor<?x?xi32>) {
  // expected-error @below {{expects one number of queries, got 7 in query and 6 in its positions or segments}}
  %o = attn.attention %q keys(%k : tensor<?x2x?x8xf32>)
      values(%k : tensor<?x2x?x8xf32>)
      at(%p to %kp : tensor<?x6xi32> to tensor<?x?xi32>) mask<> scale(1.0)
      : tensor<?x4x7x8xf32> -> tensor<?x4x7x8xf32>
  return
}

// -----

// attention (C2): as many values as keys
func.func @f(%q: tensor<?x4x?x8xf32>, %k: tensor<?x2x?x8xf32>) {
  // expected-error @below {{expects one entry of values for each of the 2 key segments, got 1}}
  %o = attn.attention %q keys(%k, %k : tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>)
      values(%k : tensor<?x2x?x8xf32>) mask<> scale(1.0)
      : tensor<?x4x?x8xf32> -> tensor<?x4x?x8xf32>
  return
}

// -----

// attention (C2): as many positions as keys
func.func @f(%q: tensor<?x4x?x8xf32>, %k: tensor<?x2x?x8xf32>,
             %p: tensor<?x?xi32>) {
  // expected-error @below {{expects one entry of key_positions for each of the 1 key segments, got 2}}
  %o = attn.attention %q keys(%k : tensor<?x2x?x8xf32>)
      values(%k : tensor<?x2x?x8xf32>)
      at(%p to %p, %p : tensor<?x?xi32> to tensor<?x?xi32>, tensor<?x?xi32>)
      mask<> scale(1.0) : tensor<?x4x?x8xf32> -> tensor<?x4x?x8xf32>
  return
}

// -----

// attention (C2): no key at all
func.func @f(%q: tensor<?x4x?x8xf32>) {
  // expected-error @below {{expects at least one key segment, got none}}
  %o = "attn.attention"(%q) <{mask = #attn.mask<>, scale = 1.0 : f32,
      operandSegmentSizes = array<i32: 1, 0, 0, 0, 0, 0, 0>}> ({})
      : (tensor<?x4x?x8xf32>) -> tensor<?x4x?x8xf32>
  return
}

// -----

// attention (C3): segments in the mask only
func.func @f(%q: tensor<?x4x?x8xf32>, %k: tensor<?x2x?x8xf32>) {
  // expected-error @below {{expects segment operands and 'segments' in the mask together, got only the mask}}
  %o = attn.attention %q keys(%k : tensor<?x2x?x8xf32>)
      values(%k : tensor<?x2x?x8xf32>) mask<segments> scale(1.0)
      : tensor<?x4x?x8xf32> -> tensor<?x4x?x8xf32>
  return
}

// -----

// attention (C4): numbers per head
func.func @f(%q: tensor<?x4x?x8xf32>, %k: tensor<?x2x?x8xf32>) {
  // expected-error @below {{expects one number in the mask, or one for each of the 4 query heads, got 2}}
  %o = attn.attention %q keys(%k : tensor<?x2x?x8xf32>)
      values(%k : tensor<?x2x?x8xf32>) mask<causal, window = [4, 5]> scale(1.0)
      : tensor<?x4x?x8xf32> -> tensor<?x4x?x8xf32>
  return
}

// -----

// attention (C5): scale
func.func @f(%q: tensor<?x4x?x8xf32>, %k: tensor<?x2x?x8xf32>) {
  // expected-error @below {{expects a finite scale, got}}
  %o = attn.attention %q keys(%k : tensor<?x2x?x8xf32>)
      values(%k : tensor<?x2x?x8xf32>) mask<> scale(0x7F800000)
      : tensor<?x4x?x8xf32> -> tensor<?x4x?x8xf32>
  return
}

// -----

// attention (C5): softcap
func.func @f(%q: tensor<?x4x?x8xf32>, %k: tensor<?x2x?x8xf32>) {
  // expected-error @below {{expects a positive and finite softcap, got 0.0}}
  %o = attn.attention %q keys(%k : tensor<?x2x?x8xf32>)
      values(%k : tensor<?x2x?x8xf32>) mask<> scale(1.0) softcap(0.0)
      : tensor<?x4x?x8xf32> -> tensor<?x4x?x8xf32>
  return
}

// -----

// attention (C6): element types
func.func @f(%q: tensor<?x4x?x8xf32>, %k: tensor<?x2x?x8xbf16>) {
  // expected-error @below {{expects one element type, got 'f32' in query and 'bf16' in key}}
  %o = attn.attention %q keys(%k : tensor<?x2x?x8xbf16>)
      values(%k : tensor<?x2x?x8xbf16>) mask<> scale(1.0)
      : tensor<?x4x?x8xf32> -> tensor<?x4x?x8xf32>
  return
}

// -----

// attention (C6): element type of the output
func.func @f(%q: tensor<?x4x?x8xbf16>, %k: tensor<?x2x?x8xbf16>) {
  // expected-error @below {{expects one element type, got 'bf16' in query and 'f32' in output}}
  %o = attn.attention %q keys(%k : tensor<?x2x?x8xbf16>)
      values(%k : tensor<?x2x?x8xbf16>) mask<> scale(1.0)
      : tensor<?x4x?x8xbf16> -> tensor<?x4x?x8xf32>
  return
}

// -----

// attention (C7): arguments
func.func @f(%q: tensor<?x4x?x8xf32>, %k: tensor<?x2x?x8xf32>) {
  // expected-error @below {{expects 5 arguments of the score region, got 1}}
  %o = attn.attention %q keys(%k : tensor<?x2x?x8xf32>)
      values(%k : tensor<?x2x?x8xf32>) mask<> scale(1.0) score {
      ^bb0(%s: f32):
        attn.yield %s : f32
      } : tensor<?x4x?x8xf32> -> tensor<?x4x?x8xf32>
  return
}

// -----

// attention (C7): what it yields
func.func @f(%q: tensor<?x4x?x8xf32>, %k: tensor<?x2x?x8xf32>) {
  // expected-error @below {{expects type 'f32' for number 0 of the values yielded by the score region, got 'i32'}}
  %o = attn.attention %q keys(%k : tensor<?x2x?x8xf32>)
      values(%k : tensor<?x2x?x8xf32>) mask<> scale(1.0) score {
      ^bb0(%s: f32, %b: index, %h: index, %p: i32, %j: i32):
        attn.yield %p : i32
      } : tensor<?x4x?x8xf32> -> tensor<?x4x?x8xf32>
  return
}

// -----

// merge (C1): types
func.func @f(%o: tensor<?x4x?x8xf32>, %l: tensor<?x2x?xf32>) {
  // expected-error @below {{expects one number of query heads, got 4 in output and 2 in lse}}
  %m, %n = attn.merge outputs(%o) lse(%l)
      : tensor<?x4x?x8xf32>, tensor<?x2x?xf32>
  return
}

// -----

// merge (C1): at least one
func.func @f() {
  // expected-error @below {{expects at least one pair, got none}}
  %m, %n = attn.merge outputs() lse() : tensor<?x4x?x8xf32>, tensor<?x4x?xf32>
  return
}
