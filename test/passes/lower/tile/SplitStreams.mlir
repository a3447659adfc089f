// RUN: heed-opt %s --heed-split-streams=parts=3 | FileCheck %s
// RUN: heed-opt %s --heed-split-streams=parts=1 | FileCheck %s --check-prefix=ONE
// RUN: not heed-opt %s --heed-split-streams=parts=0 2>&1 \
// RUN:   | FileCheck %s --check-prefix=NONE
// RUN: not heed-opt %s --heed-split-streams=parts=65 2>&1 \
// RUN:   | FileCheck %s --check-prefix=MANY

// NONE: error: expects 1 to 64 parts of a stream, got 0
// MANY: error: expects 1 to 64 parts of a stream, got 65

// Every third step, from each of the first three, joined from first to last.

// CHECK-LABEL: func.func @sum(
//  CHECK-SAME:   %[[LOWER:[^:]*]]: index, %[[UPPER:[^:]*]]: index, %[[INIT:[^:]*]]: f32,
//       CHECK:   %[[FAR:.*]] = arith.constant 192 : index
//       CHECK:   %[[A:.*]] = tile.stream (%[[LOWER]] to %[[UPPER]] step %[[FAR]]) carry(%[[INIT]] : f32)
//   CHECK-NOT:   combine
//       CHECK:   %[[SECOND:.*]] = arith.addi %[[LOWER]], %{{c64.*}} :
//       CHECK:   %[[B:.*]] = tile.stream (%[[SECOND]] to %[[UPPER]] step %[[FAR]]) carry(%[[INIT]] : f32)
//   CHECK-NOT:   combine
//       CHECK:   %[[AB:.*]] = arith.addf %[[A]], %[[B]]
//       CHECK:   %[[C128:.*]] = arith.constant 128 : index
//       CHECK:   %[[THIRD:.*]] = arith.addi %[[LOWER]], %[[C128]]
//       CHECK:   %[[C:.*]] = tile.stream (%[[THIRD]] to %[[UPPER]] step %[[FAR]]) carry(%[[INIT]] : f32)
//   CHECK-NOT:   combine
//       CHECK:   %[[ABC:.*]] = arith.addf %[[AB]], %[[C]]
//       CHECK:   return %[[ABC]]

// ONE-LABEL: func.func @sum(
//  ONE-SAME:   %[[LOWER:[^:]*]]: index, %[[UPPER:[^:]*]]: index, %[[INIT:[^:]*]]: f32,
//       ONE:   %[[A:.*]] = tile.stream (%[[LOWER]] to %[[UPPER]] step %{{.*}}) carry(%[[INIT]] : f32)
//   ONE-NOT:   combine
//   ONE-NOT:   tile.stream
//       ONE:   return %[[A]]
func.func @sum(%lower: index, %upper: index, %init: f32, %x: f32) -> f32 {
  %c64 = arith.constant 64 : index
  %sum = tile.stream (%lower to %upper step %c64) carry(%init : f32)
  load (%i: index) {
    tile.yield
  }
  body (%i: index, %s: f32) {
    %next = arith.addf %s, %x : f32
    tile.yield %next : f32
  }
  combine (%a: f32, %b: f32) {
    %both = arith.addf %a, %b : f32
    tile.yield %both : f32
  }
  return %sum : f32
}

// A stream that does not say how its steps combine stays; one inside of it, or
// inside of one that is divided, is divided itself.

// CHECK-LABEL: func.func @nested(
// CHECK-COUNT-12: tile.stream
//   CHECK-NOT:   tile.stream
//       CHECK:   func.func @ordered(
//       CHECK:   tile.stream
//       CHECK:   body
// CHECK-COUNT-3: tile.stream
//   CHECK-NOT:   tile.stream
func.func @nested(%n: index) -> index {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %sum = tile.stream (%c0 to %n step %c1) carry(%c0 : index)
  load (%i: index) {
    tile.yield
  }
  body (%i: index, %s: index) {
    %most = tile.stream (%c0 to %i step %c1) carry(%c0 : index)
    load (%j: index) {
      tile.yield
    }
    body (%j: index, %m: index) {
      %next = arith.maxui %m, %j : index
      tile.yield %next : index
    }
    combine (%a: index, %b: index) {
      %both = arith.maxui %a, %b : index
      tile.yield %both : index
    }
    %next = arith.addi %s, %most : index
    tile.yield %next : index
  }
  combine (%a: index, %b: index) {
    %both = arith.addi %a, %b : index
    tile.yield %both : index
  }
  return %sum : index
}

func.func @ordered(%n: index) -> index {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %last = tile.stream (%c0 to %n step %c1) carry(%c0 : index)
  load (%i: index) {
    tile.yield
  }
  body (%i: index, %s: index) {
    %most = tile.stream (%c0 to %s step %c1) carry(%c0 : index)
    load (%j: index) {
      tile.yield
    }
    body (%j: index, %m: index) {
      %next = arith.maxui %m, %j : index
      tile.yield %next : index
    }
    combine (%a: index, %b: index) {
      %both = arith.maxui %a, %b : index
      tile.yield %both : index
    }
    tile.yield %most : index
  }
  return %last : index
}
