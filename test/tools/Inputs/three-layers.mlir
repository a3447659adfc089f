!h = tensor<?x?x4xf32>
func.func @step(%h: !h, %w: tensor<4x4xf32>) -> !h {
  %a = attn.layer 0 "decoder" (%x = %h) : (!h) -> !h {
    %y = attn.linear %x, %w : !h, tensor<4x4xf32> -> !h
    attn.yield %y : !h
  }
  %b = attn.layer 1 "decoder" (%x = %a) : (!h) -> !h {
    %y = attn.linear %x, %w : !h, tensor<4x4xf32> -> !h
    attn.yield %y : !h
  }
  %c = attn.layer 2 "decoder" (%x = %b) : (!h) -> !h {
    %y = attn.linear %x, %w : !h, tensor<4x4xf32> -> !h
    attn.yield %y : !h
  }
  return %c : !h
}
