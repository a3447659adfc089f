// RUN: heed-opt %s --split-input-file --verify-diagnostics

// mask (C1)
// expected-error @below {{found window = 0, wanted at least 1}}
func.func private @f() attributes {m = #attn.mask<causal, window = 0>}

// -----

// mask (C1)
// expected-error @below {{found a window without 'causal'}}
func.func private @f() attributes {m = #attn.mask<window = 3>}

// -----

// mask (C2)
// expected-error @below {{found sinks without 'window'}}
func.func private @f() attributes {m = #attn.mask<causal, sinks = 3>}

// -----

// mask (C2)
// expected-error @below {{found sinks = -1, wanted at least 0}}
func.func private @f() attributes {m = #attn.mask<causal, window = 2, sinks = [0, -1]>}

// -----

// mask (C3)
// expected-error @below {{found a prefix without 'causal'}}
func.func private @f() attributes {m = #attn.mask<prefix = 3>}

// -----

// mask (C3)
// expected-error @below {{found prefix = -2, wanted at least 0}}
func.func private @f() attributes {m = #attn.mask<causal, prefix = -2>}

// -----

// expected-error @below {{found 'causal' twice}}
func.func private @f() attributes {m = #attn.mask<causal, causal>}

// -----

// expected-error @below {{found mask term 'block', wanted 'causal', 'window', 'sinks', 'prefix' or 'segments'}}
func.func private @f() attributes {m = #attn.mask<block>}

// -----

// cache (C1)
// expected-error @below {{found two fields named "k", wanted names that differ}}
func.func private @f(!attn.cache<[k : token 1x2xf32, k : token 1x2xf32]>)

// -----

// cache (C1)
// expected-error @below {{found no field, wanted at least one}}
func.func private @f(!attn.cache<[]>)

// -----

// cache (C2)
// expected-error @below {{field "k": found a window of 0, wanted at least 1}}
func.func private @f(!attn.cache<[k : ring(0) 1x2xf32]>)

// -----

// cache (C2)
// expected-error @below {{field "k": found -1 sinks, wanted at least 0}}
func.func private @f(!attn.cache<[k : ring(4, sinks -1) 1x2xf32]>)

// -----

// cache (C2)
// expected-error @below {{field "k": found a period of 0, wanted at least 1}}
func.func private @f(!attn.cache<[k : every(0) 1x2xf32]>)

// -----

// cache (C2)
// expected-error @below {{field "k": found a size of 0, wanted static sizes of at least 1}}
func.func private @f(!attn.cache<[k : token 1x0xf32]>)

// -----

// cache (C3)
// expected-error @below {{field "k": found an entry of rank 3, wanted heads x width}}
func.func private @f(!attn.cache<[k : token 1x2x3xf32]>)

// -----

// cache (C3)
// expected-error @below {{found element type 'index', wanted integers or floats}}
func.func private @f(!attn.cache<[k : token 1x2xindex]>)

// -----

// expected-error @below {{found rate 'chunk', wanted 'token', 'ring', 'every' or 'sequence'}}
func.func private @f(!attn.cache<[k : chunk 1x2xf32]>)

// -----

func.func @f(%c: !attn.cache<[k : sequence 1x2xf32]>) {
  // cache_read (C1)
  // expected-error @below {{expects fields of rate token or ring, got field "k" of another}}
  %k, %p = attn.cache_read %c : !attn.cache<[k : sequence 1x2xf32]>
      -> tensor<?x1x?x2xf32>, tensor<?x?xi32>
  return
}

// -----

func.func @f(%c: !attn.cache<[k : token 1x2xf32]>) {
  // cache_read (C2)
  // expected-error @below {{expects type 'tensor<?x1x?x2xf32>' for number 0 of the results, got 'tensor<?x2x?x2xf32>'}}
  %k, %p = attn.cache_read %c : !attn.cache<[k : token 1x2xf32]>
      -> tensor<?x2x?x2xf32>, tensor<?x?xi32>
  return
}

// -----

!c = !attn.cache<[k : token 1x2xf32, v : ring(4) 1x2xf32]>
func.func @f(%c: !c, %p: tensor<?x?xi32>, %k: tensor<?x1x?x2xf32>) {
  // cache_append (C1)
  // expected-error @below {{expects one rate for all fields, got others for "k" and "v"}}
  %d = attn.cache_append %c, %p, %k, %k
      : !c, tensor<?x1x?x2xf32>, tensor<?x1x?x2xf32>
  return
}

// -----

!c = !attn.cache<[k : token 1x2xf32, v : token 1x2xf32]>
func.func @f(%c: !c, %p: tensor<?x?xi32>, %k: tensor<?x1x?x2xf32>) {
  // cache_append (C2)
  // expected-error @below {{expects 2 values, got 1}}
  %d = attn.cache_append %c, %p, %k : !c, tensor<?x1x?x2xf32>
  return
}

// -----

!c = !attn.cache<[k : token 1x2xf32]>
!d = !attn.cache<[k : token 1x4xf32]>
func.func @f(%c: !c, %p: tensor<?x?xi32>, %k: tensor<?x1x?x2xf32>) {
  // cache_append (C3)
  // expected-error @below {{failed to verify that all of {cache, result} have same type}}
  %d = "attn.cache_append"(%c, %p, %k)
      : (!c, tensor<?x?xi32>, tensor<?x1x?x2xf32>) -> !d
  return
}
