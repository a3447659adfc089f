// RUN: heed-opt %s --heed-verify-caches --split-input-file --verify-diagnostics

!c = !attn.cache<[k : token 1x2xf32]>
func.func @fine(%c: !c, %p: tensor<?x?xi32>, %k: tensor<?x1x?x2xf32>) -> !c {
  %c1 = attn.layer 0 "decoder" (%d = %c) : (!c) -> !c {
    %k0, %p0 = attn.cache_read %d : !c -> tensor<?x1x?x2xf32>, tensor<?x?xi32>
    %d1 = attn.cache_append %d, %p, %k : !c, tensor<?x1x?x2xf32>
    attn.yield %d1 : !c
  }
  %k1, %p1 = attn.cache_read %c1 : !c -> tensor<?x1x?x2xf32>, tensor<?x?xi32>
  return %c1 : !c
}

// -----

!c = !attn.cache<[k : token 1x2xf32]>
func.func @appended_twice(%c: !c, %p: tensor<?x?xi32>,
                          %k: tensor<?x1x?x2xf32>) -> !c {
  // expected-error @below {{found two ops that consume one cache, wanted one}}
  %c1 = attn.cache_append %c, %p, %k : !c, tensor<?x1x?x2xf32>
  // expected-note @below {{the second is here}}
  %c2 = attn.cache_append %c, %p, %k : !c, tensor<?x1x?x2xf32>
  return %c2 : !c
}

// -----

!c = !attn.cache<[k : token 1x2xf32]>
func.func @returned_twice(%c: !c) -> (!c, !c) {
  // expected-error @below {{found two ops that consume one cache, wanted one}}
  // expected-note @below {{the second is here}}
  return %c, %c : !c, !c
}

// -----

!c = !attn.cache<[k : token 1x2xf32]>
func.func @read_late(%c: !c, %p: tensor<?x?xi32>,
                     %k: tensor<?x1x?x2xf32>) -> !c {
  // expected-note @below {{it is consumed here}}
  %c1 = attn.cache_append %c, %p, %k : !c, tensor<?x1x?x2xf32>
  // expected-error @below {{found a read of a cache behind the op that consumes it, wanted it before}}
  %k0, %p0 = attn.cache_read %c : !c -> tensor<?x1x?x2xf32>, tensor<?x?xi32>
  return %c1 : !c
}

// -----

!c = !attn.cache<[k : token 1x2xf32]>
func.func @captured(%c: !c, %p: tensor<?x?xi32>, %k: tensor<?x1x?x2xf32>) {
  attn.layer 0 "decoder" () : () -> () {
    // expected-error @below {{consumes a cache that is no argument of the region it stands in}}
    %c1 = attn.cache_append %c, %p, %k : !c, tensor<?x1x?x2xf32>
    attn.yield
  }
  return
}
