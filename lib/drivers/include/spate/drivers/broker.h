// Brokers: deliveries that run in another process, perhaps on another machine.
//
// A driver knows one kind of broker. It opens a broker, which checks all that can be checked before
// a run: that a server is there, that it is of the right kind, that it lets us in and may be used.
// The broker then makes the delivery of each run, with names of that run's own, which the delivery
// removes when it is destroyed.
//
// What goes wrong during a run is no exception: messages become `rejected` or `unknown`, and the
// reason stands in the broker's Troubles.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "spate/delivery.h"
#include "spate/drivers/address.h"
#include "spate/drivers/troubles.h"
#include "spate/payload.h"

namespace spate::drivers {

struct BrokerOptions {
  Address address;  // as the driver's form has it
  // So long a server may take for any one answer, and a lost connection to come back. Afterwards
  // what waits for it is `unknown`, and what is still to be sent is `rejected`.
  std::int64_t timeout_ns = 5'000'000'000;
  // Where to connect in place of a server: to a proxy that leads there. Null: to the server itself.
  // It is asked for each server of the address when the broker is opened; by drivers whose servers
  // name each other to the client (Kafka) for each connection, in any thread. Over TLS a
  // certificate has to name whom it leads to.
  std::function<Endpoint(const Endpoint& server)> detour = nullptr;
};

// The address with the detour in place of each server.
Address by_detour(const BrokerOptions& options);

// What a delivery is to be made for.
struct DeliveryPlan {
  std::uint32_t workers = 1;
  std::shared_ptr<const Payloads> payloads;
  // So many messages of one producer may be unanswered at once; try_send takes no more.
  std::uint32_t capacity = 4096;
};

// One thread. Outlives the deliveries that it makes.
class Broker {
 public:
  Broker() = default;
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;
  virtual ~Broker() = default;

  // Which server, of what version, and how durable what it has acknowledged is: "redis 7.0.15,
  // appendonly no". Says what the server says, or that it does not say.
  virtual std::string description() const = 0;
  // Throws Error, one line.
  virtual AnyDelivery make_delivery(const DeliveryPlan& plan) = 0;

  // Of all deliveries that it made.
  Troubles& troubles() { return troubles_; }

 private:
  Troubles troubles_;
};

// Sends a message through a delivery like those to come, and receives it: so what is forbidden, too
// long or full is known before there is a run. All within about `timeout_ns`, and what making and
// removing the delivery takes. Throws Error, one line.
void try_out(Broker& broker, const DeliveryPlan& plan, std::int64_t timeout_ns);

// A broker on this machine that was started for us, and ends with this object or with this process,
// however that ends.
class LocalBroker {
 public:
  LocalBroker() = default;
  LocalBroker(const LocalBroker&) = delete;
  LocalBroker& operator=(const LocalBroker&) = delete;
  virtual ~LocalBroker() = default;

  virtual std::string address() const = 0;
  // The server's process; 0 where it is none of its own. Changes with each restart.
  virtual int process() const { return 0; }

  // Faults. Only where process() is not 0; any thread, one at a time. Throw Error.
  //
  // Ends it by SIGKILL, with all processes that it has begotten; returns when they are gone.
  virtual void kill() {}
  // Asks it to end, as its own tools do, and waits for that; past `timeout_ns` it is killed, and
  // Error says so: it has gone all the same.
  virtual void end(std::int64_t timeout_ns) { static_cast<void>(timeout_ns); }
  // After either: starts it again, on the same data and at the same address. Waits until it
  // answers.
  virtual void start_again(std::int64_t timeout_ns) { static_cast<void>(timeout_ns); }
  // SIGSTOP and SIGCONT, to all its processes. One that has ended cannot be paused.
  virtual void pause() {}
  virtual void resume() {}
};

// What a server that is started for us may be asked for, by name and value. What a client has to
// ask for besides stands in the server's address.
struct ServerSetting {
  std::string_view name;                     // "appendonly"
  std::span<const std::string_view> values;  // that it may have; the first where it is not given
};
using ServerSettings = std::map<std::string, std::string, std::less<>>;

struct StartOptions {
  std::int64_t timeout_ns = 0;  // so long it may take until it answers
  ServerSettings settings = {};
};

// One kind of broker. A null `open` means: this build is without the client library.
struct Driver {
  std::string_view name;      // of the mode: "redis"
  std::string_view variable;  // of the environment, with the address
  AddressForm address;
  std::string_view package;  // Debian's, of the client library
  std::string_view server;   // Debian's package of the server; empty: there is none
  std::span<const ServerSetting> server_settings;
  // Throws Error, one line: which of what can be wrong it is, and what to do.
  std::unique_ptr<Broker> (*open)(const BrokerOptions& options);
  // Starts a server and waits for its answer. Call it before there are other threads (see
  // server_process.h). Throws Error, also for settings that check_settings() does not let pass.
  std::unique_ptr<LocalBroker> (*start)(const StartOptions& options);
};

// Throws Error, one line, where the driver's server has no such setting, or not with that value.
void check_settings(const Driver& driver, const ServerSettings& settings);

// All that Spate has, in the order in which they are shown.
std::span<const Driver> all_drivers();
// Precondition: there is one of that name.
const Driver& driver_named(std::string_view name);

}  // namespace spate::drivers
