// The delivery of own_delivery.h in the programs: own_delivery --real=own --rate 10000 --chaos
#include "own_delivery.h"

#include "spate/bench/register.h"

SPATE_DELIVERY("own", OwnDelivery, "deques behind a mutex, messages and all");
