spate_add_test(NAME latency_recorder_test SOURCES latency_recorder_test.cc LIBRARIES spate::spate)
spate_add_test(NAME hdr_encoding_test SOURCES hdr_encoding_test.cc LIBRARIES spate::spate ZLIB::ZLIB)

# Another implementation of HdrHistogram reads what we write. Its package is installed into the build
# folder by a test of its own, so the source folder stays clean and configuring needs no network.
add_executable(hdr_export hdr_js_test/hdr_export.cc)
target_link_libraries(hdr_export PRIVATE spate_compile_options spate::spate)

find_program(SPATE_NODE node)
find_program(SPATE_NPM npm)
if(SPATE_NODE AND SPATE_NPM)
  set(hdr_js_dir ${CMAKE_CURRENT_BINARY_DIR}/hdr_js)
  configure_file(hdr_js_test/package.json ${hdr_js_dir}/package.json COPYONLY)
  add_test(NAME hdr_js_install
    COMMAND ${SPATE_NPM} install --no-audit --no-fund --ignore-scripts --no-package-lock
    WORKING_DIRECTORY ${hdr_js_dir})
  add_test(NAME hdr_js
    COMMAND ${SPATE_NODE} ${CMAKE_CURRENT_SOURCE_DIR}/hdr_js_test/decode.js $<TARGET_FILE:hdr_export>)
  set_tests_properties(hdr_js_install PROPERTIES FIXTURES_SETUP hdr_js TIMEOUT 120)
  set_tests_properties(hdr_js PROPERTIES FIXTURES_REQUIRED hdr_js TIMEOUT 60
    ENVIRONMENT NODE_PATH=${hdr_js_dir}/node_modules)
else()
  message(WARNING "node or npm not found: the tests hdr_js_install and hdr_js, which read histograms "
    "with hdr-histogram-js, are missing. Install nodejs and npm, and configure again.")
endif()
