// RUN: heed-opt %s -split-input-file -verify-diagnostics

// stream (C1)
func.func @step(%n: index) {
  %c0 = arith.constant 0 : index
  // expected-error @below {{expects a positive step, got 0}}
  tile.stream (%c0 to %n step %c0)
  load (%i: index) {
    tile.yield
  }
  body (%i: index) {
    tile.yield
  }
  return
}

// -----

// stream (C2)
func.func @where(%n: index) {
  // expected-error @below {{expects a yield in where of types ('i1'), got ('index')}}
  tile.stream (%n to %n step %n)
  where (%i: index) {
    tile.yield %i : index
  }
  load (%i: index) {
    tile.yield
  }
  body (%i: index) {
    tile.yield
  }
  return
}

// -----

// stream (C3)
func.func @loads(%n: index) {
  // expected-error @below {{expects load to yield tiles, got 'index'}}
  tile.stream (%n to %n step %n)
  load (%i: index) {
    tile.yield %i : index
  }
  body (%i: index, %j: index) {
    tile.yield
  }
  return
}

// -----

// stream (C3)
func.func @loads(%n: index, %t: tensor<?xf32>) {
  // expected-error @below {{expects load to yield tiles, got 'tensor<?xf32>'}}
  tile.stream (%n to %n step %n)
  load (%i: index) {
    tile.yield %t : tensor<?xf32>
  }
  body (%i: index, %u: tensor<?xf32>) {
    tile.yield
  }
  return
}

// -----

// stream (C4)
func.func @body(%n: index) {
  // expected-error @below {{expects arguments of body of types ('index', 'index'), got ('index')}}
  %r = tile.stream (%n to %n step %n) carry(%n : index)
  load (%i: index) {
    tile.yield
  }
  body (%i: index) {
    tile.yield %i : index
  }
  return
}

// -----

// stream (C4)
func.func @yield(%n: index) {
  // expected-error @below {{expects a yield in body of types ('index'), got ()}}
  %r = tile.stream (%n to %n step %n) carry(%n : index)
  load (%i: index) {
    tile.yield
  }
  body (%i: index, %s: index) {
    tile.yield
  }
  return
}

// -----

// stream (C5)
func.func @results(%n: index) {
  // expected-error @below {{expects results of types (), got ('index')}}
  %r = "tile.stream"(%n, %n, %n) ({}, {
  ^bb0(%i: index):
    "tile.yield"() : () -> ()
  }, {
  ^bb0(%i: index):
    "tile.yield"() : () -> ()
  }, {}) : (index, index, index) -> index
  return
}

// -----

// stream (C6)
func.func @writes(%n: index, %x: memref<?xi32>, %v: i32) {
  // expected-error @below {{expects load to read only}}
  tile.stream (%n to %n step %n)
  load (%i: index) {
    // expected-note @below {{found memref.store}}
    memref.store %v, %x[%i] : memref<?xi32>
    tile.yield
  }
  body (%i: index) {
    tile.yield
  }
  return
}

// -----

// stream (C6)
func.func private @unknown()
func.func @calls(%n: index) {
  // expected-error @below {{expects where to read only}}
  tile.stream (%n to %n step %n)
  where (%i: index) {
    // expected-note @below {{found func.call}}
    func.call @unknown() : () -> ()
    %b = arith.constant true
    tile.yield %b : i1
  }
  load (%i: index) {
    tile.yield
  }
  body (%i: index) {
    tile.yield
  }
  return
}

// -----

// stream (C6)
func.func @nested(%n: index) {
  // expected-error @below {{expects load to read only}}
  tile.stream (%n to %n step %n)
  load (%i: index) {
    // expected-note @below {{found tile.stream}}
    tile.stream (%n to %n step %n)
    load (%j: index) {
      tile.yield
    }
    body (%j: index) {
      tile.yield
    }
    tile.yield
  }
  body (%i: index) {
    tile.yield
  }
  return
}

// -----

// stream (C7)
func.func @hidden(%n: index, %x: memref<?xi32>) {
  // expected-error @below {{expects the loads of a step in its load region}}
  tile.stream (%n to %n step %n)
  load (%i: index) {
    tile.yield
  }
  body (%i: index) {
    // expected-note @below {{found tile.load in the body}}
    %t = tile.load %x[%i] : memref<?xi32> -> tensor<4xi32>
    tile.yield
  }
  return
}
