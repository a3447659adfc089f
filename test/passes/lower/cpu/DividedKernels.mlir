// RUN: heed-opt %s -heed-lower-kernels-to-cpu -verify-diagnostics

tile.kernel @parts(%n: index) grid(3, %n by 1) {
  %p = tile.program_id 0
  // expected-error @below {{found on a CPU, wanted kernels that heed-split-kernels has not divided}}
  tile.finish %p of %n {
  }
  tile.return
}
