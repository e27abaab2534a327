# Gives zbroker::zbroker, the client library:
#   find_package(zbroker REQUIRED)
#   target_link_libraries(program PRIVATE zbroker::zbroker)
include(CMakeFindDependencyMacro)
find_dependency(Threads)
find_dependency(PkgConfig)
pkg_check_modules(ZBROKER_GRPC REQUIRED IMPORTED_TARGET GLOBAL grpc++_unsecure protobuf)

if(NOT TARGET zbroker::zbroker)
  # Below lib, or as Debian has it below lib/ARCHITECTURE.
  get_filename_component(_zbroker_lib "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
  find_path(_zbroker_include client/broker/broker_client.h NO_CACHE REQUIRED NO_DEFAULT_PATH
            PATHS "${_zbroker_lib}/../include/zbroker" "${_zbroker_lib}/../../include/zbroker")
  add_library(zbroker::zbroker STATIC IMPORTED)
  set_target_properties(zbroker::zbroker PROPERTIES
      IMPORTED_LOCATION "${_zbroker_lib}/libzbroker.a"
      INTERFACE_INCLUDE_DIRECTORIES "${_zbroker_include}"
      INTERFACE_COMPILE_FEATURES cxx_std_20
      INTERFACE_LINK_LIBRARIES "PkgConfig::ZBROKER_GRPC;Threads::Threads")
  unset(_zbroker_lib)
  unset(_zbroker_include)
endif()
