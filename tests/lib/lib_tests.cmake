# One program for what runs on one thread, one for what does not, and one that counts allocations.
spate_add_test(NAME lib_unit_test
  SOURCES
    agent_latencies_test.cc
    agents_test.cc
    chaos_test.cc
    content_test.cc
    ledger_test.cc
    mock_delivery_test.cc
    payload_test.cc
    random_test.cc
    run_plan_test.cc
    schedule_test.cc
    timer_wheel_test.cc
  LIBRARIES spate::spate)
target_include_directories(lib_unit_test PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})

spate_add_test(NAME lib_concurrency_test
  SOURCES
    queue_delivery_test.cc
    run_limits_test.cc
    spsc_ring_test.cc
    stress_run_test.cc
  LIBRARIES spate::spate LABELS concurrency)
target_include_directories(lib_concurrency_test PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})

# It replaces operator new, as sanitizers do: not both.
if(NOT SPATE_SANITIZE)
  spate_add_test(NAME lib_allocation_test SOURCES allocation_test.cc LIBRARIES spate::spate)
  target_include_directories(lib_allocation_test PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
endif()

if(SPATE_SANITIZE MATCHES "thread")  # why: see the file
  set_tests_properties(lib_concurrency_test PROPERTIES ENVIRONMENT
    "TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:suppressions=${CMAKE_CURRENT_SOURCE_DIR}/tsan_suppressions.txt")
endif()
