// RUN: heed-opt %s --split-input-file --verify-diagnostics

func.func @f(%t: tensor<16x8xbf16>, %ids: tensor<?x?xi32>) {
  // embed (C1)
  // expected-error @below {{expects one width, got 8 in table and 4 in result}}
  %h = attn.embed %t, %ids : tensor<16x8xbf16>, tensor<?x?xi32>
      -> tensor<?x?x4xbf16>
  return
}

// -----

func.func @f(%t: tensor<?x8xbf16>, %ids: tensor<?x?xi32>) {
  // embed (C1)
  // expected-error @below {{expects a static vocabulary, got a dynamic one}}
  %h = attn.embed %t, %ids : tensor<?x8xbf16>, tensor<?x?xi32>
      -> tensor<?x?x8xbf16>
  return
}

// -----

func.func @f(%t: tensor<16x8xbf16>, %ids: tensor<?x?xi32>) {
  // embed (C2)
  // expected-error @below {{expects a result of element type 'bf16' as in table, or f32, got 'f16'}}
  %h = attn.embed %t, %ids : tensor<16x8xbf16>, tensor<?x?xi32>
      -> tensor<?x?x8xf16>
  return
}

// -----

func.func @f(%h: tensor<?x?x8xf32>, %rows: tensor<?x?xi32>) {
  // gather_tokens (C1)
  // expected-error @below {{expects one width, got 8 in input and 4 in result}}
  %g = attn.gather_tokens %h, %rows : tensor<?x?x8xf32>, tensor<?x?xi32>
      -> tensor<?x?x4xf32>
  return
}

// -----

func.func @f(%h: tensor<2x?x8xf32>, %rows: tensor<3x?xi32>) {
  // gather_tokens (C1)
  // expected-error @below {{expects one batch size, got 2 in input and 3 in rows}}
  %g = attn.gather_tokens %h, %rows : tensor<2x?x8xf32>, tensor<3x?xi32>
      -> tensor<?x?x8xf32>
  return
}

// -----

func.func @f(%h: tensor<?x?x8xf32>, %w: tensor<6x4xf32>) {
  // linear (C1)
  // expected-error @below {{expects one number of inputs, got 4 in weight and 8 in input}}
  %y = attn.linear %h, %w : tensor<?x?x8xf32>, tensor<6x4xf32>
      -> tensor<?x?x6xf32>
  return
}

// -----

func.func @f(%h: tensor<?x?x8xf32>, %w: tensor<6x8xf32>, %b: tensor<8xf32>) {
  // linear (C1)
  // expected-error @below {{expects one number of outputs, got 6 in weight and 8 in bias}}
  %y = attn.linear %h, %w bias(%b : tensor<8xf32>)
      : tensor<?x?x8xf32>, tensor<6x8xf32> -> tensor<?x?x6xf32>
  return
}

// -----

func.func @f(%h: tensor<?x?x8xf32>, %w: tensor<6x8xf32>) {
  // linear (C1)
  // expected-error @below {{expects input and result of one rank, got 3 and 2}}
  %y = attn.linear %h, %w : tensor<?x?x8xf32>, tensor<6x8xf32>
      -> tensor<?x6xf32>
  return
}

// -----

func.func @f(%h: tensor<?x?x8xf32>, %w: tensor<6x8xbf16>) {
  // linear (C2)
  // expected-error @below {{expects one element type, got 'f32' in input and 'bf16' in weight}}
  %y = attn.linear %h, %w : tensor<?x?x8xf32>, tensor<6x8xbf16>
      -> tensor<?x?x6xf32>
  return
}

// -----

func.func @f(%h: tensor<?x?x8xf32>, %w: tensor<6x8xf32>) {
  // linear (C2)
  // expected-error @below {{expects a result of element type 'f32' as in input, or f32, got 'bf16'}}
  %y = attn.linear %h, %w : tensor<?x?x8xf32>, tensor<6x8xf32>
      -> tensor<?x?x6xbf16>
  return
}

// -----

func.func @f(%h: tensor<?x?x8xf32>) {
  // split_heads (C1)
  // expected-error @below {{found 3 heads for 'tensor<?x?x8xf32>', wanted a divisor of its static width}}
  %y = attn.split_heads %h 3 : tensor<?x?x8xf32>
  return
}

// -----

func.func @f(%h: tensor<?x?x?x8xf32>) {
  // merge_heads (C1)
  // expected-error @below {{found 'tensor<?x?x?x8xf32>', wanted static heads and width}}
  %y = attn.merge_heads %h : tensor<?x?x?x8xf32>
  return
}

// -----

func.func @f(%h: tensor<?x?x8xf32>, %w: tensor<4xf32>) {
  // norm (C1)
  // expected-error @below {{expects one width, got 8 in input and 4 in weight}}
  %y = attn.norm rms %h, %w epsilon(1.0) : tensor<?x?x8xf32>, tensor<4xf32>
  return
}

// -----

func.func @f(%h: tensor<?x?x8xf32>, %w: tensor<8xf32>) {
  // norm (C2)
  // expected-error @below {{expects a bias only in 'layer', got one in 'rms'}}
  %y = attn.norm rms %h, %w bias(%w : tensor<8xf32>) epsilon(1.0)
      : tensor<?x?x8xf32>, tensor<8xf32>
  return
}

// -----

func.func @f(%h: tensor<?x?x8xf32>, %w: tensor<8xf32>) {
  // norm (C3)
  // expected-error @below {{expects a positive and finite epsilon, got 0.0}}
  %y = attn.norm rms %h, %w epsilon(0.0) : tensor<?x?x8xf32>, tensor<8xf32>
  return
}

// -----

func.func @f(%h: tensor<?x2x?x8xf32>, %p: tensor<?x?xi32>, %f: tensor<5xf32>) {
  // rotary (C1)
  // expected-error @below {{expects 1 to 4 frequencies for a width of 8, got 5}}
  %y = attn.rotary %h, %p, %f amplitude(1.0)
      : tensor<?x2x?x8xf32>, tensor<?x?xi32>, tensor<5xf32>
  return
}

// -----

func.func @f(%h: tensor<?x2x?x8xf32>, %p: tensor<?x?xi32>, %f: tensor<4xf32>) {
  // rotary (C2)
  // expected-error @below {{expects a finite amplitude, got}}
  %y = attn.rotary %h, %p, %f amplitude(0x7FC00000)
      : tensor<?x2x?x8xf32>, tensor<?x?xi32>, tensor<4xf32>
  return
}

// -----

func.func @f(%h: tensor<?x?x8xf32>, %u: tensor<12x8xf32>, %d: tensor<8x6xf32>) {
  // ffn (C1)
  // expected-error @below {{expects one inner width, got 12 in up and 6 in down}}
  %y = attn.ffn relu %h, %u, %d
      : tensor<?x?x8xf32>, tensor<12x8xf32>, tensor<8x6xf32>
  return
}

// -----

func.func @f(%h: tensor<?x?x8xf32>, %u: tensor<6x8xf32>, %d: tensor<8x6xf32>,
             %g: tensor<6x8xbf16>) {
  // ffn (C2)
  // expected-error @below {{expects one element type, got 'f32' in input and 'bf16' in gate}}
  %y = attn.ffn relu %h, %u, %d gate(%g : tensor<6x8xbf16>)
      : tensor<?x?x8xf32>, tensor<6x8xf32>, tensor<8x6xf32>
  return
}
