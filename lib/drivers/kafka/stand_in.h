// A cluster that is none: librdkafka's mock.
#pragma once

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "spate/drivers/address.h"
#include "spate/drivers/destroy.h"

namespace spate::drivers::kafka {

// Brokers in this process, which speak Kafka's protocol on loopback and keep everything in memory.
// They know no administration: topics are made through this object, and vanish with it. So there is
// one to be opened, and each run over it has another of its own, lest what the runs have sent add
// up. Any thread.
class StandIn {
 public:
  // Throws Error.
  static std::shared_ptr<StandIn> start();
  // Those of this process.
  static std::vector<std::shared_ptr<StandIn>> all();

  std::string address() const { return "kafka://" + hosts_; }
  bool listens_at(const Endpoint& endpoint) const;
  // Two in a row may take a second: the mock's thread can miss that there is a second one. Throws
  // Error.
  void make_topic(const std::string& name, std::int32_t partitions);
  // For tests: it can be away, and refuse.
  rd_kafka_mock_cluster_t* cluster() const { return cluster_.get(); }

 private:
  StandIn();

  std::unique_ptr<rd_kafka_t, Destroy<rd_kafka_destroy>> client_;  // the cluster lives in it
  std::unique_ptr<rd_kafka_mock_cluster_t, Destroy<rd_kafka_mock_cluster_destroy>> cluster_;
  std::string hosts_;
};

}  // namespace spate::drivers::kafka
