// RUN: heed-opt %s -split-input-file -verify-diagnostics

// stream (C8)
func.func @one_set(%n: index) {
  // expected-error @below {{expects arguments of combine of types ('index', 'index'), got ('index')}}
  %r = tile.stream (%n to %n step %n) carry(%n : index)
  load (%i: index) {
    tile.yield
  }
  body (%i: index, %x: index) {
    tile.yield %x : index
  }
  combine (%x: index) {
    tile.yield %x : index
  }
  return
}

// -----

// stream (C8): the sets stand behind each other, not their values in turn.
func.func @in_turn(%n: index, %f: f32) {
  // expected-error @below {{expects arguments of combine of types ('index', 'f32', 'index', 'f32'), got ('index', 'index', 'f32', 'f32')}}
  %r:2 = tile.stream (%n to %n step %n) carry(%n, %f : index, f32)
  load (%i: index) {
    tile.yield
  }
  body (%i: index, %x: index, %y: f32) {
    tile.yield %x, %y : index, f32
  }
  combine (%x0: index, %x1: index, %y0: f32, %y1: f32) {
    tile.yield %x0, %y0 : index, f32
  }
  return
}

// -----

// stream (C8)
func.func @yields_both(%n: index) {
  // expected-error @below {{expects a yield in combine of types ('index'), got ('index', 'index')}}
  %r = tile.stream (%n to %n step %n) carry(%n : index)
  load (%i: index) {
    tile.yield
  }
  body (%i: index, %x: index) {
    tile.yield %x : index
  }
  combine (%x: index, %y: index) {
    tile.yield %x, %y : index, index
  }
  return
}

// -----

// stream (C9)
func.func @reads(%n: index, %m: memref<?xindex>) {
  // expected-error @below {{expects combine to compute only}}
  %r = tile.stream (%n to %n step %n) carry(%n : index)
  load (%i: index) {
    tile.yield
  }
  body (%i: index, %x: index) {
    tile.yield %x : index
  }
  combine (%x: index, %y: index) {
    // expected-note @below {{found memref.load}}
    %z = memref.load %m[%x] : memref<?xindex>
    tile.yield %z : index
  }
  return
}

// -----

// stream (C9)
func.func @streams(%n: index) {
  // expected-error @below {{expects combine to compute only}}
  %r = tile.stream (%n to %n step %n) carry(%n : index)
  load (%i: index) {
    tile.yield
  }
  body (%i: index, %x: index) {
    tile.yield %x : index
  }
  combine (%x: index, %y: index) {
    // expected-note @below {{found tile.stream}}
    tile.stream (%n to %n step %n)
    load (%i: index) {
      tile.yield
    }
    body (%i: index) {
      tile.yield
    }
    tile.yield %x : index
  }
  return
}

// -----

// stream (C10): also where the store stands in a branch.
func.func @stores(%n: index, %m: memref<?xindex>, %b: i1) {
  // expected-error @below {{expects a body beside combine to write no memory}}
  %r = tile.stream (%n to %n step %n) carry(%n : index)
  load (%i: index) {
    tile.yield
  }
  body (%i: index, %x: index) {
    scf.if %b {
      // expected-note @below {{found memref.store}}
      memref.store %x, %m[%i] : memref<?xindex>
    }
    tile.yield %x : index
  }
  combine (%x: index, %y: index) {
    tile.yield %x : index
  }
  return
}

// -----

// stream (C11)
func.func @both(%n: index) {
  // expected-error @below {{expects no combine where it continues a stream}}
  %r = tile.stream (%n to %n step %n) carry(%n : index) attributes {continues}
  load (%i: index) {
    tile.yield
  }
  body (%i: index, %x: index) {
    tile.yield %x : index
  }
  combine (%x: index, %y: index) {
    tile.yield %x : index
  }
  return
}

// -----

// stream (C11)
func.func @stores_going_on(%n: index, %m: memref<?xindex>) {
  // expected-error @below {{expects a body that continues a stream to write no memory}}
  %r = tile.stream (%n to %n step %n) carry(%n : index) attributes {continues}
  load (%i: index) {
    tile.yield
  }
  body (%i: index, %x: index) {
    // expected-note @below {{found memref.store}}
    memref.store %x, %m[%i] : memref<?xindex>
    tile.yield %x : index
  }
  return
}
