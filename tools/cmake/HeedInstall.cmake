# What `cmake --install` leaves, and how find_package(Heed) finds it.
#
# Two components: Compiler (Heed::Compiler, needs MLIR) and Runtime
# (Heed::Runtime, needs nothing). Headers lie under a prefix of their own, so
# that an embedder spells them as we do: "passes/InitAll.h".

include(CMakePackageConfigHelpers)

# heed_install(): call it once, after the last library.
function(heed_install)
  set(package ${CMAKE_INSTALL_LIBDIR}/cmake/Heed)
  # Of the runtime just the shared library, whose exports are the C interface.
  set(components Runtime)
  set_target_properties(heed-runtime PROPERTIES EXPORT_NAME Runtime)
  target_include_directories(heed-runtime INTERFACE
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/Heed>)
  install(TARGETS heed-runtime EXPORT HeedRuntimeTargets)
  if(TARGET HeedCompiler)
    list(APPEND components Compiler)
    get_property(libraries GLOBAL PROPERTY HEED_LIBRARIES)
    list(REMOVE_ITEM libraries HeedRuntime)
    foreach(library IN LISTS libraries)
      string(REGEX REPLACE "^Heed" "" name ${library})
      set_target_properties(${library} PROPERTIES EXPORT_NAME ${name})
    endforeach()
    install(TARGETS ${libraries} EXPORT HeedCompilerTargets)
  endif()

  foreach(component IN LISTS components)
    install(EXPORT Heed${component}Targets NAMESPACE Heed::
      DESTINATION ${package})
  endforeach()
  configure_package_config_file(
    ${PROJECT_SOURCE_DIR}/tools/cmake/HeedConfig.cmake.in
    ${PROJECT_BINARY_DIR}/HeedConfig.cmake INSTALL_DESTINATION ${package})
  write_basic_package_version_file(
    ${PROJECT_BINARY_DIR}/HeedConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/HeedConfig.cmake
    ${PROJECT_BINARY_DIR}/HeedConfigVersion.cmake DESTINATION ${package})

  set(headers ${CMAKE_INSTALL_INCLUDEDIR}/Heed)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/heed-c DESTINATION ${headers})
  if(TARGET HeedCompiler)
    # Not those of HeedText, which is not installed: it needs ICU.
    install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/heed DESTINATION ${headers}
      PATTERN Text EXCLUDE)
    foreach(folder dialects passes)
      install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder}
        ${PROJECT_BINARY_DIR}/${folder} DESTINATION ${headers}
        FILES_MATCHING PATTERN "*.h" PATTERN "*.td" PATTERN "*.def"
        PATTERN "*.h.inc" PATTERN CMakeFiles EXCLUDE)
    endforeach()
  endif()
endfunction()
