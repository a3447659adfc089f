// RUN: heed-opt %s --heed-verify-model --split-input-file --verify-diagnostics

attn.weight @w : tensor<2xf32> init {
  %0 = arith.constant dense<[1.0, 0.01]> : tensor<2xf32>
  attn.yield %0 : tensor<2xf32>
}
func.func @fine(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %y = arith.addf %x, %x : tensor<?x?x8xf32>
  %z = math.tanh %y : tensor<?x?x8xf32>
  return %z : tensor<?x?x8xf32>
}

// -----

func.func @outside(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  // expected-error @below {{'arith.remf' op is not among the ops that a model may use}}
  %y = arith.remf %x, %x : tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

// -----

attn.weight @w : tensor<2xf32> init {
  %0 = arith.constant dense<[1.0, 0.01]> : tensor<2xf32>
  // expected-error @below {{'math.floor' op is not among the ops that a model may use}}
  %1 = math.floor %0 : tensor<2xf32>
  attn.yield %1 : tensor<2xf32>
}

// -----

func.func @score(%q: tensor<?x1x?x8xf32>, %b: tensor<4xf32>)
    -> tensor<?x1x?x8xf32> {
  %o = attn.attention %q keys(%q : tensor<?x1x?x8xf32>)
      values(%q : tensor<?x1x?x8xf32>) mask<causal> scale(1.0) score {
      ^bb0(%s: f32, %i: index, %h: index, %p: i32, %k: i32):
        // expected-error @below {{'arith.addf' op is not among the ops that a score region may use: scalar arith and math}}
        %c = arith.addf %b, %b : tensor<4xf32>
        attn.yield %s : f32
      } : tensor<?x1x?x8xf32> -> tensor<?x1x?x8xf32>
  return %o : tensor<?x1x?x8xf32>
}
