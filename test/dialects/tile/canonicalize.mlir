// RUN: heed-opt %s -canonicalize | FileCheck %s

// What the IR tells of the ends of consecutive and repeated numbers needs no
// look at tiles.

// CHECK-LABEL: func.func @ends(
//  CHECK-SAME:   %[[START:.*]]: index, %[[BY:.*]]: i32) -> (i32, i32)
//       CHECK:   %[[FIRST:.*]] = arith.index_cast %[[START]]
//       CHECK:   %[[LEAST:.*]] = arith.addi %[[FIRST]], %[[BY]]
//       CHECK:   %[[LAST:.*]] = arith.addi %[[START]], %c63
//       CHECK:   %[[CAST:.*]] = arith.index_cast %[[LAST]]
//       CHECK:   %[[MOST:.*]] = arith.addi %[[CAST]], %[[BY]]
//       CHECK:   return %[[LEAST]], %[[MOST]]
func.func @ends(%start: index, %by: i32) -> (i32, i32) {
  %numbers = tile.iota %start : tensor<64xi32>
  %repeated = tensor.splat %by : tensor<64xi32>
  %moved = arith.addi %numbers, %repeated : tensor<64xi32>
  %least = tile.reduce <min> %moved over 0 : tensor<64xi32> -> i32
  %most = tile.reduce <max> %moved over 0 : tensor<64xi32> -> i32
  return %least, %most : i32, i32
}

// CHECK-LABEL: func.func @window(
//       CHECK:   %[[FIRST:.*]] = arith.index_cast
//       CHECK:   arith.subi %[[FIRST]], %c20_i32
func.func @window(%start: index) -> i32 {
  %numbers = tile.iota %start : tensor<8xi32>
  %window = arith.constant dense<20> : tensor<8xi32>
  %reach = arith.subi %numbers, %window : tensor<8xi32>
  %least = tile.reduce <min> %reach over 0 : tensor<8xi32> -> i32
  return %least : i32
}

// Sums, products with numbers, and what is loaded stay.

// CHECK-LABEL: func.func @stays(
// CHECK-COUNT-2: tile.reduce
func.func @stays(%start: index, %loaded: tensor<8xi32>) -> (i32, i32) {
  %numbers = tile.iota %start : tensor<8xi32>
  %sum = tile.reduce <add> %numbers over 0 : tensor<8xi32> -> i32
  %most = tile.reduce <max> %loaded over 0 : tensor<8xi32> -> i32
  return %sum, %most : i32, i32
}
