# Conventions of Heed's libraries as functions.

add_compile_options(-Wall -Wextra -Wno-unused-parameter
  -Wno-missing-field-initializers)
# ccache and precompiled headers agree only with these.
add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")
if(HEED_SANITIZE)
  # Named here in full: LLVM_USE_SANITIZER drops UBSan silently out of tree.
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all
    -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=address,undefined)
endif()

# heed_add_library(NAME SOURCE... [INTERNAL] [MLIR HEADER] [DEPENDS TARGET...]
#                  [LINK LIBRARY...])
#
# A static library of one folder, installed as Heed::X if NAME is HeedX, unless
# it is INTERNAL: used by our programs only. With
# MLIR, the library sees MLIR's headers through the precompiled HEADER; libraries
# with the same HEADER share it.
function(heed_add_library name)
  cmake_parse_arguments(arg "INTERNAL" "MLIR" "DEPENDS;LINK" ${ARGN})
  add_library(${name} STATIC ${arg_UNPARSED_ARGUMENTS})
  target_include_directories(${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/Heed>)
  target_link_libraries(${name} PUBLIC ${arg_LINK})
  if(NOT arg_INTERNAL)
    set_property(GLOBAL APPEND PROPERTY HEED_LIBRARIES ${name})
  endif()
  if(arg_DEPENDS)
    add_dependencies(${name} ${arg_DEPENDS})
  endif()
  if(arg_MLIR)
    heed_use_mlir(${name} ${arg_MLIR})
  endif()
endfunction()

# heed_use_mlir(TARGET HEADER): compile TARGET against MLIR, link the shared
# library, and precompile HEADER once for all targets that name it.
function(heed_use_mlir target header)
  target_include_directories(${target} SYSTEM PUBLIC
    ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
  target_link_libraries(${target} PUBLIC MLIR LLVM)
  target_compile_options(${target} PRIVATE
    $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions>)
  get_filename_component(stem ${header} NAME_WE)
  set(owner heed-precompiled-${stem})
  if(NOT TARGET ${owner})
    set(empty ${PROJECT_BINARY_DIR}/precompiled/${stem}.cpp)
    if(NOT EXISTS ${empty})
      file(WRITE ${empty} "// Compiled only to precompile ${stem}.h\n")
    endif()
    add_library(${owner} OBJECT ${empty})
    target_include_directories(${owner} SYSTEM PRIVATE
      ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
    target_compile_options(${owner} PRIVATE
      $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions>)
    target_precompile_headers(${owner} PRIVATE ${header})
  endif()
  target_precompile_headers(${target} REUSE_FROM ${owner})
endfunction()

# heed_add_tool(NAME SOURCE... [MLIR HEADER] [DEPENDS TARGET...]
#               [LINK LIBRARY...])
#
# An installed program; the arguments are those of heed_add_library. Code of a
# program is compiled like that of a library (-fPIC), which is what lets it
# share the precompiled header.
function(heed_add_tool name)
  cmake_parse_arguments(arg "" "MLIR" "DEPENDS;LINK" ${ARGN})
  add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${name} PRIVATE -fPIC)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}
    ${PROJECT_SOURCE_DIR}/include ${PROJECT_BINARY_DIR})
  target_link_libraries(${name} PRIVATE ${arg_LINK})
  set_property(GLOBAL APPEND PROPERTY HEED_TOOLS ${name})
  if(arg_DEPENDS)
    add_dependencies(${name} ${arg_DEPENDS})
  endif()
  if(arg_MLIR)
    heed_use_mlir(${name} ${arg_MLIR})
  endif()
  install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()
